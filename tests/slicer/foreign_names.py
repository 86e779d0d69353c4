"""Find the names of Slicer, CTK, MRML, VTK and Qt that the extension uses: of which class, and what is asked of it.

What an object is follows from how it is named in the extension, file by file, and from what methods return.
"""

from __future__ import annotations

import ast
import re

from extension_source import MODULE_FILE, form, imported, nodes, scripts, shown

PACKAGES = {"slicer", "ctk", "qt", "vtk"}

OBJECTS = {
    "database": "ctkDICOMDatabase",
    "self._database": "ctkDICOMDatabase",
    "tables": "ctkDICOMTableManager",
    "self._tables": "ctkDICOMTableManager",
    "browser": "SlicerDICOMBrowser",
    "found": "SlicerDICOMBrowser",
    "visual": "ctkDICOMVisualBrowserWidget",
    "view": "ctkDICOMPatientView",
    "indexer": "ctkDICOMIndexer",
    "hierarchy": "vtkMRMLSubjectHierarchyNode",
    "self._hierarchy": "vtkMRMLSubjectHierarchyNode",
    "ids": "vtkIdList",
    "node": "vtkMRMLNode",
    "self._scene": "vtkMRMLScene",
    "window": "qSlicerMainWindow",
    "selector": "qSlicerModuleSelectorToolBar",
    "self._selector": "qSlicerModuleSelectorToolBar",
    "uiWidget": "qMRMLWidget",
    "self.parent": "qSlicerScriptedLoadableModule",
}
"""Names that mean the same in every file of the extension."""

ONLY_IN = {
    "found": {"browser_hook.py"},
    "selector": {"browser_hook.py"},
    "self._selector": {"browser_hook.py"},
    "node": {"scene.py"},
    "ids": {"scene.py"},
    "view": {"browser.py"},
    "self.parent": {"Greycloak.py"},
}

RETURNS = {
    ("SlicerDICOMBrowser", "dicomBrowser"): "ctkDICOMBrowser",
    ("SlicerDICOMBrowser", "dicomVisualBrowser"): "ctkDICOMVisualBrowserWidget",
    ("ctkDICOMBrowser", "dicomTableManager"): "ctkDICOMTableManager",
    ("ctkDICOMVisualBrowserWidget", "patientView"): "ctkDICOMPatientView",
    ("slicer.modules.greycloak", "widgetRepresentation"): "qSlicerScriptedLoadableModuleWidget",
}

STORAGE = re.compile(r"(Get|Set|Reset|GetNth|GetNumberOf)(FileName|URI)(s|List)?")
TEXT = {"GetText", "SetText"}
"""What of a node is a storage node's."""

OF_MODULE_CLASSES = {"layout", "resourcePath"}
"""What the classes of the module file use of those that they inherit from."""

OURS = re.compile(r"slicer\.modules\.(greycloak\w*|GreycloakWidget)")


def names(path):
    """Yield the foreign names that a file uses: full name, and node."""
    aliases = {}
    for node in nodes(path, ast.Import, ast.ImportFrom):
        if isinstance(node, ast.ImportFrom) and node.module.partition(".")[0] in PACKAGES:
            yield from ((name, node) for name in imported(node)[1:])
        elif isinstance(node, ast.Import):
            aliases |= {one.asname: one.name for one in node.names if one.asname and one.name.startswith("slicer.")}
    own = {alias.asname or alias.name for node in nodes(path, ast.ImportFrom) for alias in node.names}
    reader = Reader(path.name, aliases, own)
    for node in nodes(path, ast.Attribute, ast.Call):
        name = reader.name(node)
        if name and not reader.is_inner(node):
            yield name, node
    for node in nodes(path, ast.Call):
        yield from ((name, node) for name in reader.signals(node))


class Reader:
    """Reads one file."""

    def __init__(self, file, aliases, own):
        self._file, self._aliases, self._own = file, aliases, own

    def kind(self, node):
        """Return the class of an expression, or its dotted name if it is one of a package; None if it is ours."""
        if isinstance(node, ast.Name) and node.id in self._own:
            return None
        known = self._by_name(node)
        if known or isinstance(node, ast.Name):
            return known
        if isinstance(node, ast.Call) and not self._is_getattr(node):
            return self._returned(node)
        owner, attribute = self._asked(node)
        if owner and owner.partition(".")[0] in PACKAGES:
            return f"{owner}.{attribute}"
        return RETURNS.get((owner, attribute))

    def _by_name(self, node):
        """Return what a name means: a widget of the form, an object that is always called so, or a package."""
        text = ast.unparse(node)
        if isinstance(node, ast.Attribute) and re.fullmatch(r"(\w+\.)?_?ui", ast.unparse(node.value)):
            return form().get(node.attr)
        if text in OBJECTS and self._file in ONLY_IN.get(text, {self._file}):
            return OBJECTS[text]
        return text if text in PACKAGES else self._aliases.get(text)

    def _returned(self, call):
        if not isinstance(call.func, ast.Attribute):
            return None
        owner = self.kind(call.func.value)
        return RETURNS.get((owner, call.func.attr))

    def _is_getattr(self, node):
        return (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) == "getattr"
            and isinstance(node.args[1], ast.Constant)
        )

    def _asked(self, node):
        """Return of what something is asked, and what; both None if this is no question."""
        if isinstance(node, ast.Attribute):
            return self.kind(node.value), node.attr
        if self._is_getattr(node):
            return self.kind(node.args[0]), node.args[1].value
        return None, None

    def name(self, node):
        """Return the full name of what an expression asks for, if that is foreign."""
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self":
            is_inherited = self._file == MODULE_FILE.name and node.attr in OF_MODULE_CLASSES
            return f"slicer.ScriptedLoadableModule.ScriptedLoadableModuleWidget.{node.attr}" if is_inherited else None
        owner, attribute = self._asked(node)
        if owner is None or attribute in {"connect", "disconnect"}:
            return None
        if owner == "vtkMRMLNode" and STORAGE.fullmatch(attribute):
            owner = "vtkMRMLStorageNode"
        elif owner == "vtkMRMLNode" and attribute in TEXT:
            owner = "vtkMRMLTextNode"
        full = f"{owner}.{attribute}"
        return None if OURS.fullmatch(full) else full

    def is_inner(self, node):
        """Tell whether an attribute is only a step on the way, as ``slicer.util`` is to ``slicer.util.loadUI``."""
        parent = node.parent
        is_step = isinstance(parent, ast.Attribute) or (self._is_getattr(parent) and parent.args[0] is node)
        return is_step and self.name(parent) is not None and (self.kind(node) or "").partition(".")[0] in PACKAGES

    def signals(self, call):
        """Yield the signals that are connected by their signature."""
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in {"connect", "disconnect"}:
            return
        if call.args and isinstance(call.args[0], ast.Constant):
            owner = self.kind(call.func.value)
            if owner:
                yield f"{owner}.{call.args[0].value}"


def used():
    """Return every foreign name that the extension uses, and where first."""
    found = {}
    for path in scripts():
        for name, node in names(path):
            found.setdefault(name, f"{shown(path)}:{node.lineno}")
    return found
