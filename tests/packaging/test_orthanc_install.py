"""``greycloak orthanc install`` and ``uninstall`` on the files of Debian's package."""

from __future__ import annotations

import grp
import json
import os
import pwd
import re
import shutil
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from orthanc_server import PLUGIN

from greycloak.cli import main
from greycloak.profiles.load import FOLDER_VARIABLE
from greycloak_orthanc.deploy import install as deploy
from greycloak_orthanc.deploy.found_orthanc import embedded_python, find_orthanc
from greycloak_orthanc.deploy.json_text import JsonTextError, read_object, remove, set_value, value_of
from greycloak_orthanc.deploy.section import own_script

DEBIAN = Path("/etc/orthanc")
ME = pwd.getpwuid(os.geteuid()).pw_name


@pytest.fixture
def folder(tmp_path):
    """Return a copy of Debian's configuration, with its data somewhere else."""
    folder = tmp_path / "etc"
    folder.mkdir()
    for path in DEBIAN.iterdir():
        if path.suffix in {".json", ".py"} and os.access(path, os.R_OK):
            shutil.copy(path, folder)
    main_file = folder / "orthanc.json"
    main_file.write_text(set_value(main_file.read_text(), ["StorageDirectory"], str(tmp_path / "data" / "db")))
    (tmp_path / "data").mkdir()
    return folder


@pytest.fixture(autouse=True)
def own_environment(monkeypatch):
    """Take back what the check of the settings says to this process's children: where profiles are."""
    monkeypatch.setenv(FOLDER_VARIABLE, "")
    monkeypatch.delenv(FOLDER_VARIABLE)


def contents(folder):
    """Return everything about a folder that an administrator could notice."""
    return {
        path.name: (path.read_bytes(), path.stat().st_mode, path.stat().st_uid, path.stat().st_gid)
        for path in folder.iterdir()
    }


def install(folder, *more):
    return main(["orthanc", "install", "--config-folder", str(folder), "--user", ME, *map(str, more)])


def uninstall(folder, *more):
    return main(["orthanc", "uninstall", "--config-folder", str(folder), *map(str, more)])


def section(folder):
    return json.loads((folder / "greycloak.json").read_text())["Greycloak"]


def script_of(folder):
    return find_orthanc(folder).value("PythonScript")


def set_script(folder, script):
    path = folder / "python.json"
    path.write_text(set_value(path.read_text(), ["PythonScript"], str(script)))


def test_install_adds_uninstall_leaves_no_trace(folder, capsys):
    before = contents(folder)
    assert install(folder) == 0
    assert "systemctl restart orthanc" in capsys.readouterr().out
    orthanc = find_orthanc(folder)
    assert orthanc.value("PythonScript") == str(own_script())
    assert orthanc.value("PythonVerbose") is False
    assert not orthanc.doubles()
    data = folder.parent / "data" / "greycloak"
    assert section(folder) == {
        "VirtualEnvironment": sys.prefix,
        "Store": f"sqlite:///{data}/store.sqlite",
        "KeyFile": f"{data}/key",
    }
    assert uninstall(folder) == 0
    assert contents(folder) == before
    assert "Store and key stay" in capsys.readouterr().out


def test_only_one_line_of_debians_file_changes_and_its_comments_stay(folder):
    before = (folder / "python.json").read_text().splitlines()
    install(folder)
    after = (folder / "python.json").read_text().splitlines()
    changed = [number for number, lines in enumerate(zip(before, after, strict=True)) if lines[0] != lines[1]]
    assert len(changed) == 1
    assert "PythonScript" in after[changed[0]]
    assert (folder / "python.json.before-greycloak").read_text().splitlines() == before


