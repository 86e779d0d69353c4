"""What has the form of an identity in a text goes, and what only looks like one stays."""

import time
from itertools import pairwise

import pytest

from greycloak.text.findings import Finding
from greycloak.text.patterns import findings

# Texts in which nothing identifies anybody.
HARMLESS = """
P4^P101^S108^I0, Gated
T1w MPRAGE sag p2 iso
Paris 2 mm
Brown tumor
Jones fracture
Wilson disease
Modified Bruce protocol
IEC61217 Gantry Angle
Hand AP
Young adult protocol
St. Jude valve
1/2
3.5
L4/5
12.5.1
120/80
BP 120/80 HR 72
L4/L5, C5-C6
Head^Routine
Brain^General
Knee^Left
Spine^Lumbar
Abdomen^01_Routine
ABDOMEN^LIVER
Kopf^Routine
HWS^nativ
ax T1 FSE FATSAT +C
AX T2 FLAIR
t2_tse_tra_p2_320
ep2d_diff_4scan_trace_p2_TRACEW
CTA Thorax 1.0 B30f 60%
DR Hand
DR Chest
MR Brain
MR HEAD W WO CONTRAST
MS Plaque
PD FS SAG
Chest, Lateral
Knee, Left
Hand, Right
Foot, Left, Standing
Reason for exam
Follow up for lung nodule
Screening for breast cancer
512x512
256x256x128
TR/TE 2500/30
TE 30 TR 2500
b0-50-400-800
b-values 0/50/400/800
1024-1024
Series 5 Image 12
Version 3.3.1
syngo MR E11
syngo MR 2004V 4VB11D
SIEMENS MAGNETOM Skyra
SOMATOM Definition AS+
V3.51*P25
LightSpeed16
GE MEDICAL SYSTEMS
Philips Medical Systems
Baker cyst
Hill Sachs lesion
Brown-Sequard
Colles fracture
Long axis
Short axis
White matter
Gray matter
Black blood
Field map
Rose bengal
Frank hematuria
Bone age
Will follow
may represent
May represent artifact
Sharp kernel
Park view
Head and Neck
HEAD/NECK
Arm Left
HEART LONG AXIS
Hip Bilateral
1.5T
3.0 T
+30°
-45 deg
40%
5 mm x 2.5 mm
0.75 x 0.75 x 1.0
5 min, 10 min, 15 min delay
2 mm CT
5 chest CT
3 Plane Loc
3 Axial CT Head
via catheter 5 F
via femoral 6F
45 y
89 y
patient aged 67
67-year-old male
age 45Y
90 mm
95 %
90 deg flip
99 images
TI 95 ms
Kernel FC51
Br40d3
C5-1 probe
IV contrast 100 ml
100 ml Omnipaque 350
Dose 7.5 mSv
SNR 1.2345678
1.2.840.10008.5.1.4.1.1.2
ratio 0.12345678
phase 3/4
12/24 slices
Set 3
dec 4
Mar 3
mar 5
may 2
Mag 2
Sep 5
gen 2
Thorax nativ, arteriell u. portalvenös
Schädel-MRT mit KM
Verlaufskontrolle bei Z.n. OP
Knie rechts a.p. im Stehen
Harnweg 3
Abdomenübersicht im Liegen
IRM cérébrale sans et avec injection
Rachis lombaire face et profil
TC tórax con contraste
RM ginocchio dx senza mdc
Ressonância magnética do joelho esquerdo
头部平扫
腹部 增强 动脉期
高分辨率
左膝 矢状位
金属伪影
腹部 造影 動脈相
胸部単純
高分解能
흉부 조영 동맥기
좌측 무릎
КТ грудной клетки с контрастом
МРТ головного мозга
Quality assurance phantom
ACR phantom
Test
unknown
anonymous
Operator
Technologist
Ref
Patient
Patient motion
Patient supine
Patient in prone position
Tech note
for contrast
of the left knee
With contrast
Hospital
General
Clinic
hospital bed
Emergency Department
Radiology
Department of Radiology
1. Axial 2. Coronal
1-2-3
10:30
1:2
2:1
x-ray
W/WO
H&E
Ga-68
F-18 FDG
Tc-99m
I-131
FDG PET/CT WB 350 MBq
Lu-177 PSMA
3D TOF MRA
2D PC
4D Flow
L CC
R MLO
2 views
Two views
T2* GRE
T1+C
C+
C-
A-P
R/O PE
s/p MVA
hx of CA
r/o fx
Dose Report
Key Images
GSPS
Screen Save
12.5.1.3
1.7.1.24
R1.0.D
version 1.2.12
RX 5/10/15 mm
delay 5/10/15 min
DLP 350.5
CTDIvol 12.34
HU 40
WL 40 WW 400
RA 20, LAO 30
CRAN 20
5 of 10
5 of May
1st pass
2nd pass
Sub 01
cor pd tse fs 3mm
Ultra fast
Ultrasound Abdomen Complete
US Renal
Echo 4ch
Mitral Valve
Aorta
Stroke protocol
Trauma series
Child
Adult
Infant
Newborn
Max intensity
Min intensity projection
Grade 3
Class II
Type B
Stage IV
Vantage Galan
Aquilion ONE
Ingenia
LOGIQ E9
Voluson E8
EPIQ 7C
""".strip().split("\n")

