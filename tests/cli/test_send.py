"""Anonymized objects go to a real DICOM node, a real Orthanc, and a DICOMweb server; nothing lies on a disk."""

from __future__ import annotations

import threading
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit
from pynetdicom import AE, evt
from pynetdicom.sop_class import CTImageStorage, MRImageStorage, SecondaryCaptureImageStorage

from support import ct, decode, encode


@pytest.fixture
def node():
    """A storage SCP that keeps what it gets, and refuses what it is told to."""
    taken, refusing = [], []

    def store(event):
        if refusing:
            return refusing[0]
        data_set = event.dataset
        data_set.file_meta = event.file_meta
        taken.append(data_set)
        return 0

    entity = AE("RESEARCH")
    for sop_class in (CTImageStorage, MRImageStorage, SecondaryCaptureImageStorage):
        entity.add_supported_context(sop_class, [ExplicitVRLittleEndian, JPEGBaseline8Bit])
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, store)])
    server.url = f"dicom://RESEARCH@127.0.0.1:{server.socket.getsockname()[1]}"
    server.taken, server.refusing = taken, refusing
    yield server
    server.shutdown()


def test_a_node_gets_what_goes_through(images, node):
    (images / "in" / "mr").write_bytes(encode(ct(SOPClassUID=MRImageStorage, SOPInstanceUID="1.2.3.70")))
    (images / "in" / "cut").write_bytes(encode(ct())[:-3])
    done = images.call("send", "in", "--to", node.url, status=1)
    assert done.stdout.endswith("5 files: 4 anonymized, 1 quarantined, 4 sent\n")
    assert len(node.taken) == 4
    assert {one.PatientIdentityRemoved for one in node.taken} == {"YES"}
    assert "Doe" not in str(node.taken) + done.stdout + done.stderr
    assert {path.name for path in images.folder.iterdir()} == {"in", "data"}
    images.call("anonymize", "in", "out", status=1)
    written = {decode(content).SOPInstanceUID for content in images.files().values()}
    assert {one.SOPInstanceUID for one in node.taken} == written


def test_what_a_node_does_not_take_is_told(images, node):
    node.refusing.append(0xA700)
    done = images.call("send", "in", "--to", node.url, status=1)
    assert "not sent: files 1-3: the receiver does not take it (status A700)\n" in done.stdout
    assert done.stdout.endswith("0 sent\n")
    (images / "us").write_bytes(encode(ct(SOPClassUID="1.2.840.10008.5.1.4.1.1.128")))
    done = images.call("send", "us", "--to", node.url, status=1)
    assert "does not take its SOP Class in its transfer syntax" in done.stdout


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("dicom://NODE@127.0.0.1:1", "not sent: files 1-3: the receiver cannot be reached"),
        ("orthanc+http://127.0.0.1:1", "not sent: files 1-3: the receiver cannot be reached (ConnectionError)"),
    ],
)
def test_nobody_there_is_told(images, url, says):
    assert says in images.call("send", "in", "--to", url, status=1).stdout


@pytest.mark.parametrize("url", ["ftp://x", "dicom://host:104", "http://x", "dicomweb+ftp://x", "dicom://A@h:p"])
def test_what_is_no_receiver_is_refused(images, url):
    assert "as the receiver" in images.call("send", "in", "--to", url, status=2).stderr


def test_a_dicomweb_server_gets_what_goes_through(images):
    taken = []

    class Stow(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            whole = message_from_bytes(f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode() + body)
            taken.append((self.path, self.headers["Authorization"], whole.get_payload()[0].get_payload(decode=True)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Stow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    images.environment["GREYCLOAK_SEND_AUTH"] = "me:secret"
    done = images.call("send", "in", "--to", f"dicomweb+http://127.0.0.1:{server.server_port}/dicom-web")
    server.shutdown()
    server.server_close()
    assert done.stdout.endswith("3 sent\n")
    assert {path for path, _, _ in taken} == {"/dicom-web/studies"}
    assert {auth for _, auth, _ in taken} == {"Basic bWU6c2VjcmV0"}
    assert "secret" not in done.stdout + done.stderr
    assert len({decode(content).SOPInstanceUID for _, _, content in taken}) == 3
