"""What is to be done, and what became of it, as workers, queue and REST calls speak of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from greycloak_orthanc.work.tables import State

LEASE = 120.0
"""Seconds after which a claim counts as abandoned."""

MAX_CRASHES = 5
"""How many workers one item may take down."""

MAX_ATTEMPTS = 50
RETRY_AFTER = 2.0
MAX_RETRY_AFTER = 60.0
"""Seconds before a failed attempt is repeated: doubled each time, up to the maximum."""

ARRIVAL_PRIORITY = -1
"""Whoever asks comes before what came by itself."""

ON_ARRIVAL = ""
"""The job of instances that came by themselves."""

AT_RISK = "at-risk"
"""Reason of what is done, but may show identity in its pixels; the details say why."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to do with an instance.

    Attributes
    ----------
    profile, project : str
        By name.
    keep_source : bool
        Whether the original stays.
    replaces : bool
        Whether a twin that was made in another way is replaced.
    forced : bool
        Whether what Greycloak has made itself is anonymized once more.
    """

    profile: str
    project: str
    keep_source: bool
    replaces: bool = False
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of work that a worker has claimed; see `Order`."""

    id: int
    claim: str
    job: str
    instance: str
    profile: str
    project: str
    keep_source: bool
    replaces: bool
    forced: bool
    attempts: int


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an item.

    Attributes
    ----------
    item : Item
        The claimed item.
    state : State
        ``PENDING`` puts it back for another attempt; ``CLAIMED`` records the output, with something left to do.
    reason, detail : str
        Why, if it is not done; `AT_RISK` if it is and somebody should look at it.
    output : dict
        Orthanc's identifiers of the new instance and its parents.
    has_replaced : bool
        Whether a twin that was made in another way had to go for it.
    """

    item: Item
    state: State
    reason: str = ""
    detail: str = ""
    output: dict[str, str] | None = None
    has_replaced: bool = False

    @property
    def output_instance(self) -> str:
        """The new instance; empty if none was stored."""
        return self.output["output_instance"] if self.output else ""


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job that somebody asks for.

    Attributes
    ----------
    level, resource : str
        What is anonymized, in Orthanc's words.
    order : Order
        How.
    permissive : bool
        Whether instances that are quarantined leave it a success.
    priority : int
        Higher comes first.
    anonymizes : bool
        Whether the patient's identity is removed, as far as the profile says.
    """

    level: str
    resource: str
    order: Order
    permissive: bool
    priority: int
    anonymizes: bool = True
