"""Keyed hashes by which a project compares what it must not hold: names, birth dates, issuers, studies."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from greycloak.pseudonyms.identity import Demographics

_SIZE = 16
_MAX_REMEMBERED = 50_000


@dataclass(frozen=True)
class Tokens:
    """Makes them; what a token was made of cannot be told without the key. Rotation leaves them as they are.

    Attributes
    ----------
    key : bytes
        The project's.
    """

    key: bytes = field(repr=False)
    _known: dict[tuple[bytes, str], bytes] = field(default_factory=dict, init=False, repr=False)

    def of_demographics(self, demographics: Demographics | None) -> tuple[bytes, bytes]:
        """Return those of name and birth date; empty where there is none."""
        if demographics is None:
            return b"", b""
        return self._of(b"name", demographics.name), self._of(b"birth", demographics.birth_date)

    def of_issuer(self, issuer: str) -> bytes:
        """Return that of Issuer of Patient ID, whatever its case and blanks; empty if there is none."""
        return self._of(b"issuer", " ".join(issuer.casefold().split())) if issuer else b""

    def of_study(self, original: str) -> bytes:
        """Return that of an original Study Instance UID."""
        return self._of(b"study", original)

    def _of(self, kind: bytes, text: str) -> bytes:
        if not text:
            return b""
        found = self._known.get((kind, text))
        if found is None:
            if len(self._known) >= _MAX_REMEMBERED:
                self._known.clear()
            found = hmac.digest(self.key, kind + b"\0" + text.encode(), "sha256")[:_SIZE]
            self._known[kind, text] = found
        return found


def disagree(one: bytes, other: bytes) -> bool:
    """Tell whether two tokens are known and differ."""
    return bool(one and other) and not hmac.compare_digest(one, other)
