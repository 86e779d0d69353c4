"""A MRML scene and its subject hierarchy in memory, by the method names of the C++ classes.

The answers are those that slicer-core 5.13 gave. VTK's wrapping, unlike PythonQt's, lets Python set new attributes; it
takes arguments by position only, and of the right type.
"""

from __future__ import annotations

from os import PathLike

INVALID_ITEM = 0
SCENE_ITEM = 3
FIRST_ITEM = 5
"""After the items of the scene and of what is not resolved yet."""


def _check(method, kind, *values):
    for value in values:
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise TypeError(f"{method}: {kind} required, not {type(value).__name__}")


TEXT = (str, type(None))


class vtkIdList:
    """VTK's list of numbers."""

    def __init__(self):
        self._ids = []

    def Reset(self):
        self._ids.clear()

    def InsertNextId(self, number, /):
        _check("InsertNextId", int, number)
        self._ids.append(number)
        return len(self._ids) - 1

    def GetNumberOfIds(self):
        return len(self._ids)

    def GetId(self, position, /):
        return self._ids[position]


class vtkMRMLNode:
    """Any node of a scene."""

    def __init__(self):
        self._name = None
        self._description = None
        self._attributes = {}
        self._id = None
        self._scene = None
        self._hidden = 0

    def GetClassName(self):
        return type(self).__name__

    def IsA(self, name, /):
        return int(any(cls.__name__ == name for cls in type(self).__mro__))

    def GetID(self):
        return self._id

    def GetName(self):
        return self._name

    def SetName(self, name, /):
        _check("SetName", TEXT, name)
        self._name = name

    def GetDescription(self):
        return self._description

    def SetDescription(self, text, /):
        _check("SetDescription", TEXT, text)
        self._description = text

    def GetAttribute(self, name, /):
        _check("GetAttribute", str, name)
        return self._attributes.get(name)

    def SetAttribute(self, name, value, /):
        """Set an attribute; None removes it."""
        _check("SetAttribute", str, name)
        _check("SetAttribute", TEXT, value)
        if value is None:
            self._attributes.pop(name, None)
        else:
            self._attributes[name] = value

    def RemoveAttribute(self, name, /):
        self.SetAttribute(name, None)

    def GetAttributeNames(self):
        return tuple(sorted(self._attributes))

    def GetHideFromEditors(self):
        return self._hidden

    def SetHideFromEditors(self, hidden, /):
        _check("SetHideFromEditors", (int, bool), hidden)
        self._hidden = int(hidden)

    def GetScene(self):
        return self._scene


class vtkMRMLStorageNode(vtkMRMLNode):
    """Where a node's data came from."""

    def __init__(self):
        super().__init__()
        self._file = None
        self._files = []
        self._uri = None
        self._uris = []

    def GetFileName(self):
        return self._file

    def SetFileName(self, name, /):
        """Set the name; for none it takes an empty text, but not None."""
        _check("SetFileName", (str, bytes, PathLike), name)
        self._file = str(name)

    def GetNumberOfFileNames(self):
        return len(self._files)

    def GetNthFileName(self, number, /):
        return self._files[number] if 0 <= number < len(self._files) else None

    def AddFileName(self, name, /):
        _check("AddFileName", str, name)
        self._files.append(name)
        return len(self._files) - 1

    def ResetFileNameList(self):
        self._files.clear()

    def GetURI(self):
        return self._uri

    def GetNumberOfURIs(self):
        return len(self._uris)

    def GetNthURI(self, number, /):
        return self._uris[number] if 0 <= number < len(self._uris) else None

    def AddURI(self, uri, /):
        _check("AddURI", str, uri)
        self._uris.append(uri)
        return len(self._uris) - 1

    def ResetURIList(self):
        self._uris.clear()

    def SetURI(self, uri, /):
        _check("SetURI", TEXT, uri)
        self._uri = uri


class vtkMRMLVolumeArchetypeStorageNode(vtkMRMLStorageNode):
    """The storage of volumes."""