def test_a_dry_run_shows_a_diff_that_patch_understands_and_writes_nothing(folder, capsys):
    before = contents(folder)
    assert install(folder, "--dry-run") == 0
    shown = capsys.readouterr().out
    assert contents(folder) == before
    assert f"# {folder}/python.json.before-greycloak: a copy" in shown
    assert f'+  "PythonScript" : "{own_script()}"' in shown
    patched = folder.parent / "patched"
    shutil.copytree(folder, patched)
    if shutil.which("patch"):
        shown = shown.replace(str(folder), str(patched))
        subprocess.run(["patch", "-p0"], input=shown, check=True, text=True, cwd="/", capture_output=True)
    install(folder)
    if shutil.which("patch"):
        texts = [{name: one[0] for name, one in contents(each).items()} for each in (patched, folder)]
        del texts[1]["python.json.before-greycloak"]
        assert texts[0] == texts[1]
    installed = contents(folder)
    assert uninstall(folder, "--dry-run") == 0
    assert contents(folder) == installed
    assert f'-  "PythonScript" : "{own_script()}"' in capsys.readouterr().out


def test_installing_twice_is_installing_once(folder, capsys):
    install(folder)
    once = contents(folder)
    assert install(folder) == 0
    assert "installed already" in capsys.readouterr().out
    assert contents(folder) == once


def test_an_installation_from_another_environment_is_moved_to_this_one(folder):
    before = contents(folder)
    install(folder, "--project", "knee")
    old = "/opt/old/lib/python3.9/site-packages/greycloak_orthanc/script/plugin.py"
    set_script(folder, old)
    path = folder / "greycloak.json"
    path.write_text(set_value(path.read_text(), ["Greycloak", "VirtualEnvironment"], "/opt/old"))
    assert install(folder) == 0
    assert script_of(folder) == str(own_script())
    assert section(folder)["VirtualEnvironment"] == sys.prefix
    assert section(folder)["Project"] == "knee"
    assert uninstall(folder) == 0
    assert contents(folder) == before


def test_uninstalling_what_is_not_there_changes_nothing(folder, capsys):
    before = contents(folder)
    assert uninstall(folder) == 0
    assert "no Greycloak" in capsys.readouterr().out
    assert contents(folder) == before


def test_another_option_later_changes_that_setting_and_no_other(folder, tmp_path):
    install(folder, "--project", "knee")
    path = folder / "greycloak.json"
    path.write_text(set_value(path.read_text(), ["Greycloak", "Rules"], []))
    (tmp_path / "profiles").mkdir()
    assert install(folder, "--profile-folder", tmp_path / "profiles", "--profile", "research") == 0
    assert section(folder)["Rules"] == []
    assert section(folder)["Project"] == "knee"
    assert section(folder)["Profile"] == "research"
    assert section(folder)["ProfileFolder"] == str(tmp_path / "profiles")


def test_rules_that_somebody_has_written_are_kept_aside(folder):
    before = contents(folder)
    install(folder)
    path = folder / "greycloak.json"
    text = set_value(path.read_text(), ["Greycloak", "Rules"], [{"CalledAet": "TRIAL7"}])
    path.write_text(text)
    assert uninstall(folder) == 0
    left = contents(folder)
    assert left.pop("greycloak.json.uninstalled")[0].decode() == text
    assert left == before


def test_what_was_edited_since_stays_and_only_our_edit_goes(folder):
    before = (folder / "python.json").read_text()
    install(folder)
    path = folder / "python.json"
    path.write_text(set_value(path.read_text(), ["Python"], {"AllowThreads": True}))
    assert uninstall(folder) == 0
    assert value_of(path.read_text(), read_object(path.read_text()).find("Python")) == {"AllowThreads": True}
    assert remove(path.read_text(), ["Python"]).replace("false,", "false") == before
    assert not list(folder.glob("*before*"))


def test_without_the_copy_the_script_is_taken_out(folder):
    install(folder)
    (folder / "python.json.before-greycloak").unlink()
    assert uninstall(folder) == 0
    assert script_of(folder) is None
    assert find_orthanc(folder).value("PythonVerbose") is False


