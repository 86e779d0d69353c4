"""What can be told of the extension without running it: its form, its lists, its texts, and what its modules import."""

from __future__ import annotations

import ast
import re
import string
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import standins
from extension_source import (
    EXTENSION,
    FORM,
    LIBRARY,
    MODULE,
    MODULE_FILE,
    ROOT,
    TESTING,
    WITHOUT_SLICER,
    cmake_list,
    form,
    imported,
    is_at_file_scope,
    library,
    nodes,
    place,
    root_variable,
    scripts,
    shown,
    tree,
    visible,
)

QT_WIDGETS = """
    QCheckBox QComboBox QLabel QLineEdit QProgressBar QPushButton QTableWidget QWidget
""".split()
CUSTOM = {"ctkCollapsibleButton", "qMRMLWidget"}
FOR_PEOPLE_TO_USE = {"QCheckBox", "QComboBox", "QLineEdit", "QProgressBar", "QPushButton", "QTableWidget"}
OF_SLICER = {"qt", "ctk", "slicer", "vtk"}

SHOWING = """
    addItem say setPlaceholderText setStatusTip setText setTitle setToolTip setWindowTitle warn _say
""".split()
SHOWN = {"placeholderText", "statusTip", "text", "title", "toolTip", "windowTitle"}
MADE_WITH_TEXT = {"QAction", "QCheckBox", "QGroupBox", "QLabel", "QMenu", "QPushButton", "QTableWidgetItem"}

OURS_OR_PYTHON = ("slicer.util.", "slicer.packaging.")
"""Functions that are written in Python, and take keywords."""


def places(path, found):
    return [place(path, node) for node in found]


def is_text(node):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"


# The form


def test_the_form_has_widgets_that_slicer_knows():
    assert set(form().values()) <= {*QT_WIDGETS, *CUSTOM}


def test_custom_widgets_are_declared():
    declared = {widget.findtext("class"): widget for widget in ET.parse(FORM).iter("customwidget")}
    assert set(declared) == CUSTOM & set(form().values())
    assert {name: widget.findtext("header") for name, widget in declared.items()} == {n: f"{n}.h" for n in declared}


def test_the_form_is_one_that_slicer_can_give_a_scene():
    (top,) = ET.parse(FORM).getroot().findall("widget")
    assert top.get("class") == "qMRMLWidget"


def test_names_of_the_form_are_used_once():
    names = [widget.get("name") for widget in ET.parse(FORM).iter("widget")]
    assert len(names) == len(set(names))


def used_names():
    """Return what is asked of the panel's widgets by name: names, and where."""
    found = {}
    for path in scripts():
        for node in nodes(path, ast.Attribute):
            owner = node.value
            if (isinstance(owner, ast.Name) and owner.id == "ui") or (
                isinstance(owner, ast.Attribute) and owner.attr in {"ui", "_ui"}
            ):
                found.setdefault(node.attr, place(path, node))
    return found


def test_every_name_that_is_used_is_in_the_form():
    assert {name: where for name, where in used_names().items() if name not in form()} == {}


def test_everything_that_people_can_use_is_used():
    usable = {name for name, cls in form().items() if cls in FOR_PEOPLE_TO_USE}
    assert usable - set(used_names()) == set()


# The lists of CMake


def test_every_script_is_listed():
    listed = cmake_list(MODULE / "CMakeLists.txt", "MODULE_PYTHON_SCRIPTS")
    there = [path.relative_to(MODULE).as_posix() for path in [MODULE_FILE, *library()]]
    assert sorted(listed) == sorted(there)


def test_every_resource_is_listed():
    listed = cmake_list(MODULE / "CMakeLists.txt", "MODULE_PYTHON_RESOURCES")
    there = [path.relative_to(MODULE).as_posix() for path in visible(MODULE / "Resources", "*")]
    assert sorted(listed) == sorted(there)


def test_every_test_is_registered():
    registered = {
        folder / script
        for folder in (path.parent for path in TESTING.rglob("CMakeLists.txt"))
        for script in re.findall(
            r"slicer_add_python_unittest\(SCRIPT (\S+?)[ )]", (folder / "CMakeLists.txt").read_text()
        )
    }
    assert registered == set(visible(TESTING, "*.py"))


def test_every_folder_with_a_list_is_added():
    for path in visible(EXTENSION, "CMakeLists.txt"):
        above = path.parent.parent / "CMakeLists.txt"
        assert f"add_subdirectory({path.parent.name})" in above.read_text(encoding="utf-8"), above


