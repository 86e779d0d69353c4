"""Every preset on real and on prepared objects: what it keeps, what it takes, and what objects say of it."""

from __future__ import annotations

import base64
import re
from collections import Counter
from html import unescape
from itertools import pairwise

import pytest
from pydicom.datadict import tag_for_keyword
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from greycloak import Deidentified, Engine, Quarantined, load_profile
from greycloak.actions.stamps import STAMPED
from greycloak.profiles.lines import PROTECTED
from greycloak.profiles.load import presets
from greycloak.profiles.sop_classes import fits_sop_class
from greycloak.reasons import REASONS
from greycloak.standard.dictionary import entry_for
from greycloak.standard.uids import is_registered
from greycloak.statement import attribute_lines, statement
from planted import DEFLATED, planted, survivors
from support import (
    CT_IMAGE_STORAGE,
    anonymized,
    ct,
    decode,
    encode,
    item,
    kept_pixels,
    leaving_pixels,
    make_installation,
    pydicom_test_files,
    refused,
)
from support import sequence as items_of

SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, DEFLATED]
SYNTAX_NAMES = ["explicit", "implicit", "deflated"]
# Why the Basic profile leaves them is said in what it does not do: "numbers and code strings are kept if valid".
LEFT_BY_DESIGN = {
    "wrong vr: SpectralWidth": "a binary number of eight bytes, which may be any",
    "wrong vr: SimpleFrameList": "several binary numbers, which may be any",
    "code meaning: ViewCodeSequence.CodeValue": "the value of a code",
    "code meaning: RequestingServiceCodeSequence.LongCodeValue": "the value of a code",
}
KEPT = {
    "keep",
    "shift date",
    "keep if a valid date or time",
    "keep if valid for its VR, and nobody's name or number",
    "keep without the patient's own name and numbers",
}
TEXT_VRS = {"LO", "SH", "PN", "LT", "ST", "UT"}
PIXEL_DATA = 0x7FE00010


@pytest.fixture(scope="module")
def project(folder):
    """Return a project of a known key: what is hashed is the same each time, and no chance repeats an original."""
    (folder / "key").write_text(f"greycloak-key-1:{base64.urlsafe_b64encode(bytes(range(32))).decode()}\n")
    (folder / "key").chmod(0o600)
    return make_installation(folder).project("trial")


@pytest.fixture(scope="module")
def engines(project):
    return {name: Engine(leaving_pixels(load_profile(name)), project) for name in presets()}


@pytest.fixture(scope="module")
def files():
    return {path: path.read_bytes() for path in pydicom_test_files()}


@pytest.fixture(scope="module")
def outcomes(engines, files):
    return {name: {path: engine.deidentify(data) for path, data in files.items()} for name, engine in engines.items()}


@pytest.fixture(scope="module")
def pairs(outcomes, files):
    """Return, for each preset, the originals and the outputs that went through, read by pydicom."""
    originals = {path: decode(data) for path, data in files.items() if passed_somewhere(outcomes, path)}
    return {
        name: [
            (originals[path], decode(outcome.to_bytes()))
            for path, outcome in found.items()
            if isinstance(outcome, Deidentified)
        ]
        for name, found in outcomes.items()
    }


def passed_somewhere(outcomes, path):
    return any(isinstance(found[path], Deidentified) for found in outcomes.values())


def leaves(data_set, path=()):
    """Yield (path, element) for every element that has no items."""
    for element in data_set:
        where = (*path, int(element.tag))
        if element.VR == "SQ" and element.value:
            for number, inner in enumerate(element.value):
                yield from leaves(inner, (*where, number))
        else:
            yield where, element


def values(element):
    """Return the values of an element as texts."""
    several = element.value if hasattr(element.value, "append") else [element.value]
    return [str(value) for value in several if value not in {None, ""}]


def test_these_are_the_presets():
    assert presets() == (
        "basic",
        "clinical-trial",
        "custom",
        "research",
        "scramble",
        "sharing",
        "site-table",
        "whitelist",
    )


