"""Stand-ins for what a scripted module finds in 3D Slicer 5.12: ``qt``, ``ctk``, ``slicer`` and their parts.

They are as strict as the real ones, as far as that was measured or read in the sources, so that what runs here has a
fair chance to run there.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from standins import dialogs, qt, scripted, settings
from standins.answers import Unanswered, User
from standins.app import qSlicerApplication, qSlicerMainWindow
from standins.browser import (
    ctkDICOMBrowser,
    ctkDICOMModel,
    ctkDICOMPatientView,
    ctkDICOMTableManager,
    ctkDICOMVisualBrowserWidget,
)
from standins.database import ctkDICOMDatabase
from standins.indexer import Failure, ctkDICOMIndexer
from standins.modules import (
    DICOM,
    ModuleNames,
    qSlicerScriptedLoadableModule,
    translations,
)
from standins.packaging import Packaging
from standins.scene import CLASSES, vtkIdList, vtkMRMLScene, vtkMRMLSubjectHierarchyNode
from standins.util import Util
from standins.widgets import (
    ctkCollapsibleButton,
    ctkCollapsibleGroupBox,
    ctkMessageBox,
    ctkPathLineEdit,
    qMRMLWidget,
)

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Failure", "Unanswered", "User", "add_module", "install", "open_main_window", "uninstall"]

CTK = (
    ctkCollapsibleButton,
    ctkCollapsibleGroupBox,
    ctkDICOMBrowser,
    ctkDICOMDatabase,
    ctkDICOMIndexer,
    ctkDICOMModel,
    ctkDICOMPatientView,
    ctkDICOMTableManager,
    ctkDICOMVisualBrowserWidget,
    ctkMessageBox,
    ctkPathLineEdit,
)
_installed: list[str] = []


def install(database_folder: Path, *, main_window: bool = True, testing: bool = False) -> ModuleType:
    """Put the modules where `import` finds them, with a new application, and an empty database in a folder.

    Returns
    -------
    module : ``slicer``.
    """
    uninstall()
    slicer = _slicer()
    slicer.app.standin_state["testing"] = testing
    database = ctkDICOMDatabase()
    database_folder.mkdir(parents=True, exist_ok=True)
    database.openDatabase(str(database_folder / "ctkDICOM.sql"))
    slicer.dicomDatabase = database
    slicer.dicomDatabaseDirectorySettingsKey = "DatabaseDirectory_0.8.1"
    slicer.app.standin_state["database"] = database
    slicer.modules.DICOMInstance = DICOM(slicer)
    if main_window:
        open_main_window(slicer)
    ctk = ModuleType("ctk")
    for cls in CTK:
        setattr(ctk, cls.__name__, cls)
    vtk = ModuleType("vtk")
    vtk.vtkIdList = vtkIdList
    parts = {name: getattr(slicer, name) for name in ("util", "i18n", "packaging", "ScriptedLoadableModule")}
    modules = {"qt": qt.NAMESPACE, "ctk": ctk, "vtk": vtk, "slicer": slicer, "DICOMLib": slicer.standin_dicomlib}
    modules |= {f"slicer.{name}": part for name, part in parts.items()}
    sys.modules.update(modules)
    _installed.extend(modules)
    return slicer


def uninstall() -> None:
    """Take the modules away. Qt's classes stay as they are, for PySide6 is used by nothing else."""
    for name in _installed:
        sys.modules.pop(name, None)
    _installed.clear()
    dialogs.reset()
    settings.STORE.clear()
    ctkDICOMDatabase.standin_files.clear()
    Failure.reset()


def open_main_window(slicer: ModuleType) -> None:
    """Give the application a main window, in which modules can be selected."""
    window = qSlicerMainWindow()
    slicer.app.standin_state["window"] = window

    def react(name):
        if name == "DICOM":
            slicer.modules.DICOMInstance.standin_open()

    window.moduleSelector().standin_state["reactions"] = [react]


def add_module(slicer: ModuleType, path: Path) -> qSlicerScriptedLoadableModule:
    """Make known a module by its file, as Slicer does before it makes an instance of its class."""
    module = qSlicerScriptedLoadableModule(path)
    setattr(slicer.modules, path.stem.lower(), module)
    slicer.app.moduleManager().standin_state.setdefault("modules", {})[path.stem] = module
    return module


def _slicer() -> ModuleType:
    slicer = ModuleType("slicer")
    slicer.__path__ = []
    slicer.app = qSlicerApplication()
    slicer.mrmlScene = vtkMRMLScene()
    slicer.app.standin_state["scene"] = slicer.mrmlScene
    slicer.modules = ModuleNames()
    slicer.util = Util(slicer)
    slicer.i18n = translations(slicer)
    slicer.packaging = Packaging(slicer)
    slicer.qMRMLWidget = qMRMLWidget
    slicer.vtkMRMLSubjectHierarchyNode = vtkMRMLSubjectHierarchyNode
    for name, cls in CLASSES.items():
        setattr(slicer, name, cls)
    names = [name for name in vars(scripted) if name.startswith("ScriptedLoadableModule")]
    slicer.ScriptedLoadableModule = ModuleType("slicer.ScriptedLoadableModule")
    vars(slicer.ScriptedLoadableModule).update({name: getattr(scripted, name) for name in names}, __all__=names)
    slicer.standin_dicomlib = _dicomlib()
    return slicer


def _dicomlib() -> ModuleType:
    """Return DICOMLib, of which the extension may send, and no more."""
    module = ModuleType("DICOMLib")

    def send(files, *_arguments):
        dialogs.USER.sees("DICOMSendDialog", " ".join(files))

    module.DICOMSendDialog = send
    return module