def test_another_script_is_not_overwritten(folder, tmp_path, capsys):
    script = tmp_path / "site.py"
    script.write_text("import orthanc\n")
    set_script(folder, script)
    before = contents(folder)
    assert install(folder) == 2
    said = capsys.readouterr().err
    assert str(script) in said
    assert "--keep-script" in said
    assert contents(folder) == before

    assert install(folder, "--keep-script") == 0
    assert script_of(folder) == str(script)
    assert section(folder)["VirtualEnvironment"] == sys.prefix
    assert uninstall(folder) == 0
    assert contents(folder) == before

    assert install(folder, "--replace-script") == 0
    assert script_of(folder) == str(own_script())
    assert uninstall(folder) == 0
    assert contents(folder) == before


def test_an_edited_sample_of_debian_counts_as_a_script(folder, capsys):
    (folder / "sample.py").write_text("import orthanc\northanc.LogWarning('mine')\n")
    set_script(folder, folder / "sample.py")
    assert install(folder) == 2
    assert "one script" in capsys.readouterr().err


def test_without_debians_python_json_our_own_file_names_the_script(folder):
    (folder / "python.json").unlink()
    before = contents(folder)
    assert install(folder) == 0
    assert script_of(folder) == str(own_script())
    once = contents(folder)
    assert install(folder) == 0
    assert contents(folder) == once
    assert uninstall(folder) == 0
    assert contents(folder) == before


def test_a_script_in_a_file_that_an_upgrade_brought_back_is_installed_anew(folder):
    fresh = (folder / "python.json").read_text()
    install(folder)
    (folder / "python.json").write_text(fresh + "\n")
    assert install(folder) == 0
    assert script_of(folder) == str(own_script())
    assert (folder / "python.json.before-greycloak").read_text() == fresh + "\n"


def test_a_link_is_followed_and_stays_a_link(folder, tmp_path):
    real = tmp_path / "python-of-this-site.json"
    (folder / "python.json").rename(real)
    (folder / "python.json").symlink_to(real)
    before = real.read_bytes()
    assert install(folder) == 0
    assert (folder / "python.json").is_symlink()
    assert script_of(folder) == str(own_script())
    assert uninstall(folder) == 0
    assert (folder / "python.json").is_symlink()
    assert real.read_bytes() == before


def test_owner_and_permissions_of_a_file_survive(folder):
    path = folder / "python.json"
    path.chmod(0o664)
    if os.geteuid() == 0:
        os.chown(path, pwd.getpwnam("orthanc").pw_uid, grp.getgrnam("orthanc").gr_gid)
    before = contents(folder)
    install(folder)
    assert contents(folder)["python.json"][1:] == before["python.json"][1:]
    uninstall(folder)
    assert contents(folder) == before


def test_our_own_file_is_not_for_everybody(folder):
    install(folder)
    assert (folder / "greycloak.json").stat().st_mode & 0o007 == 0


PYTHON_JSON = '{"PythonScript": ""}'


@pytest.mark.parametrize(
    ("files", "options", "says"),
    [
        ({"zz.json": PYTHON_JSON}, [], "'PythonScript' stands in python.json and in zz.json"),
        ({"zz.json": '{"Greycloak": {}}'}, [], "has a section 'Greycloak' already"),
        ({"orthanc.json": '{"StorageDirectory": "/tmp", "Plugins": []}'}, [], "Python plugin is not where"),
        ({"greycloak.json": '{"Greycloak": []}'}, [], "'Greycloak' is to be an object"),
        ({"greycloak.json": '{"Greycloak": {"Colour": 1}}'}, [], "Greycloak.Colour: there is no such setting"),
        ({"zz.json": '{"A": /* no end'}, [], "zz.json: line 1: this text or comment has no end"),
        ({"zz.json": '{"A": \n1'}, [], "zz.json: line 2: the file ends too early"),
        ({"zz.json": "[]"}, [], "zz.json: line 1: '{' was expected"),
        ({}, ["--profile", "nonsense"], "Greycloak.Profile: "),
        ({}, ["--profile-folder", "/dev/null/nowhere"], "may not read /dev/null/nowhere"),
        ({}, ["--project", "a/b"], "Greycloak.Project: "),
        ({}, ["--store", "nonsense"], "Greycloak.Store is no URL"),
        ({}, ["--store", "sqlite:////dev/null/nowhere/store.sqlite"], "may not write in /dev/null/nowhere"),
        ({}, ["--key-file", "/dev/null/nowhere/key"], "install -d -o"),
        ({}, ["--user", "nobody-of-this-name"], "there is no user 'nobody-of-this-name'"),
        ({"zz.json": '{"HttpServerEnabled": false}'}, [], "'HttpServerEnabled'"),
    ],
)
def test_what_would_keep_orthanc_from_starting_is_told_before_anything_is_written(folder, capsys, files, options, says):
    for name, text in files.items():
        (folder / name).write_text(text)
    if "HttpServerEnabled" in str(files):
        path = folder / "orthanc.json"
        path.write_text(remove(path.read_text(), ["HttpServerEnabled"]))
    before = contents(folder)
    assert install(folder, *options) == 2
    said = capsys.readouterr().err
    assert says in said
    assert "nothing was changed" in said
    assert contents(folder) == before


