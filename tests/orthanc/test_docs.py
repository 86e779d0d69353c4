"""Examples in README and docs are run as they stand there."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import warnings
import zipfile
from pathlib import Path

import pytest
import requests
from orthanc_server import ROOT, OrthancServer, free_port

from greycloak import Engine, load_profile
from greycloak.profiles import profile_schema
from greycloak.reasons import REASONS
from greycloak_orthanc.config import read_settings
from greycloak_orthanc.rest.refusals import MORE_REASONS
from support import anonymized, ct, encode, make_installation, named

CERTIFICATE = (
    "openssl req -x509 -newkey rsa:3072 -nodes -keyout trustee-key.pem -out trustee.pem -subj /CN=Trustee -days 2 "
    "-addext basicConstraints=critical,CA:FALSE"
).split()
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]


def blocks(language):
    for page in PAGES:
        for number, block in enumerate(
            re.findall(rf"^ *```{language}\n(.*?)^ *```", page.read_text(), re.MULTILINE | re.DOTALL)
        ):
            yield pytest.param(block, id=f"{page.name}-{number}")


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    server = OrthancServer(tmp_path_factory.mktemp("orthanc"), section={"Rules": []}).start()
    yield server
    server.stop()


BESIDE = "# site_script.py"
PROFILE = next(blocks("toml")).values[0]
SCRIPT = next(block.values[0] for block in blocks("python") if block.values[0].startswith("# my_site.py"))


@pytest.mark.parametrize("block", list(blocks("toml")))
def test_profile_examples_are_in_order(block, tmp_path):
    (tmp_path / "example.toml").write_text(block)
    assert load_profile(str(tmp_path / "example.toml"))


def test_the_script_example_works_in_a_profile(tmp_path, monkeypatch):
    (tmp_path / "my_site.py").write_text(SCRIPT)
    (tmp_path / "example.toml").write_text(
        'base = "basic"\n[tags]\nInstitutionalDepartmentName = { script = "my_site:department" }\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    engine = Engine(load_profile(str(tmp_path / "example.toml")), make_installation(tmp_path).project("trial"))
    output = anonymized(engine, ct(InstitutionalDepartmentName="Radiology of Dr. Example"))
    assert output.InstitutionalDepartmentName == "Radiology"
    assert "InstitutionalDepartmentName" not in anonymized(engine, ct(Modality="MR", InstitutionalDepartmentName="A B"))


def test_the_published_schema_is_that_of_today():
    assert json.loads((ROOT / "docs" / "profile.schema.json").read_text()) == profile_schema()


@pytest.mark.parametrize(
    "block", [block for block in blocks("python") if not block.values[0].startswith((SCRIPT, BESIDE))]
)
def test_python_examples_run(block, tmp_path):
    (tmp_path / "image.dcm").write_bytes(named("CT_small.dcm"))
    environment = os.environ | {"XDG_DATA_HOME": str(tmp_path / "data")}
    subprocess.run([sys.executable, "-c", block], cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "anonymized.dcm").exists() or "anonymized" not in block


@pytest.fixture
def nginx(tmp_path, orthanc):
    """Return the URL of the documented proxy before Orthanc, on a free port, with a certificate of its own."""
    if shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        pytest.skip("nginx is not installed")
    subprocess.run(CERTIFICATE, cwd=tmp_path, check=True, capture_output=True)
    port = free_port()
    block = next(blocks("nginx")).values[0]
    for documented, here in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/etc/ssl/certs/orthanc.pem": str(tmp_path / "trustee.pem"),
        "/etc/ssl/private/orthanc.key": str(tmp_path / "trustee-key.pem"),
        "http://127.0.0.1:8042": orthanc.url,
    }.items():
        assert documented in block
        block = block.replace(documented, here)
    places = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}}\n"
        f"http {{ access_log off; {places}\n{block}}}\n"
    )
    command = ["nginx", "-p", tmp_path, "-e", tmp_path / "error.log", "-c", tmp_path / "nginx.conf"]
    process = subprocess.Popen(command, env=os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin"})
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"https://127.0.0.1:{port}"
    process.terminate()
    process.wait(30)


def test_the_proxy_example_lets_greycloaks_page_call(nginx, orthanc):
    study = orthanc.upload(encode(ct(PatientID="MRN-proxy")))["ParentStudy"]
    call = f"{nginx}/studies/{study}/anonymize-greycloak"
    headers = {"Host": "orthanc.example", "Origin": "https://orthanc.example", "X-Requested-With": "Greycloak"}
    options = {"verify": False, "timeout": 60}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the certificate is nobody's
        assert requests.get(f"{nginx}/greycloak/page/index.html", headers=headers, **options).status_code == 200
        assert requests.post(call, data="{}", headers=headers, **options).json()["Type"] == "Study"
        foreign = headers | {"Origin": "https://elsewhere.example"}
        assert requests.post(call, data="{}", headers=foreign, **options).status_code == 403


PLAIN = ("status", "health", "profiles", "projects", "quarantine", "quarantine/1", "jobs", "jobs/1")


def test_the_permissions_example_names_every_route():
    text = (ROOT / "docs" / "operations.md").read_text()
    entries = json.loads("{" + re.search(r'"ExtraPermissions".*?^\]', text, re.MULTILINE | re.DOTALL)[0] + "}")
    routes = {
        ("get", "/greycloak"),
        ("get", "/greycloak/page/index.html"),
        *(("get", f"/greycloak/{name}") for name in PLAIN),
        ("get", "/greycloak/profiles/basic/statement"),
        ("post", "/greycloak/jobs/1/cancel"),
        ("post", "/greycloak/jobs/1/resubmit"),
        ("post", "/greycloak/projects/trial/pseudonyms/find"),
        ("post", "/greycloak/preview"),
        ("delete", "/greycloak/quarantine/1"),
        ("post", "/greycloak/quarantine/1/retry"),
    }
    for method, path in routes:
        fits = [entry for entry in entries["ExtraPermissions"] if entry[0] == method and re.fullmatch(entry[1], path)]
        assert len(fits) == 1, (method, path)


@pytest.mark.parametrize("block", list(blocks("sh")))
def test_shell_examples_run(block, tmp_path, orthanc):
    uploaded = orthanc.upload(encode(ct()))
    (tmp_path / "trial-7.toml").write_text(PROFILE)
    subprocess.run(CERTIFICATE, cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "incoming").mkdir()
    (tmp_path / "incoming" / "image.dcm").write_bytes(named("CT_small.dcm"))
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "image.dcm").write_bytes(named("MR_small.dcm"))
    with zipfile.ZipFile(tmp_path / "cd.zip", "w") as archive:
        archive.writestr("IM1", encode(ct(SOPInstanceUID="1.2.3.77")))
    (tmp_path / "anonymizer.script").write_text('<script><e en="T" t="00081030">@remove()</e></script>')
    environment = os.environ | {
        "ORTHANC": orthanc.url,
        "STUDY": uploaded["ParentStudy"],
        "INSTANCE": uploaded["ID"],
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    block = block.replace("curl -s", "curl -sf")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        check=False,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (block, done.stdout, done.stderr)


@pytest.mark.parametrize("block", list(blocks("json")))
def test_configuration_examples_are_valid(block):
    read_settings({"StorageDirectory": "/var/lib/orthanc/db"} | json.loads(block))


def test_every_link_leads_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), (page.name, target)


def test_every_quarantine_reason_in_the_docs_exists():
    text = (ROOT / "docs" / "quarantine.md").read_text()
    named_there = set(re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| [^|]+ \|$", text, re.MULTILINE))
    assert named_there == {*REASONS, *MORE_REASONS}


def test_the_architecture_names_every_folder_and_none_that_is_not_there():
    text = (ROOT / "docs" / "architecture.md").read_text()
    named = set(re.findall(r"`((?:core|orthanc_plugin|tests|tools)/[\w/]*)`", text))
    assert all((ROOT / name).is_dir() for name in named), named
    packages = {f"{path.parent.relative_to(ROOT)}/" for path in (ROOT / "core" / "greycloak").rglob("__init__.py")}
    assert packages <= named
    modules = {path.name for path in (ROOT / "core" / "greycloak").iterdir()}
    for step in re.findall(r"^\d\. `(\w+)`", text, re.MULTILINE):
        assert step in modules or f"{step}.py" in modules
