"""What a rule of a profile does to an element."""

from __future__ import annotations

import difflib
import importlib
import re
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from greycloak.profiles.options import ActionName, CompoundCode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

COMPOUND_CODES: tuple[str, ...] = get_args(CompoundCode)
PLAIN_ACTIONS: tuple[str, ...] = get_args(ActionName)
ALPHABETS = {
    "hex": "0123456789abcdef",
    "digits": string.digits,
    "letters": string.ascii_uppercase,
    "alphanumeric": string.digits + string.ascii_uppercase,
}
LIKE_ORIGINAL = "like-original"
"""Instead of an alphabet: every digit becomes a digit, every letter a letter of the same case, the rest stays."""

PLACEHOLDERS = {
    "project": "the project's name",
    "subject": "the subject's pseudonym",
    "counter": "the subject's number in the project, from 1 ({counter:05d} with leading zeros)",
    "now": "when the project was made (UTC), so that doing it again gives the same",
}
_LEAVING_NOTHING = frozenset({"remove", "empty", "dummy", "uid", "pseudonym", "replace", "add", "hash"})
_PARAMETERS = {"replace", "add", "hash", "truncate", "script"}
_SCRIPT = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_WIDTH = re.compile(r"0?[1-9]?\dd")
_MAX_HASH = 64
_DEFAULT_HASH = 16


@dataclass(frozen=True, slots=True)
class Action:
    """What is done.

    Attributes
    ----------
    name : str
        One of `PLAIN_ACTIONS` or `COMPOUND_CODES`, or ``replace``, ``add``, ``hash``, ``truncate``,
        ``script``.
    value : str, int, float or None
        Of ``replace`` and ``add``: the new value, or its template. Of ``truncate``: ``year``, ``month``, or how many
        characters stay. Of ``script``: ``module:function``.
    length : int or None
        Of ``hash``: how many characters; None keeps the length of the original (``like-original``).
    alphabet : str
        Of ``hash``: the name of an alphabet, or its characters.
    """

    name: str
    value: str | int | float | None = None
    length: int | None = None
    alphabet: str = ""

    def written(self) -> Any:
        """Return it as profiles write it."""
        if self.name == "hash":
            return {"hash": {"alphabet": self.alphabet} | ({"length": self.length} if self.length else {})}
        return self.name if self.value is None else {self.name: self.value}

    def __str__(self) -> str:
        """Say it in a word or two."""
        if self.name == "hash":
            return f"hash ({self.alphabet}{f', {self.length}' if self.length else ''})"
        return self.name if self.value is None else f"{self.name} ({self.value})"

    @property
    def leaves_something(self) -> bool:
        """Whether something of the original may be read afterwards."""
        is_code = self.name in COMPOUND_CODES and self.name not in {"K", "C"}
        return not is_code and self.name not in _LEAVING_NOTHING

    @property
    def needs_subject(self) -> bool:
        """Whether the new value depends on whose object it is."""
        return self.name == "pseudonym" or (
            self.name in {"replace", "add"}
            and isinstance(self.value, str)
            and bool(set(_fields(self.value)) - {"project"})
        )


def parse_action(written: Any) -> Action:
    """Read an action as profiles write it.

    Raises
    ------
    ValueError
        If it is none; the message says what was expected.
    """
    if isinstance(written, str):
        if written in PLAIN_ACTIONS or written in COMPOUND_CODES:
            return Action(written)
        if written in _PARAMETERS:
            raise ValueError(f"{written!r} needs to know more, as {_EXAMPLES[written]}")
        raise ValueError(f"{written!r} is no action{_meant(written)}; {_EXPECTED}")
    if not isinstance(written, dict) or len(written) != 1:
        raise ValueError(f"{written!r} is no action; {_EXPECTED}")
    name, value = next(iter(written.items()))
    if name in PLAIN_ACTIONS or name in COMPOUND_CODES:
        raise ValueError(f"{name!r} takes no parameter: write just {name!r}")
    if name not in _PARAMETERS:
        raise ValueError(f"{name!r} is no action{_meant(name)}; {_EXPECTED}")
    return _PARSERS[name](value)


