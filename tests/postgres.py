"""A real PostgreSQL for tests: started on a free port of loopback, stopped by its pid."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

USER = "postgres"
PATIENCE = 30


def programs() -> Path:
    """Return where Debian keeps PostgreSQL's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    assert found, "PostgreSQL is missing: run tools/setup.sh test"
    return found[-1]


class PostgresServer:
    """A PostgreSQL server.

    Parameters
    ----------
    folder : Path, optional
        Where it keeps everything; by default a folder of its own, as other runs of pytest close the ones above theirs.
    """

    def __init__(self, folder: Path | None = None) -> None:
        if folder is None:
            own = tempfile.mkdtemp(prefix="greycloak-postgres-")
            atexit.register(shutil.rmtree, own, ignore_errors=True)
            folder = Path(own) / "server"
        self.folder = folder
        self._as_user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"] if os.geteuid() == 0 else []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)
        if self._as_user:
            shutil.chown(folder, USER, USER)
            for above in folder.parents:  # pytest's folders are only for their owner
                if above.stat().st_uid == os.geteuid() and above.is_relative_to("/tmp"):
                    above.chmod(above.stat().st_mode | 0o011)
        self._run("initdb", "--auth=trust", "--username=postgres", "--no-sync", "-D", str(folder / "data"))

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as_user, str(programs() / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder)

    def start(self) -> PostgresServer:
        command = [*self._as_user, str(programs() / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port)]
        settings = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([*command, *settings], stdout=log, stderr=log, cwd=self.folder)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            done = subprocess.run(
                [str(programs() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False
            )
            if done.returncode == 0:
                return self
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE)
            self.process = None

    def new_database(self, name: str) -> str:
        """Make a database and return its URL."""
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", name)
        return self.url.rpartition("/")[0] + f"/{name}"