@pytest.mark.parametrize("name", presets())
def test_every_file_goes_through_or_is_quarantined_for_a_reason(outcomes, name):
    reasons = Counter(outcome.reason for outcome in outcomes[name].values() if isinstance(outcome, Quarantined))
    assert set(reasons) <= set(REASONS) - {"internal-error"}
    assert len(outcomes[name]) - sum(reasons.values()) >= (90 if name == "whitelist" else 157)


@pytest.mark.parametrize("name", presets())
def test_a_second_run_gives_the_same_bytes(project, outcomes, files, name):
    again = Engine(leaving_pixels(load_profile(name)), project)
    for path, outcome in outcomes[name].items():
        other = again.deidentify(files[path])
        if isinstance(outcome, Deidentified):
            assert other.to_bytes() == outcome.to_bytes(), path
        else:
            assert other == outcome


@pytest.mark.parametrize("name", presets())
def test_every_output_opens_and_knows_who_it_is(outcomes, pairs, name):
    done = [outcome for outcome in outcomes[name].values() if isinstance(outcome, Deidentified)]
    for outcome, (_, output) in zip(done, pairs[name], strict=True):
        assert output.file_meta.MediaStorageSOPInstanceUID == output.SOPInstanceUID == outcome.sop_instance_uid
        assert (output.StudyInstanceUID, output.SeriesInstanceUID) == (outcome.study_uid, outcome.series_uid)
        assert output.get("PatientID", "") == outcome.patient_id
        assert str(output.get("PatientName", "")) in ({"19000101", ""} if name == "site-table" else {outcome.pseudonym})


def claims_of(profile):
    """Return what the statement says that objects say, by keyword."""
    text = unescape(re.sub(r"<[^>]+>", "\n", statement(profile).to_html()))
    return {
        keyword: re.search(rf"\({tag}\): (.*)", text)[1]
        for keyword, tag in {
            "PatientIdentityRemoved": "0012,0062",
            "DeidentificationMethod": "0012,0063",
            "DeidentificationMethodCodeSequence": "0012,0064",
            "LongitudinalTemporalInformationModified": "0028,0303",
        }.items()
    }


@pytest.mark.parametrize("name", presets())
def test_objects_say_what_the_statement_says_they_do(pairs, name):
    claims = claims_of(load_profile(name))
    before = ("PatientIdentityRemoved", "DeidentificationMethodCodeSequence")
    said_before = 0
    for original, output in pairs[name]:
        assert output.LongitudinalTemporalInformationModified == claims["LongitudinalTemporalInformationModified"]
        method = output.DeidentificationMethod
        assert (method if isinstance(method, str) else "\\".join(method)) == claims["DeidentificationMethod"]
        if any(keyword in original for keyword in before):
            said_before += 1
            continue
        assert output.PatientIdentityRemoved == claims["PatientIdentityRemoved"].split(",")[0]
        codes = output.get("DeidentificationMethodCodeSequence", [])
        said = ", ".join(f"{code.CodeValue} {code.CodeMeaning}" for code in codes)
        assert claims["DeidentificationMethodCodeSequence"].startswith(said or "nothing new")
        assert all(code.CodingSchemeDesignator == "DCM" for code in codes)
    assert said_before < len(pairs[name])


@pytest.mark.parametrize("name", presets())
def test_what_an_earlier_deidentification_has_said_stays_only_where_it_holds(engines, name):
    earlier = item(CodeValue="113109", CodingSchemeDesignator="DCM", CodeMeaning="Retain Device Identity Option")
    data = ct(PatientIdentityRemoved="YES", DeidentificationMethodCodeSequence=items_of(earlier))
    output = anonymized(engines[name], data)
    assert output.PatientIdentityRemoved == "YES"
    profile = load_profile(name)
    goes = profile.conforms and "retain-device-identity" not in profile.options
    assert ("113109" in [code.CodeValue for code in output.DeidentificationMethodCodeSequence]) != goes


