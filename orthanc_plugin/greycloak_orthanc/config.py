"""The ``"Greycloak"`` section of Orthanc's configuration, and what the plugin needs of the rest."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_pascal

from greycloak.profiles import ProfileError, UnknownProfileError, load_profile
from greycloak.profiles.load import FOLDER_VARIABLE
from greycloak.pseudonyms import DEFAULT_PROJECT, PROJECT_NAME

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

SECTION = "Greycloak"
MAX_NODE = 100
PROFILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class ConfigurationError(Exception):
    """The configuration cannot be used; the message names the key, its value and what was expected."""


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _existing_profile(name: str) -> str:
    """Check the name of a profile; files are not for requests to name."""
    if not PROFILE_NAME.fullmatch(name):
        raise ValueError("a profile's name has small letters, digits, '-' and '_'")
    try:
        load_profile(name)
    except (ProfileError, UnknownProfileError) as error:
        raise ValueError(str(error)) from error
    return name


def _project_name(name: str) -> str:
    if not PROJECT_NAME.fullmatch(name):
        raise ValueError("a project's name has letters, digits, '-' and '_', at most 32 of them")
    return name


Patterns = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]
"""One text or several; ``*`` and ``?`` stand for any characters."""

ProfileName = Annotated[str, AfterValidator(_existing_profile)]
ProjectName = Annotated[str, AfterValidator(_project_name)]
Origin = Literal["DicomProtocol", "RestApi", "Lua", "WebDav", "Plugins"]


class Section(BaseModel):
    """A part of the configuration, written as Orthanc does: ``KeepSource``."""

    model_config = ConfigDict(alias_generator=to_pascal, extra="forbid", frozen=True)


class Rule(Section):
    """Which arriving instances are anonymized, and how; every condition that is given must hold.

    Attributes
    ----------
    called_aet, calling_aet, modality : tuple of str
        Patterns for the called and calling AE title, and for Modality (0008,0060).
    origin : tuple of str
        How the instance came: ``DicomProtocol``, ``RestApi``...
    profile, project : str or None
        Instead of the section's.
    keep_source : bool or None
        Instead of the section's.
    """

    called_aet: Patterns = ()
    calling_aet: Patterns = ()
    modality: Patterns = ()
    origin: Annotated[tuple[Origin, ...], BeforeValidator(_one_or_many)] = ()
    profile: ProfileName | None = None
    project: ProjectName | None = None
    keep_source: bool | None = None


class Settings(Section):
    """The whole section.

    Attributes
    ----------
    enable : bool
        Whether the plugin does anything.
    store : str
        URL of the pseudonym store; by default a SQLite file in ``greycloak`` below Orthanc's storage directory.
    key_file : Path
        The installation's key; by default beside that store.
    profile_folder : Path or None
        Folder with a site's own profiles, by name: ``{name}.toml``.
    profile, project : str
        What is used unless a rule or a request says otherwise.
    profiles : tuple of str or None
        What requests may ask for, beside that; None: all that remove the patient's identity.
    keep_source : bool
        Whether originals stay.
    look_up : tuple of str
        Users who may look up who is who; ``*`` is everybody whom Orthanc lets in.
    hosts : tuple of str
        Patterns for the names under which browsers may call this server, beside its addresses and its own name.
    rules : tuple of Rule
        What happens on arrival; the first that fits counts. Empty: nothing.
    workers, threads_per_worker : int
        Processes that anonymize, and threads in each.
    virtual_environment : Path or None
        Where ``plugin.py`` finds the packages.
    python : Path or None
        The interpreter of the workers, of the minor version that the plugin embeds.
    node : str
        Name of this Orthanc among those that share the store; by default one that Orthanc's own index keeps.
    """

    enable: bool = True
    store: str = ""
    key_file: Path = Path()
    profile_folder: Path | None = None
    profile: ProfileName = "basic"
    project: ProjectName = DEFAULT_PROJECT
    profiles: Annotated[tuple[ProfileName, ...] | None, BeforeValidator(_one_or_many)] = None
    keep_source: bool = True
    look_up: Annotated[tuple[str, ...], BeforeValidator(_one_or_many)] = ()
    hosts: Patterns = ()
    rules: tuple[Rule, ...] = (Rule(CalledAet="GREYCLOAK"), Rule(Origin="RestApi"))  # type: ignore[call-arg]
    workers: int = Field(default=2, ge=1, le=64)
    threads_per_worker: int = Field(default=2, ge=1, le=16)
    virtual_environment: Path | None = None
    python: Path | None = None
    node: str = Field(default="", max_length=MAX_NODE)


class Server(BaseModel):
    """What the rest of the configuration says of this Orthanc.

    Attributes
    ----------
    url : str
        How it is reached over loopback.
    certificate : Path or None
        Its certificate, if it speaks TLS.
    http_threads : int
        How many calls it serves at once.
    overwrites : bool
        Whether an instance that comes again takes the place of the first.
    transcodes : bool
        Whether it writes what comes in another transfer syntax.
    has_users : bool
        Whether it asks for a password.
    storage : Path
        Its storage directory.
    """

    model_config = ConfigDict(frozen=True)

    url: str
    certificate: Path | None = None
    http_threads: int = 50
    overwrites: bool = False
    transcodes: bool = False
    has_users: bool = False
    storage: Path = Path("OrthancStorage")


def read_settings(configuration: dict[str, Any]) -> Settings:
    """Validate the section.

    Parameters
    ----------
    configuration : dict
        The whole configuration of Orthanc.

    Raises
    ------
    ConfigurationError
        If anything in it is not as it should be.
    """
    section = configuration.get(SECTION, {})
    if isinstance(section, dict) and isinstance(section.get("ProfileFolder"), str):
        # Known to whoever loads a profile by name: the rules below, requests, and the workers that inherit it.
        os.environ[FOLDER_VARIABLE] = section["ProfileFolder"]
    try:
        settings = Settings.model_validate(section)
    except ValidationError as error:
        raise ConfigurationError(_plainly(error)) from None
    storage = Path(configuration.get("StorageDirectory", "OrthancStorage"))
    if not storage.is_absolute() and not (settings.store and settings.key_file != Path()):
        raise ConfigurationError(
            f"{SECTION}: set 'Store' and 'KeyFile', or make 'StorageDirectory' absolute: a key that depends on where "
            "Orthanc is started from would make new pseudonyms"
        )
    folder = storage / "greycloak"
    return settings.model_copy(
        update={
            "store": settings.store or f"sqlite:///{folder / 'store.sqlite'}",
            "key_file": folder / "key" if settings.key_file == Path() else settings.key_file,
        }
    )


def read_server(configuration: dict[str, Any]) -> Server:
    """Find how to reach this Orthanc.

    Raises
    ------
    ConfigurationError
        If it cannot be reached over loopback.
    """
    if not configuration.get("HttpServerEnabled", True):
        raise ConfigurationError(f"{SECTION}: its workers need Orthanc's HTTP server: set 'HttpServerEnabled' to true")
    if configuration.get("SslVerifyPeers", False):
        raise ConfigurationError(f"{SECTION}: its workers have no client certificate: 'SslVerifyPeers' must be false")
    port = configuration.get("HttpPort", 8042)
    is_encrypted = configuration.get("SslEnabled", False)
    return Server(
        url=f"{'https' if is_encrypted else 'http'}://127.0.0.1:{port}",
        certificate=Path(configuration.get("SslCertificate", "certificate.pem")) if is_encrypted else None,
        http_threads=configuration.get("HttpThreadsCount", 50),
        overwrites=_overwrites(configuration.get("OverwriteInstances", False)),
        transcodes=bool(configuration.get("IngestTranscoding")),
        has_users=bool(configuration.get("AuthenticationEnabled", configuration.get("RemoteAccessAllowed", False))),
        storage=Path(configuration.get("StorageDirectory", "OrthancStorage")),
    )


def _overwrites(setting: Any) -> bool:
    """Tell whether an instance that comes again takes the place of the first: a switch, or in newer versions a word."""
    return setting is True or str(setting).lower() in {"always", "ifchanged"}


def plain(problem: ErrorDetails) -> str:
    """Return what is wrong without the words that pydantic puts before what we say ourselves."""
    return problem["msg"].removeprefix("Value error, ")


def _plainly(error: ValidationError) -> str:
    """Say what is wrong, a line each: where, what stands there, what was expected."""
    lines = []
    for problem in error.errors():
        where = ".".join([SECTION, *map(str, problem["loc"])])
        if problem["type"] == "extra_forbidden":
            lines.append(f"{where}: there is no such setting")
        else:
            lines.append(f"{where}: {plain(problem)}, not {problem['input']!r}")
    return "\n".join(lines)
