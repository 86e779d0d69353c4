"""What is done to an attribute at its place, and how the actions of PS3.15 are resolved by Type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from greycloak.actions.dates import DatePlan
    from greycloak.profiles import Action
    from greycloak.standard.imaging import ImagingAttribute


UNLISTED_SECTION = "PS3.15 E.1.1, unlisted attributes by VR"

RETAINED = {"UI": "check"} | dict.fromkeys(("AE", "LO", "LT", "PN", "SH", "ST", "UC", "UT"), "own")
"""What an option retains is looked at: the patient's own name and numbers do not belong in it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done to an attribute at its place, and who says so.

    Attributes
    ----------
    tag : int
        The attribute.
    action : str
        ``keep``, ``remove``, ``empty``, ``dummy``, ``uid``, ``class`` (keep UIDs that name a SOP Class, map others),
        ``pseudonym``; ``shift``, ``truncate`` or ``fixed`` (of a date), ``date`` (keep if it is one); ``look`` (cut out
        of a text what is known to identify), ``own`` (only what is the patient's own), ``equipment`` (as ``look``, but
        makers and models stay), ``clean`` (what has the form of an identity as well), ``vocabulary`` (all but what is
        known to be harmless); ``look-untyped`` (remove what repeats an identifier, of what need not be text),
        ``look-unknown`` (of what may be anything), ``measured`` (keep what the list ``imaging`` says), ``check`` (keep
        if the value is valid for its VR, and nobody's name or number), ``check-else-look``; ``codes`` (keep those of
        several code strings that are valid); ``scheme``, ``meaning`` and ``meaning-cleaned`` (of a code: look, and keep
        the meaning only in schemes that the standard names, or cleaned); ``replace``, ``hash``, ``cut``, ``script``.
    source : str
        What the decision rests on, as ``X/Z/D, Type 2``.
    section : str
        Where that is written.
    dates : DatePlan or None
        What becomes of dates.
    asked : Action or None
        What the profile asks for, with its parameters.
    known : ImagingAttribute or None
        Of ``measured``: what values may stay.
    """

    tag: int
    action: str
    source: str
    section: str
    dates: DatePlan | None = None
    asked: Action | None = None

    known: ImagingAttribute | None = None

    @property
    def is_retained(self) -> bool:
        """Whether an option of PS3.15, or the profile as a whole, keeps what the Basic profile would take."""
        return "retain-" in self.source or "unlisted = keep" in self.source


def resolve(code: str, type_: str | None) -> str:
    """Choose among the actions of PS3.15 the one that removes most and still leaves a valid object.

    Parameters
    ----------
    code : str
        Action code of Table E.1-1a, as ``X/Z/D``.
    type_ : str or None
        The attribute's Type at its place; None if it is foreign there.

    Returns
    -------
    str
        ``remove``, ``empty``, ``dummy`` or ``uid`` (of a sequence: map the UIDs in its items).

    Notes
    -----
    A Type 1 attribute is never emptied and a Type 3 attribute is really removed wherever the code lets one choose.
    Where the code says plainly X or Z for an attribute that this IOD requires, Z and D keep the object valid and
    tell as little. A reference that the IOD asks for (X/Z/U*) is mapped, not emptied: other modules require it then.
    """
    required = type_ in {"1", "1C"}
    wanted = type_ in {"2", "2C"}
    if code in {"D", "U"}:
        return {"D": "dummy", "U": "uid"}[code]
    if code == "X/Z/U*" and (required or wanted):
        return "uid"
    if code == "X" and type_ == "1C":
        return "remove"
    if required or (code == "X/D" and wanted):
        return "dummy"
    if wanted or code in {"Z", "Z/D"}:
        return "empty"
    return "remove"
