"""Who is one subject, who is not, and what becomes of a study that two of them share."""

from __future__ import annotations

import itertools
from io import StringIO

import pytest

from greycloak import Deidentified, Engine, load_profile
from greycloak.pseudonyms import Identity, Registry, StoreError
from greycloak.pseudonyms.matching import Matching
from greycloak.pseudonyms.rotation import rotate
from greycloak.stream import Splicer
from support import anonymized, ct, decode, encode, item, make_engine, make_installation, refused, sequence

SHIFTED = {"options": ("retain-modified-dates",)}
OTHER = {"PatientID": "PID-9999", "SeriesInstanceUID": "1.2.3.5.3", "SOPInstanceUID": "1.2.3.5.1"}
NOBODY = {"PatientID": "", "SeriesInstanceUID": "1.2.3.6.3", "SOPInstanceUID": "1.2.3.6.1"}
MERGED = "study-of-two-subjects"


def notes(engine, **attributes):
    outcome = engine.deidentify(encode(ct(**attributes)))
    assert isinstance(outcome, Deidentified), outcome
    return outcome.notes


def old_project(folder, name="old"):
    """Make a project as a Greycloak before derivation version 2 has left it."""
    installation = make_installation(folder)
    with installation.store.database.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO projects (name, created, derived_with, sealed_with, counter, derivation, terms) "
            f"VALUES ('{name}', 0, 1, 1, 0, 1, '')"
        )
    return name


# --- one study, several identities


def test_two_subjects_never_share_an_output_study_series_or_instance(tmp_path):
    engine = make_engine(tmp_path)
    one, other = (anonymized(engine, ct(PatientID=patient)) for patient in ("PID-0815", "PID-9999"))
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        assert one[keyword].value != other[keyword].value
    assert one.PatientID != other.PatientID


def test_the_second_subject_of_a_study_is_noted_and_the_first_is_not(tmp_path):
    engine = make_engine(tmp_path)
    assert MERGED not in notes(engine)
    assert MERGED in notes(engine, **OTHER)
    assert MERGED in notes(engine, **OTHER | {"SOPInstanceUID": "1.2.3.5.2"})
    assert MERGED not in notes(engine, SOPInstanceUID="1.2.3.4.9")
    again = make_engine(tmp_path)
    assert MERGED in notes(again, **OTHER)
    assert MERGED not in notes(again)


def test_strict_identity_refuses_the_second_subject_and_records_nothing_of_it(tmp_path):
    engine = make_engine(tmp_path, subjects={"strict_identity": True, "id": "S-{counter:03d}"})
    assert anonymized(engine, ct()).PatientID == "S-001"
    assert refused(engine, ct(**OTHER)) == MERGED
    assert anonymized(engine, ct(PatientID="PID-3", StudyInstanceUID="1.2.9")).PatientID == "S-002"


def test_images_of_two_identities_still_lie_on_each_other(tmp_path):
    engine = make_engine(tmp_path)
    one = anonymized(engine, ct(FrameOfReferenceUID="1.2.9"))
    other = anonymized(engine, ct(FrameOfReferenceUID="1.2.9", **OTHER))
    assert one.FrameOfReferenceUID == other.FrameOfReferenceUID != "1.2.9"


