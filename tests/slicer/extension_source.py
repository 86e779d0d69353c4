"""The extension's source, for the gates that read it instead of running it."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parents[2]
EXTENSION = ROOT / "slicer_extension"
MODULE = EXTENSION / "Greycloak"
MODULE_FILE = MODULE / "Greycloak.py"
LIBRARY = MODULE / "GreycloakLib"
TESTING = MODULE / "Testing"
FORM = MODULE / "Resources" / "UI" / "Greycloak.ui"
CORE = ROOT / "core"

WITHOUT_SLICER = """
    __init__ anonymizers choices crosswalk finding_core headless i18n in_background orthanc outputs packages
    pending_file picture preview problems run scene selection self_test targets/__init__ targets/database
    targets/folder targets/orthanc
""".split()
"""The modules of ``GreycloakLib`` that do the work: they run anywhere."""


def visible(folder: Path, *patterns: str) -> list[Path]:
    """Return the files below a folder that are somebody's, not caches or the system's."""
    found = {path for pattern in patterns for path in folder.rglob(pattern) if path.is_file()}
    return sorted(path for path in found if "__pycache__" not in path.parts and not path.name.startswith("."))


def library() -> list[Path]:
    return visible(LIBRARY, "*.py")


def scripts() -> list[Path]:
    """Return everything of the extension that is Python."""
    return visible(EXTENSION, "*.py")


def shown(path: Path) -> str:
    return path.relative_to(EXTENSION).as_posix()


@functools.cache
def tree(path: Path) -> ast.Module:
    """Return a parsed file, whose nodes know their parents."""
    parsed = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(parsed):
        for child in ast.iter_child_nodes(node):
            child.parent = node
    return parsed


def nodes(path: Path, *kinds: type[ast.AST]) -> list[ast.AST]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, kinds)]


def place(path: Path, node: ast.AST) -> str:
    return f"{shown(path)}:{node.lineno}: {ast.unparse(node)[:100]}"


def imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    """Return the full names of the modules that a statement may import."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]


def is_for_types_only(node: ast.AST) -> bool:
    """Tell whether a statement stands below ``if TYPE_CHECKING``."""
    while (node := getattr(node, "parent", None)) is not None:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            return True
    return False


def is_at_file_scope(node: ast.AST) -> bool:
    """Tell whether a statement runs when its file is imported."""
    if is_for_types_only(node):
        return False
    while (node := getattr(node, "parent", None)) is not None:
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            return False
    return True


@functools.cache
def form() -> dict[str, str]:
    """Return the widgets of the panel: names, and their classes."""
    return {widget.get("name"): widget.get("class") for widget in ET.parse(FORM).iter("widget")}


def cmake_list(path: Path, variable: str) -> list[str]:
    """Return what ``set()`` puts into a variable."""
    text = re.sub(r"#.*", "", path.read_text(encoding="utf-8"))
    names = dict(re.findall(r"set\s*\(\s*(\w+)\s+([^\s()]+)\s*\)", text))
    (listed,) = re.findall(rf"set\s*\(\s*{variable}\s+([^)]*)\)", text)
    return [re.sub(r"\$\{(\w+)\}", lambda match: names[match[1]], word) for word in listed.split()]


def root_variable(name: str) -> str:
    """Return a variable of the root's CMakeLists.txt, as the index's script finds it: in double quotes, on one line."""
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    (value,) = re.findall(rf'^set\({name} "([^"]+)"\)$', text, re.MULTILINE)
    return value