# Texts for people


@pytest.mark.parametrize("path", scripts(), ids=shown)
def test_texts_are_literals_that_a_translator_can_find(path):
    for node in filter(is_text, nodes(path, ast.Call)):
        assert len(node.args) == 1, place(path, node)
        assert not node.keywords, place(path, node)
        assert isinstance(node.args[0], ast.Constant), place(path, node)
        assert isinstance(node.args[0].value, str), place(path, node)


@pytest.mark.parametrize("path", scripts(), ids=shown)
def test_placeholders_are_named_and_filled(path):
    """Slicer drops a translation whose placeholders differ; numbers would be mixed up in another word order."""
    for node in filter(is_text, nodes(path, ast.Call)):
        names = {name for _, name, _, _ in string.Formatter().parse(node.args[0].value) if name is not None}
        assert all(name.isidentifier() for name in names), place(path, node)
        formatted = node.parent
        if isinstance(formatted, ast.Attribute) and formatted.attr == "format":
            assert not formatted.parent.args, place(path, node)
            assert {keyword.arg for keyword in formatted.parent.keywords} == names, place(path, node)


def literals(node):
    """Return the literals that become part of a text, other than translated ones."""
    if is_text(node):
        return []
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    inner = []
    if isinstance(node, ast.IfExp):
        inner = [node.body, node.orelse]
    elif isinstance(node, (ast.JoinedStr, ast.Dict)):
        inner = node.values
    elif isinstance(node, ast.BinOp):
        inner = [node.left, node.right]
    elif isinstance(node, ast.Subscript):
        inner = [node.value]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"format", "join"}:
        inner = [node.func.value, *node.args]
    elif isinstance(node, (ast.List, ast.Tuple)):
        inner = node.elts
    return [text for one in inner for text in literals(one)]


def unwrapped(path):
    """Return what people get to see in English only; examples of addresses are the same in all languages."""
    for node in nodes(path, ast.Call, ast.Assign):
        if isinstance(node, ast.Assign):
            seen = [node.value] if isinstance(node.targets[0], ast.Attribute) and node.targets[0].attr in SHOWN else []
        else:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            is_shown = name in SHOWING or name in MADE_WITH_TEXT or name == "ProblemError"
            seen = node.args[:1] if is_shown else []
        texts = [text for one in seen for text in literals(one)]
        if any(re.search(r"[^\W\d_]", text) and "://" not in text for text in texts):
            yield node


@pytest.mark.parametrize("path", [MODULE_FILE, *library()], ids=shown)
def test_no_text_is_left_untranslated(path):
    assert places(path, unwrapped(path)) == []


# The module's file


def test_the_module_file_does_nothing_when_it_is_imported():
    docstring, *others = tree(MODULE_FILE).body
    assert isinstance(docstring.value, ast.Constant)
    assert {type(node) for node in others} == {ast.Import, ast.ImportFrom, ast.ClassDef}
    for cls in (node for node in others if isinstance(node, ast.ClassDef)):
        docstring, *methods = cls.body
        assert isinstance(docstring, ast.Expr)
        assert {type(node) for node in methods} == {ast.FunctionDef}


def test_the_module_file_imports_slicer_and_nothing_else():
    found = {
        name.partition(".")[0]
        for node in nodes(MODULE_FILE, ast.Import, ast.ImportFrom)
        if is_at_file_scope(node)
        for name in imported(node)
    }
    assert found - {"slicer"} <= sys.stdlib_module_names


def test_the_module_file_is_small_and_has_the_four_classes():
    assert len(MODULE_FILE.read_text(encoding="utf-8").splitlines()) <= 110
    classes = {node.name: [ast.unparse(base) for base in node.bases] for node in nodes(MODULE_FILE, ast.ClassDef)}
    kinds = ("", "Widget", "Logic", "Test")
    assert classes == {f"Greycloak{kind}": [f"ScriptedLoadableModule{kind}"] for kind in kinds}


def metadata(slicer_app, monkeypatch):
    monkeypatch.syspath_prepend(MODULE)
    for name in [name for name in sys.modules if name.partition(".")[0] in {"Greycloak", "GreycloakLib"}]:
        monkeypatch.delitem(sys.modules, name)
    parent = standins.add_module(slicer_app, MODULE_FILE)
    namespace = {"__name__": "Greycloak", "__file__": str(MODULE_FILE)}
    exec(compile(MODULE_FILE.read_text(encoding="utf-8"), MODULE_FILE, "exec"), namespace)
    namespace["Greycloak"](parent)
    return parent


