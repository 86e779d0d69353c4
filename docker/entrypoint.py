#!/usr/bin/python3 -Es
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
import secrets
import ssl
import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from configuration import Places, StartError, compose, find_secret, kept_password

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROGRAM = "/opt/greycloak/bin/greycloak"
SECRET_VARIABLES = ("ORTHANC_PASSWORD", "POSTGRES_PASSWORD")
HTTP_PORT = 8042
_PATIENCE = 5


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
        if password == kept_password(places):
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
