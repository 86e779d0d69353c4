"""What technicians and physicians write: the part of a text that has to stay.

A phrase is true to life, names nobody, and often looks as if it did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from random import Random

PROCEDURES = {
    "CT": """CT CHEST W CONTRAST|CT ABDOMEN PELVIS W/O|CT HEAD/BRAIN WO CONTRAST|CTA Runoff Aorta|HRCT Thorax
        |CT Neck Soft Tissue|CT Guided Biopsy Liver|CT Lumbar Spine|Low Dose Lung Screening|CT Cardiac Gated
        |CT Sinus Landmark|Trauma CT Polytrauma|CT Urogram 3 phase|Thorax nativ und KM|Abdomen portalvenös
        |TDM thoracique sans injection|TAC abdomen con contraste|TK głowy bez kontrastu|Bosniak IIF cyst follow up""",
    "MR": """MRI BRAIN W WO CONTRAST|MR Knee Right|MRI Pelvis Prostate|MR Angio Circle of Willis|MRCP
        |MR Shoulder Arthrogram|Cardiac MR Stress Perfusion|MRI Breast Bilateral|MR Enterography|Schädel mit KM
        |Knie links|IRM cérébrale|RM de rodilla derecha|MR kręgosłupa|May-Thurner protocol|MR Liver Primovist""",
    "XR": """XR CHEST 2 VIEWS|Chest PA and Lateral|XR C Spine Comp Min 4 Views|Hand AP|Hand AP and oblique
        |Knee standing Rosenberg|Foot 3V weight bearing|XR Pelvis AP Judet|Shoulder Grashey view|Skull Towne
        |Thorax p.a. und seitlich|Radiographie du genou|Tórax PA|Klatka piersiowa PA|Waters view sinuses|Stryker notch
        |Merchant view patella|ABDOMEN 1 VIEW (KUB)|Portable chest""",
    "MG": """MAMMO SCREENING BILAT|MAMMOGRAM DIAGNOSTIC LEFT|Mammographie beidseits|Mamografía bilateral|R MLO spot
        |Tomo screening 2D/3D|Eklund implant displaced view|Cleopatra view left""",
    "PT": """PET CT SKULL BASE TO MID THIGH|PET Brain FDG|NM Bone Scan Whole Body|PET/CT Ga-68 DOTATATE
        |Ganzkörper PET|F-18 PSMA restaging|Myocardial perfusion rest stress|Tc-99m MDP 3 phase""",
    "US": """US ABDOMEN COMPLETE|US Carotid Duplex|Echo Transthoracic|US OB 2nd Trimester|US Thyroid
        |US Renal Bilateral|DVT lower extremity left|TTE limited|Sono Abdomen|Echographie abdominale|Murphy sign RUQ
        |St. Jude valve follow up|Doppler hepatic veins""",
    "RT": """RT Planning Pelvis|SBRT Lung RUL|Prostate VMAT 2 arc|H&N 70 Gy 35 fx|Breast tangents|WBRT 30 Gy""",
    "SR": """Radiology Report|Echo Measurement Report|Chest CAD Report|Mammography CAD|Basic Text Report""",
    "ECG": """ECG 12 lead resting|Holter 24h|Stress test Bruce protocol|EKG Ruhe""",
}
SERIES = {
    "CT": """Axial 5mm|2.5 STD recon|LUNG 1.25|Bone window cor|P4^P101^S108^I0, Gated|Topogram 0.6 T20s|Scout
        |Thorax 1.0 B70f|Dose Report|MIP cor 10/3|ARTERIAL PHASE 0.625|Delayed 5 min|Young adult protocol
        |Abd 3.0 I30f 3|SmartPrep Series|Monitoring|Bolus tracking 120 HU|Paris 2 mm|Stone protocol low dose|TAVI 0-90%
        |White lung window|Recon 2: 1.25mm|CHEST^ROUTINE|Hodgkin restaging axial|cor MPR 3/2 Br38""",
    "MR": """T1w MPRAGE sag p2 iso|t2_tse_tra_384|AX FLAIR|3D TOF MRA|DWI b0 b1000|ADC map|SAG T1 FSE|localizer
        |ep2d_diff_3scan_trace_p2|Brown tumor protocol|COR STIR left|VIBE fs dynamic 4 meas|Ax T2 PROPELLER
        |T1W_TFE_BB_cine|mDIXON Quant 6e|sT2W/FFE axial|Black blood axial|PD SPAIR cor 3.5|fMRI finger tapping L
        |Survey SENSE|FIESTA cine 2ch|SWI mIP 16|ASL 3D pCASL|haste loc|Ax LAVA flex arterial""",
    "XR": """PA|LATERAL|AP Supine portable|Hand AP L|W Chest Lat.|C-Spine flexion|Bucky 115 cm|oblique 45 left
        |Sunrise view R|Chest PA erect 180cm|Lisfranc stress|scoliosis stitched""",
    "MG": """R CC|L MLO|R MLO spot compression|L CC magnification 1.8|Tomosynthesis Reconstruction L""",
    "PT": """WB AC 3D OSEM|NAC 5 min|CTAC 3.75 thick|Brain dynamic 20 min|WB MAC|Gated stress SA 8 bins|LungHR""",
    "US": """Abdomen C5-2|Color Doppler LICA|Fetal heart 4CH|M-Mode LV|PLAX zoom|Renal left long|Wall motion A4C""",
    "RT": """PTV 50Gy plan|Plan A IMRT 7 field|Dose beam set|Boost 10 Gy|Plan v2 approved|CTV + 5mm""",
    "SR": """Findings|Measurements|Radiation Dose|Key images|Preliminary text""",
    "ECG": """12 lead 10 s|rhythm strip II|median beats""",
}
FAMILIES = {
    "contrast": """Omnipaque 350|Isovue-300 100 cc|Gadavist 1.0 mmol/mL|Gd-DTPA 0.1 mmol/kg|VISIPAQUE 320 80ML IV
        |Magnevist|Oral water 500 ml|Ultravist 370 via left arm|Dotarem 15 ml|Readi-Cat PO|Multihance 12cc
        |BARIUM 2 cups|Primovist 10 ml i.v.""",
    "diagnosis": """Chest pain|Hodgkin lymphoma staging|R/O PE|Wilms tumor|Baker cyst right|Graves disease
        |Low back pain M54.5|Crohn disease flare|Parkinson disease|Ewing sarcoma left femur|Brown tumor
        |Jones fracture|Hill-Sachs lesion|Verdacht auf Pneumonie|douleur abdominale|cefalea crónica
        |Chance fracture L2|Bell palsy|Down syndrome|COPD exacerbation|abdominal pain RLQ""",
    "reason": """Follow up pulmonary nodule 6 mm|Pre op planning|Rule out appendicitis|Staging|Fall from height
        |Elevated PSA 7.2|Evaluate Whipple anatomy|Kontrolle nach OP|Bilan d'extension|Dolor lumbar|Headache x 3 days
        |Post St. Jude valve replacement|Screening BI-RADS 0|Check Swan-Ganz position|Foley in place|s/p Billroth II""",
    "alert": """Penicillin allergy|Latex|Contrast reaction hives|Pacemaker|Diabetic on metformin|Fall risk
        |Cochlear implant MR unsafe|Iodine sensitivity|Pregnant|GFR 38|MRSA isolation|St. Jude ICD MR conditional
        |Kontrastmittelallergie|asthma moderate""",
    "history": """History of breast cancer, left lumpectomy|Smoker 20 pack years|Type 2 diabetes and hypertension
        |Prior MI, CABG x3|Lobectomy right upper lobe|Fever and cough for 5 days|Total knee replacement, pain lateral
        |No prior imaging available|Known Crohn disease, on infliximab|Z.n. Hemikolektomie rechts, Verlaufskontrolle
        |Antécédent de fracture du col|Hx of Hodgkin, mediastinal mass|Melanoma of the back, Breslow 1.2 mm""",
    "comment": """Motion artifact, repeat done|Patient moved during scan|Limited by body habitus|Good quality
        |Images reformatted in 3 planes|Breath hold poor|Sent to PACS|Implants present|Extra slices at L4
        |Zoom on lesion 14 mm|Grid removed|Late phase missing, IV infiltrated|Wrong side marker corrected
        |Aufnahme im Liegen|Image de mauvaise qualité|Compared with outside images""",
    "derivation": """MIP of 40 slices|Lossy JPEG 10:1|Subtraction post - pre contrast|Curved MPR RCA|ADC b0-1000
        |Volume rendered, bone removed|Average of 4 frames|Window 350/40 applied|Registered to planning CT
        |Resampled 1x1x1 mm|Multi-frequency processed|Sobel edge enhanced""",
    "processing": """SHARP EDGE 4|MUSICA 2 skull|Kernel B30s|Unsharp mask 1.5|Noise reduction level 3|CLAHE bone
        |GRADATION 11 E2|AGFA std chest|Deblur 0.7|ASIR 40%|Multi-objective frequency 0.5|DRC off""",
    "finding": """No acute cardiopulmonary process|6 mm nodule in the right upper lobe|Moderate hydronephrosis left
        |Liver lesion segment VII, hemangioma likely|Normal sinus rhythm, no ST elevation|Fleischner follow up advised
        |Couinaud segment IV resection margins clear|Impression: Stable disease, RECIST 1.1|EF 55 percent
        |Brown tumor of the mandible|Kein Nachweis einer Fraktur|Pas de lésion suspecte|Bosniak II cyst unchanged""",
}
FAMILIES["label"] = """PTV 50|GTV node|Lesion 1|Femur L|left lung|edge|arrow here|14 mm|old fracture|Brown fat|Bowel bag
    |Ring 2 cm|CTV_5040|Couch|hemangioma|lead II|Beam 3|APPROVED copy|Phase 2 boost|Isocenter A|QC ok"""
# Put together from parts, one of each column; an empty part is left out.
COMPOSED = {
    ("series", "CT"): (
        "|||Recon 2:|Series 4|3.1|C-|WB|Ph1",
        (
            "AXIAL|Thorax|ABD|C/A/P|HEAD|NECK|LSPINE|Pelvis|Extremity|Temporal bones|CTA COW|Pulm. Art.|Sinus|CAP|Liver"
            "|Rt Hip|Wrist L|Orbits|Kidneys|Heart"
        ),
        "STD|SOFT TISSUE|LUNG|BONE PLUS|B31f|Br40 3|I41s 2|FC08|Hr64|DETAIL|Stnd|venous|portal|arterial|nephro|w/o|90%",
        "5mm|2.5|1.25 x 0.8|0.625mm|3x3|10/8|COR|SAG MPR|MIP|Ax 2 MIP|VRT|iDose 4|ASiR-V 50%|SAFIRE|DE 80 kV|||",
    ),
    ("series", "MR"): (
        "AX|Ax|ax|SAG|Sag|COR|cor|tra|OBL|3D|2D||t2|t1|*",
        (
            "T1 FSE|T2 FRFSE|FLAIR|t2_tse|PD FS|DWI|SWAN|CUBE T2|SPACE|BRAVO|MPRAGE|GRE|STIR|HASTE|TrueFISP|VIBE|EPI"
            "|T2 BLADE|DIXON W|IDEAL|MERGE|TOF|PC VENC 150|T2* mapping|SE 15|IR|CISS|DESS|MOLLI"
        ),
        "PRE|POST|+C|GD|FS|fs 3mm|0.9 iso|p2|_ND|SENSE|p3 Pat|Thin|NECK|PELVIS|BRAIN|r knee|L HIP|LIVER BH|PROSTATE",
        "|||RPT|(1)|#2|4min|3 NEX|TE 90|sub|MIP|b50 400 800|BH exp|RT|dyn",
    ),
    ("series", "XR"): (
        "CHEST|HAND|Wrist|ELBOW|Shoulder|KNEE|Ankle|FOOT|PELVIS|Hip|C-SPINE|L-SPINE|SKULL|RIBS|Abdomen|Clavicle|FEMUR",
        "AP|PA|LAT|Lateral|OBL|oblique|AXIAL|Y VIEW|FROG LEG|ODONTOID|SWIMMERS|Tunnel|SUNRISE|Mortise|Decub|ERECT",
        "|R|L|RT|LT|Left|right|BILAT|STANDING|PORT|WB|STRESS|Grid|2",
    ),
    ("series", "US"): (
        "LIVER|GB|PANCREAS|RT KIDNEY|Spleen|CBD|AORTA|THYROID LT|CFV|ICA|Carotid bulb|UTERUS|OVARY R|TESTIS|A4C|PSAX",
        "LONG|TRANS|SAG|TRV|COLOR|PW|CW|M-MODE|COMP|Doppler|zoom|3D|cine",
        "|||C5-1|L12-3|S5-1|18 Hz|MI 1.2|PRE|POST VOID",
    ),
    ("procedure", ""): (
        "CT|MR|MRI|XR|US|NM|PET|CTA|MRA|FL|IR|DX|CR|RF|MG|DEXA|Sono|RM|IRM|TDM",
        (
            "CHEST|ABDOMEN|PELVIS|BRAIN|HEAD|NECK|CERVICAL SPINE|LUMBAR SPINE|KNEE|SHOULDER|WRIST|ANKLE|HIP"
            "|ABD/PEL|THORACIC AORTA|Kidney|Liver|Heart|Prostate|Breast|Femur|Orbits|Larynx"
        ),
        (
            "W CONTRAST|W/O CONTRAST|W & W/O|WITHOUT|W IV CONT|LIMITED|COMPLETE|2 VIEWS|3V|MIN 4 VIEWS|PORTABLE|BIOPSY"
            "|SCREENING|FOLLOW UP|STAT|UNILATERAL|BILATERAL|3D RECON|Protocol B|low dose"
        ),
        "||||LEFT|RIGHT|LT|RT|(LEFT)|*RT|ROUTINE",
    ),
}
# The same in the patient's script.
FOREIGN = {
    "ja_JP": """頭部単純CT|胸部正面|腹部造影 動脈相|頸椎 MRI|経過観察|骨条件 2mm|息止め不良""",
    "zh_CN": """胸部平扫|腹部增强扫描|头颅 MRI|右膝关节|复查|肺窗 1mm|造影剂 80ml""",
    "ru_RU": """Грудная клетка прямая|КТ головного мозга|МРТ коленного сустава|контроль|с контрастом 80 мл""",
    "ko_KR": """흉부 정면|복부 조영 증강|뇌 MRI|추적 검사""",
    "el_GR": """Ακτινογραφία θώρακος|Αξονική κοιλίας|Μαγνητική γόνατος""",
}


def phrases(family: str, modality: str, locale: str = "en_US") -> list[str]:
    """Return what may be written in a text of this family, for a modality, in a language."""
    tables = {"procedure": PROCEDURES, "series": SERIES}
    text = tables[family][modality] if family in tables else FAMILIES[family]
    if locale in FOREIGN:
        text += "|" + FOREIGN[locale]
    return [phrase.strip() for phrase in text.split("|")]


def composed(random: Random, split: str, family: str, modality: str) -> str:
    """Return a text put together from parts as a technician does it, or nothing if there are none for it."""
    columns = COMPOSED.get((family, modality)) or COMPOSED.get((family, "")) or ()
    parts = [random.choice(seen_by(split, column.split("|"))) for column in columns]
    return random.choice([" ", " ", " ", "_", "-"]).join(part for part in parts if part)


def seen_by(split: str, choices: list[str]) -> list[str]:
    """Return what a split may use: one in four is kept for the test, so that nobody writes a cleaner to fit it."""
    if split == "test":
        return choices
    return [choice for choice in choices if crc32(choice.encode()) % 4] or choices
