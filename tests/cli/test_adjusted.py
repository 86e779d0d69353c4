"""What the command line changes of a profile: it has the last word, and the object says what is true."""

from __future__ import annotations

import json

import pytest

from greycloak.profiles import parse_profile
from greycloak.profiles.adjust import Adjustments, adjusted
from support import ct, decode, encode

TOLD = {
    "PatientSex": "F",
    "StudyDescription": "KNEE LEFT",
    "InstitutionName": "St. Elsewhere",
    "AccessionNumber": "A-99",
    "StationName": "CT7",
}


@pytest.fixture
def one(place):
    (place / "one.dcm").write_bytes(encode(ct(**TOLD)))

    def anonymized(*arguments, status=0):
        done = place.call("anonymize", "one.dcm", "-", *arguments, text=False, status=status)
        return decode(done.stdout) if status == 0 else done.stderr.decode()

    anonymized.place = place
    return anonymized


def test_attributes_are_treated_as_asked(one):
    new = one(
        *("--keep", "PatientSex"),
        *("--replace", "InstitutionName=HOSPITAL=1"),
        *("--hash", "0008,0050"),
        *("--remove", "StudyDescription"),
        *("--dummy", "(0008,1010)"),
    )
    assert new.PatientSex == "F"
    assert new.InstitutionName == "HOSPITAL=1"
    assert new.AccessionNumber not in {"", "A-99"}
    assert "StudyDescription" not in new
    assert new.StationName not in {"", "CT7"}
    assert new.PatientIdentityRemoved == "NO"
    assert new.DeidentificationMethod[1] == "profile basic-adjusted"


def test_the_last_word_counts_and_goes_before_the_profile(one):
    assert "PatientSex" not in one("--keep", "PatientSex", "--remove", "PatientSex")
    assert one("--remove", "PatientSex", "--keep", "PatientSex").PatientSex == "F"
    profile = one.place / "own.toml"
    profile.write_text(
        'base = "basic"\n[tags]\n".StudyDescription" = { replace = "A" }\n'
        '[[rules]]\nif = "PatientSex exists"\ntags = { StudyDescription = { replace = "B" } }\n'
    )
    assert one("--profile", "own.toml").StudyDescription == "B"
    assert one("--profile", "own.toml", "--replace", "StudyDescription=C").StudyDescription == "C"


def test_options_are_claimed_and_what_takes_more_leaves_the_claim(one):
    new = one("--options", "retain-patient-characteristics,retain-device-identity", "--remove", "PatientAge")
    assert (new.PatientSex, new.StationName) == ("F", "CT7")
    codes = {code.CodeValue for code in new.DeidentificationMethodCodeSequence}
    assert codes == {"113100", "113108", "113109"}
    assert new.PatientIdentityRemoved == "YES"


def test_dates_are_shifted_by_what_is_said_or_by_the_key(one):
    assert one("--shift-dates", "-10").StudyDate == "20191223"
    keyed = one("--shift-dates", "keyed", "--project", "other").StudyDate
    assert "20190101" < keyed < "20200102"


def test_uids_stay_or_become_new_whatever_the_profile_says(one):
    assert one("--keep-uids").SOPInstanceUID == ct().SOPInstanceUID
    profile = one.place / "own.toml"
    profile.write_text('base = "basic"\noptions = ["retain-uids"]\n')
    new = one("--profile", "own.toml", "--regenerate-uids", "--project", "third")
    assert new.SOPInstanceUID != ct().SOPInstanceUID


def test_rules_are_read_from_toml_and_from_a_dictionary(one):
    (one.place / "rules.toml").write_text(
        'options = ["retain-patient-characteristics"]\n[tags]\nStudyDescription = "keep"\n'
        '[[rules]]\nif = \'Modality == "CT"\'\ntags = { InstitutionName = { replace = "CT-HOUSE" } }\n'
    )
    new = one("--rules", "rules.toml")
    assert (new.PatientSex, new.StudyDescription, new.InstitutionName) == ("F", "KNEE LEFT", "CT-HOUSE")
    (one.place / "rules.json").write_text(
        json.dumps({"delete": [["0x0008", "0x1030"]], "keep": [["0x0010", "0x0040"]], "empty": [["0x0008", "0x0080"]]})
    )
    new = one("--rules", "rules.json")
    assert (new.PatientSex, new.InstitutionName) == ("F", "")
    assert "StudyDescription" not in new
    (one.place / "rules.json").write_text('{"explode": [["0x0008", "0x1030"]]}')
    assert "there is no action explode" in one("--rules", "rules.json", status=2)


def test_what_was_adjusted_is_a_profile_of_its_own_with_a_digest_of_its_own():
    plain = parse_profile({"base": "basic", "name": "x"})
    written = adjusted("basic", Adjustments(actions=(("StudyDescription", "remove"),)))
    assert "base" not in written
    assert parse_profile(written).digest() != plain.digest()
    assert parse_profile(written).conforms
    assert not Adjustments()
