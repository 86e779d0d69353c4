"""What is tested inside Slicer's own test runner: that the panel opens, and that a file goes through."""

import unittest

import slicer


class GreycloakModuleTest(unittest.TestCase):
    """Greycloak in a running Slicer."""

    def test_the_panel_opens_and_closes(self):
        widget = slicer.modules.greycloak.createNewWidgetRepresentation().self()
        self.assertFalse(widget.ui.runButton.enabled)
        widget.cleanup()

    def test_a_sample_goes_through(self):
        from Greycloak import GreycloakLogic
        from GreycloakLib.self_test import anonymize_a_sample

        summary = anonymize_a_sample(GreycloakLogic())
        self.assertEqual((summary.anonymized, len(summary.quarantined)), (1, 0))
