"""Functions of a program as actions of a profile, which names them as ``module:function``.

A function at the top of an importable module is named as what it is, and so it is found in every process. Any other
is kept here under a number, and is found in this process only.
"""

from __future__ import annotations

import sys
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Decide = Callable[[Any, Mapping[str, Any]], Any]

_numbers = count(1)
_kept: dict[str, Decide] = {}


def name_function(function: Decide) -> str:
    """Return the name by which a profile finds a function."""
    module, name = getattr(function, "__module__", ""), getattr(function, "__qualname__", "")
    if module not in {"", "__main__"} and getattr(sys.modules.get(module), name, None) is function:
        return f"{module}:{name}"
    kept = next((known for known, other in _kept.items() if other is function), None)
    if kept is None:
        kept = f"function_{next(_numbers)}"
        _kept[kept] = function
    return f"{__name__}:{kept}"


def is_of_this_process(name: str) -> bool:
    """Tell whether a function is found in this process only."""
    return name.startswith(f"{__name__}:")


def __getattr__(name: str) -> Decide:
    """Return a function that is kept here."""
    try:
        return _kept[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
