"""How a project finds and seals what the store must not show: identities and original UIDs."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from greycloak.pseudonyms.identity import Identity
from greycloak.pseudonyms.owners import KEPT
from greycloak.pseudonyms.recorded import SealedUid
from greycloak.pseudonyms.seal import seal, unseal

if TYPE_CHECKING:
    from greycloak.pseudonyms.keys import ProjectKeys


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals and opens, with the keys that change when the key is rotated.

    Attributes
    ----------
    keys : ProjectKeys
        Those of the newest version.
    """

    keys: ProjectKeys = field(repr=False)

    def look_up(self, key: Identity) -> bytes:
        """Return the keyed hash by which the store finds what all identities of a subject have in common."""
        return hmac.digest(self.keys.look_up, key.serialized(), "sha256")

    def sealed(self, identity: Identity, look_up: bytes) -> bytes:
        """Return an identity, sealed for the record that is found by ``look_up``."""
        return seal(self.keys.seal, identity.serialized(), look_up)

    def opened(self, sealed: bytes, look_up: bytes) -> Identity:
        """Open a sealed identity.

        Raises
        ------
        StoreError
            If it was sealed with another key, or has been changed.
        """
        return Identity.deserialized(unseal(self.keys.seal, sealed, look_up))

    def sealed_uid(self, original: str, new: str, token: bytes = b"") -> SealedUid:
        """Return a UID and its original for the store."""
        if original == new:  # kept as it is: there is nothing to seal, and the store shows no original
            return SealedUid(self.kept_uid(new), b"", token)
        return SealedUid(new, seal(self.keys.seal, original.encode("utf-8"), new.encode("ascii")), token)

    def kept_uid(self, uid: str) -> str:
        """Return what stands in the store for a UID that was kept."""
        return f"{KEPT}{hmac.digest(self.keys.look_up, uid.encode('ascii'), 'sha256').hex()[:40]}"

    def opened_uid(self, sealed: bytes, new: str) -> str:
        """Open a sealed UID.

        Raises
        ------
        StoreError
            If it was sealed with another key, or has been changed.
        """
        return unseal(self.keys.seal, sealed, new.encode("ascii")).decode("utf-8")
