"""What tests share: sample objects, and a project to anonymize them in."""

from __future__ import annotations

import hashlib
import warnings
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

from greycloak import Deidentified, Engine, Installation, Quarantined, load_profile
from greycloak.outcomes import Refused
from greycloak.pixels.codestreams.strip import emptied
from greycloak.plan import Decisions, PlannedLevel, Position
from greycloak.profiles.parts import Pixels
from greycloak.pseudonyms import Identity
from greycloak.standard.iods import iod_of
from greycloak.stream import Malformed
from greycloak.stream.encoding import EXPLICIT_LITTLE

if TYPE_CHECKING:
    from greycloak.profiles import Profile

TEST_FILES = Path(pydicom.__file__).parent / "data"
NOT_DICOM = {".py", ".pyc", ".json", ".txt", ".md"}
CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"


def pydicom_test_files() -> list[Path]:
    """Return every file of pydicom's test set, those that are no DICOM included."""
    return sorted(
        path
        for path in TEST_FILES.rglob("*")
        if path.is_file() and path.suffix not in NOT_DICOM and "__pycache__" not in path.parts
    )


def named(name: str) -> bytes:
    """Return one of pydicom's test files."""
    return next(path for path in pydicom_test_files() if path.name == name).read_bytes()


def make_installation(folder: Path) -> Installation:
    return Installation.open(f"sqlite:///{folder / 'store.sqlite'}", folder / "key")


def new_subjects(folder: Path) -> list[str]:
    """Meet a hundred patients; a function of a module that spawned processes can import."""
    project = make_installation(folder).project("trial")
    return [project.subject(Identity(f"MRN-{number}")).pseudonym for number in range(100)]


def make_engine(folder: Path, project: str = "trial", **changes: Any) -> Engine:
    profile = load_profile("basic")
    if changes:
        profile = type(profile).model_validate(profile.model_dump(by_alias=True) | changes)
    return Engine(profile, make_installation(folder).project(project_for(profile, project)))


def leaving_pixels(profile: Profile) -> Profile:
    """Return a profile that leaves pixels as they are, for tests of everything else."""
    return profile.model_copy(update={"pixels": Pixels(burned_in="ignore")})


def project_for(profile: Profile, project: str = "trial") -> str:
    """Return a project whose terms are those of a profile: a project keeps its terms for ever."""
    terms = repr((profile.uids, profile.dates.shift, profile.subjects.id))
    usual = repr((load_profile("basic").uids, load_profile("basic").dates.shift, load_profile("basic").subjects.id))
    return project if terms == usual else f"{project}-{hashlib.sha256(terms.encode()).hexdigest()[:6]}"


def planned_level(profile: Profile, sop_class: str = CT_IMAGE_STORAGE, path: tuple[int, ...] = ()) -> PlannedLevel:
    """Return the level of a data set, or of the items of a sequence that a path of sequences leads to."""
    decisions = Decisions(profile)
    place = iod_of(sop_class)
    for sequence_tag in path:
        place = place.item_of(sequence_tag) if place else None
    at = Position(place, is_top=not path, paths=decisions.paths.top)
    return PlannedLevel(decisions, EXPLICIT_LITTLE, at)


def encode(data_set: Dataset, syntax: str = ExplicitVRLittleEndian, preamble: bytes = bytes(128)) -> bytes:
    """Write a data set as a DICOM file."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = data_set.SOPClassUID
    meta.MediaStorageSOPInstanceUID = data_set.SOPInstanceUID
    meta.TransferSyntaxUID = syntax
    file = FileDataset(None, data_set, preamble=preamble)
    file.file_meta = meta
    buffer = BytesIO()
    uid = pydicom.uid.UID(syntax)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pydicom.dcmwrite(
            buffer, file, implicit_vr=uid.is_implicit_VR, little_endian=uid.is_little_endian, enforce_file_format=True
        )
    return buffer.getvalue()


def decode(data: bytes) -> FileDataset:
    """Read a DICOM file with pydicom, to the last element."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = pydicom.dcmread(BytesIO(data), force=True)
        for _ in file.iterall():
            pass
    return file


def ct(**attributes: Any) -> Dataset:
    """Return a small CT image of an invented patient."""
    data_set = Dataset()
    values: dict[str, Any] = {
        "SOPClassUID": CT_IMAGE_STORAGE,
        "SOPInstanceUID": "1.2.3.4.1",
        "StudyInstanceUID": "1.2.3.4.2",
        "SeriesInstanceUID": "1.2.3.4.3",
        "PatientName": "Doe^Jonathan",
        "PatientID": "MRN-4711",
        "PatientBirthDate": "19570412",
        "StudyDate": "20200102",
        "AccessionNumber": "ACC-0815",
        "Modality": "CT",
        "Manufacturer": "Example Scanners",
        "Rows": 2,
        "Columns": 2,
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelRepresentation": 0,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "PixelData": b"\x01\x02\x03\x04\x05\x06\x07\x08",
    }
    for keyword, value in (values | attributes).items():
        if value is not None:
            setattr(data_set, keyword, value)
    return data_set


_ITEM, _DELIMITER = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0\0\0\0\0"


def kept_pixels(data_set: FileDataset) -> bytes | None:
    """Return what has to be left of Pixel Data where nothing is masked: all but what is no image."""
    if "PixelData" not in data_set:
        return None
    value = bytes(data_set.get_item("PixelData").value)
    syntax = data_set.file_meta.get("TransferSyntaxUID", ExplicitVRLittleEndian)
    if not value.startswith(_ITEM) or not syntax.is_encapsulated:
        return value
    found = emptied(value + _DELIMITER, syntax, int(data_set.get("NumberOfFrames") or 1))
    return value if found is None else b"".join(found.parts)[: -len(_DELIMITER)]


def item(**attributes: Any) -> Dataset:
    data_set = Dataset()
    for keyword, value in attributes.items():
        setattr(data_set, keyword, value)
    return data_set


def sequence(*items: Dataset) -> Sequence:
    return Sequence(list(items))


def anonymized(engine: Engine, data: bytes | Dataset) -> FileDataset:
    """Anonymize, insist on success, and read the output."""
    outcome = engine.deidentify(encode(data) if isinstance(data, Dataset) else data)
    assert isinstance(outcome, Deidentified), outcome
    return decode(outcome.to_bytes())


def subject_uid(engine: Engine, original: str, patient_id: str = "MRN-4711") -> str:
    """Return what a UID of a patient's study, series or instance becomes."""
    project = engine.project
    return project.derive_uid(original, engine.profile.uids.root, project.uid_key(Identity(patient_id)))


def refused(engine: Engine, data: bytes | Dataset) -> str:
    """Anonymize, insist on a quarantine, and return its reason."""
    outcome = engine.deidentify(encode(data) if isinstance(data, Dataset) else data)
    assert isinstance(outcome, Quarantined), outcome
    return outcome.reason


class RememberingWorker:
    """Asks a worker process once for each image, and gives its answer again, or its refusal."""

    def __init__(self, worker):
        self._worker, self._answers = worker, {}

    def clean(self, description, value, hints, **more):
        asked = (description, hints, hashlib.sha256(value).digest(), repr(more))
        if asked not in self._answers:
            try:
                self._answers[asked] = self._worker.clean(description, value, hints, **more)
            except (Refused, Malformed) as refusal:
                self._answers[asked] = refusal
        answer = self._answers[asked]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def __getattr__(self, name):
        return getattr(self._worker, name)
