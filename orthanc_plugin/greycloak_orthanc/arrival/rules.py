"""Which arriving instances are anonymized, and how."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from greycloak_orthanc.work.items import Order

if TYPE_CHECKING:
    from collections.abc import Mapping

    from greycloak_orthanc.config import Rule, Settings


ARRIVAL_METADATA = ("Origin", "CalledAET", "RemoteAET")
MADE_BY_ORTHANC = ("AnonymizedFrom", "ModifiedFrom")
"""Metadata of instances that no rule is about: Orthanc has made them from others."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where an instance came from; all of it is metadata that Orthanc keeps."""

    origin: str
    called_aet: str = ""
    calling_aet: str = ""
    modality: str = ""

    @classmethod
    def of(cls, metadata: Mapping[str, str], modality: str) -> Arrival:
        """Read it from an instance's metadata, by Orthanc's names."""
        origin, called, calling = (metadata.get(name, "") for name in ARRIVAL_METADATA)
        return cls(origin, called, calling, modality)


def order_for(settings: Settings, arrival: Arrival) -> Order | None:
    """Return what the first fitting rule orders, or None if none fits."""
    rule = next((rule for rule in settings.rules if _fits(rule, arrival)), None)
    if rule is None:
        return None
    return Order(
        profile=rule.profile or settings.profile,
        project=rule.project or settings.project,
        keep_source=settings.keep_source if rule.keep_source is None else rule.keep_source,
    )


def needs_modality(settings: Settings) -> bool:
    """Tell whether any rule asks for the modality, which costs a look into the data set."""
    return any(rule.modality for rule in settings.rules)


def _fits(rule: Rule, arrival: Arrival) -> bool:
    conditions = (
        (rule.called_aet, arrival.called_aet),
        (rule.calling_aet, arrival.calling_aet),
        (rule.modality, arrival.modality),
        (rule.origin, arrival.origin),
    )
    return all(
        not patterns or any(fnmatchcase(value, pattern) for pattern in patterns) for patterns, value in conditions
    )
