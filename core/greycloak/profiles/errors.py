"""Errors of profiles, in words for whoever wrote the profile."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails


class ProfileError(ValueError):
    """A profile cannot be used; the message names each key, what stands there, and what was expected.

    Parameters
    ----------
    source : str
        The profile: its name or file.
    problems : list of str
        A line each.
    """

    def __init__(self, source: str, problems: list[str]) -> None:
        super().__init__("\n".join(f"profile {source}: {problem}" for problem in problems))
        self.problems = problems


class UnknownProfileError(LookupError):
    """There is no profile of this name.

    Parameters
    ----------
    name : str
        The name that was asked for.
    available : sequence of str
        Those that there are.
    """

    def __init__(self, name: str, available: tuple[str, ...]) -> None:
        close = difflib.get_close_matches(name, available, n=1)
        meant = f" (did you mean {close[0]}?)" if close else ""
        super().__init__(f"unknown profile {name!r}{meant}; available: {', '.join(available)}")


def plain_problems(error: ValidationError, known: dict[str, list[str]]) -> list[str]:
    """Say what is wrong, a line each.

    Parameters
    ----------
    error : ValidationError
        What pydantic found.
    known : dict
        The keys that there are, by the table they belong to (``""`` for the top).
    """
    return [_plainly(problem, known) for problem in error.errors()]


def _plainly(problem: ErrorDetails, known: dict[str, list[str]]) -> str:
    where = [str(part) for part in problem["loc"] if not str(part).startswith("function-")]
    key = ".".join(where)
    kind, value = problem["type"], problem["input"]
    if kind == "extra_forbidden":
        table = ".".join(part for part in where[:-1] if not part.isdigit())
        names = known.get(table, [])
        close = difflib.get_close_matches(where[-1], names, n=1)
        meant = f"did you mean {close[0]}?" if close else f"known here: {', '.join(names)}"
        return f"{key}: there is no such key ({meant})"
    if kind == "missing":
        return f"{key}: is missing"
    if kind == "value_error":
        said = str(problem["ctx"]["error"])
        return f"{key}: {said}" if key else said
    close = difflib.get_close_matches(str(value), re.findall("'([^']+)'", problem["msg"]), n=1)
    meant = f" (did you mean {close[0]}?)" if kind == "literal_error" and close else ""
    return f"{key}: {_expectation(problem)}, not {_shown(value)}{meant}"


_EXPECTED = {
    "literal_error": "expected {expected}",
    "tuple_type": "expected a list",
    "list_type": "expected a list",
    "string_type": "expected a text",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "model_type": "expected a table",
    "model_attributes_type": "expected a table",
    "dict_type": "expected a table",
    "string_pattern_mismatch": "expected what fits {pattern}",
    "string_too_long": "expected at most {max_length} characters",
    "greater_than_equal": "expected at least {ge}",
    "less_than_equal": "expected at most {le}",
}


def _expectation(problem: ErrorDetails) -> str:
    known = _EXPECTED.get(problem["type"])
    if known is None:
        return problem["msg"][:1].lower() + problem["msg"][1:]
    return known.format(**problem.get("ctx", {}))


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004