def test_a_folder_without_orthanc_is_told_with_what_to_do(tmp_path, capsys):
    assert install(tmp_path / "nowhere") == 2
    assert "apt-get install orthanc orthanc-python" in capsys.readouterr().err
    assert install(tmp_path) == 2
    assert "--config-folder" in capsys.readouterr().err


def test_the_plugins_python_is_read_as_the_linker_reads_it():
    linked = subprocess.run(["ldd", PLUGIN], check=True, capture_output=True, text=True).stdout
    major, minor = re.search(r"libpython(\d)\.(\d+)", linked).groups()
    assert embedded_python(Path(PLUGIN)) == (int(major), int(minor))


def test_a_plugin_of_another_python_is_told_with_what_to_do(folder, tmp_path, capsys):
    other = tmp_path / "plugins" / "libOrthancPython.so"
    other.parent.mkdir()
    other.write_bytes(b"\x7fELF\0libpython3.99.so.1.0\0")
    path = folder / "orthanc.json"
    path.write_text(set_value(path.read_text(), ["Plugins"], [str(other.parent)]))
    assert install(folder) == 2
    assert "python3.99 -m venv FOLDER" in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can ask what another user may do")
def test_a_service_that_may_not_read_greycloak_is_told_with_what_to_do(folder, tmp_path, capsys, monkeypatch):
    script = tmp_path / "private" / "plugin.py"
    script.parent.mkdir(mode=0o700)
    script.touch()
    monkeypatch.setattr(deploy, "own_script", lambda: script)
    assert main(["orthanc", "install", "--config-folder", str(folder), "--user", "orthanc"]) == 2
    assert f"the user orthanc, as whom Orthanc runs, may not read {script}" in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can ask what another user may do")
def test_packages_that_were_installed_for_root_alone_are_told(folder, tmp_path, capsys, monkeypatch):
    package = tmp_path / "shut" / "pydicom" / "__init__.py"
    package.parent.mkdir(mode=0o700, parents=True)
    package.touch()
    real = deploy.find_spec
    shut = ModuleSpec("pydicom", None, origin=str(package))
    monkeypatch.setattr(deploy, "find_spec", lambda name: shut if name == "pydicom" else real(name))
    assert main(["orthanc", "install", "--config-folder", str(folder), "--user", "orthanc"]) == 2
    assert f"may not read {package}: install Greycloak in a virtual environment" in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can ask what another user may do")
def test_a_service_that_may_not_write_its_store_is_told_with_what_to_do(folder, tmp_path, capsys):
    tmp_path.chmod(0o700)
    command = ["orthanc", "install", "--config-folder", str(folder), "--user", "orthanc"]
    assert main([*command, "--store", f"sqlite:///{tmp_path}/store.sqlite"]) == 2
    said = capsys.readouterr().err
    assert f"the user orthanc, as whom Orthanc runs, may not write in {tmp_path}: make it" in said
    assert f"install -d -o orthanc -m 0700 {tmp_path}" in said


