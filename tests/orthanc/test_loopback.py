"""The workers' HTTP client. (Debian 12's Orthanc 1.10.1 crashes at any HTTPS request, so TLS meets another server.)"""

from __future__ import annotations

import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from greycloak_orthanc.config import ConfigurationError, Server, read_server
from greycloak_orthanc.loopback import Loopback, LoopbackError


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


@pytest.fixture
def tls_server(tmp_path):
    certificate = make_certificate(tmp_path, "server")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, certificate
    server.shutdown()
    server.server_close()


def test_orthancs_own_certificate_is_trusted_whatever_name_is_in_it(tls_server):
    port, certificate = tls_server
    server = read_server({"HttpPort": port, "SslEnabled": True, "SslCertificate": str(certificate)})
    assert Loopback(server, "Bearer token", threads=1).get("/x") == {"Authorization": "Bearer token"}


def test_another_certificate_gets_no_token(tls_server, tmp_path):
    port, _ = tls_server
    server = Server(url=f"https://127.0.0.1:{port}", certificate=make_certificate(tmp_path, "other"))
    with pytest.raises(LoopbackError, match="no answer"):
        Loopback(server, "Bearer token", threads=1).get("/x")


@pytest.mark.parametrize("configuration", [{"HttpServerEnabled": False}, {"SslEnabled": True, "SslVerifyPeers": True}])
def test_an_orthanc_that_workers_cannot_reach_is_told_at_start(configuration):
    with pytest.raises(ConfigurationError, match="its workers"):
        read_server(configuration)
