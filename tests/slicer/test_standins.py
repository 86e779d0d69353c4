"""The stand-ins for 3D Slicer are as strict as PythonQt, CTK and Slicer are."""

from __future__ import annotations

from support import ct, encode


def save(folder, name="1.dcm", **changes):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(encode(ct(**changes)))
    return str(folder / name)


def test_smoke(slicer_app, database, tmp_path, pump):
    import ctk

    path = save(tmp_path / "in")
    indexer = ctk.ctkDICOMIndexer()
    indexer.backgroundImportEnabled = True
    done = []
    indexer.connect("indexingComplete(int,int,int,int)", lambda *counts: done.append(counts))
    indexer.addListOfFiles(database, [path], True)
    assert indexer.importing
    pump(lambda: done)
    assert done == [(1, 1, 1, 1)]
    assert database.patients() == ("1",)
    slicer_app.util.selectModule("DICOM")
    browser = slicer_app.modules.DICOMInstance.browserWidget
    browser.dicomBrowser.setSelectedItems(ctk.ctkDICOMModel.PatientType, ["1"])
    assert browser.dicomBrowser.selectedItems(1) == ("1",)
    assert browser.dicomBrowser.fileListForCurrentSelection(ctk.ctkDICOMModel.PatientType)
