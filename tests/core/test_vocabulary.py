"""What is surely no identity, what is a name, and what may be both."""

import time
from importlib.resources import files

import pytest

from greycloak.text import _words, gazetteer, vocabulary, wordforms
from greycloak.text.folding import fold

TABLES = ("context.tsv", "equipment.tsv", "parts.tsv", "roles.tsv")
LISTS = ("given.txt", "harmless.txt", "places.txt", "surnames.txt", "towns.txt", *TABLES)
BOTH = (
    "brown hand may rose young head foot grant mark frank bill will long short gray black white stone wood hill field "
    "paris"
).split()


@pytest.mark.parametrize("word", BOTH)
def test_a_word_that_is_also_a_name_is_both(word):
    assert vocabulary.is_harmless(word)
    assert gazetteer.is_name(word)
    assert vocabulary.is_ambiguous(word)


@pytest.mark.parametrize(
    "text",
    [
        "P4^P101^S108^I0, Gated",
        "T1w MPRAGE sag p2 iso",
        "Paris 2 mm",
        "Brown tumor",
        "Hand AP",
        "Young adult protocol",
        "St. Jude valve",
        "ep2d_diff_4scan_trace_p2_TRACEW",
        "t2_tse_tra_p2_320",
        "AX T1 FSE FATSAT +C",
        "CTA-Coronary 0.75mm B26f 70%",
        "Thorax nativ, arteriell u. portalvenös 5.0 Br40",
        "Abdomen a.p. im Stehen, links anliegend",
        "Schädel-MRT mit KM",
        "IRM cérébrale sans et avec injection",
        "Rachis lombaire face et profil",
        "TC tórax con contraste, corte fino",
        "RM ginocchio dx senza mdc",
        "Knie rechts, twee richtingen: staand",
        "Ressonância magnética do joelho esquerdo",
        "MRT Knie links pd fs sag 3mm",
        "Lumbar spine L4/L5, C5-C6, Th12",
        "512x512 FOV 240mm NEX 2 TE30 TR2500 b1000",
        "L CC; R MLO; tomo",
        "FDG PET/CT WB 3DOSEM 350MBq",
        "Echo 4ch 2D M-mode TAPSE",
        "Dose Report, Series 2: 120kV 2.5mGy",
        "头部 平扫 增强 动脉期",
        "腹部 造影 動脈相",
        "흉부 조영 동맥기",
        "КТ грудной клетки с контрастом",
        "SIEMENS MAGNETOM Skyra syngo MR E11",
        "Philips Ingenia 3.0T",
        "HASTE cor BH, FLAIR tra, SWI, pCASL",
        "VIBE_Dixon_F 2nd pass 1/2",
        "Kernel FC51 (lung) 1.0 x 0.8",
        "Roman numerals II, III, IV and xii",
    ],
)
def test_what_descriptions_say_is_harmless(text):
    tokens = [fold(token).strip(".,;:()") for token in text.replace("^", " ").split()]
    assert [token for token in tokens if not vocabulary.is_harmless_token(token)] == []


