"""An object after the walk: what it says of itself is written last."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from greycloak.actions.context import PATIENT_ID, SPECIFIC_CHARACTER_SET
from greycloak.actions.removed import dropped_identifiers, removed_identifiers
from greycloak.actions.stamps import (
    DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
    DERIVATION_DESCRIPTION,
    ENCRYPTED_ATTRIBUTES_SEQUENCE,
    PATIENT_IDENTITY_REMOVED,
    PIXEL_STAMPED,
    Statement,
    all_codes,
    pixel_stamps,
    subject_stamps,
)
from greycloak.encrypted import sealed_element
from greycloak.outcomes import Change
from greycloak.pixels.at_risk import DOCUMENT, attributes_of, risks_of
from greycloak.pixels.cleaning import UNTOUCHED, Asked, PixelsDone, clean_pixels
from greycloak.pixels.device_regions import regions_of_device
from greycloak.profiles.options import CLEAN_PIXEL_DATA, METHOD_CODES
from greycloak.standard.confidentiality import EDITION
from greycloak.standard.methods import BASIC_PROFILE, CID_7050
from greycloak.stream import code_values, top_values
from greycloak.text.known import Known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.actions.context import ObjectContext
    from greycloak.encrypted import Recipients
    from greycloak.plan import PlannedLevel
    from greycloak.profiles import Profile
    from greycloak.pseudonyms import Subject
    from greycloak.pseudonyms.identity import Identity
    from greycloak.standard.methods import MethodCode
    from greycloak.stream import Edit, Part10, Splicer
    from greycloak.stream.levels import Buffer

_HEADER_SIZE = 1 << 24


def _top_tag(edit: Edit) -> int:
    return edit[0][0]


@dataclass(frozen=True)
class Walked:
    """An object after the walk: its new data set, where only the stamps are still blank.

    Attributes
    ----------
    parts : list of bytes or memoryview
        The data set, in pieces, with the pixels as they were.
    pixels : PixelsDone
        What has become of them.
    """

    part10: Part10
    level: PlannedLevel
    splicer: Splicer
    context: ObjectContext
    identity: Identity
    parts: list[Buffer]
    blanks: dict[int, bytearray]
    pixels: PixelsDone = UNTOUCHED

    @property
    def risks(self) -> tuple[str, ...]:
        """Why its pixels, or its document, may show identity."""
        context, stays = self.context, self.level.keeps_documents
        values = tuple(context.telling.items())
        found = risks_of(context.sop_class_uid, self.part10.encoding, values, document_stays=stays)
        return found if self.splicer.pixels else tuple(risk for risk in found if risk == DOCUMENT)

    def clean_pixels(self, profile: Profile) -> PixelsDone:
        """Do about its pixels what the profile wants.

        Raises
        ------
        Refused, Malformed
            If it must not be emitted.
        """
        context, compiled = self.context, self.known.compiled
        values = tuple(context.telling.items())
        asked = Asked(
            tuple(risk for risk in self.risks if risk != DOCUMENT),
            regions_of_device(attributes_of(context.sop_class_uid, self.part10.encoding, values)),
            self.level.masks,
            context.telling,
            tuple(sorted({one.value for one in compiled.identifying | compiled.patient})),
        )
        return clean_pixels(self.part10, [self.parts[at] for at in self.splicer.pixels], profile, asked)

    def stamp_pixels(self, first: Walked) -> None:
        """Write what is said anew of the pixels, by what the object would have said without this."""
        encoding = self.part10.encoding
        whole = b"".join(part for at, part in enumerate(first.parts) if at not in first.splicer.pixels)
        said = top_values(whole, 0, encoding, PIXEL_STAMPED)
        knows = self.level.knows(DERIVATION_DESCRIPTION)
        for tag, element in pixel_stamps(encoding, said, first.pixels, knows_derivation=knows).items():
            if tag in self.blanks:
                self.blanks[tag].extend(element)

    @property
    def all_parts(self) -> Iterator[Buffer]:
        """The data set, in pieces, with the pixels as they are now."""
        for at, part in enumerate(self.parts):
            if at in self.splicer.pixels and self.pixels.element:
                yield from self.pixels.element
            else:
                yield part

    def stamp(self, profile: Profile, subject: Subject) -> Statement:
        """Write whose pseudonym the object bears, and what was done to it; return the latter."""
        encoding = self.part10.encoding
        codes = self._codes(profile)
        statement = Statement(
            EDITION,
            "" if profile.conforms else profile.name,
            codes,
            profile.removes_identity or self._was_removed_before(),
            profile.dates_are,
        )
        stamps = subject_stamps(encoding, subject.name, subject.pseudonym) | statement.stamps(encoding)
        for tag, element in stamps.items():
            if tag in self.blanks:
                self.blanks[tag].extend(element)
        return statement

    def seal(self, recipients: Recipients) -> None:
        """Put the original values of what has changed into the object, for those who may restore it."""
        changed = {path[0] for path, *_ in self.splicer.edits}
        element = sealed_element(self.part10, changed, recipients)
        self.blanks[ENCRYPTED_ATTRIBUTES_SEQUENCE].extend(element)

    def _codes(self, profile: Profile) -> list[MethodCode]:
        """Return what was done now, if it was what PS3.15 says, and what an earlier de-identification has said."""
        earlier: list[bytes] = []
        if self._edit_of(DEIDENTIFICATION_METHOD_CODE_SEQUENCE):
            part10 = self.part10
            earlier = code_values(part10.data, part10.start, part10.encoding, DEIDENTIFICATION_METHOD_CODE_SEQUENCE)
        options = [option for option in profile.applied_options if option != CLEAN_PIXEL_DATA]
        done = [CLEAN_PIXEL_DATA, *options] if self.pixels.inspected else options
        now = [BASIC_PROFILE, *(CID_7050[METHOD_CODES[option]] for option in done)]
        return all_codes(now if profile.conforms else [], earlier)

    def _was_removed_before(self) -> bool:
        edit = self._edit_of(PATIENT_IDENTITY_REMOVED)
        return edit is not None and self.part10.data[edit[2] : edit[3]].strip(b"\0 ") == b"YES"

    def _edit_of(self, tag: int) -> Edit | None:
        """Return what was done to a top-level attribute, if anything was; edits are in the order of tags."""
        edits = self.splicer.edits
        at = bisect_left(edits, tag, key=_top_tag)
        return edits[at] if at < len(edits) and edits[at][0] == (tag,) else None

    @cached_property
    def known(self) -> Known:
        """What identifies anybody in the object."""
        part10 = self.part10
        characters = self.context.captured.get(SPECIFIC_CHARACTER_SET, b"")
        found = removed_identifiers(part10.data, self.splicer.edits, part10.encoding, characters)
        return Known.of(found.union(*(dropped_identifiers(raw, characters) for raw in part10.dropped)))

    @property
    def patient_id(self) -> bytes | None:
        """What Patient ID says now, if a line of the profile has written it; None if it is the pseudonym."""
        if PATIENT_ID in self.blanks:
            return None
        new = b"".join(part[:_HEADER_SIZE] for part in self.parts)  # what is behind Patient ID need not be whole
        found = top_values(new, 0, self.part10.encoding, {PATIENT_ID})
        return found.get(PATIENT_ID, b"").strip(b"\0 ")

    def changes(self) -> list[Change]:
        """Return every element that was changed, in the order of the data set."""
        data = self.part10.data
        return [
            Change(path, instruction.rule, data[start:stop]) for path, instruction, start, stop in self.splicer.edits
        ]