# A text, what must be found in it, and as what.
IDENTIFYING = """
Dr. Müller | Müller | name
Dr Mueller | Mueller | name
Müller, MD | Müller | name
John Q. Public, MD | John Q. Public | name
ref by Jones | Jones | name
Referred by Dr. A. Kowalski | A. Kowalski | name
Tech: AB | AB | name
Technologist: Maria | Maria | name
for Douglas^Davidson | Douglas^Davidson | name
Pt John Smith | John Smith | name
Hr. Schmidt | Schmidt | name
Herr Schmidt | Schmidt | name
Frau Dr. Weber | Weber | name
patient name: Doe | Doe | name
Patient: Novák Jiří | Novák Jiří | name
read by Patel | Patel | name
Doe^Jane | Doe^Jane | name
SMITH^JOHN^Q | SMITH^JOHN^Q | name
SMITH, JOHN | SMITH, JOHN | name
Smith, John A. | Smith, John A | name
MRI brain for Henrik Lindqvist | Henrik Lindqvist | name
Chest CT - Maria Gonzalez | Maria Gonzalez | name
Mueller Joerg | Mueller Joerg | name
Wu Bo unit | Wu Bo | name
Tanaka Kenji | Tanaka Kenji | name
T1 for 渡辺健二 | 渡辺健二 | name
渡辺健二様 | 渡辺健二 | name
患者王小明 | 王小明 | name
患者: 李娜 | 李娜 | name
田中先生 | 田中 | name
환자 김민준 | 김민준 | name
김영희 님 | 김영희 | name
박지훈 | 박지훈 | name
Иванов Сергей | Иванов Сергей | name
Доктор Петрова | Петрова | name
محمد حسن | محمد حسن | name
Γεώργιος Παπαδόπουλος | Γεώργιος Παπαδόπουλος | name
Señora García | García | name
Mme Lefèvre | Lefèvre | name
dott. Rossi | Rossi | name
Prof. Dr. med. Hans Meier | Hans Meier | name
Untersucher: Schulz | Schulz | name
Zuweiser: Dr. Becker | Becker | name
Médecin: Dupont | Dupont | name
operator=KLM | KLM | name
signed by E. Nakamura | E. Nakamura | name
Kowalczyk brain | Kowalczyk | name
DOB 18.09.1985 | 18.09.1985 | date
born 3/4/1960 | 3/4/1960 | date
20240131 | 20240131 | date
2024-01-31 | 2024-01-31 | date
31.01.2024 | 31.01.2024 | date
1/31/24 | 1/31/24 | date
31/01/2024 | 31/01/2024 | date
31 Jan 2024 | 31 Jan 2024 | date
Jan 31st, 2024 | Jan 31st, 2024 | date
January 31 | January 31 | name
31. Januar 2024 | 31. Januar 2024 | date
2024年1月31日 | 2024年1月31日 | date
31/janv./2024 | 31/janv./2024 | date
31 de enero de 2024 | 31 de enero de 2024 | date
31 janvier 2024 | 31 janvier 2024 | date
31 gennaio 2024 | 31 gennaio 2024 | date
31 января 2024 | 31 января 2024 | date
31 stycznia 2024 | 31 stycznia 2024 | date
31JAN2024 | 31JAN2024 | date
31-Jan-24 | 31-Jan-24 | date
Jan 2024 | Jan 2024 | date
2024-01 | 2024-01 | date
03/2019 | 03/2019 | date
20240131123000 | 20240131123000 | date
2024-01-31T12:30:00 | 2024-01-31T12:30:00 | date
2024-01-31 12:30 | 2024-01-31 12:30 | id
31.01.2024 um 14:30 Uhr | 31.01.2024 um 14:30 Uhr | date
12:30:45 | 12:30:45 | time
3:15 pm | 3:15 pm | time
14:30 Uhr | 14:30 Uhr | time
令和6年1月31日 | 令和6年1月31日 | date
昭和45年3月 | 昭和45年3月 | date
2024년 1월 31일 | 2024년 1월 31일 | date
٢٠٢٤-٠١-٣١ | ٢٠٢٤-٠١-٣١ | date
２０２４／０１／３１ | ２０２４／０１／３１ | date
call (555) 123-4567 | (555) 123-4567 | phone
+49 30 123456 | +49 30 123456 | phone
+1-202-555-0143 | +1-202-555-0143 | phone
call 555-1234 | 555-1234 | id
Tel: 089/1234567 | 089/1234567 | id
Tel. 12345 | 12345 | phone
020 7946 0958 | 020 7946 0958 | phone
01 23 45 67 89 | 01 23 45 67 89 | phone
090-1234-5678 | 090-1234-5678 | id
555.123.4567 | 555.123.4567 | phone
001-555-123-4567x123 | 001-555-123-4567x123 | phone
(030) 1234567 | (030) 1234567 | phone
mail jane.roe@example.org now | jane.roe@example.org | email
see https://pacs.example.org/x?id=1 | https://pacs.example.org/x?id=1 | url
www.klinik-beispiel.de | www.klinik-beispiel.de | url
host 192.168.1.20 | 192.168.1.20 | ip
fe80::1ff:fe23:4567:890a | fe80::1ff:fe23:4567:890a | ip
00:1A:2B:3C:4D:5E | 00:1A:2B:3C:4D:5E | device
SSN 219-09-9999 | 219-09-9999 | id
943 476 5919 | 943 476 5919 | national-id
756.1234.5678.97 | 756.1234.5678.97 | national-id
111.222.333-96 | 111.222.333-96 | national-id
DNI 12345678Z | 12345678Z | id
RSSMRA80A01H501U | RSSMRA80A01H501U | id
850101-1234567 | 850101-1234567 | id
131052-308T | 131052-308T | national-id
11010519491231002X | 11010519491231002X | id
MRN 12345 | 12345 | id
MRN: 00123456 | 00123456 | id
Acc# A12345 | A12345 | id
accession 5551 | 5551 | id
ID: 4711 | 4711 | id
PID 22 | 22 | id
Pat.-Nr. 8812 | 8812 | id
Fall-Nr: 99123 | 99123 | id
患者番号 12345 | 12345 | id
病历号：88123 | 88123 | id
등록번호 55123 | 55123 | id
1234567 | 1234567 | id
A1234567 | A1234567 | id
MR-123456 | MR-123456 | id
12-34567 | 12-34567 | id
123-456-789 | 123-456-789 | id
S/N 45123 | 45123 | device
1.3.6.1.4.1.14519.5.2.1.99 | 1.3.6.1.4.1.14519.5.2.1.99 | uid
f47ac10b-58cc-4372-a567-0e02b2c3d479 | f47ac10b-58cc-4372-a567-0e02b2c3d479 | uid
90210 Beverly Hills | 90210 Beverly Hills | address
CA 90210 | CA 90210 | postal
D-12345 Musterstadt | D-12345 Musterstadt | id
80331 München | 80331 München | postal
SW1A 1AA | SW1A 1AA | postal
12 Main Street | 12 Main Street | address
Hauptstr. 5 | Hauptstr. 5 | address
Lindenallee 12a | Lindenallee 12a | address
Berliner Straße 44 | Berliner Straße 44 | name
PO Box 12 | PO Box 12 | address
6834 Cook Ridge Apt. 812 | 6834 Cook Ridge Apt. 812 | address
Unit 9871 Box 3245, DPO AE 45312 | Unit 9871 Box 3245, DPO AE 45312 | address
12 rue de la Paix | 12 rue de la Paix | address
Via Garibaldi 12 | Via Garibaldi 12 | address
Calle Mayor 5 | Calle Mayor 5 | name
Kerkstraat 7 | Kerkstraat 7 | address
Port Wilma, OH 12345 | Port Wilma, OH 12345 | postal
92 y | 92 y | age
92-year-old | 92-year-old | age
age 95 | 95 | age
97Y | 97Y | age
097Y | 097Y | age
94 Jahre | 94 Jahre | age
93 ans | 93 ans | age
95歳 | 95歳 | age
St. Mary's Hospital | St. Mary's Hospital | institution
Klinikum Großhadern | Klinikum Großhadern | institution
Universitätsklinikum Essen | Universitätsklinikum Essen | institution
Hôpital Saint-Louis | Hôpital Saint-Louis | institution
Ospedale San Raffaele | Ospedale San Raffaele | institution
Springfield Medical Center | Springfield Medical Center | institution
東京中央病院 | 東京中央病院 | institution
서울병원 | 서울병원 | institution
transferred from Chicago | Chicago | postal
Jones, A. | Jones, A | name
Anna-Lena Schröder | Anna-Lena Schröder | name
O'Brien, Patrick | O'Brien, Patrick | name
Ludwig van der Berg | Ludwig van der Berg | name
SCHMIDT HANS PETER | SCHMIDT HANS PETER | name
CT for Mrs Baker | Baker | name
Dr. Brown | Brown | name
Dr. Hand | Hand | name
Mr. Young | Young | name
attending Okafor | Okafor | name
Nguyễn Thị Lan | Nguyễn Thị Lan | name
Priya Sharma | Priya Sharma | name
Garcia Lopez^Eva | Garcia Lopez^Eva | name
wife Margaret | Margaret | name
""".strip().split("\n")


