"""Which element of an output a byte belongs to, and which rule has let it stand there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

from greycloak.stream import GroupElements, Instruction, Level, Splicer, Verb, passed_over
from greycloak.stream.encoding import IMPLICIT_LITTLE

if TYPE_CHECKING:
    from greycloak.plan import Rule
    from greycloak.stream import Path
    from greycloak.stream.part10 import Source


class Place(NamedTuple):
    """An element of an output.

    Attributes
    ----------
    path : tuple of int
        Where it stands.
    vr : str
        Its VR; where it is encoded as UN, the one that is known.
    rule : Rule or None
        What the plan does with it.
    start, stop : int
        Where its value is.
    """

    path: Path
    vr: str
    rule: Rule | None
    start: int
    stop: int


def places_in(data: Source, level: Level, context: object) -> list[Place]:
    """Return the elements of a data set that hold no items, in order, with what a plan says of each.

    Parameters
    ----------
    data : bytes or mmap
        The data set.
    level : Level
        The plan's level for it.
    context : object
        What the plan's mappings are handed.

    Raises
    ------
    Malformed
        If the structure cannot be accounted for.
    """
    splicer = Splicer(data, context)
    splicer.run(0, _traced(level))
    return [Place(path, told.vr, told.rule, value, stop) for path, told, value, stop in splicer.edits]


class _Traced(Level):
    """A level of a plan that makes an edit of every element instead."""

    sorts_items = True

    def __init__(self, inner: Level) -> None:
        super().__init__(inner.encoding)
        self._inner = inner

    def instruction(self, tag: int, vr: str) -> Instruction:
        told = self._inner.instruction(tag, vr)
        if told.verb == Verb.GROUP:
            return told
        if told.verb == Verb.ENTER and told.level is not None:
            return replace(told, level=_traced(told.level))
        whole = passed_over(self.encoding if vr in {"SQ", ""} else IMPLICIT_LITTLE)
        return Instruction(
            Verb.WRITE, tag, told.known_vr or told.vr, told.long, level=told.level or whole, rule=told.rule
        )

    def of_group(self, elements: GroupElements) -> Level:
        return _traced(self._inner.of_group(elements))

    def of_item(self, source: Source, span: tuple[int, int], context: Any, *, delimited: bool) -> Level:  # noqa: ANN401
        return _traced(self._inner.of_item(source, span, context, delimited=delimited))


_known: WeakKeyDictionary[Level, _Traced] = WeakKeyDictionary()


def _traced(level: Level) -> _Traced:
    """Return the level that traces another one; it remembers its instructions as that does."""
    found = _known.get(level)
    if found is None:
        found = _known[level] = _Traced(level)
    return found
