"""What derives from the keys of a project: new UIDs, date shifts and hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.pseudonyms.derive import UUID_ROOT, derive_days, derive_similar, derive_text
from greycloak.pseudonyms.new_uids import NewUids

if TYPE_CHECKING:
    from greycloak.pseudonyms.identity import Identity
    from greycloak.pseudonyms.keys import ProjectKeys
    from greycloak.pseudonyms.known_subjects import KnownSubjects


class Derivations:
    """Derives them: the same on every node, in whatever order objects come.

    Parameters
    ----------
    keys : ProjectKeys
        The project's, of the version that it derives with.
    derivation : int
        How UIDs derive.
    known_subjects : KnownSubjects
        Whom the project takes for one subject, and who was merged into whom.

    Attributes
    ----------
    derivation : int
        How UIDs derive: ``1``, by their originals alone; ``2``, by the subject as well.
    """

    def __init__(self, keys: ProjectKeys, derivation: int, known_subjects: KnownSubjects) -> None:
        self.derivation = derivation
        self._keys = keys
        self._known_subjects = known_subjects
        self._uids = NewUids(keys.uids)

    def derive_uid(self, original: str, root: str = UUID_ROOT, subject_key: bytes = b"") -> str:
        """Return the new UID of an old one.

        Parameters
        ----------
        original : str
            The old one.
        root : str
            What the new one begins with.
        subject_key : bytes
            What `uid_key` says of its subject; empty, where all subjects have the UID in common.
        """
        return self._uids.derive(original, root, subject_key)

    def uid_key(self, identity: Identity) -> bytes:
        """Return the key of a subject's UIDs, by which no two subjects share one; empty in derivation version 1."""
        return self._uids.key_of(self._known_subjects.base(identity)) if self.derivation > 1 else b""

    def date_shift(self, identity: Identity, min_days: int, max_days: int) -> int:
        """Return by how many days the dates of an identity are shifted, always the same number."""
        known = self._known_subjects.find(identity)
        if known is not None and known.given_days is not None:
            return known.given_days
        return derive_days(self._keys.dates, self._known_subjects.base(identity).serialized(), min_days, max_days)

    def derive_text(self, original: bytes, alphabet: str, length: int) -> bytes:
        """Return the hash of a value, over an alphabet."""
        return derive_text(self._keys.values, original, alphabet, length).encode("ascii")

    def derive_similar(self, original: bytes) -> bytes:
        """Return the hash of a value that looks like it."""
        return derive_similar(self._keys.values, original)
