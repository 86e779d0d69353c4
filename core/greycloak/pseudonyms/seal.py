"""Seal original identities at rest (AES-256-GCM)."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from greycloak.pseudonyms.errors import StoreError

_NONCE_SIZE = 12


def seal(key: bytes, content: bytes, purpose: bytes) -> bytes:
    """Encrypt; ``purpose`` must be the same again to open it."""
    nonce = os.urandom(_NONCE_SIZE)
    return nonce + AESGCM(key).encrypt(nonce, content, purpose)


def unseal(key: bytes, sealed: bytes, purpose: bytes) -> bytes:
    """Decrypt what `seal` made.

    Raises
    ------
    StoreError
        If it was made with another key or for another purpose, or changed since.
    """
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:], purpose)
    except InvalidTag as error:
        raise StoreError("a record of the pseudonym store was made with another key, or has been changed") from error
