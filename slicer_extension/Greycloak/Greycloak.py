"""Greycloak: DICOM de-identification (PS3.15 Annex E) in 3D Slicer. What it does is in ``GreycloakLib``."""

from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)

import slicer


class Greycloak(ScriptedLoadableModule):
    """The module: what Slicer lists, and the way in from the DICOM browser."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Greycloak (DICOM de-identification)")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Informatics")]
        self.parent.dependencies = ["DICOM"]
        self.parent.contributors = ["The Greycloak developers"]
        self.parent.helpText = _(
            "Makes anonymized copies of DICOM images after the profiles of DICOM PS3.15 Annex E, into the DICOM "
            "database, a folder or an Orthanc. The same patient gets the same pseudonym every time. Pixels are not "
            "changed: look at what you share. See {link_start}the tutorial{link_end}."
        ).format(
            link_start='<a href="https://github.com/greycloak/greycloak/blob/main/docs/slicer.md">',
            link_end="</a>",
        )
        self.parent.acknowledgementText = _(
            "Attributes and actions are those of DICOM PS3.15 Table E.1-1, which NEMA publishes. The list of regions "
            "where devices burn in text was collected by Stanford on top of that of RSNA's Clinical Trial Processor."
        )
        slicer.app.connect("startupCompleted()", self.onStartupCompleted)

    def onStartupCompleted(self):
        """Watch for the DICOM browser, which comes into being when its module is first opened."""
        from GreycloakLib.browser_hook import install_hook

        install_hook()


class GreycloakWidget(ScriptedLoadableModuleWidget):
    """The panel's place in Slicer."""

    def setup(self):
        """Build the panel; called when the module is first opened."""
        ScriptedLoadableModuleWidget.setup(self)
        from GreycloakLib.browser_hook import install_hook
        from GreycloakLib.host import Host
        from GreycloakLib.panel import Panel

        uiWidget = slicer.util.loadUI(self.resourcePath("UI/Greycloak.ui"))
        self.layout.addWidget(uiWidget)
        self.ui = slicer.util.childWidgetVariables(uiWidget)
        uiWidget.setMRMLScene(slicer.mrmlScene)
        self.panel = Panel(
            self.ui, Host(self.resourcePath("requirements.txt"), self.resourcePath("requirements-pixels.txt"))
        )
        install_hook()  # a module that was loaded into a running Slicer has missed its start

    def cleanup(self):
        """Stop what runs, and leave the DICOM browser as it was."""
        if hasattr(self, "panel"):
            from GreycloakLib.browser_hook import remove_hook

            self.panel.close()
            remove_hook()

    def enter(self):
        """Offer the browser's buttons, if the browser has come meanwhile."""
        from GreycloakLib.browser_hook import install_hook

        install_hook()


class GreycloakLogic(ScriptedLoadableModuleLogic):
    """Anonymizes without the panel, for scripts: see ``docs/slicer.md``."""

    def anonymizeFolder(self, source, **options):
        """Anonymize a folder; return the summary. Options are those of ``GreycloakLib.headless.anonymize_folder``."""
        from pathlib import Path

        from GreycloakLib.finding_core import import_core

        import_core()
        from GreycloakLib import headless
        from GreycloakLib.choices import Choices

        choices = options.pop("choices", Choices())
        return headless.anonymize_folder(Path(source), choices, between=slicer.app.processEvents, **options)


class GreycloakTest(ScriptedLoadableModuleTest):
    """What can be tested inside Slicer; the rest is tested outside."""

    def runTest(self):
        """Anonymize a file of pydicom's into a temporary folder."""
        from GreycloakLib.self_test import check_a_sample

        check_a_sample(self, GreycloakLogic())
