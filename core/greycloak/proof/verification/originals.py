"""The originals: what of them is remembered while the anonymized objects are looked at, one at a time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from greycloak.proof.verification.identifiers import identifiers_of, uids_of
from greycloak.proof.verification.listed import standard_row

if TYPE_CHECKING:
    from collections.abc import Callable

    DeriveUid = Callable[[str, tuple[str, ...]], str]
    from pathlib import Path

    from greycloak.proof.verification.objects import Read
    from greycloak.text.identifiers import Identifier

SOP_CLASS, SOP_INSTANCE, STUDY, SERIES = 0x00080016, 0x00080018, 0x0020000D, 0x0020000E
PATIENT_ID, ISSUER = 0x00100020, 0x00100021
_MODALITY, _SERIES_NUMBER, _ACQUISITION, _INSTANCE_NUMBER = 0x00080060, 0x00200011, 0x00200012, 0x00200013
_POSITION, _ORIENTATION, _ECHO, _TIME = 0x00200032, 0x00200037, 0x00180086, 0x00189074
_LIKENESS = (SOP_CLASS, _MODALITY, _SERIES_NUMBER, _ACQUISITION, _INSTANCE_NUMBER, _POSITION, _ORIENTATION, _ECHO)
_GEOMETRY = frozenset({0x0028, 0x0040, 0x0048, 0x0062, 0x0066, 0x0070, 0x3002, 0x3004, 0x3006, 0x300A, 0x300C})
_NUMBERS = frozenset({"DS"})


class Key(NamedTuple):
    """What tells an object from others, whatever was done to its identity.

    Attributes
    ----------
    pixels : str
        Digest of its pixels; empty if it has none.
    shape : str
        Digest of its measured numbers (contours, measurements, matrices); empty if it has none.
    likeness : tuple of str
        SOP Class, modality, numbers, position.
    """

    pixels: str
    shape: str
    likeness: tuple[str, ...]


def key_of(read: Read) -> Key:
    """Return what tells an object from others."""
    numbers = hashlib.sha256()
    has_numbers = False
    if not read.pixels:
        for element in read.elements:
            is_one = element.vr in _NUMBERS and element.tag >> 16 in _GEOMETRY and len(element.path) > 1
            if is_one and element.text and all(standard_row(tag) is None for tag in element.way):
                numbers.update(f"{element.tag:08x}={element.text};".encode())
                has_numbers = True
    likeness = tuple(read.top.get(tag, "").strip() for tag in _LIKENESS)
    return Key(read.pixels, numbers.hexdigest() if has_numbers else "", likeness)


@dataclass(frozen=True, slots=True)
class Original:
    """An original.

    Attributes
    ----------
    path : Path
        The file.
    key : Key
        What tells it from others.
    patient : tuple of str
        Issuer and Patient ID; its study, if it has none.
    study, series, instance : str
        Its UIDs.
    """

    path: Path
    key: Key
    patient: tuple[str, ...]
    study: str
    series: str
    instance: str


@dataclass(slots=True)
class Originals:
    """All originals.

    Attributes
    ----------
    all : list of Original
        In the order in which they were read.
    identifiers : dict
        What identifies each patient.
    uids : set of str
        UIDs that point to originals.
    """

    all: list[Original] = field(default_factory=list)
    identifiers: dict[tuple[str, ...], set[Identifier]] = field(default_factory=dict)
    uids: set[str] = field(default_factory=set)

    def add(self, read: Read) -> None:
        """Remember an original."""
        top = read.top
        study, series, instance = (top.get(tag, "").strip() for tag in (STUDY, SERIES, SOP_INSTANCE))
        patient_id = top.get(PATIENT_ID, "").strip()
        patient = (top.get(ISSUER, "").strip(), patient_id) if patient_id else ("", "", study)
        self.all.append(Original(read.path, key_of(read), patient, study, series, instance))
        self.identifiers.setdefault(patient, set()).update(identifiers_of(read))
        self.uids.update(uids_of(read))


class Matcher:
    """Finds the original of an anonymized object.

    Parameters
    ----------
    originals : list of Original
        All of them.
    derive_uid : callable, optional
        Returns the new UID that a project gives to an original one, of a patient.
    patient_of : callable, optional
        Returns the Patient ID behind a pseudonym, if that is known.
    """

    def __init__(
        self,
        originals: list[Original],
        derive_uid: DeriveUid | None = None,
        patient_of: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self._patient_of = patient_of
        self._by_uid: dict[str, list[Original]] = {}
        self._by_pixels: dict[str, list[Original]] = {}
        self._by_shape: dict[str, list[Original]] = {}
        self._by_likeness: dict[tuple[str, ...], list[Original]] = {}
        self._taken: set[int] = set()
        self._series: dict[str, str] = {}
        for original in originals:
            self._by_uid.setdefault(original.instance, []).append(original)
            if derive_uid and original.instance:
                self._by_uid.setdefault(derive_uid(original.instance, original.patient), []).append(original)
            if original.key.pixels:
                self._by_pixels.setdefault(original.key.pixels, []).append(original)
            if original.key.shape:
                self._by_shape.setdefault(original.key.shape, []).append(original)
            self._by_likeness.setdefault(original.key.likeness, []).append(original)

    def original_of(self, read: Read) -> tuple[Original | None, bool]:
        """Return the original of an object, and whether there is no doubt about it.

        The same UID goes before the one that a project derives, that before the same pixels or measurements, and those
        before the same numbers and position.
        """
        key, series = key_of(read), read.top.get(SERIES, "").strip()
        found = (
            self._by_uid.get(read.top.get(SOP_INSTANCE, "").strip())
            or self._by_pixels.get(key.pixels)
            or self._by_shape.get(key.shape)
            or self._by_likeness.get(key.likeness)
        )
        if not found:
            return None, False
        patient = self._patient_of(read.top.get(PATIENT_ID, "").strip())
        best = max(found, key=lambda original: self._fit(original, key, series, patient))
        is_sure = len({original.patient for original in found}) == 1 or self._stands_out(found, best, key, series)
        self._taken.add(id(best))
        if is_sure:
            self._series.setdefault(series, best.series)
        return best, is_sure

    def _fit(self, original: Original, key: Key, series: str, patient: str | None) -> tuple[int, ...]:
        alike = sum(one == other for one, other in zip(original.key.likeness, key.likeness, strict=True))
        return (
            patient is not None and original.patient[1] == patient,
            self._series.get(series) == original.series,
            (original.key.pixels == key.pixels) + (original.key.shape == key.shape) + alike,
            id(original) not in self._taken,
        )

    def _stands_out(self, found: list[Original], best: Original, key: Key, series: str) -> bool:
        """Tell whether no original of another patient fits as well."""
        fit = self._fit(best, key, series, None)[1:3]
        return all(self._fit(other, key, series, None)[1:3] < fit for other in found if other.patient != best.patient)

    def without_output(self, originals: list[Original]) -> list[Original]:
        """Return the originals that were never found."""
        return [original for original in originals if id(original) not in self._taken]
