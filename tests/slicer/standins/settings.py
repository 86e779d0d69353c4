"""QSettings that live no longer than a test."""

from __future__ import annotations

from standins.foreign import ForeignObject, slot

STORE: dict[str, object] = {}


def restart():
    """Read the settings back as after a restart of Slicer: what was a Boolean or a number is a text."""
    for key, value in STORE.items():
        if isinstance(value, bool):
            STORE[key] = "true" if value else "false"
        elif isinstance(value, (int, float)):
            STORE[key] = str(value)


class QSettings(ForeignObject):
    """The methods of QSettings that scripted modules use."""

    _standin_native = True

    def __init__(self, *arguments):
        if not all(isinstance(each, (str, int)) for each in arguments):
            raise TypeError(f"QSettings does not take {arguments!r}")
        self.standin_state["groups"] = []

    def _key(self, key):
        return "/".join([*self.standin_state["groups"], key.strip("/")])

    def _below(self):
        prefix = self._key("")
        return [key.removeprefix(prefix) for key in STORE if key.startswith(prefix)]

    @slot("value(QString,QVariant=)")
    def value(self, key, default=None):
        return STORE.get(self._key(key), default)

    @slot("setValue(QString,QVariant)")
    def setValue(self, key, value):
        STORE[self._key(key)] = tuple(value) if isinstance(value, list) else value

    @slot("contains(QString)")
    def contains(self, key):
        return self._key(key) in STORE

    @slot("remove(QString)")
    def remove(self, key):
        full = self._key(key)
        for each in [each for each in STORE if each == full or each.startswith(full.rstrip("/") + "/")]:
            del STORE[each]

    @slot("beginGroup(QString)")
    def beginGroup(self, prefix):
        self.standin_state["groups"].append(prefix.strip("/"))

    @slot("endGroup()")
    def endGroup(self):
        self.standin_state["groups"].pop()

    @slot("group()")
    def group(self):
        return "/".join(self.standin_state["groups"])

    @slot("allKeys()")
    def allKeys(self):
        return sorted(self._below())

    @slot("childKeys()")
    def childKeys(self):
        return sorted(key for key in self._below() if "/" not in key)

    @slot("childGroups()")
    def childGroups(self):
        return sorted({key.partition("/")[0] for key in self._below() if "/" in key})

    @slot("clear()")
    def clear(self):
        STORE.clear()

    @slot("sync()")
    def sync(self):
        pass

    @slot("fileName()")
    def fileName(self):
        return "/nowhere/Slicer.ini"
