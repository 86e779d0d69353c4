"""Why an object is quarantined, and what can be done about it: one table for every door and for the documentation."""

from __future__ import annotations

from typing import NamedTuple


class Reason(NamedTuple):
    """A reason for a quarantine.

    Attributes
    ----------
    meaning : str
        What is wrong, as the end of a sentence about the object.
    remedy : str
        What its owner can do next: a sentence that names only what there is.
    """

    meaning: str
    remedy: str


REASONS = {
    "broken-code-stream": Reason(
        "a compressed frame of its pixels is damaged, or holds something that is no image",
        "Get it again from where it came from, or ask for an uncompressed export (Explicit VR Little Endian).",
    ),
    "broken-fragments": Reason(
        "the fragments of its encapsulated pixel data do not add up",
        "Get it again from where it came from, or ask for an uncompressed export (Explicit VR Little Endian).",
    ),
    "burned-in-annotation": Reason(
        "it says that identity is burned into its pixels (0028,0301), and none was found",
        "Mask the place with a rule of the profile ([[rules]] with mask); or, if you have looked and found nobody, "
        'take a profile with pixels.burned_in = "ignore", which leaves the pixels as they are.',
    ),
    "denied-by-rule": Reason(
        "a rule of the profile says so",
        "Leave it out, or change the rule of that number under [[rules]] in the profile.",
    ),
    "document": Reason(
        "it holds a document or a model, and the profile lets none pass",
        'Leave it out, or take a profile with documents = "clean" or "remove".',
    ),
    "document-unproven": Reason(
        "it holds a document or a model of which nobody can prove that it names nobody",
        "Have a person look at what the brackets name; for no-reader, pip install 'greycloak[documents]'; or take a "
        'profile with documents = "remove", under which a dummy takes its place.',
    ),
    "elements-out-of-order": Reason(
        "its elements are not in ascending order, and cannot be put in order",
        "Have it put in order by a DICOM toolkit (DCMTK's dcmconv does it), or ask for another export.",
    ),
    "identity-differs": Reason(
        "its Patient ID is known with another name, birth date or issuer: perhaps two patients",
        "Correct the Patient ID if it stands for two people; if it is one person, take a profile without "
        "subjects.strict_identity; if two issuers give the same Patient IDs, a new project with "
        'subjects.issuer = "exact".',
    ),
    "internal-error": Reason(
        "Greycloak failed on it; please report this",
        "Report the word in the brackets, the profile and the SOP Class, never the object: SECURITY.md says where.",
    ),
    "invalid-character-set": Reason(
        "its Specific Character Set is none",
        "Correct Specific Character Set (0008,0005) to a defined term as ISO_IR 100 or ISO_IR 192, or ask for another "
        "export.",
    ),
    "invalid-file-meta": Reason(
        "its file meta information is damaged",
        "Send it over the network (C-STORE) or ask for another export: either writes new file meta information.",
    ),
    "invalid-uid": Reason(
        "a UID that it needs is none, or more than one",
        "Ask for another export, or have the attribute in the brackets corrected where it came from.",
    ),
    "misplaced-delimiter": Reason(
        "its sequences are damaged",
        "Get it again from where it came from: something was lost or changed on the way.",
    ),
    "misplaced-padding": Reason(
        "it holds zeros where elements should be",
        "Get it again from where it came from: something was lost or changed on the way.",
    ),
    "native-pixels": Reason(
        "its pixels are not compressed, as its transfer syntax says, nor as many as it describes",
        "Ask for an uncompressed export (Explicit VR Little Endian).",
    ),
    "no-patient-id": Reason(
        "it has no Patient ID, and the profile asks for one",
        'Take a profile with subjects.without_id = "study", under which its study stands for the patient.',
    ),
    "no-sop-class": Reason(
        "it does not say what it is: SOP Class UID is missing",
        "Ask for another export: without SOP Class UID (0008,0016) nobody knows which rules hold for it.",
    ),
    "no-sop-instance": Reason(
        "it does not say who it is: SOP Instance UID is missing",
        "Ask for another export, or give it a SOP Instance UID (0008,0018) of its own.",
    ),
    "no-study": Reason(
        "it belongs to no study: Study or Series Instance UID is missing",
        "Ask for an export out of the archive, which keeps every image in a study and a series; or take a profile with "
        'subjects.without_study = "derive", which gives each such object a study of its own.',
    ),
    "no-transfer-syntax": Reason(
        "its file meta information lacks the transfer syntax",
        "Send it over the network (C-STORE) or ask for another export: either says the transfer syntax.",
    ),
    "not-dicom": Reason(
        "it is no DICOM file, nor anything else that is known",
        "If it is an image, ask for an export as DICOM files (PS3.10); if not, leave it out.",
    ),
    "not-on-list": Reason(
        "nobody has given its subject a pseudonym",
        "Give one with 'greycloak pseudonyms import', or have whoever gives pseudonyms know the patient.",
    ),
    "not-opened": Reason(
        "its sealed attributes cannot be opened with this key",
        "Take the certificate and private key for which it was sealed.",
    ),
    "not-sealed": Reason(
        "its original attributes are not sealed, or cannot be",
        "Only what was anonymized with --encrypt-for can be restored; whose the rest is, the pseudonym store knows.",
    ),
    "odd-length": Reason(
        "it has a value of an odd number of bytes, and nobody can tell where the next one begins",
        "Get it again from where it came from, or ask for another export.",
    ),
    "output-differs": Reason(
        "its output exists already, with other content: made in another way, or of another object with the same UID",
        "If an earlier profile or Greycloak made it, 'greycloak anonymize --overwrite' replaces it; if it happens in "
        "an empty destination too, two different files have one SOP Instance UID: ask for another export.",
    ),
    "patient-of-study-known": Reason(
        "it has no Patient ID, and its study belongs to a patient who is known",
        "Give it the Patient ID of its study where it came from: on its own it would make a second patient of one.",
    ),
    "pixel-codec": Reason(
        "its pixels have to be masked, and its code stream cannot be changed without touching the rest of the image",
        "Ask for an uncompressed export (Explicit VR Little Endian), or have it decompressed by a DICOM toolkit.",
    ),
    "pixel-description": Reason(
        "what it says of its pixels cannot be, or does not fit them",
        "Get it again from where it came from, or have what the brackets name corrected there.",
    ),
    "pixel-extra": Reason(
        "it may show identity in its pixels, and what is needed to look at them is not installed",
        "Install it where Greycloak runs (pip install 'greycloak[pixels,ocr]'); a profile with pixels.burned_in = "
        '"trust-flag" or "ignore" leaves the pixels as they are.',
    ),
    "pixel-text-left": Reason(
        "after its text was masked, a second look still found some",
        "Mask the place with a rule of the profile ([[rules]] with mask), or leave the object out.",
    ),
    "pixel-text-unread": Reason(
        "its pixels hold what may be text that nobody could read",
        'Take a profile with pixels.text = "all-text", which masks it, or look at it.',
    ),
    "pixel-video": Reason(
        "its pixels have to be masked, and they are a video",
        "Leave it out, or ask for the frames that matter as single images.",
    ),
    "pixel-worker": Reason(
        "the process that cleans its pixels has crashed, has run out of memory, or did not answer in time",
        "Try it once more on its own; if it happens again, its pixels are damaged: ask for an uncompressed export.",
    ),
    "pixels-at-risk": Reason(
        "it may show identity in its pixels, and the profile lets no such object pass",
        'Take a profile with pixels.burned_in = "clean", which looks for text and masks it, or leave it out.',
    ),
    "pseudonym-clash": Reason(
        "its subject's pseudonym belongs to another subject already",
        "Give its subject another pseudonym; if subjects were erased or merged meanwhile, do it again.",
    ),
    "replacement-unfit": Reason(
        "what the profile writes instead of a value does not fit the attribute",
        "Change what the profile says of the attribute in the brackets.",
    ),
    "reserved-bytes": Reason(
        "it holds something in bytes that are reserved",
        "Get it again from where it came from, or ask for another export.",
    ),
    "residual-identity": Reason(
        "something that identifies the patient, or anybody else it names, would still stand in the new object",
        "Look at the attribute that is named, and add a line to the profile's [tags] that removes or cleans it.",
    ),
    "review": Reason(
        "it holds a long text, and the profile wants somebody to read what is left of it",
        'Read it in the preview, then take a profile with text.prose = "empty" or "clean", as what you read asks for.',
    ),
    "script-failed": Reason(
        "a script of the profile failed on it",
        "Have the script in the brackets mended by whoever wrote it, or take its line out of the profile.",
    ),
    "slide-label": Reason(
        "it shows the label of a slide, which names the patient",
        "Leave it out: the slide itself is in the other images of the series; if you need it and have looked at it, "
        'take a profile with pixels.burned_in = "ignore".',
    ),
    "sop-class-denied": Reason(
        "the profile does not let objects of its kind pass",
        "Leave it out, or change sop_classes.allow or sop_classes.deny in the profile.",
    ),
    "study-of-two-subjects": Reason(
        "its study is known with another patient: perhaps one patient with two identities",
        "Correct the Patient ID where it came from, or merge the two with 'greycloak pseudonyms merge'; if an object "
        "without Patient ID came first, erase that one's pseudonym with 'greycloak pseudonyms forget' and do it again.",
    ),
    "too-deep": Reason(
        "its sequences nest too deep",
        "Ask for another export: no device nests sequences like that.",
    ),
    "too-large": Reason(
        "it unfolds to an unreasonable size",
        "Ask for an export that is not deflated, or as several objects.",
    ),
    "trailing-bytes": Reason(
        "something that is not DICOM follows its data set",
        "Get it again from where it came from, or have what follows the data set cut off by whoever wrote it.",
    ),
    "truncated": Reason(
        "it ends too early",
        "Get it again from where it came from: this copy is not whole.",
    ),
    "two-readings": Reason(
        "it can be read in two ways, or says two things of who or what it is",
        "Find out which of the two is right in what the brackets name, and correct it where it came from, or ask for "
        "another export.",
    ),
    "undecided": Reason(
        "what to withhold from it cannot be settled",
        "Do it again; if it happens again, report it, without the object: SECURITY.md says where.",
    ),
    "unexpected-sequence": Reason(
        "it has a value of undefined length that is no sequence",
        "Ask for another export, from the archive rather than the device.",
    ),
    "unknown-vr": Reason(
        "it has an element whose Value Representation does not exist",
        "Ask for another export, in Implicit VR Little Endian if there is a choice: that has no VRs.",
    ),
    "unreadable-text": Reason(
        "its Patient ID, or what a condition asks for, cannot be decoded with its character set",
        "Correct Specific Character Set (0008,0005) so that it fits the text, or ask for another export.",
    ),
    "unreadable": Reason(
        "it cannot be read",
        "See that it is still there, that it is a file, and that you may read it.",
    ),
    "unsupported-transfer-syntax": Reason(
        "its transfer syntax is not known to Greycloak",
        "Ask for an export in a transfer syntax that PS3.6 lists, as Explicit VR Little Endian.",
    ),
    "wrong-vr": Reason(
        "it holds a number that cannot be what its Value Representation says, nor what the standard asks for",
        "Have the attribute in the brackets corrected where it came from, or ask for another export.",
    ),
}
"""Every reason, by its code."""
