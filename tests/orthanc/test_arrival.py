"""What happens when instances arrive: by C-STORE, over REST, late, twice, in crowds."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import ct, encode, item, sequence


def series_of_ct(count, patient="MRN-1", study="1.2.100"):
    return [
        encode(
            ct(
                PatientID=patient,
                StudyInstanceUID=study,
                SeriesInstanceUID=f"{study}.1",
                SOPInstanceUID=f"{study}.1.{number}",
                InstanceNumber=number,
                ReferencedImageSequence=sequence(item(ReferencedSOPInstanceUID=f"{study}.1.1")),
            )
        )
        for number in range(1, count + 1)
    ]


def write(folder, files):
    paths = []
    for number, data in enumerate(files):
        path = folder / f"{number}.dcm"
        path.write_bytes(data)
        paths.append(path)
    return paths


def test_an_instance_sent_to_greycloak_gets_a_separate_twin_and_stays(make_orthanc, tmp_path):
    orthanc = make_orthanc().start()
    orthanc.send(*write(tmp_path, series_of_ct(2)))
    assert orthanc.settle() == {"done": 2}
    (original,) = orthanc.studies(anonymized=False)
    (twin,) = orthanc.studies(anonymized=True)
    assert len(orthanc.instances_of(original)) == len(orthanc.instances_of(twin)) == 2
    assert twin["PatientMainDicomTags"]["PatientID"].startswith("DEFAULT-")
    for instance in orthanc.instances_of(twin):
        assert "Doe" not in str(orthanc.file(instance))


def test_an_instance_for_another_called_ae_title_is_left_alone(make_orthanc, tmp_path):
    orthanc = make_orthanc().start()
    orthanc.send(*write(tmp_path, series_of_ct(1)), called="ARCHIVE")
    assert orthanc.settle() == {}
    assert orthanc.studies(anonymized=True) == []


def test_both_doors_give_the_same_patient_the_same_twin(make_orthanc, tmp_path):
    orthanc = make_orthanc().start()
    files = series_of_ct(2)
    orthanc.send(*write(tmp_path, files[:1]))
    orthanc.upload(files[1])
    orthanc.settle()
    (twin,) = orthanc.studies(anonymized=True)
    assert len(orthanc.instances_of(twin)) == 2


def test_a_late_instance_joins_and_a_resend_makes_no_duplicate_even_after_a_restart(make_orthanc):
    orthanc = make_orthanc().start()
    files = series_of_ct(3)
    for data in files[:2]:
        orthanc.upload(data)
    orthanc.settle()
    orthanc.stop_cleanly()
    orthanc.start()
    orthanc.upload(files[2])
    assert orthanc.upload(files[0])["Status"] == "AlreadyStored"
    orthanc.settle()
    (twin,) = orthanc.studies(anonymized=True)
    assert len(orthanc.instances_of(twin)) == 3


def test_a_resend_brings_back_a_twin_that_was_deleted(make_orthanc):
    orthanc = make_orthanc().start()
    (data,) = series_of_ct(1)
    orthanc.upload(data)
    orthanc.settle()
    (twin,) = orthanc.studies(anonymized=True)
    orthanc.session.delete(f"{orthanc.url}/studies/{twin['ID']}")
    orthanc.upload(data)
    orthanc.settle()
    assert [study["ID"] for study in orthanc.studies(anonymized=True)] == [twin["ID"]]


def test_rules_choose_by_calling_ae_title_and_modality(make_orthanc, tmp_path):
    rules = [
        {"CallingAet": "CT*", "Modality": ["CT", "MR"], "Project": "radiology"},
        {"CallingAet": "ECHO", "Project": "cardiology", "KeepSource": False},
    ]
    orthanc = make_orthanc(section={"Rules": rules}).start()
    orthanc.send(*write(tmp_path, [encode(ct(PatientID="a", StudyInstanceUID="1.2.1", SOPInstanceUID="1.2.1.1"))]),
                 called="X", calling="CT1")  # fmt: skip
    us = encode(ct(PatientID="b", StudyInstanceUID="1.2.2", SOPInstanceUID="1.2.2.1", Modality="US"))
    orthanc.send(*write(tmp_path, [us]), called="X", calling="CT1")
    echo = encode(ct(PatientID="c", StudyInstanceUID="1.2.3", SOPInstanceUID="1.2.3.1", Modality="US"))
    orthanc.send(*write(tmp_path, [echo]), called="X", calling="ECHO")
    orthanc.upload(encode(ct(PatientID="d", StudyInstanceUID="1.2.4", SOPInstanceUID="1.2.4.1")))
    assert orthanc.settle() == {"done": 2}
    pseudonyms = {study["PatientMainDicomTags"]["PatientID"][:5] for study in orthanc.studies(anonymized=True)}
    assert pseudonyms == {"RADIO", "CARDI"}
    originals = {study["PatientMainDicomTags"]["PatientID"] for study in orthanc.studies(anonymized=False)}
    assert originals == {"a", "b", "d"}  # KeepSource false took c away, once its twin was stored


def test_what_cannot_be_anonymized_stays_and_is_listed_with_the_reason(make_orthanc):
    orthanc = make_orthanc(section={"KeepSource": False}).start()
    bad = orthanc.upload(encode(ct(BurnedInAnnotation="YES")))["ID"]
    for data in series_of_ct(1):
        orthanc.upload(data)
    assert orthanc.settle() == {"quarantined": 1, "done": 1}
    (listed,) = orthanc.get("/greycloak/quarantine")
    assert listed["Instance"] == bad
    assert listed["Reason"] == "burned-in-annotation"
    assert orthanc.get(f"/instances/{bad}")["ID"] == bad


def test_what_orthanc_made_itself_is_left_alone(make_orthanc):
    orthanc = make_orthanc().start()
    orthanc.upload(series_of_ct(1)[0])
    orthanc.settle()
    (original,) = orthanc.studies(anonymized=False)
    orthanc.post(f"/studies/{original['ID']}/anonymize")
    assert orthanc.settle() == {"done": 1}


@pytest.mark.timeout(180)
def test_eight_parallel_uploads_of_200_instances_do_not_lock_up(make_orthanc):
    orthanc = make_orthanc().start()
    files = series_of_ct(200)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(orthanc.upload, files))
    assert {answer["Status"] for answer in answers} == {"Success"}
    assert orthanc.settle(120) == {"done": 200}
    (twin,) = orthanc.studies(anonymized=True)
    assert len(orthanc.instances_of(twin)) == 200


@pytest.mark.timeout(180)
@pytest.mark.parametrize("moment", [0.05, 0.3, 1.0])
def test_a_kill_in_mid_study_loses_nothing_and_doubles_nothing(make_orthanc, moment):
    orthanc = make_orthanc().start()
    files = series_of_ct(60)
    orthanc.upload(files[0])

    killer = threading.Timer(moment, orthanc.kill)
    killer.start()
    accepted = 1
    for data in files[1:]:
        try:
            orthanc.session.post(f"{orthanc.url}/instances", data=data, timeout=10).raise_for_status()
        except OSError:
            break
        accepted += 1
    killer.join()
    orthanc.start()
    orthanc.settle()
    stored = len(orthanc.instances_of(orthanc.studies(anonymized=False)[0]))
    assert stored >= accepted
    (twin,) = orthanc.studies(anonymized=True)
    assert len(orthanc.instances_of(twin)) == stored
    for data in files:
        orthanc.upload(data)
    orthanc.settle()
    (twin,) = orthanc.studies(anonymized=True)
    assert len(orthanc.instances_of(twin)) == 60


def test_instances_that_the_hook_missed_are_found_again(make_orthanc):
    orthanc = make_orthanc().start()
    orthanc.upload(series_of_ct(1)[0])
    orthanc.settle()
    orthanc.stop()
    orthanc.section = {"Enable": False}
    orthanc.launch()

    for _ in range(100):
        try:
            orthanc.upload(series_of_ct(2)[1])
            break
        except OSError:
            time.sleep(0.1)
    orthanc.stop()
    orthanc.section = {}
    orthanc.start()
    for _ in range(50):
        if orthanc.settle() == {"done": 2}:
            break
        time.sleep(0.1)
    (twin,) = orthanc.studies(anonymized=True)
    assert len(orthanc.instances_of(twin)) == 2
