"""The workers' HTTP client. (Debian 12's Orthanc 1.10.1 crashes at any HTTPS request, so TLS meets another server.)"""

from __future__ import annotations

import contextlib
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from greycloak_orthanc.config import ConfigurationError, Server, read_server
from greycloak_orthanc.work.loopback import Loopback, LoopbackError


class Answering(BaseHTTPRequestHandler):
    def do_GET(self):
        body = f'{{"Authorization": "{self.headers["Authorization"]}"}}'.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


def make_certificate(folder, name):
    path = folder / f"{name}.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=pacs.example"]
    subprocess.run([*command, "-keyout", path, "-out", folder / "certificate"], check=True, capture_output=True)
    path.write_bytes((folder / "certificate").read_bytes() + path.read_bytes())
    return path


def make_issued_certificate(folder):
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)

    make_certificate(folder, "issuer")
    key = ("-newkey", "rsa:2048", "-nodes", "-keyout", "leaf.key")
    openssl("req", *key, "-subj", "/CN=pacs.example", "-out", "leaf.request")
    issuer = ("-CA", "issuer.pem", "-CAkey", "issuer.pem", "-CAcreateserial")
    openssl("x509", "-req", "-in", "leaf.request", *issuer, "-days", "2", "-out", "leaf.certificate")
    path = folder / "leaf.pem"
    path.write_bytes((folder / "leaf.certificate").read_bytes() + (folder / "leaf.key").read_bytes())
    return path


@contextlib.contextmanager
def serving(certificate):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def tls_server(tmp_path):
    certificate = make_certificate(tmp_path, "server")
    with serving(certificate) as port:
        yield port, certificate


def test_orthancs_own_certificate_is_trusted_whatever_name_is_in_it(tls_server):
    port, certificate = tls_server
    server = read_server({"HttpPort": port, "SslEnabled": True, "SslCertificate": str(certificate)})
    assert Loopback(server, "Bearer token", threads=1).get("/x") == {"Authorization": "Bearer token"}


def test_a_certificate_that_somebody_else_issued_is_trusted_as_well(tmp_path):
    issued = make_issued_certificate(tmp_path)
    with serving(issued) as port:
        server = Server(url=f"https://127.0.0.1:{port}", certificate=issued)
        assert Loopback(server, "Bearer token", threads=1).get("/x")["Authorization"] == "Bearer token"


def test_another_certificate_gets_no_token(tls_server, tmp_path):
    port, _ = tls_server
    server = Server(url=f"https://127.0.0.1:{port}", certificate=make_certificate(tmp_path, "other"))
    with pytest.raises(LoopbackError, match="no answer"):
        Loopback(server, "Bearer token", threads=1).get("/x")


@pytest.mark.parametrize("configuration", [{"HttpServerEnabled": False}, {"SslEnabled": True, "SslVerifyPeers": True}])
def test_an_orthanc_that_workers_cannot_reach_is_told_at_start(configuration):
    with pytest.raises(ConfigurationError, match="its workers"):
        read_server(configuration)
