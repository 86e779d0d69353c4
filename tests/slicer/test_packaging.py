"""The extension as Slicer's build packs it, and as people load it from a copy of the source, with what Slicer bundles.

Slicer's build is stood in for by ``slicer_package``; its Python by a virtual environment with the very versions that
Slicer 5.12 bundles.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest
from extension_source import CORE, EXTENSION, MODULE, ROOT, visible

import greycloak
from support import ct, encode

PACKAGE = Path(__file__).parent / "slicer_package"
SCRIPTED = Path("lib/Slicer-5.12/qt-scripted-modules")
SLICER_PYTHON = "3.12"

ANONYMIZE = """
    from pathlib import Path
    from GreycloakLib.choices import Choices, Pseudonyms
    from GreycloakLib.finding_core import import_core
    import_core()
    from GreycloakLib import headless
    import greycloak
    folder = Path({folder!r})
    pseudonyms = Pseudonyms(address=f"sqlite:///{{folder / 'store.sqlite'}}", key_file=folder / "key")
    summary = headless.anonymize_folder(
        folder / "source", Choices(project="trial", pseudonyms=pseudonyms), destination=folder / "anonymized")
    print(summary.anonymized, len(summary.quarantined), summary.patients, Path(greycloak.__file__).parent)
"""


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@functools.cache
def python_of_slicer() -> str:
    """Return a Python of the version that Slicer embeds, or the one that runs the tests."""
    candidates = [*sorted(Path.home().glob(f".pyenv/versions/{SLICER_PYTHON}.*/bin/python")), f"python{SLICER_PYTHON}"]
    for one in filter(shutil.which, map(str, candidates)):
        if subprocess.run([one, "-c", "import venv"], capture_output=True, check=False).returncode == 0:
            return one
    return sys.executable


def configure(source: Path, build: Path, *more: str):
    toolchain = f"-DCMAKE_TOOLCHAIN_FILE={PACKAGE / 'no_compiler.cmake'}"
    python = f"-DGREYCLOAK_TEST_PYTHON={python_of_slicer()}"
    command = ["cmake", "-S", source, "-B", build, "-G", "Ninja", f"-DSlicer_DIR={PACKAGE}", toolchain, python, *more]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """Configure and build the repository as it is, from its root."""
    folder = tmp_path_factory.mktemp("build")
    done = configure(ROOT, folder)
    assert done.returncode == 0, done.stderr
    run("cmake", "--build", folder)
    return folder


@pytest.fixture(scope="module")
def packed(build, tmp_path_factory):
    """Pack it, and unpack that where Slicer would install it; return the folder of scripted modules."""
    run("cpack", cwd=build)
    (archive,) = build.glob("*.tar.gz")
    folder = tmp_path_factory.mktemp("installed")
    with tarfile.open(archive) as opened:
        opened.extractall(folder)  # our own archive
    (package,) = folder.iterdir()
    return package / SCRIPTED


class Python:
    """A virtual environment, used without anything of this one's."""

    def __init__(self, folder):
        self.folder = folder
        run(python_of_slicer(), "-m", "venv", "--without-pip", folder)
        self._executable = folder / "bin" / "python"

    @property
    def packages(self):
        (found,) = self.folder.glob("lib/python*/site-packages")
        return found

    def install(self, requirements, *options):
        pip = (sys.executable, "-m", "pip", "--python", self._executable, "--quiet", "--disable-pip-version-check")
        return run(*pip, "install", "--no-compile", *options, "-r", requirements)

    def run(self, modules, code, home):
        """Run code as in Slicer, which has its folders of modules on the path."""
        lines = code.strip("\n").splitlines()
        indent = len(lines[0]) - len(lines[0].lstrip())
        begin = f"import sys\nsys.path.insert(0, {str(modules)!r})\n"
        script = begin + "\n".join(line[indent:] for line in lines)
        return run(self._executable, "-I", "-c", script, cwd=home, env=clean(home)).strip()

    def script(self, script, *arguments, home, **variables):
        command = [self._executable, script, *arguments]
        env = clean(home) | variables
        return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, cwd=home, env=env)


def clean(home):
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}


@pytest.fixture(scope="module")
def bundled(tmp_path_factory):
    """What Slicer 5.12 bundles, and no more."""
    python = Python(tmp_path_factory.mktemp("bundled"))
    python.install(PACKAGE / "bundled.txt", "--no-deps")
    return python


@pytest.fixture(scope="module")
def complete(bundled, tmp_path_factory):
    """The same, with what the extension asks for besides."""
    python = Python(tmp_path_factory.mktemp("complete"))
    (python.packages / "bundled.pth").write_text(f"{bundled.packages}\n")
    python.install(MODULE / "Resources" / "requirements.txt")
    return python