@pytest.mark.parametrize(
    "text",
    [
        "Zustand nach Cholezystektomie, Ausschluss Nierenbeckenstein; Patientin kurzatmig, Lagerung erschwert",
        "Kontrastmittelallergie bekannt, Prämedikation mit Prednisolon erfolgt, Untersuchung abgebrochen",
        "Roentgenaufnahme Sprunggelenk, Verlaufskontrolle nach Osteosynthese",
        "Slechte beeldkwaliteit door bewegingsonrust; contrastmiddelallergie, nierfunctiestoornis",
        "Dålig bildkvalitet, patienten orolig; kontrastmedelsallergi, njurfunktionsnedsättning",
        "Mistanke om lungeemboli, nedsat nyrefunktion, undersøgelsen afbrudt",
        "Examen de mauvaise qualité, patient agité; antécédent de thyroïdectomie, allergie aux produits iodés",
        "Estudio limitado por movimiento, alergia a contraste yodado, insuficiencia renal crónica",
        "Esame limitato da artefatti da movimento, paziente non collaborante, pregressa colecistectomia",
        "Exame limitado por movimentos do paciente, alergia ao contraste, insuficiência renal crônica",
        "Zdjęcie klatki piersiowej, badanie kontrolne po zabiegu, uczulenie na środek kontrastowy",
        "Bolesti hlavy, kontrolní vyšetření po operaci, alergie na kontrastní látku",
        "Контрольное исследование после операции, подозрение на метастазы, аллергия на контраст",
        "Έλεγχος μετά από χειρουργική επέμβαση, αλλεργία σε σκιαγραφικό",
        "Ameliyat sonrası kontrol, kontrast madde alerjisi, görüntü kalitesi kötü",
        "胸部正面 息止め不良 腹部造影 骨条件",
        "胸部平扫复查 造影剂过敏",
        "흉부 조영 증강, 조영제알레르기",
        "Crohn on ustekinumab, Foley in situ, s/p Whipple, RUL nodule, elevated PSA, CBD dilated",
        "Haemorrhagic oesophageal tumour, paediatric anaesthesia, breath-holds poorly tolerated",
    ],
)
def test_what_requests_and_reports_say_is_harmless(text):
    tokens = [fold(token).strip(".,;:()") for token in text.split()]
    assert [token for token in tokens if not vocabulary.is_harmless_token(token)] == []


@pytest.mark.parametrize(
    "word",
    [
        "Oberbauchsonographie",
        "Schilddrüsenkarzinomnachsorge",
        "röntgenundersökning",
        "wervelfractuur",
        "hepatosplenomegaly",
        "cholangiopankreatikographie",
        "esofagogastroduodenoscopia",
        "спондилоартроз",
        "vilobelimab",
        "zongertinib",
        "bexagliflozin",
    ],
)
def test_words_that_no_list_has_are_harmless_by_their_parts(word):
    assert wordforms.is_made_of_parts(fold(word))
    assert vocabulary.is_harmless(fold(word))


@pytest.mark.parametrize(
    "name",
    (
        "steinbrecher holzapfel kirchhofer lindqvist bergstrand langbein oppenheimer vanderbilt katsaros "
        "papadimitriou wiśniewska kowalczuk dąbrowska sidorenko kuznetsova hernández etxeberria mclaughlin osterhaus "
        "miller harris jones johnson"
    ).split(),
)
def test_no_surname_is_made_of_parts(name):
    assert not vocabulary.is_harmless(fold(name))


def test_a_name_of_the_gazetteer_is_never_made_of_parts():
    assert not [name for name in _words.lines_of("surnames.txt") if wordforms.is_made_of_parts(name)]


def test_a_long_word_of_parts_takes_no_time():
    started = time.process_time()
    for count in range(200):
        wordforms.is_made_of_parts("hepatogastro" * 4 + "x" * (count % 2))
        vocabulary.is_harmless_token("腹部造影" * 15 + "x" * (count % 4))
    assert time.process_time() - started < 1


@pytest.mark.parametrize("text", ["王小明", "山田太郎", "김민준", "李雷", "高橋", "金白"])
def test_a_name_in_eastern_scripts_is_not_made_of_known_words(text):
    assert not vocabulary.is_harmless_token(fold(text))


@pytest.mark.parametrize(
    "token",
    [
        "20190304",
        "2019-03-04",
        "31.01.2024",
        "123456",
        "1234567",
        "a1234567",
        "mrn0012345",
        "123-45-6789",
        "555-1234",
        "mr-12345",
        "x12345",
        "kowalczyk",
        "smith",
        "muller",
        "papadopoulos",
        "yilmaz",
        "zzyzxq",
        "jane.smith",
        "smith-jones",
        "12:34:56:78:90:ab",
        "z" * 80,
        "1" * 10_000,
        "1-" * 10_000,
    ],
)
def test_what_may_be_somebodys_is_not_harmless(token):
    assert not vocabulary.is_harmless_token(token)