@pytest.mark.parametrize("text", HARMLESS)
def test_what_identifies_nobody_stays(text):
    assert [text[one.start : one.stop] for one in findings(text)] == []


@pytest.mark.parametrize("line", IDENTIFYING)
def test_what_has_the_form_of_an_identity_is_found(line):
    text, expected, kind = line.rsplit(" | ", 2)
    start = text.rindex(expected)
    assert Finding(start, start + len(expected), kind) in findings(text)


def test_findings_come_in_order_and_do_not_overlap():
    text = "Dr. Müller called 31.01.2024 10:30 from +49 30 123456 about MRN 4711, John Smith, 92 y, Hauptstr. 5"
    found = findings(text)
    assert [one.kind for one in found] == ["name", "date", "phone", "id", "name", "age", "address"]
    assert all(one.stop <= other.start for one, other in pairwise(found))


def test_spans_are_those_of_the_original_text():
    text = "ＭＲＮ：１２３４５６７ Ka\u0301roly\u200b and e\u0301 2024‑01‑31"
    found = findings(text)
    assert text[found[0].start : found[0].stop] == "１２３４５６７"


@pytest.mark.parametrize("text", ["", " ", "\n", "\0", "^^^", "====", "\u200b", "a", "1", "\ud800"])
def test_next_to_nothing_is_no_finding(text):
    assert findings(text) == []


HOSTILE = (
    "a|1|a1|1.|1-|1 |(5|A |a@|.|/1|Dr. |A^|1:|王|0 |+1 |1,|jan |12 Main |Hospital |A. |mrn |1x|a-|1.2.3.4.|"
    "20240|é|name: A |12 rue de la |O'|home: A |home: 1 A, |"
    "lives at|A 1, |1 A B, |rue Paul |str. 1, 12345 A|서울시 |로 1 |住所:東京市 |A-"
).split("|")


@pytest.mark.parametrize("unit", HOSTILE)
def test_time_grows_with_the_text_and_not_faster(unit):
    findings("John Smith, 31.01.2024")

    def seconds(size):
        text = (unit * (size // len(unit) + 1))[:size]
        best = float("inf")
        for _ in range(2):
            started = time.process_time()
            findings(text)
            best = min(best, time.process_time() - started)
        return best

    short = seconds(5_000)
    assert seconds(20_000) < 4 * 2.6 * max(short, 0.005)
