"""What was found in a text, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Finding(NamedTuple):
    """A span of a text that is, or may be, somebody's identity.

    Attributes
    ----------
    start, stop : int
        Where it stands, in characters of the original text.
    kind : str
        What it is: ``name``, ``id``, ``date``, ``time``, ``phone``, ``email``, ``url``, ``ip``, ``national-id``,
        ``postal``, ``age``, ``uid``, ``address``, ``institution``, ``device``, ``text`` (something that was removed
        elsewhere), ``unknown-word``, ``long-text`` (more than is searched by form).
    """

    start: int
    stop: int
    kind: str


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings in order, where those that overlap are one; the first of them says what it is."""
    result: list[Finding] = []
    for finding in sorted(findings):
        if result and finding.start < result[-1].stop:
            last = result[-1]
            result[-1] = Finding(last.start, max(last.stop, finding.stop), last.kind)
        else:
            result.append(finding)
    return result
