"""Before and after: what a person is shown, and that looking leaves no trace."""

from __future__ import annotations

import pytest

from greycloak import Deidentified, Engine, Quarantined, load_profile
from greycloak.preview import ADDED, EMPTIED, KEPT, REMOVED, REPLACED, preview
from greycloak.profiles import Profile
from greycloak.pseudonyms import Identity, Registry
from greycloak.pseudonyms.rehearsal import GIVEN_LATER
from study import make_study
from support import ct, encode, item, make_installation, named, pydicom_test_files, sequence


@pytest.fixture
def installation(tmp_path):
    return make_installation(tmp_path)


def rows(result):
    return {row.path: row for row in result.rows}


def test_every_element_is_shown_before_and_after_with_its_rule(installation):
    engine = Engine(load_profile("basic"), installation.rehearse("trial"))
    data_set = ct(StudyDescription="Chest", ReferencedStudySequence=sequence(item(ReferencedSOPInstanceUID="1.2.3")))
    shown = rows(preview(engine, encode(data_set)))

    name = shown["(0010,0010)"]
    assert (name.name, name.vr, name.before, name.what) == ("PatientName", "PN", "Doe^Jonathan", REPLACED)
    assert name.after == shown["(0010,0020)"].after
    assert name.section
    assert shown["(0008,0060)"].what == KEPT
    assert shown["(0008,1030)"].what in {REMOVED, EMPTIED}
    assert shown["(0010,0030)"].what == EMPTIED
    assert (shown["(0012,0062)"].what, shown["(0012,0062)"].after) == (ADDED, "YES")
    assert all(row.rule for row in shown.values() if row.what in {REMOVED, EMPTIED})


def test_what_went_with_a_sequence_names_its_rule(installation):
    engine = Engine(load_profile("basic"), installation.rehearse("trial"))
    data_set = ct(RequestAttributesSequence=sequence(item(RequestedProcedureID="REQ-1")))
    shown = rows(preview(engine, encode(data_set)))
    inner = shown["(0040,0275)[0].(0040,1001)"]
    assert inner.what == REMOVED
    assert inner.rule


def test_a_preview_shows_what_will_be_and_records_nothing(installation):
    rehearsed = preview(Engine(load_profile("basic"), installation.rehearse("trial")), encode(ct())).outcome
    assert installation.store.project_names() == []
    assert list(installation.audit.events()) == []

    real = Engine(load_profile("basic"), installation.project("trial")).deidentify(encode(ct()))
    assert isinstance(rehearsed, Deidentified)
    assert isinstance(real, Deidentified)
    assert rehearsed.to_bytes() == real.to_bytes()


def test_a_known_patient_keeps_the_pseudonym_and_a_new_one_is_shown_the_next_number(installation):
    profile = with_ids("T-{counter:03d}")
    real = Engine(profile, installation.project("trial"))
    real.deidentify(encode(ct(PatientID="FIRST")))
    engine = Engine(profile, installation.rehearse("trial"))
    assert preview(engine, encode(ct(PatientID="FIRST"))).outcome.pseudonym == "T-001"
    for _ in range(2):
        assert preview(engine, encode(ct(PatientID="SECOND"))).outcome.pseudonym == "T-002"
    assert [number for _, number in Registry(installation.project("trial")).list_pseudonyms()] == [1]


def test_a_service_is_not_asked_for_a_pseudonym_by_a_preview(installation):
    profile = with_ids({"command": ["/bin/false"]})
    assert preview(Engine(profile, installation.rehearse("trial")), encode(ct())).outcome.pseudonym == GIVEN_LATER


def test_who_is_not_on_the_list_is_told_so(installation):
    outcome = preview(Engine(with_ids("list"), installation.rehearse("trial")), encode(ct())).outcome
    assert isinstance(outcome, Quarantined)
    assert outcome.reason == "not-on-list"


def test_other_terms_than_those_of_the_project_are_refused_in_a_preview_too(installation):
    installation.project("trial").subject(Identity("X"))
    Engine(load_profile("basic"), installation.project("trial"))
    with pytest.raises(Exception, match="gives pseudonyms by"):
        Engine(with_ids("T-{counter:03d}"), installation.rehearse("trial"))


def test_every_object_that_goes_through_can_be_previewed(installation):
    engine = Engine(load_profile("basic"), installation.rehearse("trial"))
    shown = 0
    for path in pydicom_test_files():
        result = preview(engine, path.read_bytes())
        if isinstance(result.outcome, Deidentified):
            assert any(row.what == KEPT for row in result.rows)
            shown += 1
    assert shown > 150


def test_a_study_of_many_kinds_can_be_previewed(installation):
    engine = Engine(load_profile("clinical-trial"), installation.rehearse("trial"))
    for data in make_study().values():
        result = preview(engine, data)
        assert {row.what for row in result.rows} >= {KEPT, REPLACED, ADDED}


def test_a_quarantined_object_has_a_reason_and_no_rows(installation):
    engine = Engine(load_profile("basic"), installation.rehearse("trial"))
    result = preview(engine, named("CT_small.dcm")[:700])
    assert isinstance(result.outcome, Quarantined)
    assert result.rows == ()


def with_ids(scheme):
    written = load_profile("basic").model_dump(by_alias=True)
    return Profile.model_validate(written | {"subjects": written["subjects"] | {"id": scheme}})
