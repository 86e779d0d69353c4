"""Which identities a project takes for one: what a project agrees on for ever."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from greycloak.pseudonyms.identity import Identity

IGNORE, EXACT = "ignore", "exact"
FOLD_CASE, FOLD_PUNCTUATION = "fold-case", "fold-punctuation"

_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


@dataclass(frozen=True, slots=True)
class Matching:
    """When two identities are one subject.

    Attributes
    ----------
    issuer : str
        ``ignore``: Issuer of Patient ID tells no subjects apart; an object with another issuer than the one that is
        known is refused. ``exact``: it does.
    match : str
        Patient IDs are one if they are equal (``exact``), but for case and width (``fold-case``), or but for case,
        width, leading zeros of a number and whatever is neither letter nor digit (``fold-punctuation``).
    """

    issuer: str = EXACT
    match: str = EXACT

    @classmethod
    def of_terms(cls, terms: Mapping[str, Any]) -> Matching:
        """Return what a project has agreed on; before it has, identities are one only if they are equal."""
        return cls(terms.get("issuer", EXACT), terms.get("match", EXACT))

    def key(self, identity: Identity) -> Identity:
        """Return what is the same for all identities of a subject, and what everything of it derives from.

        It depends on nothing that came before, so neither does a pseudonym, a UID or a shift.
        """
        if not identity.patient_id or self == _EXACTLY:
            return identity
        issuer = identity.issuer if self.issuer == EXACT else ""
        return replace(identity, patient_id=_folded(identity.patient_id, self.match), issuer=issuer)


_EXACTLY = Matching()


def _folded(patient_id: str, match: str) -> str:
    if match == EXACT:
        return patient_id
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", patient_id).casefold())
    if match == FOLD_CASE:
        return folded
    plain = _LEADING_ZEROS.sub("", "".join(filter(str.isalnum, folded)))
    return plain or folded  # an ID of nothing but signs is one still
