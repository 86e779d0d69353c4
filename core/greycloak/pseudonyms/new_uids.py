"""New UIDs of a project, for old ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from greycloak.pseudonyms.derive import MAX_UID_LENGTH, derive_subject_key, derive_uid

if TYPE_CHECKING:
    from greycloak.pseudonyms.identity import Identity

_MAX_REMEMBERED = 50_000


@dataclass(frozen=True)
class NewUids:
    """Derives them, and remembers what it has derived.

    Attributes
    ----------
    key : bytes
        The project's key for UIDs.
    """

    key: bytes = field(repr=False)
    _known: dict[tuple[str, str, bytes], str] = field(default_factory=dict, init=False, repr=False)
    _keys: dict[Identity, bytes] = field(default_factory=dict, init=False, repr=False)

    def derive(self, original: str, root: str, subject_key: bytes = b"") -> str:
        """Return the new UID of an old one, of one subject or common to all."""
        found = self._known.get((original, root, subject_key))
        if found is None:
            if len(self._known) >= _MAX_REMEMBERED:
                self._known.clear()
            found = derive_uid(subject_key or self.key, original, root)
            if len(original) <= MAX_UID_LENGTH:
                self._known[original, root, subject_key] = found
        return found

    def key_of(self, subject: Identity) -> bytes:
        """Return the key of one subject's UIDs."""
        found = self._keys.get(subject)
        if found is None:
            if len(self._keys) >= _MAX_REMEMBERED:
                self._keys.clear()
            found = self._keys[subject] = derive_subject_key(self.key, subject.serialized())
        return found
