"""Where somebody lives: streets and post boxes, with all that belongs to an address behind them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from greycloak.text._words import alternatives
from greycloak.text.folding import fold, folded
from greycloak.text.patterns.address_parts import (
    Both,
    behind_street,
    is_clinical,
    named_street,
    place,
)
from greycloak.text.patterns.postal import CAPITAL, is_plain
from greycloak.text.vocabulary import is_harmless, is_harmless_token

if TYPE_CHECKING:
    from collections.abc import Iterator

_SURE_STREETS = alternatives("sure street")
_STREETS = alternatives("street")
_GERMANIC = alternatives("germanic street")
_ROMANCE_FIRST = alternatives("french street")
_ROMANCE_LAST = alternatives("romance street")
_NAMED = alternatives("named street")
_BOXES = alternatives("post box")
_WORD = r"[^\W\d_][^\W\d_'’.-]{0,29}(?:['’-][^\W\d_]{1,29})?"
_NAME = rf"{CAPITAL}[^\W\d_]{{1,24}}"
_HOUSE = r"\d{1,4}(?:[a-z]|[ ][a-z](?![\w.]))?(?:[/-]\d{1,4}[a-z]?){0,2}(?!\w|[.,]\d)"
_HOUSE += rf"(?![ ]?(?:{alternatives('measure')})(?![^\W\d_]))"
_UNIT = r"(?:,?[ \n]{1,2}(?:apt|apartment|suite|ste|unit|floor|room|#)\.?[ ]?#?\d{1,6}[a-z]?)"
_SURE = re.compile(rf"(?<![\w.])\d{{1,6}}[a-z]?[ ](?:{_WORD}\.?[ ]){{1,4}}(?:{_SURE_STREETS})\b\.?", re.IGNORECASE)
_MAYBE = re.compile(rf"(?<![\w.])\d{{2,6}}[ ]((?:{CAPITAL}[^\W\d_]{{1,29}}[ ]){{1,3}})(?i:{_STREETS})\b\.?")
_WITH_UNIT = re.compile(rf"(?<![\w.])\d{{1,6}}[ ](?:{_WORD}[ ]){{0,3}}{_WORD}{_UNIT}", re.IGNORECASE)
_MILITARY = re.compile(
    r"\b(?:(?:USNS|USS|USNV|USCGC|PSC|CMR|Unit)[ ][^\n,]{1,40}[,\n ]{1,3})?"
    r"(?:FPO|APO|DPO)[ ,]{1,2}A[AEP][ ]{1,2}\d{5}(?:-\d{4})?"
    r"|\b(?:PSC|CMR|Unit)[ ]\d{1,5},?[ ]Box[ ]\d{1,5}",
    re.IGNORECASE,
)
_BOX = re.compile(rf"\b(?:p\.?[ ]?o\.?[ ]?box|{_BOXES})[ .:#]{{0,2}}\d{{1,6}}\b", re.IGNORECASE)
_JOINED = re.compile(rf"(?<!\w)(?:{_WORD}[ -]){{0,2}}([^\W\d_]{{2,24}}(?:{_GERMANIC}|str\.))[ ]{_HOUSE}", re.IGNORECASE)
_APART = re.compile(
    rf"(?<!\w)(?:(?:{_NAME}(?:er|'s|-{_NAME})?|[AIaiZz][mn]|Zum|Zur|Alte[rn]?|Unter den)[ -]){{1,3}}"
    rf"(?:Stra(?:ß|ss)e|Str\.|Weg|Platz|Allee|Gasse|Ring|Damm|Markt|Ufer)[ ]{_HOUSE}"
)
_FRENCH = re.compile(rf"(?<![\w.])(?:\d{{1,4}}(?:[ ]?(?:bis|ter))?,?[ ])?({_ROMANCE_FIRST})[ ](?=[^\W\d_])")
_WITHOUT_NUMBER = frozenset({"rue", "avenue", "boulevard", "impasse", "chemin"})
_ROMANCE = re.compile(
    rf"(?<!\w)(?:{_ROMANCE_LAST})(?:[ ]|(?<=[./]))(?:{_WORD}[ ]){{0,4}}{_WORD}\.?,?[ ]"
    rf"(?:n[.º°]{{0,2}}[ ]?|д\.[ ]?|№[ ]?|no:?[ ]?)?{_HOUSE}",
    re.IGNORECASE,
)
_FOREIGN = re.compile(
    rf"(?<!\w)(?i:{_NAMED})[ ]((?:[^\W\d_]{{1,5}}['’]?[ ]?){{0,3}}(?:{_NAME}[ -]){{0,3}}{_NAME})\.?,?[ ]"
    rf"(?i:n[.º°]{{0,2}}[ ]?|d[.][ ]?|д\.[ ]?|№[ ]?)?(?i:{_HOUSE})"
)
_VIA = re.compile(
    rf"(?<!\w)[Vv]ia[ ]((?:(?:{CAPITAL}|d)[^\W\d_'’]{{1,20}}['’ ]){{0,3}}{_NAME}),?[ ](?:n\.?[ ]?)?\d{{1,4}}\b"
)
_BEFORE_TOWN = re.compile(rf"(?<![\w.])((?:{_NAME}[ -]){{0,3}}{_NAME}),?[ ](?i:{_HOUSE})[ ]?,[ ](?=[^\W\d_]|\d{{5}})")
_NUMBER_AND_STREET = re.compile(rf"(?<![\w.,])\d{{1,5}}[ ]((?:{_NAME}[ ]){{1,3}}{_NAME}),[ ](?=[^\W\d_])")
_MONTHS = "|".join(alternatives(f"month {number:02}") for number in range(1, 13))
_YEAR = re.compile(r"(?:19|20)\d\d[ ]")
_DAY = re.compile(rf"(?:{_MONTHS})[.,]?[ ](?:\d{{1,2}}(?:st|nd|rd|th)?,?[ ])?$")
_LOOK_BACK = 24
_HAN = r"\u3005\u3400-\u4dbf\u4e00-\u9fff"
_EASTERN = re.compile(
    rf"(?:[{_HAN}]{{2,3}}[都道府県])?[{_HAN}]{{1,6}}[市区町村郡][{_HAN}ぁ-んァ-ン]{{0,12}}"
    r"\d{1,4}(?:[-−丁目番地号]{1,2}\d{1,4}){0,3}[号番]?"
    rf"|(?:[{_HAN}]{{2,4}}[省市])?[{_HAN}]{{0,8}}[路街道巷][ ]?(?:\d{{1,5}}[ ]?[号號弄]|[A-Za-z\d]{{1,4}}[座栋棟幢室])"
    r"|(?:[가-힣]{1,8}(?:특별시|광역시|도|시)[ ])(?:[가-힣]{1,6}(?:시|구|군)[ ]){0,2}"
    r"[가-힣0-9]{1,14}(?:로|길|동|가|거리)(?:[ ]?\d{1,5}(?:-\d{1,4})?)?"
)
_HANGUL = re.compile(r"(?<![가-힣])([가-힣]{2,8}(?:대로|로|길))[ ]?\d{1,4}(?:-\d{1,4})?(?![\w%])")


def spans_in(both: Both) -> Iterator[tuple[int, int, str]]:
    """Yield where streets with numbers and post boxes stand in a text."""
    if not any(map(str.isdigit, both.text)):
        return
    for start, stop in _streets(both):
        if _ends_a_date(both.plain, start):
            continue
        yield start, behind_street(both, stop), "address"
    for shape in (_BEFORE_TOWN, _NUMBER_AND_STREET):
        for found in shape.finditer(both.text):
            stop, has_code = place(both, found.end(), is_apart=True)
            if has_code and not all(map(is_clinical, _words(found[1]))):
                yield found.start(), behind_street(both, stop), "address"


def _streets(both: Both) -> Iterator[tuple[int, int]]:
    form = folded(both.text)
    for found in _in_folded(form.text):
        yield form.span(*found.span())
    for found in _FRENCH.finditer(form.text):
        start, at = form.span(*found.span())
        stop = named_street(both.text, at, is_sure=form.text[found.start()].isdigit())
        if stop and (form.text[found.start()].isdigit() or found[1] in _WITHOUT_NUMBER):
            yield start, stop
    yield from (found.span() for found in _APART.finditer(both.text))
    for shape in (_MAYBE, _VIA, _FOREIGN):
        yield from (found.span() for found in shape.finditer(both.text) if _names_a_street(found[1]))
    if not both.text.isascii():
        yield from (found.span() for found in _EASTERN.finditer(both.text))
        yield from (found.span() for found in _HANGUL.finditer(both.text) if not is_harmless_token(found[1]))


def _words(text: str) -> list[str]:
    return [fold(word) for word in re.findall(r"[^\W\d_]+", text)]


def _names_a_street(text: str) -> bool:
    """Tell whether a word of some may be a street: not "HU" of "120 HU Dr.", which is a plain one in capitals."""
    return not is_plain(text) and not all(word.isupper() and is_harmless(fold(word)) for word in text.split())


def _ends_a_date(text: str, at: int) -> bool:
    """Tell whether a number of a folded text is the year of a date: "April 7, 2015 Post St. Jude valve"."""
    return _YEAR.match(text, at) is not None and _DAY.search(text[max(at - _LOOK_BACK, 0) : at]) is not None


def _in_folded(text: str) -> Iterator[re.Match[str]]:
    """Yield what needs no capital letters."""
    for shape in (_SURE, _MILITARY, _BOX, _ROMANCE):
        yield from shape.finditer(text)
    yield from (found for found in _WITH_UNIT.finditer(text) if not is_plain(found[0]))
    yield from (found for found in _JOINED.finditer(text) if not is_harmless(found[1]))