def test_a_dry_run_shows_no_password_of_a_file_that_holds_everything(folder, capsys):
    (folder / "python.json").unlink()
    (folder / "credentials.json").unlink(missing_ok=True)
    path = folder / "orthanc.json"
    text = path.read_text().replace("{", '{\n"RegisteredUsers" : {"alice" : "SECRET-4711"},', 1)
    path.write_text(set_value(text, ["PythonScript"], ""))
    assert install(folder, "--dry-run") == 0
    assert "SECRET" not in capsys.readouterr().out
    assert install(folder) == 0
    assert "SECRET" in (folder / "orthanc.json.before-greycloak").read_text()
    assert uninstall(folder, "--dry-run") == 0
    assert "SECRET" not in capsys.readouterr().out


COMMENTED = """\
\ufeff{
  // "A" : 1,
  "B" : "}, // no comment \\" here", /* } */
  "C" : { "D" : [1, 2, ], // why
  },
  "E" : ${PORT:-8042},
  "F" : null // last
  // done
}
"""


def test_values_between_comments_are_read():
    found = read_object(COMMENTED)
    assert [member.name for member in found.members] == ["B", "C", "E", "F"]
    assert value_of(COMMENTED, found.find("B")) == '}, // no comment " here'
    assert value_of(COMMENTED, found.find("C")) == {"D": [1, 2]}
    with pytest.raises(JsonTextError, match="line 6: the value of 'E'"):
        value_of(COMMENTED, found.find("E"))


@pytest.mark.parametrize("path", [["B"], ["C", "D"], ["C", "new"], ["F"], ["new"], ["new", "inner"]])
def test_a_value_is_set_and_nothing_else_changes(path):
    text = set_value(COMMENTED, path, "x")
    found, value = read_object(text), None
    for name in path:
        member = found.find(name)
        value = value_of(text, member)
        if isinstance(value, dict):
            found = read_object(text, member.value_start)
    assert value == "x"
    for comment in ('// "A" : 1,', "/* } */", "// why", "// last", "// done", "${PORT:-8042}"):
        assert comment in text
    if path == ["new"]:
        assert remove(text, path).replace("null, //", "null //") == COMMENTED


@pytest.mark.parametrize("text", ["{}", "{\n}\n", '{"A": 1}', '{\r\n\t"A": 1\r\n}\r\n', '{"A": [{"B": {}}], "C": 2}'])
def test_what_is_added_is_read_again_and_can_be_removed(text):
    added = set_value(text, ["New"], {"One": 1})
    assert json.loads(added) == json.loads(text) | {"New": {"One": 1}}
    assert json.loads(remove(added, ["New"])) == json.loads(text)
    assert ("\r\n" in text) == ("\r\n" in added)
    if "\r\n" in text:
        assert "\n" not in added.replace("\r\n", "")


NAMES = st.text(min_size=1, max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=4)
PASSED = st.sampled_from(["", " ", "\n", '// } " {\n', '/* , } " */', "\r\n\t"])


def spelled(value, data):
    """Write a value with comments wherever there may be one."""
    passed = data.draw(PASSED)
    if isinstance(value, dict):
        members = [f"{passed}{json.dumps(name)}{passed}:{spelled(one, data)}" for name, one in value.items()]
        return f"{passed}{{{','.join(members)}{passed}}}{passed}"
    if isinstance(value, list):
        return f"{passed}[{','.join(spelled(one, data) for one in value)}{passed}]{passed}"
    return f"{passed}{json.dumps(value, ensure_ascii=data.draw(st.booleans()))}{passed}"


def everything(text):
    return {member.name: value_of(text, member) for member in read_object(text).members}


@given(content=OBJECTS, name=NAMES, value=VALUES, data=st.data())
def test_whatever_stands_in_a_file_only_the_one_value_changes(content, name, value, data):
    text = spelled(content, data)
    assert everything(text) == content
    changed = set_value(text, [name], value)
    assert everything(changed) == content | {name: value}
    removed = remove(changed, [name])
    assert everything(removed) == {key: one for key, one in content.items() if key != name}
