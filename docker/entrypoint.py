#!/usr/bin/python3 -I
"""Entry point of the container: compose Orthanc's configuration, and become Orthanc.

What comes later in this list overrides what comes before: the image's ``orthanc.json``, every ``/etc/orthanc/*.json``
in the order of their names, environment variables, secrets. ``docs/docker.md`` lists them.

Other ways to call it: ``health`` asks the running Orthanc how it is, ``secrets`` makes what a composition of
containers shares, and ``greycloak`` (or this file under that name) is the command line on this container's store.
"""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import socket
import ssl
import subprocess
import sys
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROGRAM = "/opt/greycloak/bin/greycloak"
POSTGRES_PLUGIN = "/usr/share/orthanc/plugins/libOrthancPostgreSQLIndex.so"
SECRET_VARIABLES = ("ORTHANC_PASSWORD", "POSTGRES_PASSWORD")
HTTP_PORT = 8042
_PATIENCE = 5
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
        password = _kept_password(places)
    if password:
        users[environment.get("ORTHANC_USER") or "admin"] = password


def _kept_password(places: Places) -> str | None:
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
    host = environment.get("POSTGRES_HOST")
    if not host:
        section.setdefault("Store", f"sqlite:///{places.volume}/greycloak/store.sqlite")
        return
    password = find_secret("postgres_password", environment, places)
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


def keep_new_password(path: Path, *, given: str | None = None, mode: int = 0o600) -> None:
    """Keep a password in a file, a new one if none is given; another process may do so at the same moment."""
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)
            file.write((given or secrets.token_urlsafe(24)) + "\n")
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(temporary)
    except FileExistsError:
        pass
    except OSError as error:
        raise StartError(f"cannot keep a password in {path}: {error.strerror}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def say(text: str) -> None:
    """Add a line to the container's log."""
    sys.stderr.write(f"greycloak: {text}\n")


def start(arguments: list[str], environment: Mapping[str, str], places: Places) -> None:
    """Become Orthanc.

    Raises
    ------
    StartError
        If it cannot be.
    """
    os.umask(0o077)
    if not os.access(places.volume, os.W_OK | os.X_OK):
        raise StartError(f"user {os.getuid()} cannot write to {places.volume}: let it own what is mounted there")
    configuration = compose(environment, places)
    if not configuration["RegisteredUsers"]:
        keep_new_password(places.kept_password)
        configuration = compose(environment, places)
    for user, password in configuration["RegisteredUsers"].items():
        if password == _kept_password(places):
            say(f"the password of user '{user}' is in {places.kept_password}")
    # In memory, since it holds passwords. Orthanc opens it by its name, as any file.
    handle = os.memfd_create("orthanc.json", 0)
    with os.fdopen(handle, "w", encoding="utf-8", closefd=False) as file:
        json.dump(configuration, file)
    left = {key: value for key, value in environment.items() if key not in SECRET_VARIABLES}
    os.execvpe("Orthanc", ["Orthanc", *arguments, f"/proc/self/fd/{handle}"], left)  # noqa: S606, S607  that is the point


def health(_arguments: list[str], environment: Mapping[str, str], places: Places) -> None:
    """Ask the running Orthanc how Greycloak is.

    Raises
    ------
    StartError
        If it does not answer, or no worker lives.
    """
    configuration = compose(environment, places)
    user, password = next(iter(configuration["RegisteredUsers"].items()), ("", ""))
    scheme, context = "http", None
    if configuration.get("SslEnabled"):
        # Over loopback, to a certificate that names the host as users know it.
        scheme, context = "https", ssl._create_unverified_context()  # noqa: S323, SLF001
    url = f"{scheme}://127.0.0.1:{configuration.get('HttpPort', HTTP_PORT)}/greycloak/status"
    credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
    request = urllib.request.Request(url, headers={"Authorization": f"Basic {credentials}"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE, context=context) as answer:  # noqa: S310
            status = json.load(answer)
    except (OSError, ValueError) as error:
        raise StartError(f"unhealthy: {error}") from None
    if not status.get("Workers"):
        raise StartError("unhealthy: no worker lives")
    say("healthy")


def make_secrets(arguments: list[str], environment: Mapping[str, str], _places: Places) -> None:
    """Make the secrets that containers share, where they are missing: key and passwords, PostgreSQL's apart.

    The database's container is to see its password only, so that who has the database has not the key.

    Raises
    ------
    StartError
        If one cannot be made, or another password is given than the one the database was made with.
    """
    if len(arguments) != 2:  # noqa: PLR2004  the two folders
        raise StartError("call it as: secrets FOLDER DATABASE_FOLDER")
    ours, database = map(Path, arguments)
    if not (ours / "greycloak_key").exists():
        _run_greycloak("keys", "init", "--key-file", str(ours / "greycloak_key"))
    keep_new_password(ours / "orthanc_password")
    given = environment.get("POSTGRES_PASSWORD") or None
    path = database / "postgres_password"
    keep_new_password(path, given=given, mode=0o640)
    if given and given != find_secret("postgres_password", {}, Places(secrets=database)):
        raise StartError(f"POSTGRES_PASSWORD is not what the database was made with ({path})")
    say(f"secrets are in {ours} and {database}")


def _run_greycloak(*arguments: str) -> None:
    done = subprocess.run([PROGRAM, *arguments], check=False)  # noqa: S603  our own program
    if done.returncode:
        raise StartError(f"'greycloak {' '.join(arguments[:2])}' failed")


def command_line(arguments: list[str], environment: Mapping[str, str], places: Places) -> None:
    """Become Greycloak's command line, with the store and key of this container."""
    section = compose(environment, places)["Greycloak"]
    ours = {"GREYCLOAK_STORE": section["Store"], "GREYCLOAK_KEY_FILE": section["KeyFile"]}
    if section.get("ProfileFolder"):
        ours["GREYCLOAK_PROFILES"] = section["ProfileFolder"]
    os.execve(PROGRAM, [PROGRAM, *arguments], {**environment, **ours})  # noqa: S606  that is the point


COMMANDS: dict[str, Callable[[list[str], Mapping[str, str], Places], None]] = {
    "health": health,
    "secrets": make_secrets,
    "greycloak": command_line,
}


def main() -> int:
    """Do what the arguments say, and return the exit status."""
    called, *arguments = sys.argv
    if Path(called).name == "greycloak":
        arguments.insert(0, "greycloak")
    command = COMMANDS.get(arguments[0], start) if arguments else start
    try:
        command(arguments if command is start else arguments[1:], os.environ, Places())
    except StartError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