@pytest.mark.parametrize("syntax", SYNTAXES, ids=SYNTAX_NAMES)
def test_nothing_that_is_planted_survives_the_basic_profile(engines, syntax):
    data, secrets = planted(syntax)
    searched = {place: secret for place, secret in secrets.items() if place not in LEFT_BY_DESIGN}
    assert len(searched) == len(secrets) - len(LEFT_BY_DESIGN)
    assert survivors(engines["basic"].deidentify(data).to_bytes(), searched) == []


def last_keyword(place):
    return place.partition(": ")[2].rpartition(".")[2].partition(":")[0].partition("#")[0]


def declared(name):
    """Return the tags of attributes that a preset declares to keep in CT images, shifted ones included."""
    lines = attribute_lines(load_profile(name), CT_IMAGE_STORAGE, every=True)
    return {line.tag for line in lines if line.action in KEPT}


def tag_text(keyword):
    tag = tag_for_keyword(keyword) or int(keyword, 16)
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


@pytest.mark.parametrize("syntax", SYNTAXES, ids=SYNTAX_NAMES)
def test_what_survives_the_clinical_trial_is_what_it_declares_to_keep(engines, syntax):
    """A date that is shifted is another one afterwards, and what is no valid value of its VR is not kept."""
    data, secrets = planted(syntax)
    left = set(survivors(engines["clinical-trial"].deidentify(data).to_bytes(), secrets)) - set(LEFT_BY_DESIGN)
    kept = declared("clinical-trial") - declared("basic")
    at_top = {
        place
        for place in secrets
        if not {".", "#"} & set(place)
        and not place.startswith(("file meta", "preamble", "wrong", "unknown", "private", "charset"))
    }
    expected = {
        place
        for place in at_top
        if tag_text(last_keyword(place)) in kept
        and entry_for(tag_for_keyword(last_keyword(place))).vrs[0] not in {"DA", "DT", "SQ"}
    }
    assert left & at_top == expected
    assert {tag_text(last_keyword(place)) for place in left - at_top} <= kept


@pytest.mark.parametrize("syntax", SYNTAXES, ids=SYNTAX_NAMES)
def test_nothing_that_is_planted_survives_the_whitelist(engines, syntax):
    data, secrets = planted(syntax)
    left = survivors(engines["whitelist"].deidentify(data).to_bytes(), secrets)
    assert set(left) <= {"code meaning: ViewCodeSequence.CodeValue"}


@pytest.mark.parametrize("syntax", SYNTAXES, ids=SYNTAX_NAMES)
def test_what_survives_research_is_nobodys_name_number_or_address(engines, syntax):
    data, secrets = planted(syntax)
    left = survivors(engines["research"].deidentify(data).to_bytes(), secrets)
    kinds = Counter(place.partition(":")[0] for place in left)
    assert not {"uid", "other person", "nested uid", "private", "graphics", "charset", "file meta", "preamble"} & set(
        kinds
    )
    assert {place for place in left if place.startswith("direct identifier")} <= {
        f"direct identifier: {keyword}"
        for keyword in ("Occupation", "PatientWeight", "PatientSize", "ClinicalTrialSubjectID", "ClinicalTrialSiteName")
    }
    assert "date: PatientBirthDate" not in left
    assert "date: StudyDate" in left


PERSON = {
    "PatientBirthDate": "19570412",
    "PatientBirthName": "Roe^Jane",
    "OtherPatientNames": "Poe^J",
    "MilitaryRank": "Major",
}
STUDY = {
    "StudyDate": "20200102", "StudyTime": "101112", "StudyDescription": "Thorax", "SeriesDescription": "Lung window",
    "PatientSex": "F", "PatientAge": "062Y", "PatientWeight": "71.5", "Manufacturer": "Example Scanners",
    "InstitutionName": "Hospital", "StationName": "CT1", "KVP": "120", "ProtocolName": "Chest", "Rows": 2,
}  # fmt: skip


