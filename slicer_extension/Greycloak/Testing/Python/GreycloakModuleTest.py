"""What is tested inside Slicer's own test runner: that the panel opens, and that a file goes through."""

import unittest

import slicer


class GreycloakModuleTest(unittest.TestCase):
    """Greycloak in a running Slicer."""

    def test_the_panel_opens(self):
        widget = slicer.modules.greycloak.widgetRepresentation().self()
        self.assertFalse(widget.ui.runButton.enabled)

    def test_a_sample_goes_through(self):
        from Greycloak import GreycloakLogic
        from GreycloakLib.finding_core import CoreMissingError, import_core
        from GreycloakLib.self_test import anonymize_a_sample

        try:
            import_core()
        except CoreMissingError as error:  # nobody has agreed to the installation yet
            self.skipTest(str(error))
        summary = anonymize_a_sample(GreycloakLogic())
        self.assertEqual((summary.anonymized, len(summary.quarantined)), (1, 0))
