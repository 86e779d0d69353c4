"""Compose Orthanc's configuration from files, variables and secrets."""

from __future__ import annotations

import json
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

POSTGRES_PLUGIN = "/usr/share/orthanc/plugins/libOrthancPostgreSQLIndex.so"
_STRING_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)


class StartError(Exception):
    """The container cannot start; the message says why, and holds no secret."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are in the container.

    Attributes
    ----------
    image : Path
        The configuration that the image brings.
    mounted : Path
        Folder with the administrator's configuration.
    secrets : Path
        Folder with mounted secrets.
    volume : Path
        Folder for all that is to last.
    """

    image: Path = Path("/opt/greycloak/orthanc.json")
    mounted: Path = Path("/etc/orthanc")
    secrets: Path = Path("/run/secrets")
    volume: Path = Path("/var/lib/orthanc")

    @property
    def kept_password(self) -> Path:
        """The administrator's password, if it was made here."""
        return self.volume / "admin-password"

    @property
    def own_key(self) -> Path:
        """Greycloak's key, if it was made here."""
        return self.volume / "greycloak" / "key"


def read_json(path: Path) -> dict[str, Any]:
    """Read a file as Orthanc does: C++ comments are allowed.

    Raises
    ------
    StartError
        If it cannot be read, or is no JSON object.
    """
    try:
        text = path.read_text(encoding="utf-8")
        found = json.loads(_STRING_OR_COMMENT.sub(lambda match: match[1] or " ", text))
    except OSError as error:
        raise StartError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "not UTF-8"
        raise StartError(f"{path} is not JSON: {where}") from None  # the text may hold a password
    if not isinstance(found, dict):
        raise StartError(f"{path} is not a JSON object")
    return found


def merge(below: dict[str, Any], above: Mapping[str, Any]) -> None:
    """Lay settings over others, section by section."""
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(below.get(key), dict):
            merge(below[key], value)
        else:
            below[key] = value


def find_secret(name: str, environment: Mapping[str, str], places: Places) -> str | None:
    """Return a secret from ``NAME``, the file that ``NAME_FILE`` names, or the mounted file ``name``.

    Raises
    ------
    StartError
        If it is named but cannot be read or used.
    """
    variable = name.upper()
    value, named = environment.get(variable), environment.get(f"{variable}_FILE")
    if not value:
        path = Path(named) if named else places.secrets / name
        if not named and not path.exists():
            return None
        try:
            value = path.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise StartError(f"cannot read the secret {path}: {getattr(error, 'strerror', 'not UTF-8')}") from None
        if not value:
            raise StartError(f"the secret {path} is empty")
    if "${" in value:
        raise StartError(f"{variable} must not contain '${{': Orthanc would put the value of a variable there")
    return value


def compose(environment: Mapping[str, str], places: Places) -> dict[str, Any]:
    """Return the whole configuration of Orthanc.

    Raises
    ------
    StartError
        If it cannot be composed, or would let in whoever comes.
    """
    configuration = read_json(places.image)
    for path in _mounted_files(places):
        merge(configuration, read_json(path))
    for variable, key in {"ORTHANC_NAME": "Name", "ORTHANC_AET": "DicomAet"}.items():
        if environment.get(variable):
            configuration[key] = environment[variable]
    for key in ("Greycloak", "PostgreSQL", "RegisteredUsers"):
        if not isinstance(configuration.setdefault(key, {}), dict):
            raise StartError(f"'{key}' is to be a JSON object")
    section = configuration["Greycloak"]
    _set_users(configuration, environment, places)
    _set_database(configuration, section, environment, places)
    _set_key(section, environment, places)
    if configuration.get("AuthenticationEnabled") is not True:
        raise StartError("authentication stays on: take 'AuthenticationEnabled' out of your configuration")
    if not all(configuration["RegisteredUsers"].values()):
        raise StartError("a registered user has no password")
    return configuration


def _mounted_files(places: Places) -> list[Path]:
    try:
        return sorted(path for path in places.mounted.iterdir() if path.suffix == ".json")
    except FileNotFoundError:
        return []
    except OSError as error:  # or settings that restrict what goes out would be left out
        raise StartError(f"cannot read {places.mounted}: {error.strerror}") from error


def _set_users(configuration: dict[str, Any], environment: Mapping[str, str], places: Places) -> None:
    users = configuration["RegisteredUsers"]
    password = find_secret("orthanc_password", environment, places)
    if not password and not users:
        password = kept_password(places)
    if password:
        users[environment.get("ORTHANC_USER") or "admin"] = password


def kept_password(places: Places) -> str | None:
    """Return the administrator's password if it was made here.

    Raises
    ------
    StartError
        If it cannot be read.
    """
    try:
        return places.kept_password.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StartError(f"cannot read {places.kept_password}: {error.strerror}") from error


def _set_database(
    configuration: dict[str, Any], section: dict[str, Any], environment: Mapping[str, str], places: Places
) -> None:
    """Put Orthanc's index and Greycloak's store into PostgreSQL, in a database each, or below the volume."""
    if environment.get("GREYCLOAK_STORE"):
        section["Store"] = environment["GREYCLOAK_STORE"]
    host, password = environment.get("POSTGRES_HOST"), find_secret("postgres_password", environment, places)
    if not host:
        if password:  # a name was forgotten; a new store would give new pseudonyms
            raise StartError("there is a secret postgres_password, but POSTGRES_HOST is not set")
        section.setdefault("Store", f"sqlite:///{places.volume}/greycloak/store.sqlite")
        return
    if not password:
        raise StartError("POSTGRES_HOST is set, but there is no secret postgres_password")
    port = environment.get("POSTGRES_PORT") or "5432"
    if not port.isdecimal():
        raise StartError(f"POSTGRES_PORT is to be a number, not {port!r}")
    user = environment.get("POSTGRES_USER") or "greycloak"
    database = environment.get("GREYCLOAK_DATABASE") or "greycloak"
    address = f"{quote(user, safe='')}:{quote(password, safe='')}@{host}:{port}/{quote(database, safe='')}"
    index = environment.get("ORTHANC_DATABASE") or "orthanc"
    if "Store" not in section:
        encrypted = configuration["PostgreSQL"].get("EnableSsl")
        section["Store"] = f"postgresql+psycopg://{address}" + ("?sslmode=require" if encrypted else "")
        # Orthancs that share index and store share their work. What they would call themselves depends on their network
        # cards, and is another name whenever the container is made anew: work that waits would wait for ever.
        section.setdefault("Node", index)
    configuration.setdefault("DatabaseServerIdentifier", socket.gethostname())
    server = {"Host": host, "Port": int(port), "Database": index, "Username": user, "Password": password}
    merge(configuration, {"PostgreSQL": server})
    if POSTGRES_PLUGIN not in configuration["Plugins"]:
        configuration["Plugins"].append(POSTGRES_PLUGIN)


def _set_key(section: dict[str, Any], environment: Mapping[str, str], places: Places) -> None:
    mounted = places.secrets / "greycloak_key"
    if environment.get("GREYCLOAK_KEY_FILE"):
        section["KeyFile"] = environment["GREYCLOAK_KEY_FILE"]
    elif mounted.exists():
        section["KeyFile"] = str(mounted)
    section.setdefault("KeyFile", str(places.own_key))
