"""Where somebody lives: streets and post boxes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from greycloak.text._words import alternatives
from greycloak.text.folding import folded
from greycloak.text.patterns.postal import CAPITAL, is_plain
from greycloak.text.vocabulary import is_harmless

if TYPE_CHECKING:
    from collections.abc import Iterator

_SURE_STREETS = alternatives("sure street")
_STREETS = alternatives("street")
_GERMANIC = alternatives("germanic street")
_ROMANCE_FIRST = alternatives("french street")
_ROMANCE_LAST = alternatives("romance street")
_BOXES = alternatives("post box")
_WORD = r"[^\W\d_][^\W\d_'’.-]{0,29}(?:['’-][^\W\d_]{1,29})?"
_NAME = rf"{CAPITAL}[^\W\d_]{{1,24}}"
_UNIT = r"(?:,?[ \n]{1,2}(?:apt|apartment|suite|ste|unit|floor|room|#)\.?[ ]?#?\d{1,6}[a-z]?)"
_HOUSE = r"\d{1,4}[ ]?[a-z]?(?!\w|[.,]\d)"
_SURE = re.compile(
    rf"(?<![\w.])\d{{1,6}}[a-z]?[ ](?:{_WORD}\.?[ ]){{1,4}}(?:{_SURE_STREETS})\b\.?{_UNIT}?", re.IGNORECASE
)
_MAYBE = re.compile(
    rf"(?<![\w.])\d{{2,6}}[ ]((?:{CAPITAL}[^\W\d_]{{1,29}}[ ]){{1,3}})(?i:{_STREETS})\b\.?(?i:{_UNIT})?"
)
_WITH_UNIT = re.compile(rf"(?<![\w.])\d{{1,6}}[ ](?:{_WORD}[ ]){{0,3}}{_WORD}{_UNIT}", re.IGNORECASE)
_MILITARY = re.compile(
    r"\b(?:(?:USNS|USS|USNV|USCGC|PSC|CMR|Unit)[ ][^\n,]{1,40}[,\n ]{1,3})?"
    r"(?:FPO|APO|DPO)[ ,]{1,2}A[AEP][ ]{1,2}\d{5}(?:-\d{4})?"
    r"|\b(?:PSC|CMR|Unit)[ ]\d{1,5},?[ ]Box[ ]\d{1,5}",
    re.IGNORECASE,
)
_BOX = re.compile(rf"\b(?:p\.?[ ]?o\.?[ ]?box|{_BOXES})[ .:#]{{0,2}}\d{{1,6}}\b", re.IGNORECASE)
_JOINED = re.compile(rf"(?<!\w)(?:{_WORD}[ -])?([^\W\d_]{{3,24}}(?:{_GERMANIC}|str\.))[ ]{_HOUSE}", re.IGNORECASE)
_APART = re.compile(
    rf"(?<!\w)(?:(?:{_NAME}(?:er|'s|-{_NAME})?|[AIaiZz][mn]|Zum|Zur|Alte[rn]?|Unter den)[ -]){{1,3}}"
    rf"(?:Stra(?:ß|ss)e|Str\.|Weg|Platz|Allee|Gasse|Ring|Damm|Markt|Ufer)[ ]{_HOUSE}"
)
_FRENCH = re.compile(
    rf"(?<![\w.])\d{{1,4}}(?:[ ]?(?:bis|ter))?,?[ ](?:{_ROMANCE_FIRST})[ ]"
    rf"(?:de[ ]la[ ]|de[ ]l['’]|des[ ]|du[ ]|de[ ]|d['’])?{_WORD}(?:[ ]{_NAME}){{0,3}}",
    re.IGNORECASE,
)
_ROMANCE = re.compile(
    rf"(?<!\w)(?:{_ROMANCE_LAST})(?:[ ]|(?<=[./]))(?:{_WORD}[ ]){{0,4}}{_WORD}\.?,?[ ]"
    r"(?:n[.º°]{0,2}[ ]?|д\.[ ]?|№[ ]?|no:?[ ]?)?\d{1,5}\b",
    re.IGNORECASE,
)
_VIA = re.compile(
    rf"(?<!\w)[Vv]ia[ ]((?:(?:{CAPITAL}|d)[^\W\d_'’]{{1,20}}['’ ]){{0,3}}{_NAME}),?[ ](?:n\.?[ ]?)?\d{{1,4}}\b"
)
_EASTERN = re.compile(
    r"(?:[\u4e00-\u9fff]{2,3}[都道府県])?[\u4e00-\u9fff]{1,6}[市区町村郡][\u4e00-\u9fffぁ-んァ-ン]{0,12}"
    r"\d{1,4}(?:[-−丁目番地号]{1,2}\d{1,4}){0,3}"
    r"|(?:[\u4e00-\u9fff]{2,4}[省市])?[\u4e00-\u9fff]{0,8}[路街道巷][ ]?\d{1,5}[ ]?[号號]"
    r"|(?:[가-힣]{1,6}(?:특별시|광역시|도|시)[ ])(?:[가-힣]{1,6}(?:시|구|군)[ ])?"
    r"[가-힣0-9]{1,10}(?:로|길|동)(?:[ ]?\d{1,5}(?:-\d{1,4})?)?"
)


def spans_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where streets with numbers and post boxes stand in a text."""
    if not any(map(str.isdigit, text)):
        return
    form = folded(text)
    for found in _in_folded(form.text):
        yield *form.span(*found.span()), "address"
    for shape in (_APART, _EASTERN):
        yield from ((*found.span(), "address") for found in shape.finditer(text))
    for shape in (_MAYBE, _VIA):
        yield from ((*found.span(), "address") for found in shape.finditer(text) if not is_plain(found[1]))


def _in_folded(text: str) -> Iterator[re.Match[str]]:
    """Yield what needs no capital letters."""
    for shape in (_SURE, _MILITARY, _BOX, _FRENCH, _ROMANCE):
        yield from shape.finditer(text)
    yield from (found for found in _WITH_UNIT.finditer(text) if not is_plain(found[0]))
    yield from (found for found in _JOINED.finditer(text) if not is_harmless(found[1]))
