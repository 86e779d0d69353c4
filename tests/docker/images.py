"""Build the images for real, with buildah, where no Docker engine runs.

The base image, a stand-in for ``debian:trixie-slim``, is made with debootstrap. What this machine needs to reach its
packages (a mirror, a certificate, settings of apt and pip) goes in at build time only, and into no image. Everything is
cached in ``.run/docker`` (or ``GREYCLOAK_DOCKER_CACHE``); remove that folder to start afresh.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("GREYCLOAK_DOCKER_CACHE") or ROOT / ".run" / "docker")
DEBIAN = "localhost/debian:trixie-slim"
IMAGE = "localhost/greycloak:test"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
APT_SETTINGS = ("Acquire::http", "Acquire::https", "Acquire::Check-")
PIP_SETTINGS = ("index-url", "proxy", "timeout", "trusted-host")
SPARE = 8 << 30
"""Bytes of free disk below which the cache is made anew: each build that changes something adds to it."""
SLIM = """\
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/locale/*
"""


def _storage(driver: str) -> list[str]:
    return ["--root", str(CACHE / driver), "--runroot", str(CACHE / "run"), "--storage-driver", driver]


@functools.cache
def _driver() -> str:
    """Return how layers are kept: whole copies (vfs) where the kernel cannot lay file systems over each other."""
    CACHE.mkdir(parents=True, exist_ok=True, mode=0o755)
    tried = subprocess.run(["buildah", *_storage("overlay"), "info"], check=False, capture_output=True)
    return "vfs" if tried.returncode else "overlay"


def buildah(*arguments: str | Path, log: Path | None = None) -> str:
    """Run buildah with a storage of its own, and return what it prints."""
    store = _storage(_driver())
    done = subprocess.run(
        list(map(str, ["buildah", *store, *arguments])), check=False, text=True, capture_output=True, cwd=CACHE
    )
    if log:
        log.write_text(done.stdout + done.stderr)
    assert done.returncode == 0, f"buildah {arguments[0]} failed:\n{(done.stdout + done.stderr)[-3000:]}"
    return done.stdout.strip()


def exists(image: str) -> bool:
    return image in buildah("images", "--format", "{{.Name}}:{{.Tag}}").split()


def _mirror() -> str:
    """Return where this machine gets Debian's packages from."""
    asked = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Origin: Debian", "Label: Debian"]
    found = subprocess.run(asked, check=False, text=True, capture_output=True).stdout.split()
    return found[0] if found else ""


@functools.cache
def make_debian() -> None:
    """Make the stand-in for ``debian:trixie-slim``, unless it is there."""
    if exists(DEBIAN) and shutil.disk_usage(CACHE).free > SPARE:
        return
    buildah("rmi", "--all", "--force")
    root = CACHE / "debian" / "root"
    shutil.rmtree(root.parent, ignore_errors=True)
    root.parent.mkdir()
    command = ["debootstrap", "--variant=minbase", "trixie", str(root), *filter(None, [_mirror()])]
    done = subprocess.run(command, check=False, text=True, capture_output=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (root / "etc/dpkg/dpkg.cfg.d/docker").write_text(SLIM)
    for spare in ("usr/share/doc", "usr/share/man", "usr/share/locale", "var/cache/apt", "var/lib/apt/lists"):
        shutil.rmtree(root / spare, ignore_errors=True)
        (root / spare).mkdir()
    (root.parent / "Dockerfile").write_text('FROM scratch\nCOPY root /\nCMD ["bash"]\n')
    buildah("bud", "--isolation", "chroot", "-t", DEBIAN, root.parent)
    shutil.rmtree(root.parent)


def _machine_settings() -> list[str]:
    """Return the options that lend a build what this machine needs to reach its packages."""
    folder = CACHE / "machine"
    folder.mkdir(exist_ok=True)
    lines = subprocess.run(["apt-config", "dump", "Acquire"], check=True, text=True, capture_output=True).stdout
    wanted = [line for line in lines.splitlines() if line.startswith(APT_SETTINGS)]
    (folder / "apt.conf").write_text("\n".join([*wanted, ""]))
    pip = ["[global]", "cert = /tmp/machine-certificates.crt"]
    for key in PIP_SETTINGS:
        asked = [sys.executable, "-m", "pip", "config", "get", f"global.{key}"]
        found = subprocess.run(asked, check=False, text=True, capture_output=True)
        if found.returncode == 0:
            pip.append(f"{key} = {found.stdout.strip()}")
    (folder / "pip.conf").write_text("\n".join([*pip, ""]))
    mounts = {
        folder / "apt.conf": "/etc/apt/apt.conf.d/99-machine",
        folder / "pip.conf": "/etc/pip.conf",
        CERTIFICATES: "/tmp/machine-certificates.crt",
    }
    return [f"--volume={source}:{target}:ro" for source, target in mounts.items() if source.exists()]


@functools.cache
def build(dockerfile: Path, image: str, base: str = DEBIAN, context: Path = ROOT) -> str:
    """Build an image of the repository, and return its name; steps that nothing changed in come from the cache."""
    make_debian()
    log = CACHE / f"build-{image.rpartition('/')[2]}.log"
    options = ["--isolation", "chroot", "--format", "docker", "--layers", "--pull-never", f"--build-arg=BASE={base}"]
    buildah("bud", *options, *_machine_settings(), "-t", image, "-f", dockerfile, context, log=log)
    return image


def details(image: str) -> dict[str, Any]:
    """Return what the image says of itself, as Docker does: ``Entrypoint``, ``Env``, ``Healthcheck``..."""
    return json.loads(buildah("inspect", "--type", "image", image))["Docker"]["config"]


@functools.cache
def root_of(image: str) -> Path:
    """Return the image's root file system, mounted until ``unmount_all``."""
    container = buildah("from", "--pull-never", image)
    return Path(buildah("mount", container))


def unmount_all() -> None:
    """Leave nothing mounted, so that the cache can be removed like any folder."""
    buildah("rm", "--all")
    root_of.cache_clear()
    own = CACHE / _driver() / _driver()
    if own.is_mount():
        subprocess.run(["umount", str(own)], check=True)
