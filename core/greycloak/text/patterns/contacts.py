"""How to reach somebody or something: e-mail, URLs, IP and MAC addresses, phones. All in folded text."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address
from typing import TYPE_CHECKING

from greycloak.text._words import alternatives

if TYPE_CHECKING:
    from collections.abc import Iterator

_MIN_PHONE, _MAX_PHONE = 8, 15
_MIN_LABELLED_PHONE = 5
_FIRST_OCTET, _LAST_OCTET, _LAST_OF_VERSION = 10, 255, 31
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]++@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6}")
_URL = re.compile(r"(?<!\w)(?:https?://|ftp://|www\.)[^\s<>\"]++")
_DOMAIN = re.compile(
    r"(?<![\w.-])[a-z][a-z0-9-]{1,62}(?:\.[a-z0-9-]{2,62}){0,3}\.(?:com|org|net|edu|gov|info|int)(?:/[^\s<>\"]*+)?(?![\w-])"
)
_IPV4 = re.compile(r"(?<![\w.])(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?::\d{1,5})?(?!\w|\.\w)")
_IPV6 = re.compile(r"(?<![\w:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])")
_MIN_IPV6 = 7
_MEASURED = re.compile(rf"[ ]?(?:{alternatives('measure')})(?![^\W\d_])")
_MAC = re.compile(r"(?<![\w:-])[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}(?![\w:-])")
_GAP = r"[ ().\-/\u2010-\u2015]{0,3}"
_BEHIND = rf"(?![.,:x/]\d|[ ]?(?:{alternatives('measure')})(?![^\W\d_]))"
_PHONES = (
    re.compile(rf"(?<![\w+])\+\d{{1,3}}(?:{_GAP}\d){{6,13}}(?!\d){_BEHIND}(?:[ ]?(?:x|ext\.?)[ ]?\d{{1,6}})?"),
    re.compile(rf"(?<![\w.])00[1-9]\d{{0,2}}[ \-](?:{_GAP}\d){{6,12}}(?!\d)(?:[ ]?(?:x|ext\.?)[ ]?\d{{1,6}})?"),
    re.compile(
        r"(?<![\w.-])(?:1[ .-]?)?\(?[2-9]\d\d\)?[ ./-]{0,2}\d{3}[ .-]\d{4}(?:[ ]?(?:x|ext\.?)[ ]?\d{1,6})?(?![\w-])"
    ),
    re.compile(
        r"(?<![\w.])\(0?\d{2,5}\)[ ]?\d{3,4}[ .-]?\d{2,4}(?:[ -]?\d{2,4})?(?:[ ]?(?:x|ext\.?)[ ]?\d{1,6})?(?![\w-])"
    ),
    re.compile(r"(?<![\w.,/-])(?!\d\d[./-]\d\d[./-]\d{4}[ ])0\d{1,4}(?:[ /.-]{1,3}\d{2,8}){1,5}(?![\w.,])"),
    re.compile(r"(?<![\w.-])[2-9]\d\d-\d{4}(?:[ ]?(?:x|ext\.?)[ ]?\d{1,6})?(?![\w-])"),
)
_TRIPLE = re.compile(r"(?<![\w.,/-])(?<!\d[ ])([4-9]\d\d)[ ](\d{3})[ ](\d{3})(?!\w|[.,/x×*%°-]\w|[ ]\d)")
_LABELS = alternatives("phone label")
_LABELLED = re.compile(
    rf"(?<!\w)(?:{_LABELS})(?:[ ]?(?:no|nr|number|#))?[ .:)#=-]{{0,4}}"
    r"([+(]?\d(?:[ ().\-/]{0,3}\d){3,15})(?!\d)"
    rf"{_BEHIND}"
)


def spans_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where contacts stand in a folded text, and of which kind."""
    if "@" in text:
        yield from ((*found.span(), "email") for found in _EMAIL.finditer(text))
    if "/" in text or "." in text:
        yield from ((*found.span(), "url") for found in _URL.finditer(text))
        yield from ((*found.span(), "url") for found in _DOMAIN.finditer(text))
        yield from ((*found.span(), "ip") for found in _IPV4.finditer(text) if _is_address(found))
    if ":" in text:
        yield from ((*found.span(), "ip") for found in _IPV6.finditer(text) if _is_ipv6(found[0]))
    yield from ((*found.span(), "device") for found in _MAC.finditer(text))
    for found in _LABELLED.finditer(text):
        if _digits(found[1]) >= _MIN_LABELLED_PHONE:
            yield *found.span(1), "phone"
    for shape in _PHONES[:-1]:
        for found in shape.finditer(text):
            if _MIN_PHONE <= _digits(found[0]) <= _MAX_PHONE + 6:
                yield *found.span(), "phone"
    yield from ((*found.span(), "phone") for found in _PHONES[-1].finditer(text))
    yield from ((*found.span(), "phone") for found in _TRIPLE.finditer(text) if not _is_size(text, found))


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _is_size(text: str, found: re.Match[str]) -> bool:
    """Tell whether three numbers are a size, a position or a dose, and not a phone."""
    numbers = [int(number) for number in found.groups()]
    is_round = all(number % 10 == 0 for number in numbers) or numbers[0] in numbers[1:]
    return is_round or _MEASURED.match(text, found.end()) is not None


def _is_address(found: re.Match[str]) -> bool:
    """Tell an IP address from a version: those have small or padded numbers."""
    parts = found.groups()
    numbers = [int(part) for part in parts]
    is_padded = any(len(part) > 1 and part[0] == "0" for part in parts)
    is_private = numbers[0] == _FIRST_OCTET or max(numbers) > _LAST_OF_VERSION
    return not is_padded and max(numbers) <= _LAST_OCTET and numbers[0] >= _FIRST_OCTET and is_private


def _is_ipv6(text: str) -> bool:
    if len(text) < _MIN_IPV6:
        return False
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True
