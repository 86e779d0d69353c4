"""People who are named in scripts without spaces: Chinese, Japanese, Korean."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from greycloak.text._words import alternatives
from greycloak.text.folding import fold
from greycloak.text.gazetteer import is_given_name, is_surname
from greycloak.text.vocabulary import is_harmless_token

if TYPE_CHECKING:
    from collections.abc import Iterator

_HAN = r"\u3005\u3400-\u4dbf\u4e00-\u9fff"
_RUN = re.compile(rf"[{_HAN}]++|[가-힣]++|[\u3041-\u3096ァ-ヶー]++")
_HONORIFICS = alternatives("eastern honorific").split("|")
_LABELS = alternatives("eastern label").split("|")
_LABEL = re.compile(rf"(?:{'|'.join(_LABELS)})[ :：の是]{{0,3}}$")
_LATIN_LABEL = re.compile(
    r"(?:\b(?:for|of|by|dr|mr|mrs|ms|pt|pat|patient|name|tech|operator|ref)\b[.:]?[ ]{0,2})$", re.IGNORECASE
)
_NO_NAME_ENDS = frozenset("県市区町村病院大学駅部位科室相像断法剤型腔管脉肺肝肾骨脑面线期層层片号年月日")
_SHORTEST, _LONGEST = 2, 5
_LOOK_BACK = 12


def spans_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where names stand in Han, Hangul and kana."""
    if text.isascii():
        return
    for found in _RUN.finditer(text):
        span = _in_run(text, *found.span())
        if span:
            yield *span, "name"


def _in_run(text: str, start: int, stop: int) -> tuple[int, int] | None:
    """Return the span of a name in a run of one script: beside an honorific or a label, or known as a whole."""
    start = _behind_label(text, start, stop)
    run = text[start:stop]
    behind = text[stop : stop + 4].lstrip()
    ending = next((mark for mark in _HONORIFICS if run.endswith(mark) and len(run) > len(mark)), "")
    name = run.removesuffix(ending)
    if not _SHORTEST <= len(name) <= _LONGEST or is_harmless_token(fold(name)):
        return (start, start + len(name)) if ending and len(name) == 1 and is_surname(fold(name)) else None
    is_addressed = bool(ending) or any(behind.startswith(mark) for mark in _HONORIFICS)
    before = text[max(start - _LOOK_BACK, 0) : start]
    is_labelled = bool(_LABEL.search(before) or _LATIN_LABEL.search(before))
    size = _surname(name)
    if not size:
        return None
    is_known = is_given_name(fold(name[size:])) or (is_surname(fold(name)) and len(name) > _SHORTEST)
    is_japanese = size >= _SHORTEST and name[-1] not in _NO_NAME_ENDS and not is_harmless_token(fold(name[size:]))
    if is_known or is_addressed or is_labelled or (is_japanese and len(name) > size):
        return start, start + len(name)
    return None


def _behind_label(text: str, start: int, stop: int) -> int:
    """Return where the name in a run begins, if the run begins with a label: "患者王小明"."""
    run = text[start:stop]
    label = next(
        (label for label in _LABELS if run.startswith(label) and len(run) > len(label)),
        "",
    )
    return start + len(label)


@cache
def _surname(name: str) -> int:
    """Return how many characters of a name are its surname; 0 if it has none that is known."""
    return next((size for size in (3, 2, 1) if size <= len(name) and is_surname(fold(name[:size]))), 0)