def test_metadata_is_complete(slicer_app, monkeypatch):
    parent = metadata(slicer_app, monkeypatch)
    assert parent.title.startswith("Greycloak")
    assert tuple(parent.categories) == ("Informatics",)
    assert tuple(parent.dependencies) == ("DICOM",)
    assert parent.contributors
    assert "PS3.15" in parent.acknowledgementText
    assert "PHI" not in parent.helpText.split()


def test_help_links_to_a_page_of_this_repository(slicer_app, monkeypatch):
    (link,) = re.findall(r'href="([^"]+)"', metadata(slicer_app, monkeypatch).helpText)
    begin = root_variable("EXTENSION_HOMEPAGE").partition("#")[0] + "/blob/main/"
    assert link.startswith(begin)
    assert (ROOT / link.removeprefix(begin)).is_file()


# Imports


def test_the_list_of_modules_that_work_without_slicer_is_that_of_the_package():
    named = re.findall(r"`(\w+)`", ast.get_docstring(tree(LIBRARY / "__init__.py")).partition("What shows it")[0])
    assert set(named) <= {name.partition("/")[0] for name in WITHOUT_SLICER}


@pytest.mark.parametrize("name", WITHOUT_SLICER)
def test_what_does_the_work_needs_no_slicer(name):
    path = LIBRARY / f"{name}.py"
    for node in nodes(path, ast.Import, ast.ImportFrom):
        needs = {one.partition(".")[0] for one in imported(node)} & OF_SLICER
        is_guarded = name == "i18n" and isinstance(node.parent, ast.Try)
        assert not needs or is_guarded, place(path, node)


def needed_at_once(path):
    """Return the files of the library, and other packages, that are imported when a file is."""
    for node in nodes(path, ast.Import, ast.ImportFrom):
        if not is_at_file_scope(node):
            continue
        for name in imported(node):
            if name.partition(".")[0] != "GreycloakLib":
                yield name.partition(".")[0]
                continue
            below = LIBRARY.joinpath(*name.split(".")[1:])
            yield from (one for one in (below.with_suffix(".py"), below / "__init__.py") if one.is_file())


@pytest.mark.parametrize("name", ["panel", "host", "browser_hook", "self_test", "packages"])
def test_the_panel_opens_before_anything_is_installed(name):
    """What Slicer does not bundle is imported once it is needed, and after the user was asked."""
    seen, left = set(), [LIBRARY / f"{name}.py"]
    while left:
        one = left.pop()
        if one not in seen:
            seen.add(one)
            left += needed_at_once(one) if isinstance(one, Path) else ()
    assert {one for one in seen if isinstance(one, str)} - OF_SLICER - {"__future__"} <= sys.stdlib_module_names


# What PythonQt refuses, and what nobody should find in Slicer's log


def dotted(node):
    return ast.unparse(node) if isinstance(node, (ast.Attribute, ast.Name)) else ""


@pytest.mark.parametrize("path", scripts(), ids=shown)
def test_calls_into_qt_have_no_keywords(path):
    """PythonQt refuses them. Whoever writes Python names methods_like_this; methodsLikeThis are Qt's and Slicer's."""
    refused = []
    for node in nodes(path, ast.Call):
        name = dotted(node.func)
        is_foreign = name.startswith(("qt.", "ctk.", "vtk.")) or re.search(r"\.[a-z]+[A-Z]\w*$", name)
        if node.keywords and is_foreign and not name.startswith(OURS_OR_PYTHON) and "anonymizeFolder" not in name:
            refused.append(node)
    assert places(path, refused) == []


@pytest.mark.parametrize("path", [MODULE_FILE, *library()], ids=shown)
def test_nothing_is_printed(path):
    calls = nodes(path, ast.Call)
    assert places(path, [node for node in calls if dotted(node.func) in {"print", "sys.stdout.write"}]) == []


@pytest.mark.parametrize("path", [MODULE_FILE, *library()], ids=shown)
def test_the_log_tells_kinds_of_errors_and_no_values(path):
    """Slicer's log is attached to reports of bugs."""
    for node in nodes(path, ast.Call):
        name = dotted(node.func)
        assert not name.startswith("logging.") or name == "logging.getLogger", place(path, node)
        if name.startswith("_log."):
            message, *values = node.args
            assert isinstance(message, ast.Constant), place(path, node)
            assert not node.keywords, place(path, node)
            assert {ast.unparse(value) for value in values} <= {"type(error).__name__"}, place(path, node)
