"""The installation's keys, and the project keys that derive from them (HKDF, RFC 5869)."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import re
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from greycloak.pseudonyms.errors import StoreError

KEY_SIZE = 32
KEY_VARIABLE = "GREYCLOAK_KEY"
"""Environment variable that may hold the key itself, for containers that get secrets this way."""

_LINE = re.compile(r"greycloak-key-(\d{1,4}):([A-Za-z0-9_=-]+)")
_SECRET_MOUNTS = (Path("/run/secrets"), Path("/var/run/secrets"))


class KeyFileError(Exception):
    """The key cannot be used; the message says which file and what to do."""


@dataclass(frozen=True, slots=True)
class ProjectKeys:
    """Keys of one project, one for each purpose.

    Attributes
    ----------
    uids, subjects, look_up, seal, dates, values : bytes
        For new UIDs, for pseudonyms, for finding a subject in the store, for sealing its original identity, for
        shifting its dates, and for hashing values.
    """

    uids: bytes = field(repr=False)
    subjects: bytes = field(repr=False)
    look_up: bytes = field(repr=False)
    seal: bytes = field(repr=False)
    dates: bytes = field(repr=False)
    values: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class InstallationKey:
    """The secrets that every pseudonym of an installation rests on: one, and after each rotation one more.

    What a project derives (pseudonyms, UIDs, shifts) stays with the secret that was the newest when the project was
    made. What the store holds is sealed with the newest of all.
    """

    _secrets: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def new(cls) -> InstallationKey:
        """Return a new key."""
        return cls((secrets.token_bytes(KEY_SIZE),))

    @classmethod
    def create(cls, path: Path) -> InstallationKey:
        """Make a new key and keep it in a file that only its owner may read.

        Raises
        ------
        KeyFileError
            If the file exists already or cannot be written.
        """
        key = cls.new()
        key.save(path)
        return key

    def save(self, path: Path, *, replacing: bool = False) -> None:
        """Write the key to a file that only its owner may read.

        Parameters
        ----------
        path : Path
            The file.
        replacing : bool
            Whether it may exist; without it, a key is never overwritten.

        Raises
        ------
        KeyFileError
            If the file exists, or cannot be written.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Complete before it has its name: another process may be waiting for it.
            temporary = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(handle, "w", encoding="ascii") as stream:
                    stream.write(self.text())
                    stream.flush()
                    os.fsync(stream.fileno())
                if replacing:
                    temporary.replace(path.resolve())
                    _sync_folder(path.resolve().parent)
                else:
                    os.link(temporary, path)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            raise KeyFileError(f"cannot create the key file {path}: {error.strerror}") from error

    @classmethod
    def load(cls, path: Path) -> InstallationKey:
        """Read the key from its file.

        Raises
        ------
        KeyFileError
            If it is missing, damaged, or readable for others than its owner (mounted secrets excepted).
        """
        try:
            mode = path.stat().st_mode
            text = path.read_text(encoding="ascii", errors="replace")
        except OSError as error:
            raise KeyFileError(f"cannot read the key file {path}: {error.strerror}") from error
        is_mounted = any(mount in path.absolute().parents for mount in _SECRET_MOUNTS)
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO) and not is_mounted:
            raise KeyFileError(f"others may read the key file {path}: run 'chmod 600 {path}'")
        return cls.parse(text, f"the key file {path}")

    @classmethod
    def parse(cls, text: str, source: str) -> InstallationKey:
        """Read the key from its text.

        Raises
        ------
        KeyFileError
            If it is none; the message names the source, and nothing of the text.
        """
        found = []
        for number, line in enumerate(text.split(), start=1):
            match = _LINE.fullmatch(line)
            try:
                secret = base64.urlsafe_b64decode(match[2]) if match and int(match[1]) == number else b""
            except (binascii.Error, ValueError):
                secret = b""
            if len(secret) != KEY_SIZE:
                raise KeyFileError(f"{source} does not hold a Greycloak key")
            found.append(secret)
        if not found:
            raise KeyFileError(f"{source} does not hold a Greycloak key")
        return cls(tuple(found))

    @classmethod
    def load_or_create(cls, path: Path) -> InstallationKey:
        """Read the key, or make it if there is no file yet; several processes may do so at once."""
        if not path.exists():
            try:
                return cls.create(path)
            except KeyFileError:
                if not path.exists():
                    raise
        return cls.load(path)

    def text(self) -> str:
        """Return the key as its file holds it: a line for each version."""
        lines = (
            f"greycloak-key-{number}:{base64.urlsafe_b64encode(secret).decode()}\n"
            for number, secret in enumerate(self._secrets, start=1)
        )
        return "".join(lines)

    def rotated(self) -> InstallationKey:
        """Return the key with a new version."""
        return InstallationKey((*self._secrets, secrets.token_bytes(KEY_SIZE)))

    @property
    def version(self) -> int:
        """The newest version, from 1."""
        return len(self._secrets)

    def fingerprint(self, version: int | None = None) -> str:
        """Return what tells a version of this key (the newest) from others without telling anything of it."""
        secret = self._secrets[(version or self.version) - 1]
        return hmac.digest(secret, b"greycloak fingerprint", "sha256").hex()[:16]

    def fingerprints(self) -> dict[int, str]:
        """Return the fingerprints of all versions."""
        return {version: self.fingerprint(version) for version in range(1, self.version + 1)}

    def project_keys(self, project: str, version: int = 1) -> ProjectKeys:
        """Derive the keys of a project from a version."""
        derived = self._derive(b"greycloak project 1 " + project.encode(), version, 6)
        return ProjectKeys(*(derived[at : at + KEY_SIZE] for at in range(0, len(derived), KEY_SIZE)))

    def audit_key(self) -> bytes:
        """Derive the key that chains the audit; it is of the first version, so that the chain goes on for ever."""
        return self._derive(b"greycloak audit 1", 1, 1)

    def _derive(self, info: bytes, version: int, count: int) -> bytes:
        if version > self.version:
            raise StoreError(
                f"the key was rotated: version {version} of it is needed, and this is version {self.version}"
            )
        return HKDF(hashes.SHA256(), count * KEY_SIZE, salt=None, info=info).derive(self._secrets[version - 1])


def _sync_folder(folder: Path) -> None:
    """See that a new name survives a power failure."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def key_from_environment() -> InstallationKey | None:
    """Return the key that ``GREYCLOAK_KEY`` holds, or None if it is not set.

    Raises
    ------
    KeyFileError
        If it holds something else.
    """
    text = os.environ.get(KEY_VARIABLE)
    return None if text is None else InstallationKey.parse(text, f"the environment variable {KEY_VARIABLE}")
