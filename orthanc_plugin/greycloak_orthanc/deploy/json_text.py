"""Edit Orthanc's JSON as text, so that comments, order and layout stay as people wrote them.

Orthanc reads more than JSON: comments (``//`` and ``/* */``), commas before a closing bracket, and ``${VARIABLE}``
outside of texts. Whatever is not asked for here is passed over as it is.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TOKEN = re.compile(
    r"""
    (?P<passed> [\s\ufeff]+ | //[^\n]* | /\*.*?\*/ )
  | (?P<text> "(?:[^"\\]|\\.)*" )
  | (?P<mark> [{}\[\],:] )
  | (?P<word> [^\s{}\[\],:"/]+ )
    """,
    re.VERBOSE | re.DOTALL,
)


class JsonTextError(Exception):
    """The text is not what Orthanc reads; the message says where."""


@dataclass(frozen=True)
class Member:
    """A name and its value, as offsets into the text."""

    name: str
    start: int
    value_start: int
    value_end: int


@dataclass(frozen=True)
class ObjectText:
    """An object: where its brackets stand, and what is between them."""

    start: int
    end: int
    members: tuple[Member, ...]

    def find(self, name: str) -> Member | None:
        """Return the member of this name; of two, the last, as Orthanc does."""
        return next((member for member in reversed(self.members) if member.name == name), None)


@dataclass(frozen=True)
class _Token:
    text: str
    start: int
    end: int


def read_object(text: str, start: int = 0) -> ObjectText:
    """Find the members of the object that begins at an offset.

    Raises
    ------
    JsonTextError
        If there is none, or it has no end.
    """
    tokens = _tokens(text, start)
    opening = _next(tokens, text)
    if opening.text != "{":
        raise _error(text, opening.start, "'{' was expected")
    members = []
    token = _next(tokens, text)
    while token.text != "}":
        if not token.text.startswith('"'):
            raise _error(text, token.start, "a name in quotation marks was expected")
        if _next(tokens, text).text != ":":
            raise _error(text, token.end, "':' was expected")
        name, (first, last, after) = token, _value(tokens, text)
        members.append(Member(json.loads(name.text, strict=False), name.start, first.start, last.end))
        token = _next(tokens, text) if after.text == "," else after
    return ObjectText(opening.start, token.end, tuple(members))


def value_of(text: str, member: Member) -> Any:
    """Return the value of a member.

    Raises
    ------
    JsonTextError
        If it is no JSON, even without comments.
    """
    plain = ""
    for token in _tokens(text[: member.value_end], member.value_start):
        if token.text in "}]":
            plain = plain.removesuffix(",")
        plain += token.text
    try:
        return json.loads(plain, strict=False)
    except ValueError:
        raise _error(text, member.value_start, f"the value of {member.name!r} is no JSON") from None


def set_value(text: str, path: Sequence[str], value: Any) -> str:
    """Give a member another value, or add it to its object as the last.

    Parameters
    ----------
    text : str
        All of the file.
    path : sequence of str
        Names that lead to the member.
    value : JSON
        What it becomes.
    """
    found = read_object(text)
    *above, last = path
    for depth, name in enumerate(above, start=1):
        member = found.find(name)
        if member is None:
            for inner in reversed(path[depth:]):
                value = {inner: value}
            return _add(text, found, name, value)
        found = read_object(text, member.value_start)
    member = found.find(last)
    if member is None:
        return _add(text, found, last, value)
    return text[: member.value_start] + json.dumps(value, ensure_ascii=False) + text[member.value_end :]


def remove(text: str, path: Sequence[str]) -> str:
    """Take a member out, with the line that it leaves empty."""
    found = read_object(text)
    for name in path[:-1]:
        above = found.find(name)
        if above is None:
            return text
        found = read_object(text, above.value_start)
    member = found.find(path[-1])
    if member is None:
        return text
    before, after = text[: member.start], text[member.value_end :]
    follows = next(_tokens(after, 0))
    if follows.text == ",":
        after = after[: follows.start] + after[follows.end :]
    else:  # it was the last: the comma before it goes
        place = found.members.index(member)
        if place:
            end = found.members[place - 1].value_end
            comma = next(_tokens(text, end))
            before = before[: comma.start] + before[comma.end :]
    line = before.rpartition("\n")[2]
    rest = re.match(r"[ \t]*\r?\n", after)
    return before[: len(before) - len(line)] + after[rest.end() :] if rest and not line.strip() else before + after


def _add(text: str, found: ObjectText, name: str, value: Any) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    member = f"{json.dumps(name)} : {json.dumps(value, ensure_ascii=False)}"
    inside = text[found.start + 1 : found.end - 1]
    kept = inside.rstrip()
    indent = "  "
    if found.members:
        last = found.members[-1]
        line = text[: found.members[0].start].rpartition("\n")[2]
        indent = indent if line.strip() else line
        if next(_tokens(text, last.value_end)).text != ",":
            end = last.value_end - found.start - 1
            kept = f"{kept[:end]},{kept[end:]}"
    ending = inside[len(inside.rstrip()) :] or newline
    return f"{text[: found.start + 1]}{kept}{newline}{indent}{member}{ending}{text[found.end - 1 :]}"


def _value(tokens: Iterator[_Token], text: str) -> tuple[_Token, _Token, _Token]:
    """Return the first and the last token of a value, and the one after it."""
    first = last = _next(tokens, text)
    if first.text in ",}]":
        raise _error(text, first.start, "a value was expected")
    depth = 0
    token = first
    while depth or token.text not in (",", "}"):
        depth += (token.text in ("{", "[")) - (token.text in ("}", "]"))
        last, token = token, _next(tokens, text)
    return first, last, token


def _tokens(text: str, position: int) -> Iterator[_Token]:
    """Yield what counts, without spaces and comments."""
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _error(text, position, "this text or comment has no end")
        if match.lastgroup != "passed":
            yield _Token(match[0], match.start(), match.end())
        position = match.end()


def _next(tokens: Iterator[_Token], text: str) -> _Token:
    token = next(tokens, None)
    if token is None:
        raise _error(text, len(text), "the file ends too early")
    return token


def _error(text: str, position: int, said: str) -> JsonTextError:
    return JsonTextError(f"line {text.count(chr(10), 0, position) + 1}: {said}")
