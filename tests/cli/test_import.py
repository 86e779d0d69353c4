"""Rules of other tools become profiles, line by line, and what cannot be said is refused."""

from __future__ import annotations

import json
import tomllib

import pytest

from greycloak.profiles import ProfileError
from greycloak.profiles.rivals import import_rules
from support import ct, decode, encode

CTP = """<script>
<p t="DATEINC">-10</p>
<p t="SITEID">H7</p>
<e en="T" t="00080018" n="SOPInstanceUID">@hashuid(@UIDROOT,this)</e>
<e en="T" t="00100020" n="PatientID">@hashptid(@SITEID,this)</e>
<e en="T" t="00080020" n="StudyDate">@incrementdate(this,@DATEINC)</e>
<e en="T" t="00080050" n="AccessionNumber">@hash(this,12)</e>
<e en="T" t="00080080" n="InstitutionName">@param(@SITEID)</e>
<e en="T" t="00100040" n="PatientSex">@keep()</e>
<e en="T" t="00081030" n="StudyDescription">@remove()</e>
<e en="T" t="00120062" n="PatientIdentityRemoved">YES</e>
<e en="F" t="00081010" n="StationName">@keep()</e>
<e en="T" t="00081090" n="Model">@if(this,exists){@keep()}{X}</e>
<k en="T" t="0018">Keep group 18</k>
<r en="T" t="privategroups">Remove private groups</r>
<r en="T" t="curves">Remove curves</r>
</script>"""
PROPERTIES = """param.DATEINC=-10
set.[0010,0010]PatientName=@empty()
#set.[0010,0040]PatientSex=@keep()
keep.group0020=
remove.overlays=
"""
RECIPE = """FORMAT dicom

%header
ADD PatientIdentityRemoved YES
REPLACE PatientID var:id
REPLACE SOPInstanceUID func:make_uid
REPLACE InstitutionName HOSPITAL
BLANK AccessionNumber
KEEP PatientSex
JITTER StudyDate -10
REMOVE contains:Physician
REPLACE StudyDescription func:clean
REMOVE NotAnAttribute

%filter dangerous

LABEL Scanner console
  contains Modality CT
  + contains Manufacturer ACME|OTHER
  coordinates 0,0,8,2
LABEL Burned in
  equals BurnedInAnnotation YES
LABEL Region
  contains Modality US
  keepcoordinates 1,1,2,2
"""
DICTIONARY = {
    "delete": [["0x0008", "0x1030"]],
    "keep": ["PatientSex", ["0x0010", "0x1010"]],
    "replace_UID": ["(0x0008, 0x0018)"],
    "empty": [["0x6000", "0x3000", "0xFF00", "0xFFFF"]],
}
BODY = {
    "Replace": {"PatientName": "Anon", "InstitutionName": "HOSPITAL", "ReferencedStudySequence[0].StudyID": "1"},
    "Keep": ["PatientSex", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "0019,100c"],
    "Remove": ["StudyDescription"],
    "DicomVersion": "2021b",
    "PrivateCreator": "SIEMENS MR HEADER",
    "Nonsense": 1,
}


def written(folder, name, content):
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("name", "content", "taken", "refused"),
    [
        ("script.xml", CTP, 14, {"@if"}),
        ("anonymizer.properties", PROPERTIES, 5, set()),
        ("deid.dicom", RECIPE, 10, {"StudyDescription", "NotAnAttribute", "Region"}),
        ("dictionary.json", DICTIONARY, 5, set()),
        ("by_tag.json", {"(0x0010, 0x0040)": "keep", "(0x0008, 0x103E)": {"action": "regexp"}}, 1, {"0x103E"}),
        ("body.json", BODY, 10, {"ReferencedStudySequence[0]", "Nonsense"}),
    ],
)
def test_every_line_is_taken_over_or_refused(tmp_path, name, content, taken, refused):
    found = import_rules(written(tmp_path, name, content))
    assert len(found.lines) - len(found.refused) == taken
    assert len(found.refused) == len(refused)
    assert all(any(word in line.text for line in found.refused) for word in refused)
    assert all(line.said for line in found.lines)
    assert [line.number for line in found.lines] == sorted(line.number for line in found.lines)


@pytest.mark.parametrize(("name", "content"), [("script.xml", CTP), ("deid.dicom", RECIPE), ("body.json", BODY)])
def test_objects_are_treated_as_the_rules_say(place, name, content):
    rules = written(place.folder, name, content)
    done = place.call("profiles", "import", rules, "--out", "own.toml", status=1)
    assert "nothing is written" in done.stdout
    assert not (place / "own.toml").exists()
    place.call("profiles", "import", rules, "--out", "own.toml", "--without-refused", status=1)
    assert place.call("profiles", "check", "own.toml").stdout.startswith("profile own.toml: is in order")
    image = ct(PatientSex="F", StudyDescription="Knee", InstitutionName="Elsewhere", StudyDate="20200112")
    (place / "one.dcm").write_bytes(encode(image))
    new = decode(place.call("anonymize", "one.dcm", "-", "--profile", "own.toml", text=False).stdout)
    assert new.PatientSex == "F"
    assert new.InstitutionName in {"HOSPITAL", "H7"}
    assert "StudyDescription" not in new
    if name != "body.json":
        assert new.StudyDate == "20200102"
    assert tomllib.loads((place / "own.toml").read_text())["base"] == "basic"


def test_masks_of_a_recipe_become_rules(tmp_path):
    rules = import_rules(written(tmp_path, "deid.dicom", RECIPE)).written["rules"]
    scanner = '(Manufacturer contains "ACME" or Manufacturer contains "OTHER")'
    assert rules == [
        {"if": f'Modality contains "CT" and {scanner}', "mask": [[0, 0, 8, 2]]},
        {"if": 'BurnedInAnnotation == "YES"', "quarantine": True},
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("nothing of this kind", "there is no section"),
        ("<script>", "is no XML"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><script/>', "entities"),
        ("<html/>", "no line of a DicomAnonymizer script"),
        ("[1]", "there is no section"),
        ("{", "Expecting"),
    ],
)
def test_what_is_no_rules_is_refused(tmp_path, content, says):
    with pytest.raises(ProfileError) as error:
        import_rules(written(tmp_path, "rules", content))
    assert says in str(error.value)


def test_a_profile_to_start_from_is_in_order_and_replaces_nothing(place):
    place.call("profiles", "init", "My Trial.toml", "--base", "sharing")
    assert "is in order" in place.call("profiles", "check", "My Trial.toml").stdout
    assert "exists" in place.call("profiles", "init", "My Trial.toml", status=2).stderr
    assert "ends in .toml" in place.call("profiles", "init", "x.txt", status=2).stderr
