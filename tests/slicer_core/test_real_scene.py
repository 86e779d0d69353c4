"""The check of loaded scenes, with Slicer's real MRML: the package slicer-core, in an environment of its own.

``make test-scene`` runs it; it needs 200 MB of packages, so ``make test`` does with the stand-ins.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import vtk

import slicer

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "slicer_extension" / "Greycloak"), str(ROOT / "core")]

from GreycloakLib.scene import SceneCheck  # noqa: E402


@pytest.fixture
def scene():
    """A scene as Slicer's DICOM plugins leave it."""
    scene = slicer.vtkMRMLScene()
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    volume = slicer.vtkMRMLScalarVolumeNode()
    volume.SetName("3: CT Secret^Susan")
    volume.SetAttribute("DICOM.instanceUIDs", "1.2.3 1.2.4")
    volume.SetAttribute("Comment", "susan before surgery")
    volume.SetDescription("Referred by Dr. Secret")
    scene.AddNode(volume)
    storage = slicer.vtkMRMLVolumeArchetypeStorageNode()
    storage.SetFileName("/home/me/Secret/1.dcm")
    storage.AddFileName("/home/me/Secret/2.dcm")
    storage.SetURI("http://pacs/Secret")
    storage.AddURI("http://pacs/Susan")
    scene.AddNode(storage)
    note = slicer.vtkMRMLTextNode()
    note.SetText("Discuss Susan's knee")
    scene.AddNode(note)
    patient = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), "Secret^Susan (MRN-1)")
    hierarchy.SetItemUID(patient, "DICOM", "MRN-1")
    hierarchy.SetItemAttribute(patient, "DICOM.PatientName", "Secret^Susan")
    study = hierarchy.CreateStudyItem(patient, "Knee (20200102)")
    hierarchy.SetItemUID(study, "DICOM", "1.2")
    series = hierarchy.CreateItem(study, volume)
    hierarchy.SetItemUID(series, "DICOMInstanceUID", "1.2.3 1.2.4")
    return scene


def check(scene, *, is_anonymized=False):
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    return SceneCheck(scene, hierarchy, vtk.vtkIdList, lambda _instance: is_anonymized)


def test_everything_that_tells_is_found(scene):
    assert sorted((one.what, one.value) for one in check(scene).findings()) == [
        ("Comment", "susan before surgery"),
        ("DICOM.PatientName", "Secret^Susan"),
        ("DICOM.instanceUIDs", "1.2.3 1.2.4"),
        ("Patient ID", "MRN-1"),
        ("UID", "1.2"),
        ("UID", "1.2.3 1.2.4"),
        ("description", "Referred by Dr. Secret"),
        ("file", "/home/me/Secret/1.dcm, /home/me/Secret/2.dcm, http://pacs/Secret, http://pacs/Susan"),
        ("name", "3: CT Secret^Susan"),
        ("name", "Knee (20200102)"),
        ("name", "Secret^Susan (MRN-1)"),
        ("text", "Discuss Susan's knee"),
    ]


def test_what_is_cleared_is_not_in_the_saved_scene(scene):
    for finding in check(scene).findings():
        finding.clear()
    assert check(scene).findings() == []
    scene.SetSaveToXMLString(1)
    scene.Commit()
    saved = scene.GetSceneXMLString()
    for secret in ("Secret", "Susan", "susan", "MRN-1", "20200102", "1.2.3"):
        assert secret not in saved


def test_copies_are_told_apart(scene):
    findings = check(scene, is_anonymized=True).findings()
    assert all(one.is_copy for one in findings if one.what not in {"file", "text"})
