"""Plan x object x subject -> de-identified or quarantined."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from greycloak.actions.context import (
    ISSUER_OF_PATIENT_ID,
    PATIENT_ID,
    SERIES_INSTANCE_UID,
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
    ObjectContext,
)
from greycloak.actions.stamps import (
    DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
    STAMPED,
    all_codes,
    method_stamps,
    subject_stamps,
)
from greycloak.actions.text import texts_to_withhold
from greycloak.outcomes import Change, Deidentified, Outcome, Quarantined, Refused
from greycloak.plan import plan_for
from greycloak.profiles.options import METHOD_CODES
from greycloak.pseudonyms.errors import StoreError
from greycloak.pseudonyms.identity import Identity
from greycloak.standard.confidentiality import EDITION
from greycloak.standard.iods import iod_of
from greycloak.standard.methods import BASIC_PROFILE, CID_7050
from greycloak.standard.uids import MEDIA_STORAGE_DIRECTORY
from greycloak.stream import Malformed, Part10, Splicer, code_values, encode_file_meta, read_part10
from greycloak.stream.part10 import deflate

if TYPE_CHECKING:
    from greycloak.profiles import Profile
    from greycloak.pseudonyms import Project
    from greycloak.stream import Level
    from greycloak.stream.part10 import Source
    from greycloak.stream.splice import Buffer

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Assumed:
    """What a walk takes for granted: texts to withhold, and by how many days to shift dates."""

    withheld: frozenset[bytes]
    days: int


_NOTHING = _Assumed(frozenset(), 0)


@dataclass(frozen=True, slots=True)
class _Walked:
    """An object after the walk: its new data set, where only the stamps are still blank."""

    part10: Part10
    splicer: Splicer
    context: ObjectContext
    identity: Identity
    parts: list[Buffer]
    blanks: dict[int, bytearray]

    def stamp(self, profile: Profile, pseudonym: str) -> tuple[str, ...]:
        """Write whose pseudonym the object bears, and what was done to it; return the codes that say it."""
        encoding = self.part10.encoding
        earlier: list[bytes] = []
        if any(path == (DEIDENTIFICATION_METHOD_CODE_SEQUENCE,) for path, *_ in self.splicer.edits):
            earlier = code_values(self.part10.data, self.part10.start, encoding, DEIDENTIFICATION_METHOD_CODE_SEQUENCE)
        now = [BASIC_PROFILE, *(CID_7050[METHOD_CODES[option]] for option in profile.applied_options)]
        codes = all_codes(now, earlier)
        stamps = subject_stamps(encoding, pseudonym) | method_stamps(encoding, EDITION, codes, _dates_are(profile))
        for tag, blank in self.blanks.items():
            blank.extend(stamps[tag])
        return tuple(code.value for code in codes)

    def changes(self) -> list[Change]:
        data = self.part10.data
        return [
            Change(path, instruction.rule, data[start:stop]) for path, instruction, start, stop in self.splicer.edits
        ]


@dataclass(frozen=True)
class Engine:
    """De-identifies objects, one at a time; safe to use from several threads.

    Attributes
    ----------
    profile : Profile
        What to do.
    project : Project
        Whose pseudonyms and UIDs to use.
    """

    profile: Profile
    project: Project
    _before: WeakKeyDictionary[Level, _Assumed] = field(default_factory=WeakKeyDictionary, init=False, repr=False)

    def deidentify(self, source: Source, *, with_changes: bool = False) -> Outcome:
        """De-identify one object in the DICOM file format.

        Parameters
        ----------
        source : bytes or mmap
            The file. Parts of the outcome may be views of it.
        with_changes : bool
            Whether the outcome lists every change.

        Returns
        -------
        Deidentified or Quarantined
            Whatever the source is.

        Raises
        ------
        StoreError
            If the pseudonym cannot be had or recorded now. Nothing is wrong with the object: try again later.
        """
        try:
            return self._deidentify(source, with_changes=with_changes)
        except (Malformed, Refused) as refusal:
            return Quarantined(refusal.reason, refusal.detail)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  nothing unforeseen may let an object out, or stop the others
            # The message of a foreign exception may hold values of the object: only its kind is told.
            _log.error("quarantined an object after an unforeseen %s", type(error).__name__)
            return Quarantined("internal-error", type(error).__name__)

    def _deidentify(self, source: Source, *, with_changes: bool) -> Deidentified:
        part10 = read_part10(source)
        if part10.media_storage_sop_class_uid == MEDIA_STORAGE_DIRECTORY:
            raise Refused("dicomdir")
        walked = self._walk(part10, part10.media_storage_sop_class_uid)
        context = walked.context
        sop_class = context.sop_class_uid
        if sop_class != part10.media_storage_sop_class_uid:
            walked = self._walk(part10, sop_class)
        study, series, instance = map(context.uid, (STUDY_INSTANCE_UID, SERIES_INSTANCE_UID, SOP_INSTANCE_UID))
        pseudonym = self.project.subject(walked.identity).pseudonym
        method_codes = walked.stamp(self.profile, pseudonym)
        new_instance = context.derive_uid(instance)
        meta = encode_file_meta(sop_class, new_instance, part10.transfer_syntax_uid)
        return Deidentified(
            parts=[meta, deflate(b"".join(walked.parts))] if part10.deflated else [meta, *walked.parts],
            pseudonym=pseudonym,
            study_uid=context.derive_uid(study),
            series_uid=context.derive_uid(series),
            sop_instance_uid=new_instance,
            sop_class_uid=sop_class,
            method_codes=method_codes,
            changes=walked.changes() if with_changes else [],
            notes=self._notes(sop_class),
        )

    def _walk(self, part10: Part10, sop_class: str) -> _Walked:
        """Run the plan of a SOP Class.

        Two things are known only after a walk: which kept texts repeat something removed, and whose object it is,
        which decides by how many days dates are shifted. The objects of a series mostly agree in both, so the first
        walk assumes what was right the last time; if that proves wrong, the next one knows. (Three are the most: the
        identity is known after one, what is removed after two.)
        """
        level = plan_for(self.profile, sop_class, part10.encoding, encapsulated=part10.encapsulated)
        assumed = self._before.get(level, _NOTHING)
        while True:
            walked = self._walk_assuming(part10, level, assumed)
            splicer = walked.splicer
            withheld = texts_to_withhold(part10.data, splicer.edits, splicer.looked, part10.encoding)
            right = _Assumed(withheld, self._days_of(walked.identity))
            if right.days == assumed.days and withheld == assumed.withheld & splicer.looked:
                self._before[level] = right
                return walked
            assumed = right

    def _walk_assuming(self, part10: Part10, level: Level, assumed: _Assumed) -> _Walked:
        derive_uid = self._keep_uid if "retain-uids" in self.profile.options else self._derive_uid
        context = ObjectContext(derive_uid, assumed.days)
        splicer = Splicer(part10.data, context, assumed.withheld)
        blanks = {tag: bytearray() for tag in STAMPED}
        parts = splicer.run(part10.start, level, list(blanks.items()))
        return _Walked(part10, splicer, context, self._identity(context), parts, blanks)

    def _derive_uid(self, original: str) -> str:
        return self.project.derive_uid(original, self.profile.uids.root)

    @staticmethod
    def _keep_uid(original: str) -> str:
        return original

    def _days_of(self, identity: Identity) -> int:
        if "retain-modified-dates" not in self.profile.options:
            return 0
        shift = self.profile.dates.shift
        return self.project.date_shift(identity, shift.min_days, shift.max_days)

    def _notes(self, sop_class: str) -> tuple[str, ...]:
        unknown = () if iod_of(sop_class) else ("sop-class-unknown",)
        return (*unknown, *(f"no-cleaner: {option}" for option in self.profile.missing_cleaners))

    def _identity(self, context: ObjectContext) -> Identity:
        captured = context.captured
        identity = Identity.read(
            captured.get(PATIENT_ID, b""), captured.get(ISSUER_OF_PATIENT_ID, b""), context.character_sets
        )
        if identity is not None:
            return identity
        if self.profile.subjects.without_id == "quarantine":
            raise Refused("no-patient-id")
        return Identity.of_study(context.uid(STUDY_INSTANCE_UID))


def _dates_are(profile: Profile) -> str:
    """Return what Longitudinal Temporal Information Modified (0028,0303) says."""
    if "retain-full-dates" in profile.options:
        return "UNMODIFIED"
    return "MODIFIED" if "retain-modified-dates" in profile.options else "REMOVED"