def test_references_name_what_their_targets_become(tmp_path):
    places = ("ReferencedStudySequence", "RelatedSeriesSequence", "SourceImageSequence")
    engine = make_engine(tmp_path, unlisted="keep", tags=dict.fromkeys(places, "uid"))
    target = anonymized(engine, ct(StudyInstanceUID="1.2.5.2", SeriesInstanceUID="1.2.5.3", SOPInstanceUID="1.2.5.1"))
    study = item(ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1", ReferencedSOPInstanceUID="1.2.5.2")
    series = item(SeriesInstanceUID="1.2.5.3", StudyInstanceUID="1.2.5.2")
    images = item(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.2", ReferencedSOPInstanceUID="1.2.5.1")
    output = anonymized(
        engine,
        ct(
            ReferencedStudySequence=sequence(study),
            RelatedSeriesSequence=sequence(series),
            SourceImageSequence=sequence(images),
        ),
    )
    study, series, image = (output[place].value[0] for place in places)
    assert study.ReferencedSOPInstanceUID == series.StudyInstanceUID == target.StudyInstanceUID
    assert series.SeriesInstanceUID == target.SeriesInstanceUID
    assert image.ReferencedSOPInstanceUID == target.SOPInstanceUID


def test_a_reference_to_the_own_study_stays_one(tmp_path):
    engine = make_engine(tmp_path, "own", unlisted="keep")
    own = item(StudyInstanceUID="1.2.3.4.2", SeriesInstanceUID="1.2.3.4.3")
    output = anonymized(engine, ct(RelatedSeriesSequence=sequence(own)))
    related = output.RelatedSeriesSequence[0]
    assert (related.StudyInstanceUID, related.SeriesInstanceUID) == (output.StudyInstanceUID, output.SeriesInstanceUID)


def test_an_old_project_keeps_its_uids_and_notes_the_clash(tmp_path):
    engine = make_engine(tmp_path, old_project(tmp_path))
    one, other = anonymized(engine, ct()), anonymized(engine, ct(**OTHER))
    assert one.StudyInstanceUID == other.StudyInstanceUID == engine.project.derive_uid("1.2.3.4.2")
    assert MERGED in notes(engine, **OTHER)
    assert MERGED not in notes(engine)


def test_uids_that_are_kept_let_no_second_subject_in(tmp_path):
    engine = make_engine(tmp_path, options=("retain-uids",))
    assert anonymized(engine, ct()).StudyInstanceUID == "1.2.3.4.2"
    assert refused(engine, ct(**OTHER)) == MERGED
    assert anonymized(engine, ct(SOPInstanceUID="1.2.3.4.9")).SOPInstanceUID == "1.2.3.4.9"


def test_two_that_were_merged_have_one_study_from_then_on(tmp_path):
    engine = make_engine(tmp_path)
    one, other = anonymized(engine, ct()), anonymized(engine, ct(**OTHER))
    Registry(engine.project).merge(other.PatientID, one.PatientID)
    later = engine.deidentify(encode(ct(**OTHER)))
    assert (later.pseudonym, later.study_uid) == (one.PatientID, one.StudyInstanceUID)
    assert MERGED not in later.notes


def test_a_study_of_two_is_found_both_ways(tmp_path):
    engine = make_engine(tmp_path)
    made = [anonymized(engine, ct()), anonymized(engine, ct(**OTHER))]
    registry = Registry(engine.project)
    expected = {("1.2.3.4.2", one.StudyInstanceUID, one.PatientID) for one in made}
    assert set(registry.find_studies(["1.2.3.4.2"])) == expected
    for one in made:
        [found] = registry.find_studies([one.StudyInstanceUID])
        assert found == ("1.2.3.4.2", one.StudyInstanceUID, one.PatientID)
        news = [one.SOPInstanceUID]
        candidates = ["1.2.3.4.1", "1.2.3.5.1", "1.2.3"]
        assert [found.new for found in registry.find_instances(news, candidates)] == news
        assert [found.new for found in registry.find_instances(news, candidates, [one.PatientID])] == news


def test_rotation_leaves_studies_and_subjects_where_they_are(tmp_path):
    engine = make_engine(tmp_path, subjects={"match": "fold-punctuation"})
    name = engine.project.name
    made = [anonymized(engine, ct(IssuerOfPatientID="A")), anonymized(engine, ct(**OTHER))]
    rotate(make_installation(tmp_path), tmp_path / "key")
    after = Engine(engine.profile, make_installation(tmp_path).project(name))
    again = [anonymized(after, ct(PatientID="mrn 4711")), anonymized(after, ct(**OTHER))]
    assert [one.StudyInstanceUID for one in again] == [one.StudyInstanceUID for one in made]
    assert MERGED in notes(after, **OTHER)
    assert refused(after, ct(IssuerOfPatientID="B")) == "identity-differs"


def test_objects_of_two_subjects_by_turns_are_walked_once_each(tmp_path, monkeypatch):
    engine = make_engine(tmp_path, **SHIFTED)
    patients = [
        {"PatientID": patient, "StudyInstanceUID": f"1.2.9{patient}", "SeriesInstanceUID": f"1.2.8{patient}"}
        for patient in "12"
    ]
    for number, patient in enumerate(patients * 2):
        anonymized(engine, ct(SOPInstanceUID=f"1.2.7.{number}", **patient))
    walks = []
    run = Splicer.run
    monkeypatch.setattr("greycloak.engine.Splicer.run", lambda *arguments: walks.append(1) or run(*arguments))
    for number, patient in enumerate(patients * 5):
        anonymized(engine, ct(SOPInstanceUID=f"1.2.6.{number}", **patient))
    assert len(walks) == len(patients) * 5


# --- no Patient ID


def test_an_object_without_patient_id_joins_no_study_of_a_known_patient(tmp_path):
    engine = make_engine(tmp_path, subjects={"id": "S-{counter:03d}", "without_id": "study"})
    anonymized(engine, ct())
    assert refused(engine, ct(**NOBODY)) == "patient-of-study-known"
    assert anonymized(engine, ct(PatientID="PID-3", StudyInstanceUID="1.2.9")).PatientID == "S-002"


@pytest.mark.parametrize("derivation", [1, 2])
def test_one_that_came_before_its_patient_shares_no_study_with_him(tmp_path, derivation):
    engine = make_engine(tmp_path, old_project(tmp_path) if derivation == 1 else "new")
    nobody = anonymized(engine, ct(**NOBODY))
    if derivation == 1:
        assert refused(engine, ct()) == MERGED
        Registry(engine.project).forget(nobody.PatientID)
        assert anonymized(engine, ct()).StudyInstanceUID == nobody.StudyInstanceUID
    else:
        outcome = engine.deidentify(encode(ct()))
        assert MERGED in outcome.notes
        assert outcome.study_uid != nobody.StudyInstanceUID
    assert refused(engine, ct(**NOBODY)) == "patient-of-study-known"


# --- issuers


def test_the_order_in_which_objects_come_changes_no_byte(tmp_path):
    objects = [
        encode(ct(SOPInstanceUID="1.2.3.4.11")),
        encode(ct(SOPInstanceUID="1.2.3.4.12", IssuerOfPatientID="Example Hospital")),
        encode(ct(SOPInstanceUID="1.2.3.4.13", IssuerOfPatientID="EXAMPLE  Hospital")),
        encode(ct(**OTHER)),
    ]
    made = set()
    for number, order in enumerate(itertools.permutations(range(4))):
        folder = tmp_path / str(number)
        folder.mkdir()
        if number:
            (folder / "key").write_bytes((tmp_path / "0" / "key").read_bytes())
            (folder / "key").chmod(0o600)
        engine = make_engine(folder, **SHIFTED)
        outputs = {at: engine.deidentify(objects[at]).to_bytes() for at in order}
        made.add(tuple(outputs[at] for at in range(4)))
        engine.project.close()
    assert len(made) == 1
    [outputs] = made
    assert len({decode(one).PatientID for one in outputs[:3]}) == 1
    assert len({decode(one).StudyDate for one in outputs[:3]}) == 1


def test_another_issuer_of_a_known_id_is_refused_and_nothing_of_it_recorded(tmp_path):
    engine = make_engine(tmp_path)
    anonymized(engine, ct())
    anonymized(engine, ct(IssuerOfPatientID="A", SeriesInstanceUID="1.2.3.4.4"))
    assert refused(engine, ct(IssuerOfPatientID="B", StudyInstanceUID="1.2.9")) == "identity-differs"
    assert Registry(engine.project).find_studies(["1.2.9"]) == []
    again = make_engine(tmp_path)
    assert refused(again, ct(IssuerOfPatientID="B")) == "identity-differs"
    assert [(one.patient_id, one.issuer) for one in Registry(again.project).crosswalk()] == [("MRN-4711", "A")]


def test_two_nodes_with_other_issuers_cannot_both_go_through(tmp_path):
    one, other = make_engine(tmp_path), make_engine(tmp_path)
    for engine in (one, other):
        anonymized(engine, ct())  # both know the subject, and nobody an issuer
    anonymized(one, ct(IssuerOfPatientID="A"))
    assert refused(other, ct(IssuerOfPatientID="B")) == "identity-differs"


def test_an_old_project_still_tells_subjects_apart_by_issuer(tmp_path):
    engine = make_engine(tmp_path, old_project(tmp_path))
    assert anonymized(engine, ct()).PatientID != anonymized(engine, ct(IssuerOfPatientID="A")).PatientID
    assert engine.project.terms()["issuer"] == "exact"
    profile = load_profile("basic").model_copy(update={"subjects": type(engine.profile.subjects)(issuer="ignore")})
    with pytest.raises(StoreError, match="treats Issuer of Patient ID as exact, and the profile says ignore"):
        Engine(profile, make_installation(tmp_path).project("old"))


# --- how Patient IDs are compared


@pytest.mark.parametrize(
    ("match", "one", "other", "same"),
    [
        ("exact", "MRN-1", "mrn-1", False),
        ("fold-case", "MRN-1", "mrn-1", True),
        ("fold-case", "MRN-1", "MRN 1", False),
        ("fold-case", "Straße", "STRASSE", True),
        ("fold-punctuation", "PID-0815", "pid 815", True),
        ("fold-punctuation", "0004711", "47-11", True),
        ("fold-punctuation", "101", "11", False),
        ("fold-punctuation", "1-01", "1-1", False),
        ("fold-punctuation", "000", "0", True),
        ("fold-punctuation", "---", "--", False),
        ("fold-punctuation", "４７１１", "4711", True),
    ],
)
def test_patient_ids_are_one_as_the_project_says(match, one, other, same):
    matching = Matching("ignore", match)
    assert (matching.key(Identity(one)) == matching.key(Identity(other))) is same
    assert matching.key(Identity("---")).patient_id
    nobody = Identity.of_study("1.2.3")
    assert matching.key(nobody) == nobody


def test_spellings_of_one_id_are_one_subject_in_any_order(tmp_path):
    fold = {"subjects": {"match": "fold-punctuation"}}
    engine = make_engine(tmp_path, **fold)
    spellings = ["MRN-4711", "mrn 4711", "MRN 04711"]
    made = [anonymized(engine, ct(PatientID=one)) for one in spellings]
    assert len({(one.PatientID, one.StudyInstanceUID) for one in made}) == 1
    registry = Registry(engine.project)
    assert {one.pseudonym for one in registry.find_pseudonyms([Identity("Mrn4711")])} == {made[0].PatientID}
    assert registry.find_pseudonyms([Identity("MRN-4712")]) == []
    other = engine.profile.model_copy(update={"subjects": type(engine.profile.subjects)(match="exact")})
    with pytest.raises(StoreError, match="compares Patient IDs as fold-punctuation, and the profile says exact"):
        Engine(other, make_installation(tmp_path).project(engine.project.name))
    Engine(load_profile("basic"), make_installation(tmp_path).project(engine.project.name))  # says nothing of it


def test_a_list_that_was_imported_first_is_found_by_the_terms_that_come_later(tmp_path):
    project = make_installation(tmp_path).project("trial")
    registry = Registry(project)
    registry.import_given(StringIO("patient_id,pseudonym,issuer\nMRN-04711,P-01,A\nMRN-12,P-02,\n"))
    profile = load_profile("basic")
    subjects = type(profile.subjects)(match="fold-punctuation", id="list")
    engine = Engine(profile.model_copy(update={"subjects": subjects}), make_installation(tmp_path).project("trial"))
    assert anonymized(engine, ct()).PatientID == "P-01"
    assert refused(engine, ct(IssuerOfPatientID="B")) == "identity-differs"
    assert refused(engine, ct(PatientID="MRN-13")) == "not-on-list"
    assert Registry(engine.project).import_given(StringIO("patient_id,pseudonym\nmrn 12,P-02\n")) == 0
    with pytest.raises(StoreError, match="line 1: its subject has another pseudonym or issuer already"):
        Registry(engine.project).import_given(StringIO("patient_id,pseudonym\nmrn 12,P-03\n"))
    with pytest.raises(StoreError, match="agreed while this was running"):
        registry.import_given(StringIO("patient_id,pseudonym\nMRN-14,P-04\n"))


def test_a_list_whose_lines_become_one_is_told(tmp_path):
    Registry(make_installation(tmp_path).project("trial")).import_given(
        StringIO("patient_id,pseudonym\nMRN-1,P-01\nmrn 1,P-02\n")
    )
    profile = load_profile("basic")
    folded = profile.model_copy(update={"subjects": type(profile.subjects)(match="fold-punctuation")})
    with pytest.raises(StoreError, match="are one as the profile takes them"):
        Engine(folded, make_installation(tmp_path).project("trial"))
    Engine(profile, make_installation(tmp_path).project("trial"))  # nothing was agreed


def test_a_preview_gives_the_same_as_the_run(tmp_path):
    profile = load_profile("basic")
    objects = [encode(ct()), encode(ct(**OTHER)), encode(ct(IssuerOfPatientID="A"))]
    seen = [Engine(profile, make_installation(tmp_path).rehearse("trial")).deidentify(one) for one in objects]
    done = [Engine(profile, make_installation(tmp_path).project("trial")).deidentify(one) for one in objects]
    assert [one.to_bytes() for one in seen] == [one.to_bytes() for one in done]
    late = Engine(profile, make_installation(tmp_path).rehearse("trial"))
    assert MERGED in notes(late, **OTHER)
    assert refused(late, ct(IssuerOfPatientID="B")) == "identity-differs"
    assert refused(late, ct(**NOBODY)) == "patient-of-study-known"
