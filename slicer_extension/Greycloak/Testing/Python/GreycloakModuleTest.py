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
        from GreycloakLib.self_test import check_a_sample

        check_a_sample(self, GreycloakLogic())
