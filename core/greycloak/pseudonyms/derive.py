"""What derives from a project's keys: UIDs and pseudonyms, the same on every node without talking."""

from __future__ import annotations

import base64
import hashlib
import hmac
import string

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


def derive_subject_key(key: bytes, identity: bytes) -> bytes:
    """Derive the key of one subject's UIDs (derivation version 2): two subjects never get the same new UID."""
    return hmac.digest(key, b"subject\0" + identity, "sha256")


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


def derive_text(key: bytes, original: bytes, alphabet: str, length: int) -> str:
    """Derive a text of some length over an alphabet."""
    number = int.from_bytes(_stream(key, original, 2 * length))
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(alphabet))
        digits.append(alphabet[digit])
    return "".join(digits)


_KINDS = {
    byte: kind.encode()
    for kind in (string.digits, string.ascii_lowercase, string.ascii_uppercase)
    for byte in kind.encode()
}
_SEPARATORS = frozenset(b"\\^= \t\n\f\r")


def derive_similar(key: bytes, original: bytes) -> bytes:
    """Derive a text that looks like another: digits for digits, letters for letters, the rest as it is.

    Of a text that is not plain ASCII only separators stay: its bytes need not mean what they look like. The same holds
    for one that has neither letters nor digits.
    """
    is_plain = original.isascii() and b"\x1b" not in original and any(byte in _KINDS for byte in original)
    drawn = _stream(key, original, len(original))
    letters = string.ascii_uppercase.encode()

    def similar(byte: int, random: int) -> int:
        kind = _KINDS.get(byte) if is_plain else (None if byte in _SEPARATORS else letters)
        return byte if kind is None else kind[random % len(kind)]

    return bytes(map(similar, original, drawn))


def _stream(key: bytes, original: bytes, size: int) -> bytes:
    return hashlib.shake_256(hmac.digest(key, original, "sha256")).digest(size)