def _meant(name: str) -> str:
    close = difflib.get_close_matches(name, [*PLAIN_ACTIONS, *_PARAMETERS, *COMPOUND_CODES], n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _parse_replace(value: Any) -> Action:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"replace takes a text or a number, not {value!r}")  # noqa: TRY004  pydantic catches this one
    if isinstance(value, str):
        if not value.isascii() or not value.isprintable():
            raise ValueError(f"replace takes printable ASCII, which every character set has, not {value!r}")
        try:
            expand(value, "P", "S-1", 1, "20000101000000")
        except (ValueError, IndexError, KeyError, AttributeError, TypeError) as error:
            known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
            raise ValueError(f"{value!r} is no template: it may have {known}; braces are doubled: {{{{ }}}}") from error
    return Action("replace", value)


def _parse_add(value: Any) -> Action:
    return Action("add", _parse_replace(value).value)


def _parse_hash(value: Any) -> Action:
    if value is True:
        value = {}
    if not isinstance(value, dict) or not set(value) <= {"length", "alphabet"}:
        raise ValueError(f"hash takes length and alphabet, as {_EXAMPLES['hash']}, not {value!r}")
    alphabet = value.get("alphabet", "hex")
    is_known = isinstance(alphabet, str) and (alphabet in ALPHABETS or alphabet == LIKE_ORIGINAL)
    if not is_known and not _is_alphabet(alphabet):
        names = ", ".join([*ALPHABETS, LIKE_ORIGINAL])
        raise ValueError(f"alphabet is one of {names}, or its own characters, at least 8 different ones: {alphabet!r}")
    if alphabet == LIKE_ORIGINAL:
        if "length" in value:
            raise ValueError("hash with alphabet like-original has the length of the original: leave length out")
        return Action("hash", None, None, alphabet)
    length = value.get("length", _DEFAULT_HASH)
    if isinstance(length, bool) or not isinstance(length, int) or not 4 <= length <= _MAX_HASH:  # noqa: PLR2004
        raise ValueError(f"length is a number from 4 to {_MAX_HASH}, not {length!r}")
    return Action("hash", None, length, alphabet)


def _is_alphabet(text: Any) -> bool:
    fewest = 8  # fewer would give values that are too often the same
    return (
        isinstance(text, str)
        and len(set(text)) == len(text) >= fewest
        and text.isascii()
        and text.isprintable()
        and not set(text) & set("\\^= ")
    )


def _parse_truncate(value: Any) -> Action:
    is_count = isinstance(value, int) and not isinstance(value, bool) and value > 0
    if value not in {"year", "month"} and not is_count:
        raise ValueError(f"truncate takes 'year', 'month', or how many characters stay, not {value!r}")
    return Action("truncate", value)


def _parse_script(value: Any) -> Action:
    if not isinstance(value, str) or not _SCRIPT.fullmatch(value):
        raise ValueError(f"script takes 'module:function', not {value!r}")
    return Action("script", value)


_PARSERS = {
    "replace": _parse_replace,
    "add": _parse_add,
    "hash": _parse_hash,
    "truncate": _parse_truncate,
    "script": _parse_script,
}
_EXAMPLES = {
    "replace": '{ replace = "UNKNOWN" }',
    "add": '{ add = "UNKNOWN" }',
    "hash": '{ hash = { length = 12, alphabet = "digits" } }',
    "truncate": '{ truncate = "year" }',
    "script": '{ script = "module:function" }',
}
_EXPECTED = f"expected one of {', '.join(PLAIN_ACTIONS)}, {', '.join(_EXAMPLES.values())}, or a code as X/Z/D"


def _fields(template: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]


def expand(template: str, project: str, subject: str, counter: int, now: str) -> str:
    """Fill in a template.

    Raises
    ------
    ValueError, KeyError, IndexError
        If it is none.
    """
    for _, name, spec, conversion in string.Formatter().parse(template):
        if name is None:
            continue
        if name not in PLACEHOLDERS or conversion or (spec and not (name == "counter" and _WIDTH.fullmatch(spec))):
            raise ValueError(name)
    return template.format(project=project, subject=subject, counter=counter, now=now)


def load_script(name: str) -> Callable[[Any, Mapping[str, Any]], Any]:
    """Import the function of a script action.

    Raises
    ------
    ValueError
        If it cannot be imported, or is no function.
    """
    module, _, function = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), function)
    except Exception as error:
        raise ValueError(f"script {name!r} cannot be imported ({type(error).__name__})") from error
    if not callable(found):
        raise ValueError(f"script {name!r} is no function")  # noqa: TRY004
    return found  # type: ignore[no-any-return]
