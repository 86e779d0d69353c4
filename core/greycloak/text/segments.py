"""Chinese, Japanese and Korean words stand without blanks: tell whether a run of characters is made of known ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from greycloak.text.gazetteer import is_surname

if TYPE_CHECKING:
    from collections.abc import Callable

# Folded text: katakana is hiragana there, and full-width letters are Latin.
_CHARACTER = "\u3005\u3041-\u3096\u30fc\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
_EASTERN = re.compile(f"[{_CHARACTER}]")
_RUNS = re.compile(f"[{_CHARACTER}]+|[^{_CHARACTER}]+")
_LONGEST = 12
_PARTICLES = frozenset("은 는 이 가 을 를 의 에 에서 로 으로 와 과 도 및 시 후 전 중".split())
"""What Korean puts behind a word."""


def is_eastern(token: str) -> bool:
    """Tell whether Han, Hangul or kana stand in a token."""
    return not token.isascii() and _EASTERN.search(token) is not None


def runs_of(token: str) -> list[str]:
    """Return the runs of a token that are of Eastern scripts, and what stands between them."""
    return _RUNS.findall(token)


def is_made_of(run: str, is_known: Callable[[str], bool]) -> bool:
    """Tell whether a run of characters is made of known words, wholly.

    A single character counts only beside a word of two and more, and if it is no surname: 金, 高 and 白 are, and
    what is made of single characters only is somebody's name as often as not.

    Parameters
    ----------
    run : str
        Folded text of an Eastern script.
    is_known : callable
        Tells whether a word is known as harmless.
    """
    # For each length: whether the run so far is made of words, and whether one of them is longer than a character.
    reached = [(True, False)] + [(False, False)] * len(run)
    for start in range(len(run)):
        made, has_word = reached[start]
        if not made:
            continue
        for stop in range(start + 1, min(start + _LONGEST, len(run)) + 1):
            word = run[start:stop]
            is_word = len(word) > 1 and is_known(word)
            is_small = (len(word) == 1 and is_known(word) and not is_surname(word)) or (has_word and word in _PARTICLES)
            if is_word or is_small:
                reached[stop] = (True, reached[stop][1] or has_word or is_word)
    return all(reached[-1])
