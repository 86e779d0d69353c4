"""Names behind roles and titles, and named institutions, go from a text; what is called after somebody stays."""

from itertools import pairwise

import pytest

from greycloak.text.cleaner import clean
from greycloak.text.identifiers import Identifier
from greycloak.text.known import Known
from greycloak.text.patterns import findings

NOBODY = Known.of(frozenset())

# A text, and what goes from it.
GONE = """
Rad: Bates | Bates
Rad: Menendez, Pascuala | Menendez, Pascuala
Rad: P. Cannon 2 skull | P. Cannon
Rad: Μελπομένη Φρονιμάκη | Μελπομένη Φρονιμάκη
Operator: Fry | Fry
Tech: Feijoo, Javi | Feijoo, Javi
tech C. Lamb | C. Lamb
tech Burns | Burns
attn Dr. Albers, Anastasia | Albers, Anastasia
DRC DR.P. Clemente off | P. Clemente
Brain MRI, Dr.Bag | Bag
read by Bag MD | Bag
S. Bag MD | S. Bag
FORD MD: DRC off | FORD
Compared with Pastor Montenegro MD | Pastor Montenegro
pt Sims | Sims
for Hall, K | Hall, K
at Jenkinstown Imaging | Jenkinstown Imaging
done at East Heatherton Imaging | East Heatherton Imaging
outside study New Aldermoor General Hospital | New Aldermoor General Hospital
Radiologie Deggendorf | Radiologie Deggendorf
Klinikum Celle corrected | Klinikum Celle
Klinika Wiśniewska | Klinika Wiśniewska
from St. Wigbert-Krankenhaus | St. Wigbert-Krankenhaus
Marienhospital Herne | Marienhospital Herne
Skull Hôpital Klein | Hôpital Klein
L4_93 y/o | 93 y/o
Acc# DX-JY4-R77 | DX-JY4-R77
order RW2W ZZ77 | RW2W ZZ77
record 3872 6254 | 3872 6254
tel 957-880-4121 10:1 | 957-880-4121
fax +34807658773 12cc | +34807658773
DOB: 30.04.1983 1.0 mmol/mL | 30.04.1983
vom 12/02/2017 350 | 12/02/2017
""".strip().splitlines()

KEPT = """
Rad: none
DR Hand
MR Brain
Breast Imaging
MR Imaging protocol
Radiologie Befund
Tagesklinik
CT Urogram 3 phase
512 512 384
Merchant view patella
Couinaud segment IV
Foley in place
Sobel edge enhanced
Jones fracture
Murphy sign RUQ
""".strip().splitlines()

# The name of a patient, a text beside which it stands, and what is left.
BESIDE_OWN = """
Davis^Sandra | Ms DAVIS SANDRA MR Shoulder | MR Shoulder
Patterson^Sue | for Patterson, s/p Billroth | for, s/p Billroth
Weber^Vera | 10 ml i.v. Dr. WEBER | 10 ml i.v.
Afanasev^Boris | Afanasev b0-1000 | b0-1000
Afanasev^Boris^Pavel | P.B. Afanasev CT | CT
""".strip().splitlines()


@pytest.mark.parametrize("line", GONE)
def test_who_and_where_is_told_by_the_word_beside_it(line):
    text, gone = line.split(" | ")
    found = findings(text)
    rest = "".join(text[one.stop : other.start] for one, other in pairwise(found))
    assert found
    assert not any(map(str.isalnum, rest))
    assert text[found[0].start : found[-1].stop] == gone


@pytest.mark.parametrize("text", KEPT)
def test_what_is_called_after_somebody_or_looks_like_a_label_stays(text):
    assert clean(text, NOBODY, "vocabulary").text == text


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("dated December 18, 2012 CISS NECK #2", "dated CISS NECK #2"),
        ("Dr. Smith, Brown tumor", "Dr., Brown tumor"),
        ("images of Rose, Victor Good quality", "images of Good quality"),
        ("Chelsea Martinez Foley in place", "Foley in place"),
        ("tech Han, R/O PE", "tech, R/O PE"),
        ("Baker cyst right_53858876", "Baker cyst right"),
        ("done April 7, 2015 Post St. Jude valve", "done Post St. Jude valve"),
    ],
)
def test_a_name_ends_where_the_examination_begins(text, rest):
    assert clean(text, NOBODY, "clean").text == rest


@pytest.mark.parametrize("line", BESIDE_OWN)
def test_a_letter_beside_a_known_name_stays_if_it_belongs_to_what_follows(line):
    name, text, rest = line.split(" | ")
    assert clean(text, Known.of(frozenset({Identifier("name", name, 0x00100010)})), "known").text == rest