@pytest.mark.parametrize(
    "name",
    [
        *("hans müller jürgen weiß françois lefèvre josé garcía giulia rossi jan de vries łukasz wiśniewski").split(),
        *("jiří novák erik lindström søren nørgaard joão oliveira sergei kuznetsov сергей кузнецов").split(),
        *("γιώργος παπαδόπουλος mehmet yılmaz mohammed محمد fatima فاطمة reza hosseini משה כהן").split(),
        *("rajesh sharma wei zhang 王 张 kenji tanaka 田中 健二 김 민준 minjun nguyễn thị okafor").split(),
    ],
)
def test_names_of_many_languages_are_known(name):
    assert gazetteer.is_name(fold(name)) or name in {"de", "vries"}


@pytest.mark.parametrize("word", ["thorax", "abdomen", "sagittal", "mprage", "contrast", "arteriell", "knie", "mm"])
def test_a_word_of_radiology_is_no_name(word):
    assert not gazetteer.is_name(word)


@pytest.mark.parametrize(
    "phrase",
    [
        "SIEMENS",
        "Siemens Healthineers AG",
        "GE MEDICAL SYSTEMS",
        "GE MEDICAL SYSTEMS, NUCLEAR",
        "G.E. Medical Systems",
        "Philips Medical Systems, Inc.",
        "TOSHIBA_MEC",
        "ALOKA CO., LTD.",
        "FUJI PHOTO FILM CO. LTD.",
        "Agfa-Gevaert AG",
        "Kuratorium OFFIS e.V.",
        "Mortara Instrument, Inc.",
        "SonoSite, Inc.",
        "SOMATOM Definition AS+",
        "LightSpeed Plus",
        "EPIQ 7C",
        "EPIQ 7C_1.7.1.24",
        "MRT50H1",
        "MILLENNIUM MG",
        "Eclipse 1.5T",
        "syngo MR 2004V 4VB11D",
        "LightSpeedApps14.13_2.8.2L_H2.1M4",
        "SIEMENS CSA HEADER",
        "GEMS_PARM_01",
        "MAGNETOM Vida",
        "Prisma_fit",
    ],
)
def test_makers_and_models_are_equipment(phrase):
    assert vocabulary.is_equipment(fold(phrase))


@pytest.mark.parametrize(
    "phrase",
    [
        "",
        "Siemens Kowalski",
        "Philips Medical Systems for Anna",
        "Smith",
        "Hand",
        "Medical Systems",
        "1.5T",
        "MR 12345678",
    ],
)
def test_what_is_more_than_equipment_is_none(phrase):
    assert not vocabulary.is_equipment(fold(phrase))


def test_equipment_is_told_word_by_word():
    assert {"siemens", "ge", "medical", "systems", "agfa", "gevaert", "ag"} <= vocabulary.equipment_words()


def test_places_titles_roles_and_institutions_are_told():
    assert gazetteer.is_place("paris")
    assert gazetteer.is_place("new york city")
    assert not gazetteer.is_place("thorax")
    assert {"dr", "herr", "md", "先生", "様", "씨"} <= gazetteer.titles()
    assert {"tech", "operator", "patient", "환자"} <= gazetteer.roles()
    assert {"hospital", "klinikum", "ospedale", "病院"} <= gazetteer.institution_words()


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_sorted_folded_and_names_its_sources(name):
    text = (files("greycloak.text") / "data" / name).read_text(encoding="utf-8")
    header = [line for line in text.split("\n") if line.startswith("# ")]
    assert header[-1] == "# Generated by tools/make_vocabulary.py; do not edit."
    assert any("Apache-2.0" in line or "CC BY" in line for line in header)
    lines = _words.lines_of(name)
    assert lines == sorted(set(lines))
    assert all(fold(line) == line for line in lines)


def test_no_row_of_a_table_is_left_out():
    first = {name: _words.rows_of(name)[0] for name in TABLES}
    assert first["context.tsv"][1] in _words.context(first["context.tsv"][0])
    assert vocabulary.is_equipment(first["equipment.tsv"][0])
    assert wordforms.is_made_of_parts(first["parts.tsv"][1] + "metrie")
    assert first["roles.tsv"][0] in gazetteer.roles()


def test_the_lists_are_small_and_load_at_once():
    paths = [files("greycloak.text") / "data" / name for name in LISTS]
    assert sum(len(path.read_bytes()) for path in paths) < 2_600_000
    started = time.process_time()
    for name in LISTS:
        frozenset(_words.lines_of(name))
    assert time.process_time() - started < 0.5