@pytest.fixture
def home(tmp_path):
    """A user's folder with two patients' images."""
    for number in (1, 2):
        path = tmp_path / "source" / f"{number}.dcm"
        path.parent.mkdir(exist_ok=True)
        changes = {"PatientID": f"MRN-{number}", "PatientName": f"Doe^{number}", "SOPInstanceUID": f"1.2.3.{number}"}
        path.write_bytes(encode(ct(**changes, StudyInstanceUID=f"1.2.4.{number}", SeriesInstanceUID=f"1.2.5.{number}")))
    return tmp_path


def test_the_package_has_the_module_and_the_core_and_nothing_else(packed):
    data = ("*.py", "*.jsonl", "*.toml", "*.tsv", "*.txt")
    core = {path.relative_to(CORE) for path in visible(CORE / "greycloak", *data)}
    module = {path.relative_to(MODULE) for path in visible(MODULE, "*.py", "*.ui", "*.png", "*.svg", "*.txt")}
    expected = (
        {Path("greycloak/LICENSE")}
        | core
        | {path for path in module if path.parts[0] != "Testing" and path.name != "CMakeLists.txt"}
    )
    found = {path.relative_to(packed) for path in packed.rglob("*") if path.is_file()}
    assert {path for path in found if path.suffix != ".pyc"} == expected


def test_everything_of_the_core_but_type_markers_is_packed(packed):
    left_out = {
        path.name for path in visible(CORE / "greycloak", "*") if not (packed / path.relative_to(CORE)).is_file()
    }
    assert left_out == {"py.typed"}
    assert (packed / "greycloak" / "LICENSE").read_bytes() == (CORE.parent / "LICENSE").read_bytes()


def test_packed_files_are_those_of_the_source(packed):
    for path in packed.rglob("*"):
        if path.is_file() and path.suffix != ".pyc" and path.name != "LICENSE":
            source = (CORE if path.relative_to(packed).parts[0] == "greycloak" else MODULE) / path.relative_to(packed)
            assert path.read_bytes() == source.read_bytes(), source


def test_byte_code_is_that_of_packed_scripts(packed):
    scripts = {path for path in packed.rglob("*.py") if path.parent.name != "Resources"}
    assert set(packed.rglob("*.pyc")) == {path.with_suffix(".pyc") for path in scripts}


def test_nothing_under_another_licence_is_packed(packed):
    assert not [path for path in packed.rglob("*orthanc*") if "greycloak_orthanc" in path.as_posix()]
    for path in packed.rglob("*.py"):
        assert "AGPL" not in path.read_text(encoding="utf-8"), path


def test_tests_are_registered(build):
    listed = json.loads(run("ctest", "--show-only=json-v1", cwd=build))["tests"]
    names = {"py_Greycloak", "py_GreycloakModuleTest", "py_nomainwindow_qSlicerGreycloakModuleGenericTest"}
    assert {test["name"] for test in listed} == names


def test_without_tests_the_same_is_built(tmp_path):
    """As the index's own check configures it."""
    done = configure(ROOT, tmp_path, "-DBUILD_TESTING=OFF")
    assert done.returncode == 0, done.stderr
    assert json.loads(run("ctest", "--show-only=json-v1", cwd=tmp_path))["tests"] == []


def test_a_listed_script_that_does_not_exist_stops_the_build(tmp_path):
    shutil.copy(ROOT / "CMakeLists.txt", tmp_path)
    shutil.copytree(EXTENSION, tmp_path / "slicer_extension")
    shutil.copytree(CORE, tmp_path / "core")
    (tmp_path / "slicer_extension/Greycloak/GreycloakLib/problems.py").unlink()
    done = configure(tmp_path, tmp_path / "build")
    assert done.returncode != 0
    assert "GreycloakLib/problems.py" in done.stderr


def test_before_anything_is_installed_the_presets_are_listed(packed, bundled, home):
    listed = bundled.run(
        packed,
        """
        from GreycloakLib import choices
        from GreycloakLib.finding_core import core_folder
        print(*[one.name for one in choices.presets(core_folder()) if one.title])
        print(sorted(set(sys.modules) & {"greycloak", "pydicom", "pydantic", "sqlalchemy", "numpy"}))
        """,
        home,
    )
    names = [path.stem.replace("_", "-") for path in visible(CORE / "greycloak" / "profiles", "*.toml")]
    assert listed.splitlines() == [" ".join(sorted(names, key=lambda name: (name != "basic", name))), "[]"]


def test_before_anything_is_installed_the_missing_package_is_named(packed, bundled, home):
    told = bundled.run(
        packed,
        """
        from GreycloakLib.finding_core import CoreMissingError, import_core
        try:
            import_core()
        except CoreMissingError as error:
            print(error)
        """,
        home,
    )
    assert told in {
        f"Greycloak needs the Python package {name}, which is not installed." for name in ("pydantic", "sqlalchemy")
    }