def test_research_keeps_the_study_and_nobody(engines, pairs):
    nurse = item(PersonName="Poe^Nurse", PatientID="MRN-4711")
    output = anonymized(
        engines["research"], ct(**PERSON, **STUDY, OperatorsName="Poe^N", ReferencedPatientSequence=items_of(nurse))
    )
    assert {keyword: output.get(keyword) for keyword in STUDY} == {
        keyword: type(output.get(keyword))(value) for keyword, value in STUDY.items()
    }
    assert output.PatientBirthDate == ""
    assert (output.AccessionNumber, output.get("StudyID", "")) == ("", "")
    assert not {"PatientBirthName", "OtherPatientNames", "MilitaryRank", "OperatorsName"} & set(output.dir())
    assert b"MRN-4711" not in encode(output)
    dummies = {"", "Anonymous", "ANONYMOUS", "UNKNOWN", "NONE", "Dummy"}
    for original, found in pairs["research"]:
        names = {str(one.value) for path, one in leaves(found) if one.VR == "PN" and path != (0x00100010,)}
        theirs = {text for _, one in leaves(original) if one.VR == "PN" for text in values(one)}
        assert not {name for name in names & theirs if name not in dummies}
        assert found.get("PatientBirthDate", "") in {"", "19000101"}
        for keyword in ("StudyDate", "SeriesDate", "Modality", "Rows"):
            assert found.get(keyword) == original.get(keyword)
        assert found.get("PixelData") == kept_pixels(original)


DUMMY_ROWS = "AccessionNumber PatientName PatientID ReferringPhysicianName".split()
SIMILAR_ROWS = {"OtherPatientIDs": "MRN-4711\\ab 12", "StudyID": "St-99/x"}
REMOVED_ROWS = """
    InstitutionName ReferringPhysicianIdentificationSequence PhysiciansOfRecord
    PhysiciansOfRecordIdentificationSequence PerformingPhysicianName PerformingPhysicianIdentificationSequence
    NameOfPhysiciansReadingStudy PhysiciansReadingStudyIdentificationSequence PatientInsurancePlanCodeSequence
    PatientPrimaryLanguageCodeSequence OtherPatientNames OtherPatientIDsSequence PatientAddress
    PatientMotherBirthName IssuerOfPatientID PatientBirthTime PatientBirthName CountryOfResidence RegionOfResidence
    PatientTelephoneNumbers CurrentPatientLocation PatientInstitutionResidence InstitutionAddress
    ReferringPhysicianAddress ReferringPhysicianTelephoneNumbers InstitutionalDepartmentName OperatorsName
    RequestAttributesSequence
""".split()


def filled(keyword):
    vr = entry_for(tag_for_keyword(keyword)).vrs[0]
    return {"SQ": items_of(item(CodeMeaning="Zyxwvut")), "PN": "Zyxwvut^A", "TM": "101112"}.get(vr, "Zyxwvut")


def test_the_site_table_does_its_rows_and_nothing_else(engines):
    nested = item(PersonName="Zyxwvut^A", ReferringPhysicianName="Zyxwvut^B", InstitutionName="Zyxwvut", StudyID="A-1")
    original = ct(
        **{keyword: filled(keyword) for keyword in (*DUMMY_ROWS, *REMOVED_ROWS)},
        **{keyword: value.split("\\") if "\\" in value else value for keyword, value in SIMILAR_ROWS.items()},
        PatientComments="stays", StudyDescription="stays", ContributingEquipmentSequence=items_of(nested),
    )  # fmt: skip
    output = anonymized(engines["site-table"], original)
    assert {str(output[keyword].value) for keyword in DUMMY_ROWS} == {"19000101"}
    assert not set(REMOVED_ROWS) & set(output.dir())
    for keyword, value in SIMILAR_ROWS.items():
        new = "\\".join(values(output[keyword]))
        assert new != value
        assert shape(new) == shape(value)
    inside = output.ContributingEquipmentSequence[0]
    assert (str(inside.PersonName), str(inside.ReferringPhysicianName)) == ("19000101", "19000101")
    assert "InstitutionName" not in inside
    assert shape(inside.StudyID) == "A-9"
    rows = {
        tag_for_keyword(keyword)
        for keyword in (*DUMMY_ROWS, *SIMILAR_ROWS, *REMOVED_ROWS, "ContributingEquipmentSequence")
    }
    unchanged = {tag for tag in map(int, original.keys()) if tag not in rows and entry_for(tag).vrs[0] != "UI"}
    assert all(output[tag].value == original[tag].value for tag in unchanged)
    assert set(map(int, output.keys())) - set(map(int, original.keys())) <= set(STAMPED)


