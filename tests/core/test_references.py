"""What becomes of the references between the objects of a study: each leads where it led before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from highdicom.ko import KeyObjectSelectionDocument
from highdicom.seg import segread
from highdicom.sr import srread
from pydicom.uid import UID_dictionary

from greycloak import Deidentified
from study import UID_ROOT, make_study, uid
from support import decode, make_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataset import Dataset, FileDataset

    from greycloak import Engine

OWN_ROOT = "1.2.826.0.1.3680043.10.341"
RETAINING = ["retain-modified-dates", "retain-patient-characteristics", "retain-device-identity"]
PROFILES = {
    "basic": {},
    "retaining": {"options": RETAINING},
    "own root": {"uids": {"root": OWN_ROOT}},
    "retaining, own root": {"options": RETAINING, "uids": {"root": OWN_ROOT}},
}
SLICES = ["ct1", "ct2", "ct3"]
# Action D of Table E.1-1: a dummy stands for the whole content, and refers to nothing of the study.
REPLACED = {"ContentSequence", "GraphicAnnotationSequence"}
EVIDENCE = "CurrentRequestedProcedureEvidenceSequence.ReferencedSeriesSequence.ReferencedSOPSequence"
SERIES = "ReferencedSeriesSequence.ReferencedInstanceSequence"
REFERENCES = [
    ("seg", SERIES, SLICES),
    ("seg", f"ContributingSourcesSequence.ContributingSOPInstancesReferenceSequence.{SERIES}", SLICES),
    (
        "rtstruct",
        "ReferencedFrameOfReferenceSequence.RTReferencedStudySequence.RTReferencedSeriesSequence.ContourImageSequence",
        SLICES,
    ),
    ("rtstruct", "ROIContourSequence.ContourSequence.ContourImageSequence", SLICES),
    ("rtplan", "ReferencedStructureSetSequence", ["rtstruct"]),
    ("rtdose", "ReferencedRTPlanSequence", ["rtplan"]),
    ("rtdose", "ReferencedStructureSetSequence", ["rtstruct"]),
    ("pr", "ReferencedSeriesSequence.ReferencedImageSequence", SLICES),
    ("reg", "RegistrationSequence.ReferencedImageSequence", SLICES),
    ("reg", SERIES, SLICES),
    ("sr", EVIDENCE, [*SLICES, "seg"]),
    ("ko", EVIDENCE, [*SLICES, "seg", "rtstruct", "pr", "sr"]),
]

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Passage:
    """The study before and after; ``kept`` are the UIDs that the profile retains."""

    engine: Engine
    before: dict[str, FileDataset]
    after: dict[str, FileDataset]
    files: dict[str, bytes]
    kept: set[str]

    def pairs(self) -> list[tuple[str, str]]:
        """Return the old and the new UID of every place that is left."""
        found = []
        for name, original in self.before.items():
            old = dict(uids_of(original))
            new = {path: value for path, value in uids_of(self.after[name]) if path[0] not in REPLACED}
            assert new.keys() <= old.keys()
            found += [(old[path], value) for path, value in new.items()]
        return found


def uids_of(file: FileDataset) -> Iterator[tuple[Path, str]]:
    """Return every UID of a file and where it stands, except that of the software that wrote the file."""
    yield from _uids_in(file.file_meta, ("file meta",))
    yield from _uids_in(file, ())


def _uids_in(data_set: Dataset, above: Path) -> Iterator[tuple[Path, str]]:
    for element in data_set:
        path = (*above, element.keyword)
        if element.VR == "SQ":
            for number, item in enumerate(element.value):
                yield from _uids_in(item, (*path, number))
        elif element.VR == "UI" and element.value and element.keyword != "ImplementationClassUID":
            values = element.value if element.VM > 1 else [element.value]
            yield from (((*path, number), str(value)) for number, value in enumerate(values))


def items_at(data_set: Dataset, path: str) -> list[Dataset]:
    """Return all items of the sequences that a dotted path names."""
    found = [data_set]
    for keyword in path.split("."):
        found = [item for outer in found for item in outer.get(keyword, [])]
    return found


def files_of(engine: Engine, study: dict[str, bytes]) -> dict[str, bytes]:
    outcomes = {name: engine.deidentify(data) for name, data in study.items()}
    assert {name: type(outcome) for name, outcome in outcomes.items()} == dict.fromkeys(study, Deidentified)
    return {name: outcome.to_bytes() for name, outcome in outcomes.items()}


def decoded(files: dict[str, bytes]) -> dict[str, FileDataset]:
    return {name: decode(data) for name, data in files.items()}


def triple(data_set: Dataset) -> tuple[str, str, str]:
    return data_set.StudyInstanceUID, data_set.SeriesInstanceUID, data_set.SOPInstanceUID


@pytest.fixture(scope="module")
def study():
    return make_study()


@pytest.fixture(scope="module", params=PROFILES)
def passage(study, request, tmp_path_factory):
    changes = PROFILES[request.param]
    engine = make_engine(tmp_path_factory.mktemp("store"), **changes)
    files = files_of(engine, study)
    kept = {uid("device")} if "options" in changes else set()
    return Passage(engine, decoded(study), decoded(files), files, kept)


def test_each_uid_becomes_one_new_uid_wherever_it_stands_and_no_two_become_the_same(passage):
    found = defaultdict(set)
    for old, new in passage.pairs():
        found[old].add(new)
    assert all(len(new) == 1 for new in found.values())
    assert len(set.union(*found.values())) == len(found)
    unchanged = {old for old, new in found.items() if old in new}
    assert unchanged == (found.keys() & UID_dictionary.keys()) | passage.kept
    assert len(found.keys() - unchanged) >= len(passage.before)


def test_registered_uids_stay_and_nothing_becomes_one(passage):
    registered = [(old, new) for old, new in passage.pairs() if {old, new} & UID_dictionary.keys()]
    assert all(old == new for old, new in registered)
    kinds = {UID_dictionary[old][1] for old, _ in registered}
    assert {"SOP Class", "Transfer Syntax", "Coding Scheme"} <= kinds


def test_no_original_uid_is_left_in_any_byte(passage):
    originals = {value for file in passage.before.values() for _, value in uids_of(file)}
    gone = [value.encode() for value in originals - UID_dictionary.keys() - passage.kept]
    kept = [value.encode() for value in passage.kept]
    for name, data in passage.files.items():
        rest = data
        for value in kept:
            rest = rest.replace(value, b"")
        assert not [value for value in [*gone, UID_ROOT.encode()] if value in rest], name


def test_new_uids_are_valid_and_short_enough(passage, request):
    root = OWN_ROOT if "own root" in request.node.callspec.params["passage"] else "2.25"
    for old, new in passage.pairs():
        if old not in UID_dictionary and old not in passage.kept:
            assert new.startswith(f"{root}.")
            assert len(new) <= 64
            assert all(part == "0" or not part.startswith("0") for part in new.split("."))
            assert new.replace(".", "").isdigit()


@pytest.mark.parametrize(("name", "path", "targets"), REFERENCES)
def test_a_reference_leads_to_the_new_object(passage, name, path, targets):
    expected = [(passage.after[to].SOPClassUID, passage.after[to].SOPInstanceUID) for to in targets]
    found = items_at(passage.after[name], path)
    assert [(item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID) for item in found] == expected


@pytest.mark.parametrize("name", ["seg", "pr", "reg", "sr", "ko"])
def test_the_series_that_hold_the_referenced_objects_are_named_as_they_are_now(passage, name):
    nested = EVIDENCE.rpartition(".")[0] if name in {"sr", "ko"} else "ReferencedSeriesSequence"
    series_of = {file.SOPInstanceUID: file.SeriesInstanceUID for file in passage.after.values()}
    for series in items_at(passage.after[name], nested):
        references = [item for element in series if element.VR == "SQ" for item in element.value]
        assert {series_of[item.ReferencedSOPInstanceUID] for item in references} == {series.SeriesInstanceUID}


def test_the_study_stays_one_study_of_one_patient(passage):
    files = passage.after.values()
    assert len({file.StudyInstanceUID for file in files}) == 1
    assert len({file.PatientID for file in files}) == 1
    assert len({file.SeriesInstanceUID for file in files}) == len(passage.after) - len(SLICES) + 1
    study = items_at(passage.after["rtstruct"], "ReferencedFrameOfReferenceSequence.RTReferencedStudySequence")
    assert study[0].ReferencedSOPInstanceUID == passage.after["ct1"].StudyInstanceUID
    evidence = passage.after["sr"].CurrentRequestedProcedureEvidenceSequence
    assert evidence[0].StudyInstanceUID == passage.after["ct1"].StudyInstanceUID


def test_what_lay_in_one_frame_of_reference_still_does(passage):
    frame = passage.after["ct1"].FrameOfReferenceUID
    assert {file.FrameOfReferenceUID for file in passage.after.values() if "FrameOfReferenceUID" in file} == {frame}
    structures = passage.after["rtstruct"]
    assert structures.ReferencedFrameOfReferenceSequence[0].FrameOfReferenceUID == frame
    assert structures.StructureSetROISequence[0].ReferencedFrameOfReferenceUID == frame
    same, other = passage.after["reg"].RegistrationSequence
    assert same.FrameOfReferenceUID == frame != other.FrameOfReferenceUID


def test_the_order_of_arrival_makes_no_difference(passage, study):
    backwards = dict(reversed(study.items()))
    assert files_of(passage.engine, backwards) == passage.files


def test_a_segmentation_opens_and_knows_its_images_and_dimensions(passage):
    seg = segread(BytesIO(passage.files["seg"]))
    assert sorted(seg.get_source_image_uids()) == sorted(triple(passage.after[name]) for name in SLICES)
    assert seg.get_volume().array.sum() == 48
    organization = seg.DimensionOrganizationSequence[0].DimensionOrganizationUID
    assert {index.DimensionOrganizationUID for index in seg.DimensionIndexSequence} == {organization}


def test_a_structured_report_opens_and_knows_its_evidence(passage):
    evidence = srread(BytesIO(passage.files["sr"])).get_evidence()
    expected = [(*triple(passage.after[name]), passage.after[name].SOPClassUID) for name in [*SLICES, "seg"]]
    assert sorted(evidence) == sorted(expected)


def test_a_key_object_selection_opens_and_finds_what_it_selects(passage):
    selection = KeyObjectSelectionDocument.from_dataset(passage.after["ko"])
    for name in [*SLICES, "seg", "rtstruct", "pr", "sr"]:
        assert selection.resolve_reference(passage.after[name].SOPInstanceUID) == triple(passage.after[name])