def test_requirements_replace_next_to_nothing_that_slicer_bundles(bundled, complete):
    """Slicer asks for a restart when something that it has loaded is replaced; typing_extensions is pydantic's wish."""

    def names(python):
        return {path.name.split("-")[0].lower() for path in python.packages.glob("*.dist-info")}

    assert {"pydantic", "sqlalchemy"} <= names(complete)
    assert names(bundled) & names(complete) <= {"typing_extensions"}


def test_requirements_are_those_of_the_core():
    asked = {
        line.partition(">")[0].lower(): line.partition(">=")[2]
        for line in (MODULE / "Resources" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    }
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    needed = pyproject.partition("dependencies = [")[2].partition("]")[0].replace('"', "").replace(",", "").split()
    core = {one.partition(">")[0]: one.partition(">=")[2] for one in needed}
    assert asked.items() <= core.items()
    of_terminals = {"rich", "shtab", "tomli-w"}  # the command line does without where they are missing
    assert set(core) - set(asked) <= {"urllib3", *of_terminals}  # requests brings the first


def test_requirements_of_pixels_are_those_of_the_extras():
    """Slicer bundles numpy; numba, which is large, is only faster."""
    asked = (MODULE / "Resources" / "requirements-pixels.txt").read_text(encoding="utf-8").split()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    needed = {*extras["pixels"], *extras["ocr"]}
    assert {one for one in needed if not one.startswith(("numpy", "numba"))} == set(asked)


def test_the_package_anonymizes(packed, complete, home):
    told = complete.run(packed, ANONYMIZE.format(folder=str(home)), home)
    assert told == f"2 0 2 {packed / 'greycloak'}"
    copies = list((home / "anonymized").rglob("*.dcm"))
    assert len(copies) == 2
    assert not any(b"MRN-" in copy.read_bytes() or b"Doe^" in copy.read_bytes() for copy in copies)


def test_the_packed_core_is_this_one(packed, complete, home):
    told = complete.run(packed, "from greycloak import __version__\nprint(__version__)", home)
    assert told == greycloak.__version__


def test_a_sample_of_pydicom_that_the_self_test_takes_is_bundled(packed, bundled, home):
    code = """
        from pydicom.data import get_testdata_file
        print(type(get_testdata_file("CT_small.dcm", download=False)).__name__)
    """
    assert bundled.run(packed, code, home) == "str"


def test_the_packed_command_line_anonymizes(packed, complete, home):
    script = packed / "Resources" / "greycloak_cli.py"
    places = ("--store", f"sqlite:///{home / 'store.sqlite'}", "--key-file", home / "key", "--workers", "1")
    done = complete.script(script, "anonymize", home / "source", home / "copies", *places, home=home)
    assert done.returncode == 0, done.stderr
    assert len(list((home / "copies").rglob("*.dcm"))) == 2


@pytest.fixture
def python_slicer(tmp_path):
    """Lay out the package ``slicer`` as PythonSlicer has it: it can be imported, and has no application."""
    folder = tmp_path / "python_slicer"
    (folder / "slicer").mkdir(parents=True)
    (folder / "slicer" / "__init__.py").write_text("from slicer import util\n")
    (folder / "slicer" / "i18n.py").write_text("def tr(text):\n    return text\n")
    (folder / "slicer" / "util.py").write_text(
        "def exit(status=0):\n    from slicer import app\n    app.exit(status)\n"
    )
    return str(folder)


def test_the_command_line_ends_well_in_python_slicer(packed, complete, home, python_slicer):
    script = packed / "Resources" / "greycloak_cli.py"
    done = complete.script(script, "profiles", "list", home=home, PYTHONPATH=python_slicer)
    assert done.returncode == 0, done.stderr


def test_a_copy_of_the_source_works_without_a_build(complete, home, tmp_path):
    """As when the module's folder is dragged into Slicer."""
    checkout = tmp_path / "checkout"
    shutil.copytree(MODULE, checkout / "slicer_extension" / "Greycloak", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(CORE, checkout / "core", ignore=shutil.ignore_patterns("__pycache__"))
    told = complete.run(checkout / "slicer_extension" / "Greycloak", ANONYMIZE.format(folder=str(home)), home)
    assert told == f"2 0 2 {checkout / 'core' / 'greycloak'}"


def test_a_module_without_core_says_what_to_do(bundled, home, tmp_path):
    shutil.copytree(MODULE, tmp_path / "alone" / "Greycloak", ignore=shutil.ignore_patterns("__pycache__"))
    told = bundled.run(
        tmp_path / "alone" / "Greycloak",
        """
        from GreycloakLib.finding_core import CoreMissingError, core_folder, import_core
        for attempt in (core_folder, import_core):
            try:
                attempt()
            except CoreMissingError as error:
                print(error)
        """,
        home,
    )
    first, second = told.splitlines()
    assert first == second
    assert first.startswith("The Greycloak core is missing. Install the extension from the Extensions Manager")
