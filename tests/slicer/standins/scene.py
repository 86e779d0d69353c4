"""A MRML scene and its subject hierarchy in memory, by the method names of the C++ classes.

VTK's wrapping, unlike PythonQt's, lets Python set new attributes, and takes positional arguments only.
"""

from __future__ import annotations

DEFAULT_ITEM = 0
"""What ``vtkMRMLSubjectHierarchyNode::INVALID_ITEM_ID`` is."""


def _check(kind, *values):
    for value in values:
        if not isinstance(value, kind):
            raise TypeError(f"method requires a {kind}, a {type(value).__name__} was provided")


class vtkMRMLNode:
    """Any node of a scene."""

    def __init__(self, name=""):
        self._name = name
        self._description = ""
        self._attributes = {}
        self._id = None
        self._scene = None
        self._hidden = 0

    def GetClassName(self):
        return type(self).__name__

    def IsA(self, name):
        return int(any(cls.__name__ == name for cls in type(self).__mro__))

    def GetID(self):
        return self._id

    def GetName(self):
        return self._name

    def SetName(self, name, /):
        _check((str, type(None)), name)
        self._name = name

    def GetDescription(self):
        return self._description

    def SetDescription(self, text, /):
        _check((str, type(None)), text)
        self._description = text

    def GetAttribute(self, name, /):
        _check(str, name)
        return self._attributes.get(name)

    def SetAttribute(self, name, value, /):
        """Set an attribute; None removes it."""
        _check(str, name)
        _check((str, type(None)), value)
        if value is None:
            self._attributes.pop(name, None)
        else:
            self._attributes[name] = value

    def RemoveAttribute(self, name, /):
        self.SetAttribute(name, None)

    def GetAttributeNames(self):
        """Return the names; the C++ method without an argument gives a tuple in Python."""
        return tuple(sorted(self._attributes))

    def GetHideFromEditors(self):
        return self._hidden

    def SetHideFromEditors(self, hidden, /):
        self._hidden = int(hidden)

    def GetScene(self):
        return self._scene


class vtkMRMLStorageNode(vtkMRMLNode):
    """Where a node's data came from."""

    def __init__(self, name=""):
        super().__init__(name)
        self._file = None
        self._files = []
        self._uri = None

    def GetFileName(self):
        return self._file

    def SetFileName(self, name, /):
        _check((str, type(None)), name)
        self._file = name

    def GetNumberOfFileNames(self):
        return len(self._files)

    def GetNthFileName(self, number, /):
        return self._files[number] if 0 <= number < len(self._files) else None

    def AddFileName(self, name, /):
        _check(str, name)
        self._files.append(name)
        return len(self._files) - 1

    def ResetFileNameList(self):
        self._files.clear()

    def GetURI(self):
        return self._uri

    def SetURI(self, uri, /):
        self._uri = uri


class vtkMRMLVolumeArchetypeStorageNode(vtkMRMLStorageNode):
    """The storage of volumes."""


class vtkMRMLStorableNode(vtkMRMLNode):
    """A node that is stored in a file."""

    def __init__(self, name=""):
        super().__init__(name)
        self._storage = []

    def GetStorageNode(self):
        return self._storage[0] if self._storage else None

    def GetNumberOfStorageNodes(self):
        return len(self._storage)

    def GetNthStorageNode(self, number, /):
        return self._storage[number] if 0 <= number < len(self._storage) else None

    def SetAndObserveStorageNodeID(self, node_id, /):
        _check((str, type(None)), node_id)
        found = self._scene.GetNodeByID(node_id) if node_id else None
        self._storage = [found] if found else []

    def AddDefaultStorageNode(self, name=None, /):
        if not self._storage:
            node = self._scene.AddNode(vtkMRMLVolumeArchetypeStorageNode())
            node.SetFileName(name)
            self._storage = [node]
        return True


class vtkMRMLScalarVolumeNode(vtkMRMLStorableNode):
    """An image."""


class vtkMRMLScriptedModuleNode(vtkMRMLNode):
    """A module's parameters."""

    def __init__(self, name=""):
        super().__init__(name)
        self._parameters = {}

    def GetParameter(self, name, /):
        return self._parameters.get(name, "")

    def SetParameter(self, name, value, /):
        _check(str, name, value)
        self._parameters[name] = value

    def GetParameterNames(self):
        return tuple(self._parameters)


