"""The services of a compose file, started side by side as an engine would, with what the file says of them."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from containers import VOLUME, ContainedOrthanc, Container, new_volume
from images import ROOT
from orthanc_server import free_port

from postgres import PostgresServer, programs

DOCKER = ROOT / "docker"


def read(name: str) -> dict[str, Any]:
    """Read a compose file as podman-compose does, with variables and anchors resolved.

    It wants to see a podman, but does not use it for this.
    """
    program = Path(sys.executable).with_name("podman-compose")
    command = [program, "--podman-path", "/bin/echo", "-f", DOCKER / name, "config"]
    return yaml.safe_load(subprocess.run(command, check=True, text=True, capture_output=True, cwd=ROOT).stdout)


class Composition:
    """The services of a compose file; the database and the proxy are Debian's, on ports of their own.

    Parameters
    ----------
    name : str
        The compose file.
    image : str
        Our image, built.
    folder : Path
        For the volumes.
    """

    def __init__(self, name: str, image: str, folder: Path) -> None:
        self.file, self.image, self.folder = read(name), image, folder
        self.postgres: PostgresServer | None = None

    def volumes(self, service: str) -> dict[str, Path]:
        """Return what is mounted where in a service."""
        found = {}
        for line in self.file["services"][service]["volumes"]:
            source, place, *access = line.split(":")
            path = DOCKER / source if source.startswith(".") else self.folder / source
            if not source.startswith("."):
                assert source in self.file["volumes"]
                if self.file["services"][service]["image"] == "greycloak":
                    new_volume(self.image, path, place)
            found[":".join([place, *access])] = path
        return found

    def make_secrets(self) -> str:
        """Run the service that makes secrets, and return its log."""
        service = self.file["services"]["secrets"]
        environment = {key: value for key, value in service["environment"].items() if value}
        container = Container(self.image, self.folder / "making-secrets", self.volumes("secrets"), environment)
        status = container.run(*service["command"])
        container.stop()
        assert status == 0, container.log.read_text()
        return container.log.read_text()

    def start_database(self) -> None:
        """Start a PostgreSQL that is set up as the file says, and lets in nobody without the password."""
        environment = self.file["services"]["database"]["environment"]
        mounted = self.volumes("database")
        user, database = environment["POSTGRES_USER"], environment["POSTGRES_DB"]
        place = Path(environment["POSTGRES_PASSWORD_FILE"])
        password = (mounted[f"{place.parent}:ro"] / place.name).read_text().strip()
        # Not below pytest's own folder, to which every pytest that starts shuts out other users, PostgreSQL's too.
        self._scratch = tempfile.TemporaryDirectory(prefix="greycloak-", dir="/tmp")
        Path(self._scratch.name).chmod(0o755)
        self.postgres = PostgresServer(Path(self._scratch.name) / "postgres").start()
        self.query("postgres", f"CREATE ROLE {user} SUPERUSER LOGIN PASSWORD '{password}'", "postgres")
        self.query("postgres", f"CREATE DATABASE {database} OWNER {user}", "postgres")
        (script,) = (path for place, path in mounted.items() if place.startswith("/docker-entrypoint-initdb.d/"))
        self.query(database, script.read_text(), user)
        rules = f"host all {user} 127.0.0.1/32 scram-sha-256\nlocal all all trust\n"
        (self.postgres.folder / "data" / "pg_hba.conf").write_text(rules)
        self.postgres.process.send_signal(signal.SIGHUP)

    def query(self, database: str, sql: str, user: str = "greycloak") -> str:
        """Ask PostgreSQL over its socket."""
        where = ["-h", self.postgres.folder, "-p", str(self.postgres.port), "-U", user, "-d", database]
        command = [programs() / "psql", *where, "-v", "ON_ERROR_STOP=1", "-XAt", "-f", "-"]
        return subprocess.run(command, check=True, text=True, capture_output=True, input=sql).stdout.strip()

    def orthanc(self, service: str) -> ContainedOrthanc:
        """Return a service that is an Orthanc; its configuration beside the file's is only where it listens."""
        environment = {key: value for key, value in self.file["services"][service]["environment"].items() if value}
        environment |= {"POSTGRES_HOST": "127.0.0.1", "POSTGRES_PORT": str(self.postgres.port)}
        volumes = self.volumes(service)
        del volumes["/etc/orthanc:ro"]
        orthanc = ContainedOrthanc(self.image, self.folder / service, volumes, environment)
        orthanc.password_file = volumes["/run/secrets:ro"] / "orthanc_password"
        orthanc.container.hostname = self.file["services"][service]["hostname"]
        assert orthanc.volume == self.folder / "orthanc", VOLUME
        return orthanc

    def stop(self) -> None:
        if self.postgres:
            self.postgres.stop()
            self._scratch.cleanup()


class Proxy:
    """nginx with the configuration that we ship, for Orthancs on loopback.

    Parameters
    ----------
    folder : Path
        Where it keeps everything.
    orthancs : dict
        What the configuration calls them.
    """

    def __init__(self, folder: Path, orthancs: dict[str, ContainedOrthanc]) -> None:
        self.port, self.dicom_port = free_port(), free_port()
        text = (DOCKER / "nginx.conf").read_text()
        changes = {"/tmp/": f"{folder}/", "listen 8042;": f"listen 127.0.0.1:{self.port};"}
        changes["listen 4242;"] = f"listen 127.0.0.1:{self.dicom_port};"
        for name, orthanc in orthancs.items():
            changes[f"{name}:8042"] = f"127.0.0.1:{orthanc.port}"
            changes[f"{name}:4242"] = f"127.0.0.1:{orthanc.dicom_port}"
        for old, new in changes.items():
            assert old in text, old
            text = text.replace(old, new)
        folder.mkdir()
        (folder / "nginx.conf").write_text(text)
        module = "load_module /usr/lib/nginx/modules/ngx_stream_module.so;"  # Debian's has it apart
        command = ["nginx", "-p", folder, "-c", folder / "nginx.conf", "-e", "stderr", "-g", f"daemon off; {module}"]
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log, process_group=0)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)
