"""Run an image as Docker would: with a real OCI runtime, a read-only root, no capability, and a user that is not root.

The one difference: containers share the host's network, for their servers are to listen on loopback only.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import requests
from images import CACHE, details, root_of
from orthanc_server import PATIENCE, OrthancServer

if TYPE_CHECKING:
    from pathlib import Path

VOLUME = "/var/lib/orthanc"
LOOPBACK = {"HttpBindAddresses": ["127.0.0.1"]}


def new_volume(image: str, folder: Path, place: str) -> Path:
    """Make a volume as Docker does for a place of an image: owner and access are those of the folder there."""
    if not folder.exists():
        folder.mkdir(parents=True)
        status = (root_of(image) / place.lstrip("/")).stat()
        os.chown(folder, status.st_uid, status.st_gid)
        folder.chmod(status.st_mode & 0o7777)
    return folder


class Container:
    """A container of an image; ``execute`` works while it runs.

    Parameters
    ----------
    image : str
        The image.
    folder : Path
        For its bundle and log.
    volumes : dict
        What is mounted where: a file or folder of ours by its place inside, with ``:ro`` behind it if it is not to be
        written to.
    environment : dict
        Variables beside the image's.
    """

    def __init__(self, image: str, folder: Path, volumes: dict[str, Path], environment: dict[str, str] | None = None):
        self.image, self.folder, self.volumes = image, folder, volumes
        self.environment = environment or {}
        self.hostname = "container"
        self.name = f"greycloak-test-{secrets.token_hex(4)}"
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / "log"
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def _user(self) -> tuple[int, ...]:
        return tuple(map(int, (details(self.image)["User"] or "0:0").split(":")))

    def _runtime(self, *arguments: str | Path) -> list[str]:
        # crun wants the host's control groups in an order that not every host has; without limits it needs none.
        script = 'mount -t tmpfs none /sys/fs/cgroup && exec crun --root "$0" --cgroup-manager=disabled "$@"'
        return ["unshare", "--mount", "sh", "-c", script, str(CACHE / "crun"), *map(str, arguments)]

    def _bundle(self, arguments: tuple[str, ...]) -> Path:
        bundle = self.folder / "bundle"
        shutil.rmtree(bundle, ignore_errors=True)
        bundle.mkdir()
        subprocess.run(["crun", "spec"], cwd=bundle, check=True)
        specification = json.loads((bundle / "config.json").read_text())
        image = details(self.image)
        environment = dict(variable.split("=", 1) for variable in image["Env"]) | self.environment
        specification["root"] = {"path": str(root_of(self.image)), "readonly": True}
        specification["hostname"] = self.hostname
        specification["process"] |= {
            "terminal": False,
            "user": dict(zip(("uid", "gid"), self._user, strict=True)),
            "args": [*image["Entrypoint"], *(arguments or image["Cmd"] or ())],
            "env": [f"{key}={value}" for key, value in environment.items()],
            "cwd": image["WorkingDir"] or "/",
            "capabilities": {},
            "noNewPrivileges": True,
        }
        unwanted = {"network", "cgroup"}
        linux = specification["linux"]
        linux["namespaces"] = [space for space in linux["namespaces"] if space["type"] not in unwanted]
        linux.pop("resources", None)
        mounts = [mount for mount in specification["mounts"] if mount["type"] not in {"cgroup", "sysfs"}]
        mounts.append(
            {
                "destination": "/tmp",
                "type": "tmpfs",
                "source": "tmpfs",
                "options": ["nosuid", "nodev", "noexec", "mode=1777"],
            }
        )
        for place, source in self.volumes.items():
            destination, _, access = place.partition(":")
            options = ["bind", access or "rw"]
            mounts.append({"destination": destination, "type": "bind", "source": str(source), "options": options})
        specification["mounts"] = mounts
        (bundle / "config.json").write_text(json.dumps(specification))
        return bundle

    def launch(self, *arguments: str) -> None:
        """Start the image's entry point, and return at once."""
        bundle = self._bundle(arguments)
        with self.log.open("ab") as log:
            command = self._runtime("run", "--bundle", bundle, self.name)
            self.process = subprocess.Popen(command, stdout=log, stderr=log, process_group=0)

    def run(self, *arguments: str) -> int:
        """Run the image's entry point to its end, and return the exit status."""
        self.launch(*arguments)
        return self.process.wait(PATIENCE)

    def execute(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the running container, as ``docker exec`` does."""
        user = "{}:{}".format(*self._user)
        return subprocess.run(
            self._runtime("exec", "--user", user, self.name, *command),
            check=False,
            text=True,
            capture_output=True,
            timeout=PATIENCE,
        )

    def stop(self) -> int:
        """Stop it as ``docker stop`` does, and return the exit status."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            number = getattr(signal, details(self.image).get("StopSignal", "SIGTERM"))
            self.process.send_signal(number)  # the runtime hands it on
        try:
            return self.process.wait(PATIENCE)
        finally:
            subprocess.run(self._runtime("delete", "--force", self.name), check=False, capture_output=True)
            self.process.wait(PATIENCE)
            self.process = None


class ContainedOrthanc(OrthancServer):
    """An Orthanc in a container, with the entry point that the image has.

    Parameters
    ----------
    image : str
        The image.
    folder : Path
        Where it keeps everything; starting again in the same folder goes on with the same data.
    volumes : dict
        What else is mounted where.
    environment : dict
        Variables.
    section, configuration : dict
        The administrator's settings, mounted.
    """

    password_file = "admin-password"

    def __init__(self, image, folder, volumes=None, environment=None, **options):
        super().__init__(folder, **options)
        self.mounted = folder / "mounted"
        self.mounted.mkdir(parents=True, exist_ok=True)
        places = dict(volumes or {})
        if VOLUME not in places:
            places[VOLUME] = new_volume(image, folder / "volume", VOLUME)
        self.volume = places[VOLUME]
        places["/etc/orthanc:ro"] = self.mounted
        self.container = Container(image, folder / "container", places, environment)

    @property
    def log(self) -> Path:
        return self.container.log

    @property
    def password(self) -> str:
        return (self.volume / self.password_file).read_text().strip()

    def launch(self) -> None:
        ports = {"HttpPort": self.port, "DicomPort": self.dicom_port}
        self._write("ports.json", ports | LOOPBACK | self.configuration)
        self._write("site.json", {"Greycloak": self.section})
        self.container.launch()
        self.process = self.container.process

    def _write(self, name: str, configuration: dict) -> None:
        (self.mounted / name).write_text("// as an administrator writes it\n" + json.dumps(configuration))

    def start(self) -> ContainedOrthanc:
        self.launch()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            try:
                self.session.auth = ("admin", self.password)
                if self.session.get(f"{self.url}/greycloak/status", timeout=5).json()["Workers"]:
                    return self
            except (OSError, requests.RequestException, ValueError, KeyError):
                pass
            time.sleep(0.1)
        raise AssertionError(self.log.read_text()[-2000:])

    def stop(self) -> int:
        self.process = None
        return self.container.stop()
