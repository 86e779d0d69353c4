"""Texts with an identity planted in them, and what is asked about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.planted import clauses, phrases
from benchmarks.planted.tokens import normal, occurs, tokens

if TYPE_CHECKING:
    from random import Random

    from benchmarks.planted.people import Patient

CODECS = {
    "": "ascii",
    "ISO_IR 100": "latin-1",
    "ISO_IR 101": "iso8859_2",
    "ISO_IR 126": "iso8859_7",
    "ISO_IR 144": "iso8859_5",
    "ISO_IR 192": "utf-8",
    "GB18030": "gb18030",
    "\\ISO 2022 IR 87": "iso2022_jp",
    "\\ISO 2022 IR 149": "euc_kr",
}
_COMPOSED = 0.45
_LIMITS = {"SH": 16, "LO": 64, "ST": 1024}
_JOINTS = (
    *["{phrase} {clause}"] * 6,
    *["{clause} {phrase}"] * 2,
    *["{phrase} - {clause}", "{phrase}, {clause}", "{phrase}; {clause}", "{phrase} / {clause}", "{phrase} ({clause})"],
    *["{clause}: {phrase}", "{clause}, {phrase}", "{phrase}_{clause}", "{phrase}. {clause}.", "{phrase}|{clause}"],
)
_INSIDE, _OFTEN_INSIDE = "{before} {clause} {after}", 0.15


@dataclass(frozen=True, slots=True)
class Mark:
    """What is asked about a text."""

    action: str
    category: str
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Written:
    """A text, and what is asked about it."""

    value: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes texts about one patient's study."""

    random: Random
    split: str
    patient: Patient
    study: clauses.Study

    def write(  # noqa: PLR0913  # what a text is
        self,
        family: str,
        modality: str,
        vr: str = "LO",
        *,
        identity: bool = True,
        retained: str = "TCIA-P15-DESC-C",
        long: bool = False,
        many: bool = False,
    ) -> Written:
        """Write a text of a family for a modality, with somebody's identity in it or without."""
        for _ in range(200):
            phrase = self._phrase(family, modality)
            found = self._clauses(1 if not long else self.random.choice([1, 1, 2, 3])) if identity else []
            value = self._join(phrase, found, long=long, many=vr == "LO" and many)
            if self._fits(value, vr) and not self._confused(phrase, found):
                kept = Mark("text_retained", retained, phrase, "beside an identity" if found else "without an identity")
                gone = (Mark("text_removed", clause.category, clause.secret, clause.kind) for clause in found)
                return Written(value, (*gone, kept) if retained else tuple(gone))
        return Written("", ())

    def _phrase(self, family: str, modality: str) -> str:
        if self.random.random() < _COMPOSED:
            written = phrases.composed(self.random, self.split, family, modality)
            if tokens(written):
                return written
        every = phrases.phrases(family, modality, self.patient.locale)
        return self.random.choice(phrases.seen_by(self.split, every))

    def _clauses(self, count: int) -> list[clauses.Clause]:
        write = (clauses.clause(self.random, self.split, self.patient, self.study) for _ in range(count))
        return list({clause.kind: clause for clause in write}.values())

    def _join(self, phrase: str, found: list[clauses.Clause], *, long: bool, many: bool) -> str:
        if many:
            return "\\".join([phrase, *(clause.text for clause in found)])
        words = phrase.split(" ")
        at = self.random.randrange(1, max(len(words), 2))
        joints = (*_JOINTS, "{phrase}.\r\n{clause}", "{phrase}\n{clause}") if long else _JOINTS
        value = phrase
        for number, clause in enumerate(found):
            joint = _INSIDE if not number and self.random.random() < _OFTEN_INSIDE else self.random.choice(joints)
            parts = {"before": " ".join(words[:at]), "after": " ".join(words[at:])}
            value = joint.format(phrase=value, clause=clause.text, **parts).strip()
        return value

    def _fits(self, value: str, vr: str) -> bool:
        if max(map(len, value.split("\\"))) > _LIMITS.get(vr, 10240):
            return False
        try:
            value.encode(CODECS[self.patient.character_set])
        except UnicodeEncodeError:
            return False
        return True

    def _confused(self, phrase: str, found: list[clauses.Clause]) -> bool:
        """Tell whether what must go is part of what must stay, or would rightly be taken for the patient's name."""
        own = tokens(self.patient.name.pn)
        kept = normal(phrase)
        secrets = [token for clause in found for token in tokens(clause.secret)]
        if any(not tokens(clause.secret) for clause in found):
            return True
        return any(occurs(token, kept) for token in secrets) or any(name in tokens(phrase) for name in own)