class vtkMRMLStorableNode(vtkMRMLNode):
    """A node that is stored in a file."""

    def __init__(self):
        super().__init__()
        self._storage = []

    def GetStorageNode(self):
        return self._storage[0] if self._storage else None

    def GetNumberOfStorageNodes(self):
        return len(self._storage)

    def GetNthStorageNode(self, number, /):
        return self._storage[number] if 0 <= number < len(self._storage) else None

    def SetAndObserveStorageNodeID(self, node_id, /):
        _check("SetAndObserveStorageNodeID", TEXT, node_id)
        found = self._scene.GetNodeByID(node_id) if node_id else None
        self._storage = [found] if found else []

    def AddDefaultStorageNode(self, name=None, /):
        if not self._storage:
            node = self._scene.AddNode(vtkMRMLVolumeArchetypeStorageNode())
            node._file = name
            self._storage = [node]
        return True


class vtkMRMLScalarVolumeNode(vtkMRMLStorableNode):
    """An image."""


class vtkMRMLTextNode(vtkMRMLStorableNode):
    """A text."""

    def __init__(self):
        super().__init__()
        self._text = ""

    def GetText(self):
        return self._text

    def SetText(self, text, encoding=-1, /):
        _check("SetText", str, text)
        del encoding
        self._text = text


class vtkMRMLScriptedModuleNode(vtkMRMLNode):
    """A module's parameters."""

    def __init__(self):
        super().__init__()
        self._parameters = {}

    def GetParameter(self, name, /):
        return self._parameters.get(name, "")

    def SetParameter(self, name, value, /):
        _check("SetParameter", str, name, value)
        self._parameters[name] = value

    def GetParameterNames(self):
        return tuple(self._parameters)


class Item:
    """One line of the subject hierarchy."""

    def __init__(self, parent, name="", level="", node=None):
        self.parent = parent
        self.name = name
        self.node = node
        self.attributes = {"Level": level} if level else {}
        self.uids = {}


class vtkMRMLSubjectHierarchyNode(vtkMRMLNode):
    """The tree of patients, studies and data in a scene; items are numbers, 0 is none."""

    def __init__(self):
        super().__init__()
        self._name = "SubjectHierarchy"
        self._items = {SCENE_ITEM: Item(INVALID_ITEM, "Scene")}
        self._next = FIRST_ITEM

    @staticmethod
    def GetSubjectHierarchyNode(scene, /):
        return scene.GetSubjectHierarchyNode() if scene is not None else None

    def GetSceneItemID(self):
        return SCENE_ITEM

    def GetInvalidItemID(self):
        return INVALID_ITEM

    def _item(self, number):
        """Return an item; an unknown one gives empty answers, and an error in the log."""
        _check("item ID", int, number)
        return self._items.get(number) or Item(INVALID_ITEM)

    def _create(self, parent, name, level="", node=None):
        _check("parent item ID", int, parent)
        self._items[self._next] = Item(parent, name, level, node)
        self._next += 1
        return self._next - 1

    def CreateSubjectItem(self, parent, name, /):
        return self._create(parent, name, "Patient")

    def CreateStudyItem(self, parent, name, /):
        return self._create(parent, name, "Study")

    def CreateFolderItem(self, parent, name, /):
        return self._create(parent, name, "Folder")

    def CreateItem(self, parent, node, /):
        _check("CreateItem", vtkMRMLNode, node)
        return self._create(parent, "", "", node)

    def GetNumberOfItems(self):
        return len(self._items) - 1

    def GetItemName(self, number, /):
        """Return the name: an item of a node has the node's."""
        item = self._item(number)
        return (item.node.GetName() or "") if item.node else item.name

    def SetItemName(self, number, name, /):
        _check("SetItemName", str, name)
        item = self._item(number)
        item.name = name
        if item.node:
            item.node.SetName(name)

    def GetItemLevel(self, number, /):
        return self._item(number).attributes.get("Level", "")

    def GetItemParent(self, number, /):
        return self._item(number).parent

    def SetItemParent(self, number, parent, /):
        _check("SetItemParent", int, parent)
        self._item(number).parent = parent

    def GetItemDataNode(self, number, /):
        return self._item(number).node

    def GetItemByDataNode(self, node, /):
        return next((number for number, item in self._items.items() if item.node is node), INVALID_ITEM)

    def GetItemChildren(self, number, ids, recursive=False, /):
        """Put the children's numbers into a vtkIdList or a list."""
        _check("GetItemChildren", (vtkIdList, list), ids)
        found = self._children(number, recursive)
        if isinstance(ids, list):
            ids[:] = found
            return
        ids.Reset()
        for each in found:
            ids.InsertNextId(each)

    def _children(self, number, recursive):
        found = []
        for each, item in self._items.items():
            if item.parent == number and each != SCENE_ITEM:
                found.append(each)
                if recursive:
                    found.extend(self._children(each, recursive))
        return found

    def GetItemAttribute(self, number, name, /):
        _check("GetItemAttribute", str, name)
        return self._item(number).attributes.get(name, "")

    def SetItemAttribute(self, number, name, value, /):
        _check("SetItemAttribute", str, name, value)
        self._item(number).attributes[name] = value

    def HasItemAttribute(self, number, name, /):
        return name in self._item(number).attributes

    def RemoveItemAttribute(self, number, name, /):
        return self._item(number).attributes.pop(name, None) is not None

    def GetItemAttributeNames(self, number, /):
        """Return the names, of which the level is one."""
        return tuple(sorted(self._item(number).attributes))

    def GetItemUID(self, number, name, /):
        return self._item(number).uids.get(name, "")

    def SetItemUID(self, number, name, value, /):
        _check("SetItemUID", str, name, value)
        self._item(number).uids[name] = value

    def RemoveItemUID(self, number, name, /):
        _check("RemoveItemUID", str, name)
        return self._item(number).uids.pop(name, None) is not None

    def GetItemUIDNames(self, number, /):
        return tuple(sorted(self._item(number).uids))

    def GetItemByUID(self, name, value, /):
        return next((number for number, item in self._items.items() if item.uids.get(name) == value), INVALID_ITEM)

    def RemoveItem(self, number, remove_node=True, remove_children=True, /):
        for child in self._children(number, recursive=False) if remove_children else ():
            self.RemoveItem(child, remove_node)
        item = self._items.pop(number)
        if remove_node and item.node is not None:
            self._scene.RemoveNode(item.node)
        return True


