"""Take a key to another machine, wrapped with a passphrase (scrypt, RFC 7914; AES-256-GCM)."""

from __future__ import annotations

import base64
import binascii
import json
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from greycloak.pseudonyms.keys import InstallationKey, KeyFileError

MIN_PASSPHRASE = 12
"""Characters that a passphrase has at least."""

_KIND = "greycloak wrapped key"
_COST, _BLOCK, _PARALLEL = 1 << 17, 8, 1
_MAX_COST = 1 << 20
_SALT_SIZE, _NONCE_SIZE = 16, 12


def wrap(key: InstallationKey, passphrase: str) -> str:
    """Return a key as text that only the passphrase opens.

    Raises
    ------
    KeyFileError
        If the passphrase is too short.
    """
    if len(passphrase) < MIN_PASSPHRASE:
        raise KeyFileError(f"a passphrase for a key has at least {MIN_PASSPHRASE} characters")
    salt, nonce = os.urandom(_SALT_SIZE), os.urandom(_NONCE_SIZE)
    sealed = AESGCM(_stretch(passphrase, salt, _COST)).encrypt(nonce, key.text().encode("ascii"), _KIND.encode())
    fields = {"kind": _KIND, "version": 1, "n": _COST, "r": _BLOCK, "p": _PARALLEL}
    parts = {"salt": salt, "nonce": nonce, "sealed": sealed}
    return json.dumps(fields | {name: base64.b64encode(part).decode() for name, part in parts.items()}, indent=2) + "\n"


def unwrap(text: str, passphrase: str) -> InstallationKey:
    """Open what `wrap` made.

    Raises
    ------
    KeyFileError
        If it is something else, damaged, or of another passphrase.
    """
    try:
        fields = json.loads(text)
        salt, nonce, sealed = (base64.b64decode(fields[name], validate=True) for name in ("salt", "nonce", "sealed"))
        cost = int(fields["n"])
        is_ours = (fields["kind"], fields["r"], fields["p"]) == (_KIND, _BLOCK, _PARALLEL) and 2 <= cost <= _MAX_COST  # noqa: PLR2004
    except (ValueError, KeyError, TypeError, binascii.Error):
        is_ours = False
    if not is_ours or cost & (cost - 1):
        raise KeyFileError("this is no exported Greycloak key")
    try:
        opened = AESGCM(_stretch(passphrase, salt, cost)).decrypt(nonce, sealed, _KIND.encode())
    except (InvalidTag, ValueError):
        raise KeyFileError("the passphrase is wrong, or the exported key is damaged") from None
    return InstallationKey.parse(opened.decode("ascii"), "the exported key")


def _stretch(passphrase: str, salt: bytes, cost: int) -> bytes:
    return Scrypt(salt, 32, cost, _BLOCK, _PARALLEL).derive(passphrase.encode())
