"""What a walk is told: for each element name at one place of a data set, an instruction.

A `Level` says what to do with each element at one place of the data set (the top, or the items of one sequence).
It is asked once per element name and then remembers, so the walk itself is a dictionary look-up an element.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

from greycloak.stream.encoding import LONG_VRS, SHORT_VRS, Encoding
from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.stream.part10 import Source

ITEM = 0xFFFEE000
ITEM_DELIMITER = 0xFFFEE00D
SEQUENCE_DELIMITER = 0xFFFEE0DD
MAX_REMEMBERED = 20_000
"""How many element names one level remembers."""

Path = tuple[int, ...]
"""Where an element stands: tag, item number, tag, item number, ..., tag."""

Buffer = bytes | bytearray | memoryview


class Verb:
    """What to do with an element. Plain integers, because the walk compares them for every element."""

    KEEP: Final = 0
    ENTER: Final = 1
    """Walk a sequence's items; keep it as it is when nothing inside changes."""
    CHECK: Final = 2
    """Keep if the value passes ``matches``, else treat as WRITE."""
    CHECK_ELSE_LOOK: Final = 3
    """Keep if the value passes ``matches``, else treat as LOOK."""
    LOOK: Final = 4
    """Show the value to whoever runs the splicer; keep it, unless an answer to it says what is written instead."""
    MAP: Final = 5
    """Replace by what ``mapping`` returns; None keeps the element."""
    WRITE: Final = 6
    """Replace by the ready-made element in ``written``, or by nothing."""
    END: Final = 7
    """The delimiter of an item."""
    SEE: Final = 8
    """As MAP, but ``mapping`` is told the element's path as well, and may answer LOOK_AT_IT to treat it as LOOK."""
    GROUP: Final = 9
    """Ask the level for another one, which knows all elements of this group, and let that decide."""
    PIXELS: Final = 10
    """Keep fragments (PS3.5 section A.4), or nothing at all; native pixels do not belong here."""
    BULK: Final = 12
    """Keep, and remember which piece of the output it is: pixels."""
    CHARACTERS: Final = 11
    """As MAP; the old value is the Specific Character Set of what follows, to the end of the data set or item."""


LOOK_AT_IT: Final = b"\0look"
"""What the mapping of a SEE element returns to have it treated as LOOK."""

LOOK_CLOSELY: Final = b"\0closely"
"""The same, in the stricter way that the instruction names."""

LOOK_AT_BYTES: Final = b"\0bytes"
"""The same, for a value that need not be text."""

AS_BYTES: Final = "bytes"
"""How such a value is looked at."""

Look = tuple[str, bytes, bytes]
"""A value to look at: how (`Instruction.how`), the Specific Character Set in force, and the value."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """What to do with every element of one name (tag and VR) at one level.

    Attributes
    ----------
    verb : int
        One of `Verb`.
    tag : int
        The element's tag.
    vr : str
        Its VR as encoded, or from the dictionary in Implicit VR; empty if unknown.
    long : bool
        Whether its header has a 32-bit length behind two reserved bytes.
    written : bytes
        For WRITE: the whole new element, or nothing. For CHECK and LOOK: what replaces one of which nothing may stay
        (may be empty). For ENTER: what replaces a sequence of which no item is left.
    mapping : callable
        For MAP: ``(context, value) -> element bytes or None``; for SEE the same of ``(context, value, path)``.
    matches : callable
        For CHECK: tells whether the value keeps to its VR.
    level : Level
        For ENTER: the level of its items. For GROUP: one that accounts for any element. Otherwise: the level that
        accounts for items where they go or stay whole.
    fragmented : bool
        For KEEP: whether the value may consist of fragments (PS3.5 section A.4). Any other value of undefined length
        is a sequence, and cannot be kept unseen.
    how : str
        For LOOK: handed back with the value.
    closely : str
        For SEE: handed back instead, where the mapping answers LOOK_CLOSELY.
    rule : object
        Handed back in the edit.
    known_vr : str
        The VR to read the value by where the encoded one is UN; empty if that is unknown.
    """

    verb: int
    tag: int
    vr: str
    long: bool
    written: bytes = b""
    mapping: Callable[..., bytes | None] | None = None
    matches: Callable[[bytes], object] | None = None
    level: Level | None = None
    fragmented: bool = False
    how: str = ""
    closely: str = ""
    rule: Any = None
    known_vr: str = ""


GroupElements = tuple[tuple[int, str, bytes], ...]
"""Of each element of a group: its tag, its VR as encoded, and for private creators the value."""


class Padding(Exception):  # noqa: N818  a signal
    """An element header of zeros: the data set ends here, if only zeros follow."""


def show_tag(tag: int) -> str:
    """Return a tag as the standard writes it."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


@dataclass(eq=False)
class Level:
    """What to do with each element at one place; subclasses answer `instruction`."""

    encoding: Encoding
    table: dict[bytes, Instruction] = field(default_factory=dict, repr=False)
    sorts_items: ClassVar[bool] = False
    """Whether `of_item` is asked for each item of the sequence."""
    drops_items: ClassVar[bool] = False
    """Whether an item at this level goes, header and all, once its elements are accounted for."""

    def instruction(self, tag: int, vr: str) -> Instruction:
        """Decide about an element name; ``vr`` is empty in Implicit VR."""
        raise NotImplementedError

    def of_item(self, source: Source, span: tuple[int, int], context: Any, *, delimited: bool) -> Level:  # noqa: ANN401, ARG002
        """Return the level of one item, for levels that tell the items of their sequence apart.

        Parameters
        ----------
        source : bytes or mmap
            Holds the item.
        span : tuple of (int, int)
            Where its elements begin, and where they end at the latest.
        context : object
            What mappings are handed.
        delimited : bool
            Whether a delimiter ends it, somewhere in the span.
        """
        return self

    def of_group(self, elements: GroupElements) -> Level:
        """Return the level that decides about the elements of one group, for GROUP."""
        raise NotImplementedError

    def miss(self, key: bytes) -> Instruction:
        """Answer for a name that the table does not hold yet."""
        encoding = self.encoding
        if not key.strip(b"\0"):
            raise Padding
        if len(key) < encoding.key_size:
            raise Malformed("truncated", "in an element's header")
        tag = encoding.tag_of(key)
        if tag == ITEM_DELIMITER and not key[4:].strip(b"\0"):
            found = Instruction(Verb.END, tag, "", long=False)
        elif tag >> 16 == ITEM >> 16:
            raise Malformed("misplaced-delimiter", "an item or delimiter where an element should be")
        else:
            vr = key[4:6].decode("latin-1")
            if encoding.explicit and vr not in SHORT_VRS and vr not in LONG_VRS:
                raise Malformed("unknown-vr", f"at {show_tag(tag)}")
            found = self.instruction(tag, vr)
        if len(self.table) >= MAX_REMEMBERED:
            self.table.clear()  # better to ask again than to remember for ever what one strange object had
        self.table[key] = found
        return found
