"""What a project keeps for ever: how it gives pseudonyms, UIDs and shifts, and whom it takes for one subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from greycloak.pseudonyms.database import ConflictError
from greycloak.pseudonyms.errors import StoreError
from greycloak.pseudonyms.matching import EXACT, IGNORE, Matching
from greycloak.pseudonyms.tables import subjects

if TYPE_CHECKING:
    from greycloak.profiles.id_schemes import IdScheme
    from greycloak.pseudonyms.tokens import Tokens
    from greycloak.pseudonyms.vault import Vault

_SAID = {
    "id": "gives pseudonyms by",
    "root": "has UIDs below",
    "shift": "shifts dates by days between",
    "issuer": "treats Issuer of Patient ID as",
    "match": "compares Patient IDs as",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms on which somebody wants to work with a project.

    Attributes
    ----------
    scheme : IdScheme
        How subjects get their pseudonyms.
    root : str or None
        Root of new UIDs, if there are any.
    shift : (int, int) or None
        The bounds of the date shift, if there is one.
    issuer, match : str or None
        Whom to take for one subject, as `Matching` says; None: as the project does.
    """

    scheme: IdScheme
    root: str | None = None
    shift: tuple[int, int] | None = None
    issuer: str | None = None
    match: str | None = None

    def said(self) -> dict[str, Any]:
        """Return what is said."""
        shift = None if self.shift is None else list(self.shift)
        terms = {
            "id": self.scheme.term(),
            "root": self.root,
            "shift": shift,
            "issuer": self.issuer,
            "match": self.match,
        }
        return {term: value for term, value in terms.items() if value is not None}

    def wanted(self, derivation: int) -> dict[str, Any]:
        """Return what a project gets that has said nothing yet; the first ones know subjects only as they are."""
        if derivation == 1:
            return self.said() | {"issuer": EXACT, "match": EXACT}
        return {"issuer": IGNORE, "match": EXACT} | self.said()

    def check(self, name: str, agreed: dict[str, Any]) -> None:
        """Compare them with what a project has agreed on.

        Raises
        ------
        StoreError
            If the project has other terms.
        """
        for term, value in self.said().items():
            if agreed.get(term, value) != value:
                raise StoreError(
                    f"the project {name} {_SAID[term]} {agreed[term]}, and the profile says {value}: "
                    "use another project, or the same terms"
                )


def find_anew(connection: sa.Connection, project: int, matching: Matching, vault: Vault, tokens: Tokens) -> None:
    """Have the subjects that were imported before a project's terms were agreed be found by these terms.

    Raises
    ------
    StoreError
        If two of them would be one.
    """
    wanted = sa.select(subjects.c.id, subjects.c.look_up, subjects.c.sealed).where(subjects.c.project == project)
    try:
        for row in connection.execute(wanted).all():
            identity = vault.opened(bytes(row.sealed), bytes(row.look_up))
            look_up = vault.look_up(matching.key(identity))
            changed = {
                "look_up": look_up,
                "sealed": vault.sealed(identity, look_up),
                "issuer_token": tokens.of_issuer(identity.issuer) if matching.issuer == IGNORE else b"",
            }
            connection.execute(subjects.update().where(subjects.c.id == row.id).values(changed))
    except sa.exc.IntegrityError as error:
        raise ConflictError(
            "two subjects that were imported are one as the profile takes them (subjects.issuer, subjects.match): "
            "start a new project and mend the list, or the profile"
        ) from error
