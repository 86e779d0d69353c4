"""What Greycloak asks of the running Slicer, in one place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import ctk

import slicer
from GreycloakLib.packages import POSTGRESQL, ensure_packages, offer_packages

if TYPE_CHECKING:
    from GreycloakLib.choices import Choices

_IDENTITY_REMOVED = "0012,0062"


class Host:
    """The running Slicer.

    Parameters
    ----------
    requirements : str
        The file that lists what has to be installed.
    pixel_requirements : str
        The file that lists what finds and masks text in images.
    """

    def __init__(self, requirements: str, pixel_requirements: str) -> None:
        self._requirements, self._pixel_requirements = requirements, pixel_requirements
        self._was_asked_for_pixels = False

    def database(self) -> Any:  # noqa: ANN401  a ctkDICOMDatabase
        """Return the DICOM database; None if it is not open."""
        database = getattr(slicer, "dicomDatabase", None)
        return database if database is not None and database.isOpen else None

    def browser_widget(self) -> Any:  # noqa: ANN401  a SlicerDICOMBrowser
        """Return the DICOM browser; None until the DICOM module was opened."""
        return getattr(getattr(slicer.modules, "DICOMInstance", None), "browserWidget", None)

    def main_window(self) -> Any:  # noqa: ANN401  a qSlicerMainWindow
        """Return the main window; None if there is none."""
        return slicer.util.mainWindow()

    def make_indexer(self) -> Any:  # noqa: ANN401  a ctkDICOMIndexer
        """Return a new indexer."""
        return ctk.ctkDICOMIndexer()

    def ensure_packages(self, choices: Choices) -> None:
        """See that everything that these choices need is installed, asking the user first.

        Raises
        ------
        ProblemError
            If something is missing afterwards.
        """
        import slicer.packaging as packaging  # noqa: PLC0415, PLR0402  only at the user's wish

        more = (POSTGRESQL,) if choices.pseudonyms.source == "postgresql" else ()
        ensure_packages(self._requirements, packaging.pip_ensure, packaging.load_requirements, *more)
        if choices.pseudonyms.source != "orthanc" and not self._was_asked_for_pixels:  # there, Orthanc cleans
            self._was_asked_for_pixels = True
            offer_packages(self._pixel_requirements, packaging.pip_ensure, packaging.load_requirements)

    def temporary_folder(self) -> Path | None:
        """Return where Slicer keeps temporary files."""
        folder = Path(slicer.app.temporaryPath)
        return folder if folder.is_dir() else None

    def confirm(self, text: str) -> bool:
        """Ask a question."""
        return bool(slicer.util.confirmYesNoDisplay(text))

    def scene(self) -> Any:  # noqa: ANN401  a vtkMRMLScene
        """Return the scene."""
        return slicer.mrmlScene

    def subject_hierarchy(self) -> Any:  # noqa: ANN401  a vtkMRMLSubjectHierarchyNode
        """Return the subject hierarchy of the scene."""
        return slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)

    def make_id_list(self) -> Any:  # noqa: ANN401  a vtkIdList
        """Return an empty list of items."""
        import vtk  # noqa: PLC0415  bundled with Slicer

        return vtk.vtkIdList()

    def is_anonymized(self, instance: str) -> bool:
        """Tell whether the DICOM database knows an image as anonymized."""
        database = self.database()
        return database is not None and database.instanceValue(instance, _IDENTITY_REMOVED) == "YES"
