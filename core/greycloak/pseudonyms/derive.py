"""What derives from a project's keys: UIDs and pseudonyms, the same on every node without talking."""

from __future__ import annotations

import base64
import hmac

MAX_UID_LENGTH = 64
UUID_ROOT = "2.25"
_UUID_BYTES = 16
_PSEUDONYM_CHARACTERS = 12
_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def derive_uid(key: bytes, original: str, root: str = UUID_ROOT) -> str:
    """Derive a new UID from an old one (HMAC-SHA-256).

    Under ``2.25`` the digits are a UUID of version 8 (RFC 9562), as PS3.5 section B.2 asks. Under another root they
    are as many bits as fit into 64 characters, 122 at most.
    """
    digest = bytearray(hmac.digest(key, original.encode("latin-1"), "sha256")[:_UUID_BYTES])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    number = int.from_bytes(digest)
    room = MAX_UID_LENGTH - len(root) - 1
    return f"{root}.{number % 10**room}"


def derive_pseudonym(key: bytes, project: str, identity: bytes) -> str:
    """Derive a subject's pseudonym, as ``TRIAL-7M3K9Q2ZX0AB``: 60 bits, in letters that are not mistaken for others."""
    digest = hmac.digest(key, identity, "sha256")
    code = base64.b32encode(digest).translate(_CROCKFORD)[:_PSEUDONYM_CHARACTERS].decode("ascii")
    return f"{project.upper()}-{code}"


def derive_days(key: bytes, identity: bytes, min_days: int, max_days: int) -> int:
    """Derive by how many days a subject's dates are shifted: any number between the bounds, both included, but 0."""
    past, future = range(min_days, min(max_days, -1) + 1), range(max(min_days, 1), max_days + 1)
    digest = hmac.digest(key, identity, "sha256")
    at = int(int.from_bytes(digest) % (len(past) + len(future)))
    return past[at] if at < len(past) else future[at - len(past)]
