"""The installation's key, and the project keys that derive from it (HKDF, RFC 5869)."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import secrets
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from pathlib import Path

KEY_SIZE = 32
_PREFIX = "greycloak-key-1:"


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
    """The secret that every pseudonym of an installation rests on."""

    _secret: bytes = field(repr=False)

    @classmethod
    def create(cls, path: Path) -> InstallationKey:
        """Make a new key and keep it in a file that only its owner may read.

        Raises
        ------
        KeyFileError
            If the file exists already or cannot be written.
        """
        secret = secrets.token_bytes(KEY_SIZE)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Complete before it has its name: another process may be waiting for it.
            temporary = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(handle, "w", encoding="ascii") as stream:
                    stream.write(f"{_PREFIX}{base64.urlsafe_b64encode(secret).decode()}\n")
                    stream.flush()
                    os.fsync(stream.fileno())
                os.link(temporary, path)
            finally:
                temporary.unlink()
        except OSError as error:
            raise KeyFileError(f"cannot create the key file {path}: {error.strerror}") from error
        return cls(secret)

    @classmethod
    def load(cls, path: Path) -> InstallationKey:
        """Read the key from its file.

        Raises
        ------
        KeyFileError
            If it is missing, damaged, or readable for others than its owner.
        """
        try:
            mode = path.stat().st_mode
            text = path.read_text(encoding="ascii", errors="replace").strip()
        except OSError as error:
            raise KeyFileError(f"cannot read the key file {path}: {error.strerror}") from error
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise KeyFileError(f"others may read the key file {path}: run 'chmod 600 {path}'")
        try:
            secret = base64.urlsafe_b64decode(text.removeprefix(_PREFIX))
        except (binascii.Error, ValueError):
            secret = b""
        if not text.startswith(_PREFIX) or len(secret) != KEY_SIZE:
            raise KeyFileError(f"the key file {path} does not hold a Greycloak key")
        return cls(secret)

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

    def fingerprint(self) -> str:
        """Return what tells this key from others without telling anything of it."""
        return hmac.digest(self._secret, b"greycloak fingerprint", "sha256").hex()[:16]

    def project_keys(self, project: str) -> ProjectKeys:
        """Derive the keys of a project."""
        info = b"greycloak project 1 " + project.encode()
        derived = HKDF(hashes.SHA256(), 6 * KEY_SIZE, salt=None, info=info).derive(self._secret)
        return ProjectKeys(*(derived[at : at + KEY_SIZE] for at in range(0, len(derived), KEY_SIZE)))
