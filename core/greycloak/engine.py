"""Plan x object x subject -> de-identified or quarantined."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from functools import cache
from mmap import mmap
from operator import itemgetter
from typing import TYPE_CHECKING

from greycloak.actions.classes import refuse_instances
from greycloak.actions.context import (
    ISSUER_OF_PATIENT_ID,
    PATIENT_ID,
    SERIES_INSTANCE_UID,
    SOP_INSTANCE_UID,
    SPECIFIC_CHARACTER_SET,
    STUDY_INSTANCE_UID,
    NewUids,
    ObjectContext,
)
from greycloak.actions.data_set_view import DataSetView, read_view
from greycloak.actions.documents import check_documents
from greycloak.actions.reading import text_of
from greycloak.actions.stamps import (
    ENCRYPTED_ATTRIBUTES_SEQUENCE,
)
from greycloak.actions.texts import Prose, answers_to
from greycloak.assumptions import NOTHING, Assumed, Assumptions
from greycloak.foreign import DICOMDIR, foreign_kind, is_directory
from greycloak.outcomes import AT_RISK, PIXELS_INSPECTED, Deidentified, Outcome, Quarantined, Refused, Skipped
from greycloak.pixels.at_risk import DOCUMENT
from greycloak.plan import Plan
from greycloak.proof.residual import check_nothing_is_left
from greycloak.pseudonyms.errors import StoreError
from greycloak.pseudonyms.identity import Identity
from greycloak.standard.iods import iod_of
from greycloak.stream import Malformed, Part10, Splicer, encode_file_meta, read_part10, top_values
from greycloak.stream.part10 import deflate
from greycloak.stream.repair import repair_refused
from greycloak.walked import Walked

if TYPE_CHECKING:
    from greycloak.encrypted import Recipients
    from greycloak.pixels.cleaning import PixelsDone
    from greycloak.plan import PlannedLevel
    from greycloak.profiles import Profile
    from greycloak.profiles.conditions import Values
    from greycloak.pseudonyms import Project, Subject
    from greycloak.stream.part10 import Source

_log = logging.getLogger(__name__)


_MAX_WALKS = 8


@dataclass(frozen=True)
class Engine:
    """De-identifies objects, one at a time; safe to use from several threads.

    Attributes
    ----------
    profile : Profile
        What to do.
    project : Project
        Whose pseudonyms and UIDs to use.
    recipients : Recipients or None
        For whom to seal the original attributes into the object, if for anybody.
    reviewed : bool
        Whether somebody has read the long texts that the profile wants to be read.
    """

    profile: Profile
    project: Project
    recipients: Recipients | None = None
    reviewed: bool = False
    _assumptions: Assumptions = field(default_factory=Assumptions, init=False, repr=False)
    _plan: Plan = field(init=False, repr=False)
    _prose: Prose = field(default=Prose(), init=False, repr=False)

    def __post_init__(self) -> None:
        profile = self.profile
        plan = Plan(profile)
        object.__setattr__(self, "_plan", plan)
        object.__setattr__(self, "_prose", self._prose_of(profile))
        shift = profile.dates.shift
        self.project.agree(
            profile.subjects.id,
            None if "retain-uids" in profile.options else profile.uids.root,
            (shift.min_days, shift.max_days) if plan.shifts else None,
            profile.subjects.issuer,
            profile.subjects.match,
        )

    def _prose_of(self, profile: Profile) -> Prose:
        text = profile.text
        return Prose("clean" if self.reviewed and text.prose == "review" else text.prose, text.prose_length)

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
        Deidentified, Quarantined or Skipped
            Whatever the source is; skipped is what is no object and known to be something else.

        Raises
        ------
        StoreError
            If the pseudonym cannot be had or recorded now. Nothing is wrong with the object: try again later.
        TypeError
            If the source is no bytes, but a path or a pydicom Dataset.
        """
        if not isinstance(source, bytes | bytearray | memoryview | mmap):
            raise TypeError(f"deidentify takes the bytes of a file, not {type(source).__name__}")
        try:
            return self._deidentify_repaired(source, with_changes=with_changes)
        except Malformed as refusal:
            kind = foreign_kind(source)
            return Quarantined(refusal.reason, refusal.detail) if kind is None else Skipped(kind)
        except Refused as refusal:
            return Quarantined(refusal.reason, refusal.detail)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  nothing unforeseen may let an object out, or stop the others
            # The message of a foreign exception may hold values of the object: only its kind is told.
            _log.error("quarantined an object after an unforeseen %s", type(error).__name__)
            return Quarantined("internal-error", type(error).__name__)

    def _deidentify_repaired(self, source: Source, *, with_changes: bool) -> Deidentified | Skipped:
        """De-identify an object; if it is slightly wrong, a well-formed reading of it."""
        try:
            return self._deidentify(read_part10(source), with_changes=with_changes)
        except (Malformed, Refused) as refusal:
            derives = self.profile.subjects.without_study == "derive"
            repaired = repair_refused(source, refusal, steering=self._plan.condition_tags, derive_study=derives)
        return self._deidentify(repaired, with_changes=with_changes)

    def _deidentify(self, part10: Part10, *, with_changes: bool) -> Deidentified | Skipped:
        if is_directory(part10):
            return Skipped(DICOMDIR)
        values = self._values(part10)
        pixels: dict[str, PixelsDone] = {}
        for _ in range(_MAX_WALKS):
            walked, subject = self._admitted(part10, values, pixels)
            if self._is_still_right(walked):
                break
        else:
            raise Refused("undecided")
        context = walked.context
        sop_class = context.sop_class_uid
        context.notes.update(dict.fromkeys(subject.notes))
        instance = context.uid(SOP_INSTANCE_UID)
        new_study, new_series = (
            context.derive_uid(context.uid(tag)) for tag in (STUDY_INSTANCE_UID, SERIES_INSTANCE_UID)
        )
        pseudonym = subject.pseudonym
        statement = walked.stamp(self.profile, subject)
        if self.recipients:
            walked.seal(self.recipients)
        new_instance = context.derive_uid(instance)
        meta = encode_file_meta(sop_class, new_instance, part10.transfer_syntax_uid)
        written_id = walked.patient_id
        return Deidentified(
            parts=[meta, deflate(walked.all_parts)] if part10.deflated else [meta, *walked.all_parts],
            pseudonym=pseudonym,
            patient_id=pseudonym if written_id is None else written_id.decode("latin-1"),
            study_uid=new_study,
            series_uid=new_series,
            sop_instance_uid=new_instance,
            sop_class_uid=sop_class,
            method=statement.method,
            method_codes=tuple(code.value for code in statement.codes),
            changes=walked.changes() if with_changes else [],
            notes=(
                *part10.repairs,
                *self._notes(sop_class),
                *context.notes,
                *walked.level.missing,
                *(f"{AT_RISK}{risk}" for risk in walked.risks if not walked.pixels.inspected or risk == DOCUMENT),
                *([PIXELS_INSPECTED] if walked.pixels.inspected else []),
            ),
            masks=walked.pixels.masks,
        )

    def _admitted(self, part10: Part10, values: Values, pixels: dict[str, PixelsDone]) -> tuple[Walked, Subject]:
        """Walk an object, clean its pixels unless that is done, and have its subject, study and series recorded."""
        walked = self._walk(part10, part10.media_storage_sop_class_uid, values)
        if walked.context.sop_class_uid != part10.media_storage_sop_class_uid:
            walked = self._walk(part10, walked.context.sop_class_uid, values)
        self._prove(walked)
        sop_class = walked.context.sop_class_uid
        if sop_class not in pixels:
            pixels[sop_class] = walked.clean_pixels(self.profile)
        walked = replace(walked, pixels=pixels[sop_class])
        if walked.pixels.is_said:
            first = walked
            walked = replace(self._walk(part10, sop_class, values, pixels_cleaned=True), pixels=first.pixels)
            walked.stamp_pixels(first)
            self._prove(walked)
        context = walked.context
        study, series, _ = map(context.uid, (STUDY_INSTANCE_UID, SERIES_INSTANCE_UID, SOP_INSTANCE_UID))
        strict = self.profile.subjects.strict_identity
        if strict:
            self._examine(walked)
        subject = self.project.admit(
            walked.identity,
            (study, context.derive_uid(study)),
            (series, context.derive_uid(series)),
            context.demographics,
            strict=strict,
            profile=self.profile.name,
            profile_digest=self.profile.digest(),
        )
        return walked, subject

    def _prove(self, walked: Walked) -> None:
        if self.profile.removes_identity:
            check_nothing_is_left(walked.parts, walked.splicer, walked.known, walked.level)

    def _is_still_right(self, walked: Walked) -> bool:
        """Tell whether what was written holds with what is recorded: others may have merged the subject meanwhile."""
        context, identity = walked.context, walked.identity
        if context.days != self._days_of(identity) or context.new_uids.key != self.project.uid_key(identity):
            return False
        return not self._plan.needs_subject or context.subject == self._subject_of(walked)

    def _values(self, part10: Part10) -> Values:
        """Return what the profile's conditions look at."""
        tags = self._plan.condition_tags
        if not tags:
            return {}
        found = top_values(part10.data, part10.start, part10.encoding, tags | {SPECIFIC_CHARACTER_SET})
        characters = found.get(SPECIFIC_CHARACTER_SET, b"")
        return {tag: text_of(tag, value, part10.encoding, characters) for tag, value in found.items() if tag in tags}

    def _walk(self, part10: Part10, sop_class: str, values: Values, *, pixels_cleaned: bool = False) -> Walked:
        """Run the plan of a SOP Class.

        Two things are known only after a walk: what identifies anybody in the object, of which its texts are cleaned,
        and whose object it is, which decides by how many days dates are shifted, and what UIDs become. The objects of
        a subject mostly agree in both, so the first walk assumes what was right the last time; if that proves wrong,
        the next one knows. (Three are the most: the identity is known after one, what is removed after two.)
        """
        rules = self._plan.rules_for(sop_class, values)
        level = self._plan.top(
            sop_class, part10.encoding, encapsulated=part10.encapsulated, rules=rules, pixels_cleaned=pixels_cleaned
        )
        assumed = guessed = self._assumptions.guess(level, part10)
        for _ in range(_MAX_WALKS):
            try:
                walked = self._walk_assuming(part10, level, assumed)
            except Refused:
                if assumed is NOTHING or assumed is not guessed:
                    raise
                assumed = NOTHING  # what was right for another object may be the reason
                continue
            looked, identity = walked.splicer.looked, walked.identity
            answers = answers_to(looked, walked.known, self._prose)
            right = Assumed(answers, self._days_of(identity), self.project.uid_key(identity), self._subject_of(walked))
            agrees = replace(right, answers=assumed.answers) == assumed
            if agrees and answers == {look: answer for look, answer in assumed.answers.items() if look in looked}:
                self._assumptions.remember(level, part10, right)
                check_documents(walked.context.documents, walked.known)
                return walked
            assumed = right
        raise Refused("undecided")

    def _walk_assuming(self, part10: Part10, level: PlannedLevel, assumed: Assumed) -> Walked:
        view = cache(lambda: self._view(part10))
        profile = self.profile
        new_uids = NewUids(profile.uids.root, assumed.uid_key, keeps="retain-uids" in profile.options)
        context = ObjectContext(self.project, new_uids, assumed.days, assumed.subject, view)
        splicer = Splicer(part10.data, context, assumed.answers)
        stamped = (*level.stamped, ENCRYPTED_ATTRIBUTES_SEQUENCE) if self.recipients else level.stamped
        blanks = {tag: bytearray() for tag in stamped}
        added = [(tag, write(context, b"") or b"") for tag, write in level.added]
        parts = splicer.run(part10.start, level, sorted([*blanks.items(), *added], key=itemgetter(0)))
        refuse_instances(context, part10.data, splicer.edits)
        return Walked(part10, level, splicer, context, self._identity(context), parts, blanks)

    @staticmethod
    def _view(part10: Part10) -> DataSetView:
        meta = encode_file_meta(part10.media_storage_sop_class_uid, "2.25.0", part10.plain_syntax_uid)
        return read_view(meta + part10.data[part10.start :])

    def _days_of(self, identity: Identity) -> int:
        if not self._plan.shifts:
            return 0
        shift = self.profile.dates.shift
        return self.project.date_shift(identity, shift.min_days, shift.max_days)

    def _subject_of(self, walked: Walked) -> Subject | None:
        """Return whose object it is, where what is written depends on it."""
        if not self._plan.needs_subject:
            return None
        context = walked.context
        for tag in (STUDY_INSTANCE_UID, SERIES_INSTANCE_UID, SOP_INSTANCE_UID):
            context.uid(tag)  # before a subject is recorded for an object that cannot be emitted
        self._examine(walked)
        return self.project.subject(walked.identity, context.demographics)

    def _examine(self, walked: Walked) -> None:
        """Refuse an object for what is known of its patient and study, before anything of it is recorded."""
        context, identity = walked.context, walked.identity
        study = context.uid(STUDY_INSTANCE_UID)
        right = replace(context, new_uids=replace(context.new_uids, key=self.project.uid_key(identity)))
        strict = self.profile.subjects.strict_identity
        self.project.examine(identity, (study, right.derive_uid(study)), context.demographics, strict=strict)

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
