"""Encrypted Attributes (PS3.15 section E.1.1): the original values, sealed for whoever holds a private key (CMS).

What is sealed are the top-level elements that de-identification has changed, as Modified Attributes Sequence in
Explicit VR Little Endian; the envelope is CMS EnvelopedData with AES-256 in CBC mode, for one or several RSA
certificates. CMS of this kind hides, and proves nothing: whoever can change the file can change what is sealed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING

from greycloak.actions.stamps import (
    BURNED_IN_ANNOTATION,
    DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
    ENCRYPTED_ATTRIBUTES_SEQUENCE,
    PHOTOMETRIC_INTERPRETATION,
    STAMPED,
)
from greycloak.outcomes import Refused
from greycloak.profiles.options import CLEAN_PIXEL_DATA, METHOD_CODES
from greycloak.pseudonyms.derive import MAX_UID_LENGTH
from greycloak.quiet import quiet
from greycloak.stream import (
    Malformed,
    Splicer,
    code_values,
    cut_elements,
    encode_file_meta,
    passed_over,
    read_part10,
    top_values,
)
from greycloak.stream.encoding import EXPLICIT_LITTLE, UNDEFINED
from greycloak.stream.repair import repair_refused

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.x509 import Certificate
    from pydicom.dataset import Dataset

    from greycloak.stream import Encoding, Part10
    from greycloak.stream.part10 import Source

_EXPLICIT_LITTLE_UID = "1.2.840.10008.1.2.1"
_CONTENT_SYNTAX = 0x04000510
_CONTENT = 0x04000520
_MODIFIED_ATTRIBUTES = 0x04000550
_CHARACTER_SET = 0x00080005
_SOP_CLASS, _SOP_INSTANCE, _STUDY, _SERIES = 0x00080016, 0x00080018, 0x0020000D, 0x0020000E
_PIXELS = frozenset({PHOTOMETRIC_INTERPRETATION, 0x7FE00001, 0x7FE00002, 0x7FE00008, 0x7FE00009, 0x7FE00010})
"""What tells of the pixels as they are now: what was masked in them does not come back."""

_MIN_KEY_BITS = 3072
"""What holds beyond 2030 (NIST SP 800-57 part 1, table 4)."""

_MAX_SEALED = 1 << 26
_CLEANED = METHOD_CODES[CLEAN_PIXEL_DATA].encode()
_SQ_HEADER = 12
_UID = re.compile(r"\d+(\.\d+)*")
_START = EXPLICIT_LITTLE.header(_MODIFIED_ATTRIBUTES, "SQ", 0)[:8]


class EncryptionError(Exception):
    """A certificate or a private key cannot be used; the message says which and why."""


@dataclass(frozen=True)
class Recipients:
    """Who will be able to restore the originals.

    Attributes
    ----------
    certificates : tuple of Certificate
        Theirs, with RSA keys.
    """

    certificates: tuple[Certificate, ...] = field(repr=False)

    @classmethod
    def load(cls, paths: Sequence[Path]) -> Recipients:
        """Read PEM files.

        Raises
        ------
        EncryptionError
            If one cannot be read, is no certificate with an RSA key, or not one to seal for: its key is short, it is
            not valid today, or it is that of a certificate authority.
        """
        certificates = tuple(_load_certificate(path) for path in paths)
        for path, certificate in zip(paths, certificates, strict=True):
            _check_fit(certificate, path)
        return cls(certificates)

    def seal(self, plain: bytes) -> bytes:
        """Return the envelope (DER)."""
        from cryptography.hazmat.primitives.ciphers.algorithms import AES256  # noqa: PLC0415  rarely needed
        from cryptography.hazmat.primitives.serialization import Encoding, pkcs7  # noqa: PLC0415

        builder = pkcs7.PKCS7EnvelopeBuilder().set_data(plain).set_content_encryption_algorithm(AES256)
        for certificate in self.certificates:
            builder = builder.add_recipient(certificate)
        return builder.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def _load_certificate(path: Path) -> Certificate:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415

    try:
        certificate = load_pem_x509_certificate(path.read_bytes())
        public_key = certificate.public_key()
    except OSError as error:
        raise EncryptionError(f"cannot read the certificate {path}: {error.strerror}") from None
    except ValueError:
        raise EncryptionError(f"{path} is no certificate in PEM form") from None
    if not isinstance(public_key, RSAPublicKey):
        raise EncryptionError(f"the certificate {path} has no RSA key: CMS of DICOM needs one")
    return certificate


def _check_fit(certificate: Certificate, path: Path) -> None:
    """See that what is sealed for a certificate is safe for as long as images live, and that somebody will open it."""
    from cryptography.x509 import BasicConstraints, ExtensionNotFound  # noqa: PLC0415

    size = certificate.public_key().key_size  # type: ignore[union-attr]
    if size < _MIN_KEY_BITS:
        raise EncryptionError(f"the certificate {path} has an RSA key of {size} bits: it needs {_MIN_KEY_BITS} or more")
    now = datetime.now(UTC)
    if now < certificate.not_valid_before_utc:
        raise EncryptionError(f"the certificate {path} is not valid before {certificate.not_valid_before_utc:%Y-%m-%d}")
    if now > certificate.not_valid_after_utc:
        raise EncryptionError(f"the certificate {path} has expired on {certificate.not_valid_after_utc:%Y-%m-%d}")
    try:
        is_authority = certificate.extensions.get_extension_for_class(BasicConstraints).value.ca
    except (ExtensionNotFound, ValueError):
        is_authority = False
    if is_authority:
        raise EncryptionError(
            f"the certificate {path} is that of an authority, which signs and does not read: take one of a person; "
            "'openssl req -x509' makes one with -addext basicConstraints=critical,CA:FALSE"
        )


def sealed_element(part10: Part10, tags: Collection[int], recipients: Recipients) -> bytes:
    """Return Encrypted Attributes Sequence (0400,0500) for an object.

    Parameters
    ----------
    part10 : Part10
        The original.
    tags : collection of int
        The top-level attributes that have changed.
    recipients : Recipients
        Who may open it.

    Raises
    ------
    Refused
        If the original values cannot be sealed.
    """
    wanted = {tag for tag in tags if tag not in _PIXELS and tag & 0xFFFF} | {_CHARACTER_SET, _SOP_INSTANCE}
    _, elements = cut_elements(part10.data, part10.start, part10.encoding, wanted)
    item = _in_explicit_little(part10, elements)
    if len(item) > _MAX_SEALED:
        raise Refused("too-large", "more original values than can be sealed")
    explicit = EXPLICIT_LITTLE
    content = explicit.item(len(item)) + item
    plain = explicit.header(_MODIFIED_ATTRIBUTES, "SQ", len(content)) + content
    encoding = part10.encoding
    inside = encoding.element(_CONTENT_SYNTAX, "UI", _EXPLICIT_LITTLE_UID.encode()) + encoding.element(
        _CONTENT, "OB", recipients.seal(plain)
    )
    sealed = encoding.item(len(inside)) + inside
    return encoding.header(ENCRYPTED_ATTRIBUTES_SEQUENCE, "SQ", len(sealed)) + sealed


def _in_explicit_little(part10: Part10, elements: dict[int, bytes]) -> bytes:
    if part10.encoding == EXPLICIT_LITTLE:
        return b"".join(elements[tag] for tag in sorted(elements))
    try:
        return _write(_read(b"".join(elements[tag] for tag in sorted(elements)), part10.encoding), EXPLICIT_LITTLE)
    except Exception as error:  # noqa: BLE001  whatever pydicom cannot convert cannot be sealed
        raise Refused("not-sealed", type(error).__name__) from None


def _read(data: bytes, encoding: Encoding) -> Dataset:
    from pydicom.filereader import read_dataset  # noqa: PLC0415

    with quiet():
        return read_dataset(BytesIO(data), not encoding.explicit, encoding.little)


def _write(data_set: Dataset, encoding: Encoding) -> bytes:
    from pydicom.filebase import DicomBytesIO  # noqa: PLC0415
    from pydicom.filewriter import write_dataset  # noqa: PLC0415

    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = encoding.little, not encoding.explicit
    with quiet():
        write_dataset(buffer, data_set)
    return buffer.getvalue()


@dataclass(frozen=True)
class Opener:
    """A private key and its certificate: opens what was sealed for it."""

    _certificate: Certificate = field(repr=False)
    _key: RSAPrivateKey = field(repr=False)

    @classmethod
    def load(cls, certificate: Path, key: Path, passphrase: bytes | None) -> Opener:
        """Read PEM files.

        Raises
        ------
        EncryptionError
            If one cannot be used.
        """
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415
        from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

        try:
            found = load_pem_private_key(key.read_bytes(), passphrase)
        except OSError as error:
            raise EncryptionError(f"cannot read the private key {key}: {error.strerror}") from None
        except TypeError:
            needs = "is not encrypted: leave the passphrase out" if passphrase else "needs its passphrase"
            raise EncryptionError(f"the private key {key} {needs}") from None
        except ValueError:
            raise EncryptionError(f"{key} is no private key in PEM form, or the passphrase is wrong") from None
        if not isinstance(found, RSAPrivateKey):
            raise EncryptionError(f"{key} is no RSA key")
        own = _load_certificate(certificate)
        if own.public_key() != found.public_key():
            raise EncryptionError(f"the certificate {certificate} does not belong to the private key {key}")
        return cls(own, found)

    def open(self, envelope: bytes) -> bytes:
        """Return what is in an envelope (DER, perhaps padded).

        Raises
        ------
        Refused
            If it cannot be opened with this key.
        """
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
        from cryptography.hazmat.primitives.serialization import pkcs7  # noqa: PLC0415

        try:
            return pkcs7.pkcs7_decrypt_der(envelope[: _der_length(envelope)], self._certificate, self._key, [])
        except (ValueError, UnsupportedAlgorithm) as error:
            raise Refused("not-opened", "sealed for another key, damaged, or of another kind") from error


def _der_length(data: bytes) -> int:
    """Return how long a DER structure is: an element of even length may be longer by a byte."""
    if len(data) < 2 or data[0] != 0x30:  # noqa: PLR2004  a SEQUENCE and its length
        raise Refused("not-opened", "no envelope")
    count = data[1] & 0x7F if data[1] & 0x80 else 0
    return 2 + count + (int.from_bytes(data[2 : 2 + count]) if count else data[1])


@dataclass(frozen=True, slots=True)
class Restored:
    """An object as it was.

    Attributes
    ----------
    data : bytes
        The file.
    study_uid, series_uid, sop_instance_uid : str
        Its original UIDs.
    """

    data: bytes = field(repr=False)
    study_uid: str
    series_uid: str
    sop_instance_uid: str


def restore(source: Source, opener: Opener) -> Restored:
    """Give an object its original attributes back.

    Parameters
    ----------
    source : bytes or mmap
        A file that has Encrypted Attributes Sequence.
    opener : Opener
        A private key that it was sealed for.

    Raises
    ------
    Malformed, Refused
        If it is damaged, has no sealed attributes, or none that this key opens.

    Notes
    -----
    Everything is as it was but the file meta information, group lengths, trailing padding, and what was masked in the
    pixels.
    """
    part10 = read_part10(source)
    gone = {*STAMPED, ENCRYPTED_ATTRIBUTES_SEQUENCE}
    try:
        gone |= _said_of_pixels(part10)
        rest, cut = cut_elements(part10.data, part10.start, part10.encoding, gone)
    except Malformed as refusal:  # other programs may have written it anew, and earlier versions copied odd lengths
        part10 = repair_refused(source, refusal)
        gone |= _said_of_pixels(part10)
        rest, cut = cut_elements(part10.data, part10.start, part10.encoding, gone)
    if ENCRYPTED_ATTRIBUTES_SEQUENCE not in cut:
        raise Refused("not-sealed", "it has no Encrypted Attributes Sequence (0400,0500)")
    try:
        with quiet():
            return _restored(part10, b"".join(rest), cut[ENCRYPTED_ATTRIBUTES_SEQUENCE], opener)
    except (Malformed, Refused):
        raise
    except Exception as error:  # noqa: BLE001  pydicom's errors show values
        raise Refused("not-opened", type(error).__name__) from None


def _said_of_pixels(part10: Part10) -> set[int]:
    """Return what an object says only because its pixels were cleaned; what it said before was sealed."""
    codes = code_values(part10.data, part10.start, part10.encoding, DEIDENTIFICATION_METHOD_CODE_SEQUENCE)
    return {BURNED_IN_ANNOTATION} if _CLEANED in codes else set()


def _restored(part10: Part10, rest: bytes, sealed: bytes, opener: Opener) -> Restored:
    originals = _originals(_opened(sealed, part10.encoding, opener))
    body = _merged(rest, originals, part10.encoding)
    uids = top_values(body, 0, part10.encoding, {_SOP_CLASS, _SOP_INSTANCE, _STUDY, _SERIES})
    sop_class, instance, study, series = (
        uids.get(tag, b"").decode("latin-1").strip("\0 ") for tag in (_SOP_CLASS, _SOP_INSTANCE, _STUDY, _SERIES)
    )
    if not all(len(uid) <= MAX_UID_LENGTH and _UID.fullmatch(uid) for uid in (instance, study, series)):
        raise Refused("invalid-uid", "what was sealed does not say which object it was")
    syntax = part10.plain_syntax_uid
    return Restored(encode_file_meta(sop_class, instance, syntax) + body, study, series, instance)


def _opened(element: bytes, encoding: Encoding, opener: Opener) -> bytes:
    """Open the first item that this key opens."""
    refusal = Refused("not-opened", "it has no sealed content")
    for item in _read(element, encoding)[ENCRYPTED_ATTRIBUTES_SEQUENCE].value:
        try:
            return opener.open(bytes(item[_CONTENT].value))
        except Refused as error:
            refusal = error
    raise refusal


def _originals(plain: bytes) -> dict[int, bytes]:
    """Return the elements in the one item of Modified Attributes Sequence."""
    if not plain.startswith(_START):
        raise Refused("not-opened", "what was sealed is no Modified Attributes Sequence")
    items = _read(plain, EXPLICIT_LITTLE)[_MODIFIED_ATTRIBUTES].value
    if len(items) != 1:
        raise Refused("not-opened", "what was sealed has not one item")
    _, whole = cut_elements(plain, 0, EXPLICIT_LITTLE, {_MODIFIED_ATTRIBUTES})
    content = whole[_MODIFIED_ATTRIBUTES][_SQ_HEADER:]
    _, length = EXPLICIT_LITTLE.item_header(content, 0)
    # Of undefined length, as gdcmanon writes it: what pydicom has read is as good.
    inside = _write(items[0], EXPLICIT_LITTLE) if length == UNDEFINED else content[8 : 8 + length]
    tags = [element.tag for element in items[0]]
    return cut_elements(inside, 0, EXPLICIT_LITTLE, set(map(int, tags)))[1]


def _merged(rest: bytes, originals: dict[int, bytes], encoding: Encoding) -> bytes:
    """Put original elements into a data set, in place of those of the same tags."""
    if encoding != EXPLICIT_LITTLE:
        found = _read(b"".join(originals[tag] for tag in sorted(originals)), EXPLICIT_LITTLE)
        originals = {int(one.tag): _write(_only(one), encoding) for one in found}
    kept, _ = cut_elements(rest, 0, encoding, set(originals))
    whole = Splicer(b"".join(kept)).run(0, passed_over(encoding), sorted(originals.items()))
    return b"".join(whole)


def _only(element: object) -> Dataset:
    from pydicom.dataset import Dataset  # noqa: PLC0415

    data_set = Dataset()
    data_set.add(element)  # type: ignore[arg-type]
    return data_set
