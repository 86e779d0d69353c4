"""``ctkDICOMIndexer``, with the traps of its worker.

The worker is played by a timer: a file is parsed, or a batch inserted, per turn of the event loop. What the worker's
thread emits reaches Python a turn later, when `importing` may long be false again.
"""

from __future__ import annotations

from pathlib import Path

from standins.foreign import ForeignObject, Property, Signal, emit, slot, stored
from standins.qt import QtCore
from standins.store import Caches, Parsed, read


class Failure:
    """What a test lets go wrong in the imports to come: `on` is called with each file before it is parsed."""

    @staticmethod
    def nothing(path):
        """Let a file be."""

    on = nothing

    @classmethod
    def reset(cls):
        cls.on = cls.nothing


class ctkDICOMIndexer(ForeignObject):  # CTK's name
    """Imports files into the database."""

    _standin_native = True

    progressStep = Signal("progressStep(QString)")
    progressDetail = Signal("progressDetail(QString)")
    progress = Signal("progress(int)")
    indexingComplete = Signal("indexingComplete(int patientsAdded,int studiesAdded,int seriesAdded,int imagesAdded)")
    updatingDatabase = Signal("updatingDatabase(bool)")

    backgroundImportEnabled = stored("bool", "background", default=False)
    followSymlinks = stored("bool", "follow", default=True)
    importing = Property("bool", lambda self: self.standin_state["importing"])

    def __init__(self, parent=None):
        if parent is not None and not isinstance(parent, (QtCore.QObject, ForeignObject)):
            raise TypeError(f"ctkDICOMIndexer does not take {parent!r}")
        self.standin_state.update({"database": None, "requests": [], "importing": False, "stop": False})
        timer = QtCore.QTimer()
        timer.timeout.connect(self._turn)
        self.standin_state["timer"] = timer

    @slot("setDatabase(ctkDICOMDatabase*)")
    def setDatabase(self, database):
        self.standin_state["database"] = database

    @slot("database()")
    def database(self):
        return self.standin_state["database"]

    @slot("addListOfFiles(QStringList,bool=)", "addListOfFiles(ctkDICOMDatabase*,QStringList,bool=)")
    def addListOfFiles(self, *arguments):
        files, *copy = self._with_database(arguments)
        self._request([str(path) for path in files], copy)

    @slot("addFile(QString,bool=)", "addFile(ctkDICOMDatabase*,QString,bool=)")
    def addFile(self, *arguments):
        path, *copy = self._with_database(arguments)
        self._request([path], copy)

    @slot("addDirectory(QString,bool=,bool=)", "addDirectory(ctkDICOMDatabase*,QString,bool=,bool=)")
    def addDirectory(self, *arguments):
        folder, *rest = self._with_database(arguments)
        hidden = rest[1] if len(rest) > 1 else True
        files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
        self._request([str(path) for path in files if hidden or not path.name.startswith(".")], rest[:1])

    def _with_database(self, arguments):
        if isinstance(arguments[0], (ForeignObject, type(None))):
            self.setDatabase(arguments[0])
            return arguments[1:]
        return arguments

    def _request(self, files, copy):
        state = self.standin_state
        state["requests"].append((files, bool(copy and copy[0])))
        if not state["importing"]:
            if state["database"] is None or not state["database"].isOpen:
                return  # the real one warns, and keeps the request for the next time
            state["importing"] = True
            state["worker"] = self._work()
            state["timer"].start(0)
        if not self.backgroundImportEnabled:
            self.waitForImportFinished()

    def _turn(self):
        """Do a piece of the worker's work; an error there is one of the test's own, and ends the import."""
        try:
            signals = next(self.standin_state["worker"])
        except StopIteration:
            self.standin_state["timer"].stop()
            return
        except BaseException:
            self.standin_state["timer"].stop()
            self.standin_state["importing"] = False
            emit(self, "indexingComplete(int,int,int,int)", (0, 0, 0, 0))
            raise
        for signature, arguments in signals:
            emit(self, signature, arguments)

    def _work(self):
        """Do the worker's loop, yielding the signals of each piece of work."""
        state = self.standin_state
        database = state["database"]
        store = database.standin_open()
        before = [store.count(table) for table in ("Patients", "Studies", "Series", "Images")]
        yield [("updatingDatabase(bool)", (True,)), ("progress(int)", (0,))]
        known = store.insert_times()
        parsed = []
        while state["requests"]:
            if state["stop"]:
                # A stop that nobody saw yet, even one from before this import, empties the queue.
                state["requests"].clear()
                state["stop"] = False
                break
            files, copy = state["requests"].pop(0)
            yield from self._parse(files, copy, known, parsed)
            if not state["requests"]:
                yield from self._insert(store, parsed)
                database.standin_changed()
                yield [("progressStep(QString)", ("Parsing DICOM files",))]
        for _ in store.displayed_fields():
            yield []
        database.standin_changed()
        after = [store.count(table) for table in ("Patients", "Studies", "Series", "Images")]
        yield [("progressStep(QString)", ("Updating database displayed fields",)), ("progress(int)", (95,))]
        state["importing"] = False
        yield []
        yield [
            ("updatingDatabase(bool)", (False,)),
            ("progress(int)", (100,)),
            ("progressStep(QString)", ("Indexing complete",)),
            (
                "indexingComplete(int,int,int,int)",
                tuple(now - then for now, then in zip(after, before, strict=True)),
            ),
        ]

    def _parse(self, files, copy, known, parsed):
        for number, path in enumerate(files):
            Failure.on(path)
            modified = Path(path).stat().st_mtime if Path(path).exists() else 0
            present = path in known
            if not (present and known[path] >= modified):
                known[path] = modified
                dataset = read(path)
                if dataset is not None:
                    parsed.append(Parsed(path, dataset, copy, overwrite=present))
            yield [("progress(int)", (int(95 * number / len(files)),)), ("progressDetail(QString)", (path,))]
            if self.standin_state["stop"]:
                return  # what was parsed so far is inserted all the same

    def _insert(self, store, parsed):
        """Insert in a connection of the worker's own: no signal of the database object tells of it.

        The real worker does it in one transaction and another thread; here the event loop gets its turns.
        """
        caches = Caches()
        for each in parsed:
            store.insert(each, caches, [])
            yield []
        parsed.clear()

    @slot("waitForImportFinished(int=)")
    def waitForImportFinished(self, timeout=-1):
        """Wait in an event loop, so whatever else is due happens meanwhile."""
        if not self.importing:
            return
        loop = QtCore.QEventLoop()

        def finished():
            loop.quit()

        self.connect("indexingComplete(int,int,int,int)", finished)
        if timeout >= 0:
            QtCore.QTimer.singleShot(timeout, finished)
        loop.exec()
        self.disconnect("indexingComplete(int,int,int,int)", finished)

    @slot("cancel()")
    def cancel(self):
        self.standin_state["stop"] = True
