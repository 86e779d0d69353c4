"""Send anonymized objects to a DICOM node, a DICOMweb server or an Orthanc."""

from __future__ import annotations

import importlib
import os
import re
import secrets
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any, Protocol

import requests

from greycloak.batch.errors import BatchError
from greycloak.quiet import quiet

if TYPE_CHECKING:
    from greycloak.outcomes import Deidentified

AUTH_VARIABLE = "GREYCLOAK_SEND_AUTH"
"""Environment variable with ``user:password`` for HTTP: no place for it on a command line, which others may see."""

_NODE = re.compile(r"dicom://(?P<title>[^@/:]{1,16})@(?P<host>[^@/:]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})/?")
_SECONDS = 60
_MAX_CONTEXTS = 128
_WARNINGS = 0xB000
_NOT_TAKEN = "the receiver does not take its SOP Class in its transfer syntax"


class SendError(BatchError):
    """The other side cannot be reached, or does not take an object; the message says why, without any value."""


class Sender(Protocol):
    """Sends objects, one after the other."""

    def send(self, outcome: Deidentified) -> None:
        """Send an object.

        Raises
        ------
        SendError
            If the other side does not take it.
        """

    def close(self) -> None:
        """Hang up."""


def open_sender(url: str, title: str = "GREYCLOAK") -> Sender:
    """Return what sends to a place.

    Parameters
    ----------
    url : str
        ``dicom://TITLE@HOST:PORT``, ``dicomweb+https://HOST/PATH`` or ``orthanc+http://HOST:PORT``.
    title : str
        Our own AE title.

    Raises
    ------
    SendError
        If nothing is known of such a place.
    """
    node = _NODE.fullmatch(url)
    if node:
        return Node(node["title"], node["host"].strip("[]"), int(node["port"]), title)
    for prefix, kind in (("dicomweb+", DicomWeb), ("orthanc+", Orthanc)):
        if url.startswith((f"{prefix}http://", f"{prefix}https://")):
            return kind(url.removeprefix(prefix).rstrip("/"), _session())
    raise SendError(
        "expected dicom://TITLE@HOST:PORT, dicomweb+https://HOST/PATH or orthanc+http://HOST:PORT as the receiver"
    )


def _session() -> requests.Session:
    session = requests.Session()
    user, _, password = os.environ.get(AUTH_VARIABLE, "").partition(":")
    if user:
        session.auth = (user, password)
    return session


def _post(session: requests.Session, url: str, body: bytes, headers: dict[str, str]) -> requests.Response:
    try:
        answer = session.post(url, data=body, headers=headers, timeout=_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        raise SendError(f"the receiver cannot be reached ({type(error).__name__})") from None
    if answer.status_code not in {200, 202}:
        raise SendError(f"the receiver does not take it (HTTP {answer.status_code})")
    return answer


@dataclass(frozen=True)
class Orthanc:
    """An Orthanc, by its REST API."""

    url: str
    session: requests.Session

    def send(self, outcome: Deidentified) -> None:
        """See `Sender`."""
        _post(self.session, f"{self.url}/instances", outcome.to_bytes(), {"Content-Type": "application/dicom"})

    def close(self) -> None:
        """See `Sender`."""
        self.session.close()


@dataclass(frozen=True)
class DicomWeb:
    """A DICOMweb server (STOW-RS, PS3.18 section 10.5)."""

    url: str
    session: requests.Session

    def send(self, outcome: Deidentified) -> None:
        """See `Sender`."""
        boundary = secrets.token_hex(16)
        head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
        body = b"".join((head, *outcome.parts, f"\r\n--{boundary}--\r\n".encode()))
        kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
        headers = {"Content-Type": kind, "Accept": "application/dicom+json"}
        answer = _post(self.session, f"{self.url}/studies", body, headers)
        try:
            failed = answer.json().get("00081198", {}).get("Value") if answer.content else None
        except (ValueError, AttributeError):
            return
        if failed:
            raise SendError("the receiver does not take it (Failed SOP Sequence)")

    def close(self) -> None:
        """See `Sender`."""
        self.session.close()


@dataclass
class Node:
    """A DICOM node (Storage Service Class, PS3.4 Annex B); needs the extra ``send``."""

    called: str
    host: str
    port: int
    calling: str
    _contexts: dict[tuple[str, str], None] = field(default_factory=dict, init=False, repr=False)
    _association: Any = field(default=None, init=False, repr=False)

    def send(self, outcome: Deidentified) -> None:
        """See `Sender`."""
        from pydicom import dcmread  # noqa: PLC0415  slow to load

        with quiet():
            data_set = dcmread(BytesIO(outcome.to_bytes()))
            wanted = str(data_set.SOPClassUID), str(data_set.file_meta.TransferSyntaxUID)
            association = self._associated(wanted)
            accepted = {(one.abstract_syntax, one.transfer_syntax[0]) for one in association.accepted_contexts}
            if wanted not in accepted:
                raise SendError(_NOT_TAKEN)
            try:
                status = association.send_c_store(data_set)
            except (ValueError, RuntimeError, AttributeError) as error:
                raise SendError(f"it cannot be sent ({type(error).__name__})") from None
        code = status.get("Status")
        if code is None:
            self._association = None
            raise SendError("the receiver has hung up")
        if code and code & 0xF000 != _WARNINGS:
            raise SendError(f"the receiver does not take it (status {code:04X})")

    def _associated(self, wanted: tuple[str, str]) -> Any:  # noqa: ANN401  pynetdicom is an extra
        """Return an association in which an object may be sent: one that is there, or a new one."""
        if self._association is not None and self._association.is_established and wanted in self._contexts:
            return self._association
        self.close()
        try:
            pynetdicom = importlib.import_module("pynetdicom")
        except ImportError:
            raise SendError("dicom:// needs the extra 'send': pip install 'greycloak[send]'") from None
        if len(self._contexts) >= _MAX_CONTEXTS:
            self._contexts.clear()
        self._contexts[wanted] = None
        entity = pynetdicom.AE(ae_title=self.calling)
        contexts = [pynetdicom.build_context(sop_class, syntax) for sop_class, syntax in self._contexts]
        self._association = entity.associate(self.host, self.port, contexts=contexts, ae_title=self.called)
        if not self._association.is_established:
            failed, self._association = self._association, None
            del self._contexts[wanted]
            if failed.rejected_contexts:
                raise SendError(_NOT_TAKEN)
            raise SendError(
                "the receiver refuses the association" if failed.is_rejected else "the receiver cannot be reached"
            )
        return self._association

    def close(self) -> None:
        """See `Sender`."""
        if self._association is not None and self._association.is_established:
            self._association.release()
        self._association = None