class vtkMRMLSubjectHierarchyNode(vtkMRMLNode):
    """The tree of patients, studies and data in a scene; items are numbers, 0 is none."""

    INVALID_ITEM_ID = DEFAULT_ITEM

    def __init__(self, name="SubjectHierarchy"):
        super().__init__(name)
        self._items = {3: {"name": "Scene", "level": "", "parent": 0, "node": None, "attributes": {}, "uids": {}}}

    @staticmethod
    def GetSubjectHierarchyNode(scene, /):
        return scene.subject_hierarchy if scene is not None else None

    def GetSceneItemID(self):
        return 3

    def GetInvalidItemID(self):
        return DEFAULT_ITEM

    def _create(self, parent, name, level, node=None):
        number = max(self._items) + 1
        self._items[number] = {
            "name": name, "level": level, "parent": parent, "node": node, "attributes": {}, "uids": {}
        }  # fmt: skip
        return number

    def CreateSubjectItem(self, parent, name, /):
        return self._create(parent, name, "Patient")

    def CreateStudyItem(self, parent, name, /):
        return self._create(parent, name, "Study")

    def CreateFolderItem(self, parent, name, /):
        return self._create(parent, name, "Folder")

    def CreateItem(self, parent, node, level="", /):
        _check(vtkMRMLNode, node)
        return self._create(parent, node.GetName(), level, node)

    def GetNumberOfItems(self):
        return len(self._items) - 1

    def GetItemName(self, item, /):
        """Return the name: an item of a node has the node's."""
        found = self._items.get(item)
        if found is None:
            return ""
        return found["node"].GetName() if found["node"] else found["name"]

    def SetItemName(self, item, name, /):
        _check(str, name)
        self._items[item]["name"] = name
        if self._items[item]["node"]:
            self._items[item]["node"].SetName(name)

    def GetItemLevel(self, item, /):
        return self.GetItemAttribute(item, "Level") or self._items.get(item, {"level": ""})["level"]

    def GetItemParent(self, item, /):
        return self._items.get(item, {"parent": 0})["parent"]

    def SetItemParent(self, item, parent, /):
        self._items[item]["parent"] = parent

    def GetItemDataNode(self, item, /):
        return self._items.get(item, {"node": None})["node"]

    def GetItemByDataNode(self, node, /):
        return next((number for number, item in self._items.items() if item["node"] is node), DEFAULT_ITEM)

    def GetItemChildren(self, item, ids, recursive=False, /):
        """Put the children's numbers into a vtkIdList."""
        ids.Reset()
        self._children(item, ids, recursive)

    def _children(self, item, ids, recursive):
        for number, each in self._items.items():
            if each["parent"] == item:
                ids.InsertNextId(number)
                if recursive:
                    self._children(number, ids, recursive)

    def GetItemAttribute(self, item, name, /):
        return self._items.get(item, {"attributes": {}})["attributes"].get(name, "")

    def SetItemAttribute(self, item, name, value, /):
        _check(str, name, value)
        self._items[item]["attributes"][name] = value

    def HasItemAttribute(self, item, name, /):
        return name in self._items[item]["attributes"]

    def RemoveItemAttribute(self, item, name, /):
        return self._items[item]["attributes"].pop(name, None) is not None

    def GetItemAttributeNames(self, item, /):
        return tuple(self._items[item]["attributes"])

    def GetItemUID(self, item, name, /):
        return self._items.get(item, {"uids": {}})["uids"].get(name, "")

    def SetItemUID(self, item, name, value, /):
        _check(str, name, value)
        self._items[item]["uids"][name] = value

    def GetItemUIDs(self, item, /):
        return dict(self._items[item]["uids"])

    def GetItemByUID(self, name, value, /):
        return next((n for n, item in self._items.items() if item["uids"].get(name) == value), DEFAULT_ITEM)

    def RemoveItem(self, item, remove_nodes=True, remove_children=True, /):
        found = self._items.pop(item)
        if remove_nodes and found["node"] is not None:
            self._scene.RemoveNode(found["node"])
        for number in [n for n, each in self._items.items() if remove_children and each["parent"] == item]:
            self.RemoveItem(number, remove_nodes, remove_children)
        return True


class vtkIdList:
    """VTK's list of numbers."""

    def __init__(self):
        self._ids = []

    def Reset(self):
        self._ids.clear()

    def InsertNextId(self, number, /):
        self._ids.append(number)
        return len(self._ids) - 1

    def GetNumberOfIds(self):
        return len(self._ids)

    def GetId(self, position, /):
        return self._ids[position]


class vtkMRMLScene:
    """All nodes."""

    def __init__(self):
        self._nodes = []
        self.subject_hierarchy = self.AddNode(vtkMRMLSubjectHierarchyNode())

    def AddNode(self, node, /):
        _check(vtkMRMLNode, node)
        node._scene = self
        number = 1 + sum(type(each) is type(node) for each in self._nodes)
        node._id = f"{node.GetClassName()}{number}"
        node._name = node._name or node.GetClassName().removeprefix("vtkMRML").removesuffix("Node")
        self._nodes.append(node)
        return node

    def AddNewNodeByClass(self, class_name, name="", /):
        return self.AddNode(CLASSES[class_name](name))

    def RemoveNode(self, node, /):
        self._nodes.remove(node)

    def GetNumberOfNodes(self):
        return len(self._nodes)

    def GetNthNode(self, number, /):
        return self._nodes[number] if 0 <= number < len(self._nodes) else None

    def GetNumberOfNodesByClass(self, name, /):
        return sum(bool(node.IsA(name)) for node in self._nodes)

    def GetNthNodeByClass(self, number, name, /):
        found = [node for node in self._nodes if node.IsA(name)]
        return found[number] if 0 <= number < len(found) else None

    def GetNodeByID(self, node_id, /):
        return next((node for node in self._nodes if node.GetID() == node_id), None)

    def GetFirstNodeByName(self, name, /):
        return next((node for node in self._nodes if node.GetName() == name), None)

    def GetSubjectHierarchyNode(self):
        return self.subject_hierarchy

    def Clear(self, remove_singletons=0, /):
        del remove_singletons
        self.__init__()


CLASSES = {
    cls.__name__: cls
    for cls in (
        vtkMRMLScalarVolumeNode,
        vtkMRMLScriptedModuleNode,
        vtkMRMLStorableNode,
        vtkMRMLVolumeArchetypeStorageNode,
    )
}
