"""What a site's own script is shown: the element, and the data set or item that holds it. Both only to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

from greycloak.quiet import quiet
from greycloak.standard.dictionary import name_of, tag_for_keyword

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from greycloak.stream import Path
    from greycloak.stream.part10 import Source


class DataSetView(Mapping[str, Any]):
    """A data set, or an item of a sequence: values by keyword, decoded; of sequences, a tuple of such views.

    Parameters
    ----------
    data_set : Dataset
        What it shows.
    """

    def __init__(self, data_set: Dataset) -> None:
        self._data_set = data_set

    def __getitem__(self, keyword: str) -> Any:  # noqa: ANN401  values are of many kinds
        tag = tag_for_keyword(keyword)
        if tag is None or tag not in self._data_set:
            raise KeyError(keyword)
        return self.value_of(tag)

    def value_of(self, tag: int) -> Any:  # noqa: ANN401
        """Return a value by tag, as by keyword."""
        with quiet():
            element = self._data_set[tag]
        if element.VR == "SQ":
            return tuple(DataSetView(item) for item in element.value)
        if element.VM > 1:
            return tuple(element.value)
        return "" if element.value is None else element.value

    def __iter__(self) -> Iterator[str]:
        return (element.keyword for element in self._data_set if element.keyword)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        """Show nothing of the object: this may end up in a log."""
        return f"<DataSetView of {len(self._data_set)} elements>"

    def item_at(self, path: Path) -> DataSetView:
        """Return the view of what holds the element at a path."""
        held = self._data_set
        for at in range(0, len(path) - 1, 2):
            held = held[path[at]].value[path[at + 1]]
        return DataSetView(held)


def read_view(source: Source) -> DataSetView:
    """Read an object in the DICOM file format."""
    from pydicom import dcmread  # noqa: PLC0415  only scripts need it, and it is slow to load

    with quiet():
        return DataSetView(dcmread(BytesIO(source)))


@dataclass(frozen=True, slots=True)
class ElementView:
    """The element that a script is to decide about.

    Attributes
    ----------
    tag : int
        Its tag.
    keyword : str
        Its keyword, or ``gggg,eeee``.
    vr : str
        Its VR.
    value : object
        Its value, decoded; a tuple if there are several.
    raw : bytes
        Its value as it is encoded.
    """

    tag: int
    vr: str
    value: Any = field(repr=False)
    raw: bytes = field(repr=False)

    @property
    def keyword(self) -> str:
        """Its keyword, or ``gggg,eeee``."""
        return name_of(self.tag)
