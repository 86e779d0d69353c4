"""Who an object is about: the identity that a pseudonym stands for."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass

from greycloak.outcomes import Refused
from greycloak.quiet import quiet


@dataclass(frozen=True, slots=True)
class Identity:
    """An identity, in normal form; everything here is as sensitive as the Patient ID.

    Attributes
    ----------
    patient_id : str
        Patient ID (0010,0020), or empty.
    issuer : str
        Issuer of Patient ID (0010,0021), or empty.
    study_uid : str
        Study Instance UID, for an object without Patient ID only.
    """

    patient_id: str
    issuer: str = ""
    study_uid: str = ""

    @classmethod
    def read(cls, patient_id: bytes, issuer: bytes, characters: bytes) -> Identity | None:
        """Read an identity from raw values; None if there is no Patient ID.

        Raises
        ------
        Refused
            If the values cannot be decoded: their pseudonym would be anybody's guess.
        """
        identifier = decode_text(patient_id, characters)
        return cls(identifier, decode_text(issuer, characters)) if identifier else None

    @classmethod
    def of_study(cls, study_uid: str) -> Identity:
        """Return the identity of an object that has only its study."""
        return cls("", "", study_uid)

    @classmethod
    def of_text(cls, patient_id: str, issuer: str = "") -> Identity:
        """Return the identity that people write down, in normal form."""
        return cls(*(unicodedata.normalize("NFC", text).strip() for text in (patient_id, issuer)))

    def serialized(self) -> bytes:
        """Return it as bytes: the same for the same identity, different for any other."""
        return json.dumps([self.patient_id, self.issuer, self.study_uid], ensure_ascii=True).encode("ascii")

    @classmethod
    def deserialized(cls, content: bytes) -> Identity:
        """Read what `serialized` made."""
        return cls(*json.loads(content))


@dataclass(frozen=True, slots=True)
class Demographics:
    """What else an object says of its patient, in a form that can be compared.

    Attributes
    ----------
    name : str
        Patient's Name (0010,0010), in one case, without trailing separators; empty if there is none.
    birth_date : str
        Patient's Birth Date (0010,0030), or empty.
    """

    name: str
    birth_date: str

    @classmethod
    def read(cls, name: bytes, birth_date: bytes, characters: bytes) -> Demographics:
        """Read them from raw values; what cannot be decoded is taken as it is."""
        try:
            text = decode_text(name, characters)
        except Refused:
            text = name.decode("latin-1")
        plain = " ".join(text.partition("=")[0].replace("^", " ").casefold().split())
        return cls(plain, birth_date.strip(b"\0 ").decode("latin-1"))


def decode_text(value: bytes, characters: bytes) -> str:
    """Decode and normalize a value (PS3.5 section 6.1.2).

    Raises
    ------
    Refused
        If it cannot be decoded.
    """
    value = value.strip(b"\0 ")
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    # Only names outside ASCII need pydicom's tables, which take 0.2 s to load.
    from pydicom.charset import convert_encodings, decode_bytes, python_encoding  # noqa: PLC0415

    terms = [term.strip() for term in characters.strip(b"\0 ").decode("latin-1").split("\\")]
    if any(term not in python_encoding for term in terms):
        raise Refused("invalid-character-set")
    try:
        with quiet():
            text = decode_bytes(value, convert_encodings(terms), set())
    except (LookupError, UnicodeError, ValueError) as error:
        raise Refused("unreadable-text") from error
    if "\N{REPLACEMENT CHARACTER}" in text:
        raise Refused("unreadable-text")
    return unicodedata.normalize("NFC", text).strip()