def test_the_site_table_is_one_of_so_many_rows():
    lines = load_profile("site-table").lines
    rows = [*DUMMY_ROWS, "PersonName", *SIMILAR_ROWS, *REMOVED_ROWS]
    assert sorted(line.target.text for line in lines) == sorted(rows)


def shape(text):
    return "".join(
        "9" if c.isdigit() else ("A" if c.isupper() else "a") if c.isascii() and c.isalpha() else c for c in text
    )


def test_a_similar_value_is_the_same_for_the_same_value(engines):
    one, same, other = (
        anonymized(engines["site-table"], ct(StudyID=text)).StudyID for text in ("A-123", "A-123", "A-124")
    )
    assert one == same != other


def is_code(path, data_set):
    """Tell whether an element stands in an item that is a code."""
    for at, number in pairwise(path[:-1]):
        if at > 0xFFFF and number < 0xFFFF:
            data_set = data_set[at].value[number]
    return len(path) > 1 and "CodeValue" in data_set


UNTRUE_AFTERWARDS = {0x00080001, 0x00120064, 0x04000500}  # lengths, earlier codes, sealed originals


def is_structure(tag):
    """Tell whether scrambling keeps an attribute: no private one, group length, curve or overlay."""
    return not tag >> 16 & 1 and bool(tag & 0xFFFF) and tag >> 24 not in {0x50, 0x60}


@pytest.mark.parametrize("syntax", SYNTAXES, ids=SYNTAX_NAMES)
def test_of_what_is_planted_scramble_leaves_codes_numbers_and_bytes(engines, syntax):
    data, secrets = planted(syntax)
    left = survivors(engines["scramble"].deidentify(data).to_bytes(), secrets)
    kinds = {"direct identifier", "graphics", "other", "unknown tag", "wrong vr", "wrong value"}
    assert {place.partition(":")[0] for place in left} <= kinds
    people = {last_keyword(place) for place in left if place.startswith("direct identifier")}
    assert people <= {"PatientWeight", "PatientSize"}


def test_scramble_leaves_no_text_and_all_the_structure(pairs):
    texts = 0
    named = {line.target.tag for line in load_profile("scramble").lines}
    for original, output in pairs["scramble"]:
        found = dict(leaves(output))
        for path, element in leaves(original):
            if element.VR == "DA" and path in found:
                assert {*values(found[path])} <= {"19000101"}, element.keyword
            if (
                element.VR not in TEXT_VRS
                or path not in found
                or int(element.tag) in STAMPED
                or is_code(path, original)
            ):
                continue
            before, after = values(element), values(found[path])
            assert [len(text) for text in after] == [len(text) for text in before] or not "".join(before).isascii()
            for text in before:
                if len(re.sub(r"[\W_]", "", text)) >= 4:
                    texts += 1
                    assert text not in after, element.keyword
        assert output.get("PixelData") == kept_pixels(original)
        gone = set(map(int, original.keys())) - set(map(int, output.keys()))
        structure = {tag for tag in gone if is_structure(tag) and original[tag].VR in TEXT_VRS | {"DA", "SQ", "US"}}
        assert structure <= UNTRUE_AFTERWARDS | named
    assert texts > 500


def test_scramble_leaves_no_text_of_one_place_at_another(pairs):
    for original, output in pairs["scramble"]:
        before = {
            text
            for path, element in leaves(original)
            if element.VR in TEXT_VRS and not is_code(path, original)
            for text in values(element)
            if len(re.sub(r"[\W_]", "", text)) >= 6
        }
        after = {
            text
            for path, one in leaves(output)
            if one.VR in TEXT_VRS and path[0] not in STAMPED
            for text in values(one)
        }
        assert not before & after


