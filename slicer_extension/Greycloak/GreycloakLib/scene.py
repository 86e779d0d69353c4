"""What in a loaded scene tells who the patient is: Slicer keeps it when a scene or MRB is saved.

It asks the MRML scene and its subject hierarchy for names, attributes, descriptions and paths, and can clear each.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from GreycloakLib.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DICOM = "DICOM."
_UID, _INSTANCE_UID = "DICOM", "DICOMInstanceUID"
_NODE_INSTANCES = "DICOM.instanceUIDs"
_PATIENT, _STUDY = "Patient", "Study"
_TELLING = ("PatientName", "PatientID", "OtherPatientIDs", "AccessionNumber", "ReferringPhysicianName")
_SHORTEST_NAME = 3
_HARMLESS = frozenset({"DICOM.Modality", "DICOM.SeriesNumber"})


@dataclass(frozen=True)
class Finding:
    """Something in the scene that may tell who the patient is.

    Attributes
    ----------
    where : str
        The item or node, by name.
    what : str
        What of it: an attribute, its name, its description, its file.
    value : str
        What stands there.
    is_copy : bool
        Whether it belongs to images that are anonymized already.
    clear : callable
        Takes it out of the scene.
    """

    where: str = field(repr=False)
    what: str
    value: str = field(repr=False)
    is_copy: bool
    clear: Callable[[], None] = field(repr=False, compare=False)


class SceneCheck:
    """Looks a scene through.

    Parameters
    ----------
    scene : vtkMRMLScene
        The scene.
    hierarchy : vtkMRMLSubjectHierarchyNode or None
        Its subject hierarchy.
    make_id_list : callable
        Returns a new ``vtkIdList``.
    is_anonymized : callable
        Tells whether an image, by SOP Instance UID, is known to be anonymized.
    """

    def __init__(
        self,
        scene: Any,  # noqa: ANN401  VTK's objects have no types
        hierarchy: Any,  # noqa: ANN401
        make_id_list: Callable[[], Any],
        is_anonymized: Callable[[str], bool],
    ) -> None:
        self._scene = scene
        self._hierarchy = hierarchy
        self._make_id_list = make_id_list
        self._is_anonymized = is_anonymized

    def findings(self) -> list[Finding]:
        """Return everything that was found, the subject hierarchy first."""
        items = self._items()
        copies = self._copies(items)
        telling = self._telling_words(items)
        found = [one for item in items for one in self._of_item(item, is_copy=item in copies)]
        for node in self._nodes():
            found += self._of_node(node, telling)
        return found

    def _items(self) -> list[int]:
        if self._hierarchy is None:
            return []
        ids = self._make_id_list()
        self._hierarchy.GetItemChildren(self._hierarchy.GetSceneItemID(), ids, True)
        return [ids.GetId(at) for at in range(ids.GetNumberOfIds())]

    def _nodes(self) -> Iterator[Any]:
        for at in range(self._scene.GetNumberOfNodes()):
            node = self._scene.GetNthNode(at)
            if node is not None and node is not self._hierarchy:
                yield node

    def _copies(self, items: list[int]) -> set[int]:
        """Return the items all of whose series are anonymized."""
        below: dict[int, list[bool]] = defaultdict(list)
        for item in items:
            instances = self._hierarchy.GetItemUID(item, _INSTANCE_UID).split()
            if not instances:
                continue
            verdict = self._is_anonymized(instances[0])
            above = item
            while above and above != self._hierarchy.GetSceneItemID():
                below[above].append(verdict)
                above = self._hierarchy.GetItemParent(above)
        return {item for item, verdicts in below.items() if all(verdicts)}

    def _telling_words(self, items: list[int]) -> re.Pattern[str] | None:
        """Return what finds parts of names and IDs of the scene's patients in other texts."""
        values = [self._hierarchy.GetItemAttribute(item, _DICOM + name) for item in items for name in _TELLING]
        for node in self._nodes():
            values += [node.GetAttribute(_DICOM + name) or "" for name in _TELLING]
        words = {word for value in values for word in re.split(r"[\s^=,;\\]+", value) if len(word) >= _SHORTEST_NAME}
        if not words:
            return None
        return re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)), re.IGNORECASE)

    def _of_item(self, item: int, *, is_copy: bool) -> Iterator[Finding]:
        hierarchy = self._hierarchy
        name, level = hierarchy.GetItemName(item), hierarchy.GetItemLevel(item)
        if level in {_PATIENT, _STUDY} and not _is_plain(name, level):
            plain = _("Patient") if level == _PATIENT else _("Study")
            yield Finding(name, _("name"), name, is_copy, lambda: hierarchy.SetItemName(item, f"{plain} {item}"))
        for uid_name in (_UID, _INSTANCE_UID):
            uid = hierarchy.GetItemUID(item, uid_name)
            if uid:
                yield Finding(
                    name,
                    _("Patient ID") if level == _PATIENT else _("UID"),
                    uid,
                    is_copy,
                    lambda uid_name=uid_name: hierarchy.RemoveItemUID(item, uid_name),  # type: ignore[misc]
                )
        for attribute in tuple(hierarchy.GetItemAttributeNames(item)):
            value = hierarchy.GetItemAttribute(item, attribute)
            if attribute.startswith(_DICOM) and attribute not in _HARMLESS and value:
                yield Finding(
                    name,
                    attribute,
                    value,
                    is_copy,
                    lambda attribute=attribute: hierarchy.RemoveItemAttribute(item, attribute),  # type: ignore[misc]
                )

    def _of_node(self, node: Any, telling: re.Pattern[str] | None) -> Iterator[Finding]:  # noqa: ANN401
        name = node.GetName() or ""
        instances = (node.GetAttribute(_NODE_INSTANCES) or "").split()
        is_copy = bool(instances) and self._is_anonymized(instances[0])
        if telling and telling.search(name):
            plain = telling.sub("", name).strip(" ^_-,()") or node.GetID()
            yield Finding(name, _("name"), name, is_copy, lambda: node.SetName(plain))
        for attribute in tuple(node.GetAttributeNames()):
            value = node.GetAttribute(attribute) or ""
            is_telling = attribute.startswith(_DICOM) and attribute not in _HARMLESS
            if value and (is_telling or (telling and telling.search(value))):
                yield Finding(
                    name,
                    attribute,
                    value,
                    is_copy,
                    lambda attribute=attribute: node.RemoveAttribute(attribute),  # type: ignore[misc]
                )
        text = node.GetText() if telling and node.IsA("vtkMRMLTextNode") else None
        if text and telling and telling.search(text):
            yield Finding(name, _("text"), text, is_copy, lambda: node.SetText(telling.sub("", text)))
        description = node.GetDescription()
        if description:
            yield Finding(name, _("description"), description, is_copy, lambda: node.SetDescription(""))
        if node.IsA("vtkMRMLStorageNode"):
            files = [node.GetFileName(), *(node.GetNthFileName(at) for at in range(node.GetNumberOfFileNames()))]
            files += [node.GetURI(), *(node.GetNthURI(at) for at in range(node.GetNumberOfURIs()))]
            shown = [file for file in dict.fromkeys(files) if file]
            if shown:
                yield Finding(name, _("file"), ", ".join(shown), is_copy, lambda: _forget_files(node))


def _is_plain(name: str, level: str) -> bool:
    """Tell whether a name is one that clearing has given."""
    kinds = {_PATIENT: _("Patient"), _STUDY: _("Study")}
    return re.fullmatch(rf"{re.escape(kinds[level])} \d+", name) is not None


def _forget_files(node: Any) -> None:  # noqa: ANN401
    """Forget where the data came from; they stay in the scene, and are written anew when it is saved."""
    node.ResetFileNameList()
    node.ResetURIList()
    node.SetFileName("")
    node.SetURI("")