class vtkMRMLScene:
    """All nodes."""

    def __init__(self):
        self._nodes = []
        self._hierarchy = None

    def AddNode(self, node, /):
        _check("AddNode", vtkMRMLNode, node)
        node._scene = self
        number = 1 + sum(type(each) is type(node) for each in self._nodes)
        node._id = f"{node.GetClassName()}{number}"
        if node._name is None:
            node._name = node.GetClassName().removeprefix("vtkMRML").removesuffix("Node")
        self._nodes.append(node)
        return node

    def AddNewNodeByClass(self, class_name, name="", /):
        node = CLASSES[class_name]()
        if name:
            node.SetName(name)
        return self.AddNode(node)

    def RemoveNode(self, node, /):
        _check("RemoveNode", vtkMRMLNode, node)
        self._nodes.remove(node)
        for each in self._nodes:
            if isinstance(each, vtkMRMLStorableNode) and node in each._storage:
                each._storage.remove(node)

    def GetNumberOfNodes(self):
        return len(self._nodes)

    def GetNthNode(self, number, /):
        return self._nodes[number] if 0 <= number < len(self._nodes) else None

    def GetNumberOfNodesByClass(self, name, /):
        return sum(each.IsA(name) for each in self._nodes)

    def GetNthNodeByClass(self, number, name, /):
        found = [each for each in self._nodes if each.IsA(name)]
        return found[number] if 0 <= number < len(found) else None

    def GetNodeByID(self, node_id, /):
        _check("GetNodeByID", TEXT, node_id)
        return next((each for each in self._nodes if each.GetID() == node_id), None)

    def GetFirstNodeByName(self, name, /):
        return next((each for each in self._nodes if each.GetName() == name), None)

    def GetSubjectHierarchyNode(self):
        if self._hierarchy is None:
            self._hierarchy = self.AddNode(vtkMRMLSubjectHierarchyNode())
        return self._hierarchy

    def Clear(self, remove_singletons=0, /):
        _check("Clear", (int, bool), remove_singletons)
        self._nodes.clear()
        self._hierarchy = None


CLASSES = {
    cls.__name__: cls
    for cls in (
        vtkMRMLScalarVolumeNode,
        vtkMRMLScriptedModuleNode,
        vtkMRMLTextNode,
        vtkMRMLVolumeArchetypeStorageNode,
    )
}
"""What a scene makes by name. (Some more are abstract, and only to be inherited from.)"""
