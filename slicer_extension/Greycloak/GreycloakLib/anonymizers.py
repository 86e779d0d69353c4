"""Who anonymizes: the core on this machine, or a Greycloak Orthanc with its own key and store."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from greycloak import Deidentified, Engine, Installation, Quarantined, Skipped, __version__, load_profile
from greycloak.files import read_file
from greycloak.foreign import recognized
from greycloak.preview import Preview, compare, preview
from greycloak.profiles import Profile, ProfileError, UnknownProfileError
from greycloak.pseudonyms import (
    PROJECT_NAME,
    Caller,
    KeyFileError,
    Registry,
    StoreError,
    default_key_file,
    default_store_url,
)
from greycloak.report import OUTCOMES, report_line
from greycloak.reporting.left import direct_identifiers_left
from GreycloakLib.believing import believed
from GreycloakLib.choices import RETAINS_UIDS, Choices, Pseudonyms
from GreycloakLib.i18n import _
from GreycloakLib.orthanc import Orthanc
from GreycloakLib.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.outcomes import Outcome
    from greycloak.stream.part10 import Source

_READ_UP_TO = 512 << 20

CROSSWALK_COLUMNS = ("pseudonym", "number", "patient_id", "issuer", "study_uid")


class Anonymizer(Protocol):
    """Anonymizes files, in one thread at a time. What goes wrong for all of them is a `ProblemError`."""

    keeps_uids: bool

    def deidentify(self, path: Path) -> Outcome:
        """Anonymize a file."""

    def preview(self, path: Path) -> Preview:
        """Tell what would become of a file; nothing is recorded."""

    def report(self, path: Path, outcome: Outcome, output: str | None) -> dict[str, Any]:
        """Return a report line, without values."""

    def has_study(self, new_uid: str) -> bool:
        """Tell whether a study is one that the project has made."""

    def crosswalk(self, pseudonyms: list[str]) -> list[tuple[object, ...]]:
        """Return who is who, by `CROSSWALK_COLUMNS`."""

    def note_run(self, anonymized: int, quarantined: int) -> None:
        """Note in the audit how many files went through, and how many did not."""

    def close(self) -> None:
        """Let go of connections."""


def open_anonymizer(choices: Choices, is_cancelled: Callable[[], bool] = lambda: False) -> Anonymizer:
    """Return who does what was chosen.

    Raises
    ------
    ProblemError
        If profile, project, key, store or server cannot be used; the message says why.
    """
    if not PROJECT_NAME.fullmatch(choices.project):
        raise ProblemError(_("A project's name has letters, digits, '-' and '_', at most 32 of them."))
    try:
        if choices.pseudonyms.source == "orthanc":
            return OrthancAnonymizer(choices, is_cancelled)
        return LocalAnonymizer(choices)
    except (ProfileError, UnknownProfileError, KeyFileError, StoreError) as error:
        raise ProblemError(str(error)) from None
    except ImportError as error:
        raise ProblemError(
            _("The database needs the Python package {name}, which is not installed.").format(name=error.name or "?")
        ) from None


def identifiers_left(choices: Choices) -> tuple[str, ...]:
    """Return in words which direct identifiers stay as they are.

    None of a profile that an Orthanc has, which offers those that its own site wants, nor of one that cannot be had:
    whoever opens it says so.
    """
    if choices.pseudonyms.source == "orthanc":
        return ()
    try:
        profile = chosen_profile(choices)
    except (ProfileError, UnknownProfileError):
        return ()
    return () if profile.removes_identity else direct_identifiers_left(profile)


def chosen_profile(choices: Choices) -> Profile:
    """Return the profile with the options that were chosen; those that clean stay as the profile has them.

    Raises
    ------
    ProfileError, UnknownProfileError
        If there is no such profile, or it cannot have these options.
    """
    profile = load_profile(choices.profile)
    if choices.options is None:
        return profile
    cleaning = [option for option in profile.options if option.startswith("clean-")]
    options = [*choices.options, *cleaning]
    if set(options) == set(profile.options):
        return profile
    written = profile.model_dump(by_alias=True) | {"options": options}
    if "retain-modified-dates" not in options and written["dates"]["policy"] in {"shift", "year", "month"}:
        written["dates"] |= {"policy": None}
    from greycloak.profiles.load import parse_profile  # noqa: PLC0415  its errors are in plain words

    return parse_profile(written, shown=profile.name)


class LocalAnonymizer:
    """The core on this machine, with a store in a file or in the hospital's PostgreSQL.

    Parameters
    ----------
    choices : Choices
        What to do.
    """

    def __init__(self, choices: Choices) -> None:
        profile = chosen_profile(choices)
        asked = choices.pseudonyms
        self._project_name = choices.project
        self._installation = Installation.open(
            _store_url(asked), asked.key_file or default_key_file(), Caller.here("slicer")
        )
        self._profile = profile
        self._engine: Engine | None = None
        self.keeps_uids = RETAINS_UIDS in profile.options

    @property
    def engine(self) -> Engine:
        """The engine; made with the first file, as that makes the project."""
        if self._engine is None:
            self._engine = Engine(self._profile, self._installation.project(self._project_name))
        return self._engine

    def deidentify(self, path: Path) -> Outcome:
        """Anonymize a file."""
        try:
            return self.engine.deidentify(read_whole(path), with_changes=True)
        except OSError as error:
            return Quarantined("unreadable", error.strerror or "")
        except StoreError as error:
            raise ProblemError(str(error)) from None

    def preview(self, path: Path) -> Preview:
        """Tell what would become of a file; nothing is recorded."""
        try:
            engine = Engine(self._profile, self._installation.rehearse(self._project_name))
            return preview(engine, read_whole(path))
        except OSError as error:
            return Preview(Quarantined("unreadable", error.strerror or ""), ())
        except StoreError as error:
            raise ProblemError(str(error)) from None

    def report(self, path: Path, outcome: Outcome, output: str | None) -> dict[str, Any]:
        """Return a report line, without values."""
        return report_line(self.engine, outcome, input_digest=_digest(path), output=output)

    def has_study(self, new_uid: str) -> bool:
        """Tell whether a study is one that the project has made."""
        return self.engine.project.records.sealed_study(new_uid) is not None

    def crosswalk(self, pseudonyms: list[str]) -> list[tuple[object, ...]]:
        """Return who is who."""
        try:
            found = Registry(self.engine.project).find_originals(pseudonyms)
        except StoreError as error:
            raise ProblemError(str(error)) from None
        return [tuple(one)[: len(CROSSWALK_COLUMNS)] for one in found]

    def note_run(self, anonymized: int, quarantined: int) -> None:
        """Note in the audit how many files went through, and how many did not."""
        project = self.engine.project
        facts = {"profile": self._profile.name, "anonymized": anonymized, "quarantined": quarantined}
        try:
            project.audit.record(project.caller, "run", project=project.name, **facts)
        except StoreError as error:
            raise ProblemError(str(error)) from None

    def close(self) -> None:
        """Let go of the store."""
        self._installation.store.close()


class OrthancAnonymizer:
    """A Greycloak Orthanc: each file goes there, and comes back anonymized; Orthanc stores neither.

    Parameters
    ----------
    choices : Choices
        What to do.
    is_cancelled : callable
        Tells whether to stop waiting for a busy server.
    """

    def __init__(self, choices: Choices, is_cancelled: Callable[[], bool]) -> None:
        asked = choices.pseudonyms
        self._profile, self._project = choices.profile, choices.project
        self._orthanc = Orthanc(asked.address, asked.user, asked.password, is_cancelled)
        offered = self._orthanc.profiles()
        if choices.profile not in offered:
            raise ProblemError(
                _("That Orthanc has no profile {name}; it has: {names}.").format(
                    name=Path(choices.profile).name, names=", ".join(offered)
                )
            )
        self.keeps_uids = RETAINS_UIDS in offered[choices.profile].get("Options", (RETAINS_UIDS,))

    def deidentify(self, path: Path) -> Outcome:
        """Anonymize a file."""
        return self._sent(path, rehearse=False)

    def preview(self, path: Path) -> Preview:
        """Tell what would become of a file; which rule says so, the server does not tell."""
        outcome = self._sent(path, rehearse=True)
        if not isinstance(outcome, Deidentified):
            return Preview(outcome, ())
        return Preview(outcome, tuple(compare([read_whole(path)], outcome.parts)))

    def _sent(self, path: Path, *, rehearse: bool) -> Outcome:
        try:
            data = bytes(read_whole(path))
        except OSError as error:
            return Quarantined("unreadable", error.strerror or "")
        kind = recognized(data)
        if kind is not None:  # no server needs to see it
            return Skipped(kind)
        said, file = self._orthanc.anonymize(data, self._profile, self._project, rehearse=rehearse)
        return believed(said, file, data, keeps_uids=self.keeps_uids)

    def report(self, path: Path, outcome: Outcome, output: str | None) -> dict[str, Any]:
        """Return a report line; the changes themselves the server keeps to itself."""
        line: dict[str, Any] = {
            "input_sha256": _digest(path),
            "outcome": OUTCOMES[type(outcome)],
            "profile": self._profile,
            "project": self._project,
            "greycloak": __version__,
        }
        if isinstance(outcome, Quarantined):
            return line | {"reason": outcome.reason, "detail": outcome.detail, "remedy": outcome.remedy}
        if isinstance(outcome, Skipped):
            return line | {"kind": outcome.kind}
        return line | {"output": output, "method": outcome.method, "notes": list(outcome.notes)}

    def has_study(self, new_uid: str) -> bool:
        """Tell whether a study is one that the project has made."""
        return self._orthanc.has_study(self._project, new_uid)

    def crosswalk(self, pseudonyms: list[str]) -> list[tuple[object, ...]]:
        """Return who is who, if this user may know."""
        names = ("Pseudonym", "Number", "PatientID", "IssuerOfPatientID", "StudyInstanceUID")
        found = self._orthanc.find_originals(self._project, pseudonyms)
        return [tuple(one.get(name, "") for name in names) for one in found]

    def note_run(self, anonymized: int, quarantined: int) -> None:
        """Leave the audit to the server, which has noted every study."""

    def close(self) -> None:
        """Let go of the connections."""
        self._orthanc.close()


def _store_url(asked: Pseudonyms) -> str:
    """Return the store's URL as SQLAlchemy wants it, with the password in its place.

    Raises
    ------
    StoreError
        If what was typed is no address of a database.
    """
    if asked.source == "local":
        return asked.address or default_store_url()
    try:
        url = make_url(asked.address)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.get_backend_name() != "postgresql":
        raise StoreError(_("The address of the database has to look like postgresql://user@host/greycloak."))
    url = url.set(drivername="postgresql+psycopg")
    return (url.set(password=asked.password) if asked.password else url).render_as_string(hide_password=False)


def read_whole(path: Path) -> Source:
    """Read a file into memory, unless it is huge: one that is mapped and then cut short would take Slicer down.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    return read_file(path, mapped_from=_READ_UP_TO)


def _digest(path: Path) -> str:
    """Return what tells which file is meant without naming anybody; empty if it cannot be read."""
    try:
        return hashlib.sha256(read_whole(path)).hexdigest()
    except OSError:
        return ""