def listed_tags(sop_class):
    """Return what the whitelist keeps of objects of a SOP Class."""
    profile = load_profile("whitelist")
    rules = [rule for rule in profile.rules if any(fits_sop_class(pattern, sop_class) for pattern in rule.sop_classes)]
    named = {line.target.tag for line in (*profile.lines, *(line for rule in rules for line in rule.lines))}
    return named | set(PROTECTED) | set(STAMPED) | {PIXEL_DATA, 0x7FE00008, 0x7FE00009}


def test_the_whitelist_keeps_what_it_lists_and_no_more(pairs):
    for original, output in pairs["whitelist"]:
        allowed = listed_tags(original.SOPClassUID)
        for path, element in leaves(output):
            assert all(tag in allowed for tag in path if tag > 0xFFFF), path
            assert not element.tag.is_private
            if element.VR == "UI":
                assert all(is_registered(uid) or uid.startswith("2.25.") for uid in values(element))
        assert output.get("PixelData") == kept_pixels(original)
        assert output.get("Rows") == original.get("Rows")


def test_the_whitelist_tells_what_is_missing_and_refuses_other_objects(engines):
    outcome = engines["whitelist"].deidentify(encode(ct()))
    assert "required-missing: StudyDate" in outcome.notes
    assert "required-missing: PatientBirthDate" in outcome.notes
    assert not any("PatientName" in note or "SOPClassUID" in note or "PixelData" in note for note in outcome.notes)
    for sop_class in ("1.2.840.10008.5.1.4.1.1.88.11", "1.2.840.10008.5.1.4.1.1.7", "1.2.3"):
        assert refused(engines["whitelist"], ct(SOPClassUID=sop_class)) == "sop-class-denied"


def test_the_whitelist_keeps_what_belongs_to_one_kind_of_image_only_there(engines):
    for sop_class, kept in (("1.2.840.10008.5.1.4.1.1.128", True), (CT_IMAGE_STORAGE, False)):
        output = anonymized(engines["whitelist"], ct(SOPClassUID=sop_class, ReprojectionMethod="SUM"))
        assert ("ReprojectionMethod" in output) == kept


def is_kept_private(path, original):
    """Tell whether custom promises to keep a private attribute: it has a creator, and is no sequence in disguise."""
    data_set = original
    for at, number in pairwise(path[:-1]):
        if at > 0xFFFF and number < 0xFFFF:
            data_set = data_set[at].value[number]
    tag = path[-1]
    raw = data_set[tag].value
    has_creator = tag & 0xFFFF > 0xFF and (tag & 0xFFFF0000 | tag >> 8 & 0xFF) in data_set
    return has_creator and not (isinstance(raw, bytes) and raw.startswith(b"\xfe\xff\x00\xe0"))


def test_custom_changes_pseudonym_uids_and_stamps_alone(pairs):
    compared = 0
    for original, output in pairs["custom"]:
        found = dict(leaves(output))
        for path, element in leaves(original):
            tag = path[-1]
            if path[0] in STAMPED or element.VR == "UI" or not tag & 0xFFFF or path[0] == 0x04000500:
                continue
            if any(one >> 16 & 1 for one in path if one > 0xFFFF) and not is_kept_private(path, original):
                continue
            if path not in found and not tag >> 16 & 1:
                assert tag == 0x00080001, element
            elif path in found:
                compared += 1
                value = kept_pixels(original) if path == (PIXEL_DATA,) else element.value
                assert found[path].value == value, element
        assert set(map(int, output.keys())) - set(map(int, original.keys())) <= set(STAMPED)
    assert compared > 5000


@pytest.mark.parametrize("name", presets())
def test_no_uid_that_is_somebodys_own_is_left(pairs, name):
    for _, output in pairs[name]:
        for _, element in leaves(output):
            if element.VR == "UI":
                assert all(is_registered(uid) or uid.startswith("2.25.") for uid in values(element)), element


@pytest.mark.parametrize("name", presets())
def test_pixels_are_not_touched_where_the_profile_leaves_them(pairs, name):
    assert all(output.get("PixelData") == kept_pixels(original) for original, output in pairs[name])
