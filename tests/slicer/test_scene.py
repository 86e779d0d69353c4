"""What a loaded scene tells of the patient, and how it is taken out."""

from __future__ import annotations

from pathlib import Path

import pytest
import standins
from scenario import SOP, import_into, originals

from GreycloakLib.scene import SceneCheck

MODULE = Path(__file__).resolve().parents[2] / "slicer_extension" / "Greycloak" / "Greycloak.py"


@pytest.fixture
def loaded(slicer_app):
    """A scene with a volume of a patient, as Slicer's DICOM plugins leave it, and a model of nobody."""
    return load_volume(slicer_app)


def load_volume(slicer, *, name="3: CT Secret^Susan", instance=f"{SOP}.1.1.1"):
    scene = slicer.mrmlScene
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    volume = slicer.vtkMRMLScalarVolumeNode()
    volume.SetName(name)
    volume.SetAttribute("DICOM.instanceUIDs", f"{instance} {instance}0")
    volume.SetDescription("Referred by Dr. Secret")
    volume.SetAttribute("Comment", "susan before surgery")
    volume.SetAttribute("Segmentation.Color", "red")
    scene.AddNode(volume)
    storage = slicer.vtkMRMLVolumeArchetypeStorageNode()
    storage.SetFileName("/home/me/Secret_Susan/volume.nrrd")
    storage.SetURI("http://pacs/Secret")
    storage.AddURI("http://pacs/Susan")
    scene.AddNode(storage)
    note = slicer.vtkMRMLTextNode()
    note.SetText("Discuss Susan's knee")
    scene.AddNode(note)
    top = hierarchy.GetSceneItemID()
    patient = hierarchy.CreateSubjectItem(top, "Secret^Susan (MRN-1)")
    hierarchy.SetItemUID(patient, "DICOM", "MRN-1")
    for attribute, value in {
        "PatientName": "Secret^Susan",
        "PatientID": "MRN-1",
        "PatientBirthDate": "19570412",
    }.items():
        hierarchy.SetItemAttribute(patient, f"DICOM.{attribute}", value)
    study = hierarchy.CreateStudyItem(patient, "Knee (20200102)")
    hierarchy.SetItemUID(study, "DICOM", f"{SOP}.1")
    hierarchy.SetItemAttribute(study, "DICOM.StudyDate", "20200102")
    series = hierarchy.CreateItem(study, volume)
    hierarchy.SetItemUID(series, "DICOM", f"{SOP}.1.1")
    hierarchy.SetItemUID(series, "DICOMInstanceUID", f"{instance} {instance}0")
    hierarchy.SetItemAttribute(series, "DICOM.Modality", "CT")
    hierarchy.SetItemAttribute(series, "DICOM.SeriesNumber", "3")
    hierarchy.SetItemAttribute(series, "DICOM.SeriesDate", "20200102")
    return volume


def check(slicer, is_anonymized=lambda _instance: False):
    import vtk

    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    return SceneCheck(slicer.mrmlScene, hierarchy, vtk.vtkIdList, is_anonymized)


def test_everything_that_tells_is_found_and_the_rest_is_not(slicer_app, loaded):  # noqa: ARG001
    found = {(one.what, one.value) for one in check(slicer_app).findings()}
    for expected in [
        ("name", "Secret^Susan (MRN-1)"),
        ("name", "Knee (20200102)"),
        ("Patient ID", "MRN-1"),
        ("UID", f"{SOP}.1"),
        ("DICOM.PatientName", "Secret^Susan"),
        ("DICOM.PatientBirthDate", "19570412"),
        ("DICOM.StudyDate", "20200102"),
        ("DICOM.SeriesDate", "20200102"),
        ("DICOM.instanceUIDs", f"{SOP}.1.1.1 {SOP}.1.1.10"),
        ("name", "3: CT Secret^Susan"),
        ("Comment", "susan before surgery"),
        ("description", "Referred by Dr. Secret"),
        ("file", "/home/me/Secret_Susan/volume.nrrd, http://pacs/Secret, http://pacs/Susan"),
        ("text", "Discuss Susan's knee"),
    ]:
        assert expected in found, expected
    assert not {what for what, _ in found} & {"DICOM.Modality", "DICOM.SeriesNumber", "Segmentation.Color"}


def test_what_is_cleared_is_gone_and_stays_gone(slicer_app, loaded):
    for finding in check(slicer_app).findings():
        finding.clear()
    assert check(slicer_app).findings() == []
    assert "Secret" not in loaded.GetName()
    assert loaded.GetName().startswith("3: CT")
    assert loaded.GetAttribute("Segmentation.Color") == "red"


def test_an_empty_scene_tells_nothing(slicer_app):
    assert check(slicer_app).findings() == []


def test_what_belongs_to_anonymized_images_is_told_apart(slicer_app, loaded):  # noqa: ARG001
    findings = check(slicer_app, lambda instance: instance == f"{SOP}.1.1.1").findings()
    of_images = [one for one in findings if one.what not in {"file", "text"}]
    assert all(one.is_copy for one in of_images)
    assert not any(one.is_copy for one in check(slicer_app).findings())


def test_nothing_of_a_finding_is_in_its_repr(slicer_app, loaded):  # noqa: ARG001
    assert "Secret" not in repr(check(slicer_app).findings())


@pytest.fixture
def widget(slicer_app, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    import Greycloak

    standins.add_module(slicer_app, MODULE)
    widget = Greycloak.GreycloakWidget()
    yield widget
    widget.cleanup()


def test_the_panel_lists_asks_and_clears(slicer_app, widget, user, pump, loaded):  # noqa: ARG001
    ui = widget.ui
    ui.sceneCheckButton.click()
    pump(lambda: ui.sceneClearButton.enabled)
    assert "Found: " in ui.sceneStatusLabel.text
    rows = ui.sceneTable.rowCount
    assert rows > 10
    user.will_answer("confirmYesNoDisplay", False)
    ui.sceneClearButton.click()
    assert ui.sceneTable.rowCount == rows
    user.will_answer("confirmYesNoDisplay", True)
    ui.sceneClearButton.click()
    pump(lambda: "Nothing was found" in ui.sceneStatusLabel.text)
    assert check(slicer_app).findings() == []


def test_a_line_that_is_not_checked_stays(slicer_app, widget, user, pump, loaded):
    import qt

    ui = widget.ui
    ui.sceneCheckButton.click()
    pump(lambda: ui.sceneClearButton.enabled)
    for row in range(ui.sceneTable.rowCount):
        if ui.sceneTable.item(row, 1).text() != "description":
            ui.sceneTable.item(row, 0).setCheckState(qt.Qt.Unchecked)
    user.will_answer("confirmYesNoDisplay", True)
    ui.sceneClearButton.click()
    assert loaded.GetDescription() in {"", None}
    pump(lambda: ui.sceneTable.rowCount == len(check(slicer_app).findings()) > 10)


def test_copies_are_not_checked_as_the_database_knows_them(slicer_app, widget, pump, tmp_path):
    import qt

    originals(tmp_path / "in", patients=1, images=1, PatientIdentityRemoved="YES", SOPInstanceUID="1.2.5")
    import_into(slicer_app, tmp_path / "in")
    load_volume(slicer_app, instance="1.2.5")
    widget.ui.sceneCheckButton.click()
    pump(lambda: widget.ui.sceneClearButton.enabled)
    table = widget.ui.sceneTable
    checked = [
        table.item(row, 1).text() for row in range(table.rowCount) if table.item(row, 0).checkState() == qt.Qt.Checked
    ]
    assert checked == ["file", "text"]
