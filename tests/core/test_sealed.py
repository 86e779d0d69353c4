"""Sealed originals: whoever holds the private key gets every object back as it was, and nobody else does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from burned_in import ultrasound
from greycloak import Deidentified, Engine, load_profile
from greycloak.encrypted import EncryptionError, Opener, Recipients, restore
from greycloak.outcomes import Refused
from greycloak.stream import Malformed
from planted import planted, survivors
from raw_elements import explicit, one_item, with_element
from support import ct, decode, encode, item, kept_pixels, leaving_pixels, make_installation, named, pydicom_test_files
from support import sequence as items_of

GROUP_LENGTHS_AND_PADDING = {0x00080001, 0xFFFCFFFC}
PASSPHRASE = b"correct horse"


def write_pair(folder, name, key, passphrase=None, *, valid=(-1, 10), authority=None):
    """Write a private key and its self-signed certificate, valid from one day to another."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(valid[0]))
        .not_valid_after(now + timedelta(valid[1]))
    )
    if authority is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    certificate = builder.sign(key, hashes.SHA256())
    (folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    hidden = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / f"{name}.key").write_bytes(key.private_bytes(pem, form, hidden))


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Return a folder with the keys of three people, and what cannot be used."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("ann", "bob", "eve"):
        write_pair(folder, name, rsa.generate_private_key(65537, 3072))
    write_pair(folder, "shy", rsa.generate_private_key(65537, 3072), PASSPHRASE)
    write_pair(folder, "curve", ec.generate_private_key(ec.SECP256R1()))
    (folder / "empty.pem").write_bytes(b"")
    return folder


@pytest.fixture(scope="module")
def engine(folder, keys):
    return engine_for(folder, keys, "ann", "bob")


def engine_for(folder, keys, *names, profile="basic"):
    recipients = Recipients.load([keys / f"{name}.pem" for name in names])
    return Engine(load_profile(profile), make_installation(folder).project("trial"), recipients)


def opener_of(keys, name, passphrase=None):
    return Opener.load(keys / f"{name}.pem", keys / f"{name}.key", passphrase)


def sealed(engine, data):
    outcome = engine.deidentify(data)
    assert isinstance(outcome, Deidentified), outcome
    return outcome.to_bytes()


def elements_of(data):
    """Return the elements of a data set as pydicom reads them, but for group lengths and padding."""
    data_set = decode(data)
    for level in [data_set, *(one for element in data_set.iterall() if element.VR == "SQ" for one in element.value)]:
        for tag in [one.tag for one in level if int(one.tag) in GROUP_LENGTHS_AND_PADDING or not one.tag.element]:
            del level[tag]
    return data_set


def assert_same(one, other):
    before, after = elements_of(one), elements_of(other)
    assert list(before.keys()) == list(after.keys())
    for element in before:
        assert after[element.tag].VR == element.VR
        if element.keyword == "PixelData":
            assert after.PixelData == kept_pixels(before)
        else:
            assert after[element.tag] == element
    assert after.file_meta.MediaStorageSOPInstanceUID == after.SOPInstanceUID
    deflated = before.file_meta.TransferSyntaxUID == DeflatedExplicitVRLittleEndian
    assert after.file_meta.TransferSyntaxUID == (
        ExplicitVRLittleEndian if deflated else before.file_meta.TransferSyntaxUID
    )


@pytest.mark.parametrize("profile", ["basic", "custom"])
def test_every_file_comes_back_as_it_was(folder, keys, profile):
    sealing, opener = engine_for(folder, keys, "ann", profile=profile), opener_of(keys, "ann")
    engine = Engine(leaving_pixels(sealing.profile), sealing.project, sealing.recipients)
    restored = 0
    for path in pydicom_test_files():
        original = path.read_bytes()
        outcome = engine.deidentify(original)
        if not isinstance(outcome, Deidentified):
            assert getattr(outcome, "reason", "") != "internal-error", path
            continue
        if any(note.startswith("repaired") for note in outcome.notes):
            continue  # it comes back as it should have been
        assert_same(original, restore(outcome.to_bytes(), opener).data)
        restored += 1
    assert restored >= 150


@pytest.mark.parametrize(
    "syntax",
    [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian],
    ids=["explicit", "implicit", "big endian", "deflated"],
)
def test_any_transfer_syntax_comes_back(engine, keys, syntax):
    original = ct(
        SpecificCharacterSet="ISO_IR 100",
        PatientName="Müller^Änne",
        OtherPatientIDsSequence=items_of(item(PatientID="4711"), item()),
        ReferencedImageSequence=items_of(item(ReferencedSOPInstanceUID="1.2.3", ReferencedSOPClassUID="1.2.4")),
        SmallestImagePixelValue=258,
    )
    block = original.private_block(0x0019, "ACME", create=True)
    block.add_new(1, "LO", "Zyxwvut")
    block.add_new(2, "US", 258)
    data = encode(original, syntax)
    assert_same(data, restore(sealed(engine, data), opener_of(keys, "ann")).data)


@pytest.mark.parametrize("name", ["JPEG2000.dcm", "SC_rgb_rle_2frame.dcm", "693_J2KI.dcm"])
def test_encapsulated_pixels_are_not_sealed_and_come_back(engine, keys, name):
    original = named(name)
    output = sealed(engine, original)
    assert_same(original, restore(output, opener_of(keys, "ann")).data)
    assert len(output) < len(original) + 60_000


def test_what_was_masked_does_not_come_back_and_everything_else_does(engine, keys):
    original = ultrasound()
    output = sealed(engine, encode(original))
    restored = decode(restore(output, opener_of(keys, "ann")).data)
    assert restored.PatientName == original.PatientName
    assert restored.ImageType == original.ImageType
    assert "BurnedInAnnotation" not in restored
    assert restored.PixelData == decode(output).PixelData != original.PixelData


def test_the_restored_uids_are_told(engine, keys):
    restored = restore(sealed(engine, encode(ct())), opener_of(keys, "ann"))
    assert (restored.study_uid, restored.series_uid, restored.sop_instance_uid) == (
        "1.2.3.4.2",
        "1.2.3.4.3",
        "1.2.3.4.1",
    )
    assert b"Doe" not in repr(restored).encode()


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian])
def test_nothing_of_the_originals_can_be_read(folder, keys, syntax):
    data, secrets = planted(str(syntax))
    plain = Engine(load_profile("basic"), make_installation(folder).project("trial"))
    by_design = survivors(plain.deidentify(data).to_bytes(), secrets)
    assert survivors(sealed(engine_for(folder, keys, "ann", "bob"), data), secrets) == by_design


def test_nothing_of_the_originals_can_be_read_in_implicit_vr(engine):
    original = ct(InstitutionName="Zyxwvut", ReferringPhysicianName="Roe^R", OtherPatientIDs="ID-9999")
    output = sealed(engine, encode(original, ImplicitVRLittleEndian))
    for secret in (b"Jonathan", b"MRN-4711", b"Zyxwvut", b"Roe^R", b"ID-9999", b"19570412", b"1.2.3.4.2", b"ACC-0815"):
        assert secret not in output


def test_each_recipient_can_open_it_and_nobody_else(engine, keys):
    original = encode(ct())
    output = sealed(engine, original)
    for name in ("ann", "bob"):
        assert_same(original, restore(output, opener_of(keys, name)).data)
    with pytest.raises(Refused) as refusal:
        restore(output, opener_of(keys, "eve"))
    assert refusal.value.reason == "not-opened"


def test_a_passphrase_is_asked_for_and_checked(folder, keys):
    output = sealed(engine_for(folder, keys, "shy"), encode(ct()))
    assert_same(encode(ct()), restore(output, opener_of(keys, "shy", PASSPHRASE)).data)
    with pytest.raises(EncryptionError, match="needs its passphrase"):
        opener_of(keys, "shy")
    with pytest.raises(EncryptionError, match="passphrase is wrong"):
        opener_of(keys, "shy", b"wrong")
    with pytest.raises(EncryptionError, match="leave the passphrase out"):
        opener_of(keys, "ann", PASSPHRASE)


@pytest.mark.parametrize(
    ("certificate", "key", "says"),
    [
        ("ann.pem", "bob.key", "does not belong to the private key"),
        ("ann.key", "ann.key", "is no certificate in PEM form"),
        ("empty.pem", "ann.key", "is no certificate in PEM form"),
        ("ann.pem", "ann.pem", "is no private key in PEM form"),
        ("ann.pem", "empty.pem", "is no private key in PEM form"),
        ("nowhere.pem", "ann.key", "cannot read the certificate"),
        ("ann.pem", "nowhere.key", "cannot read the private key"),
        ("curve.pem", "ann.key", "has no RSA key"),
        ("curve.pem", "curve.key", "is no RSA key"),
    ],
)
def test_keys_that_cannot_be_used_are_said_plainly(keys, certificate, key, says):
    with pytest.raises(EncryptionError, match=says):
        Opener.load(keys / certificate, keys / key, None)


@pytest.mark.parametrize("name", ["curve.pem", "ann.key", "empty.pem", "nowhere.pem"])
def test_certificates_that_cannot_be_used_are_refused(keys, name):
    with pytest.raises(EncryptionError, match=name):
        Recipients.load([keys / "ann.pem", keys / name])


def test_an_object_without_sealed_originals_is_told_apart(keys):
    with pytest.raises(Refused) as refusal:
        restore(encode(ct()), opener_of(keys, "ann"))
    assert refusal.value.reason == "not-sealed"


def test_sealed_originals_of_somebody_else_are_not_kept(engine, keys):
    """What is anonymized again is sealed anew, without what an earlier recipient could open."""
    once = sealed(engine_for_eve(engine, keys), encode(ct()))
    twice = sealed(engine, once)
    assert len(decode(twice).EncryptedAttributesSequence) == 1
    with pytest.raises(Refused):
        restore(twice, opener_of(keys, "eve"))


def engine_for_eve(engine, keys):
    return Engine(engine.profile, engine.project, Recipients.load([keys / "eve.pem"]))


def test_damaged_envelopes_are_refused(engine, keys):
    """Whichever byte is damaged: it is refused, or what comes back is some object, but nothing breaks."""
    output, opener = sealed(engine, encode(ct())), opener_of(keys, "ann")
    content = bytes(decode(output).EncryptedAttributesSequence[0].EncryptedContent)
    start = output.index(content)
    reasons = set()
    for at in (*range(60), *range(60, len(content), 29)):
        damaged = bytearray(output)
        damaged[start + at] ^= 0x55
        try:
            restore(bytes(damaged), opener)
        except (Refused, Malformed) as refusal:
            reasons.add(refusal.reason)
    assert "not-opened" in reasons


@pytest.mark.parametrize(
    "content", [b"", b"\x30", b"\x30\x84\xff\xff\xff\xff", b"\x30\x80\0\0", b"Zyxwvut ", bytes(64)]
)
def test_what_is_no_envelope_is_refused(keys, content):
    inside = item(EncryptedContentTransferSyntaxUID="1.2.840.10008.1.2.1", EncryptedContent=content)
    for found in (items_of(inside), items_of(item()), items_of()):
        with pytest.raises(Refused) as refusal:
            restore(encode(ct(EncryptedAttributesSequence=found)), opener_of(keys, "ann"))
        assert refusal.value.reason == "not-opened"


def test_a_truncated_file_is_refused(engine, keys):
    output, opener = sealed(engine, encode(ct())), opener_of(keys, "ann")
    for end in range(0, len(output) - 1, 31):
        with pytest.raises((Malformed, Refused)):
            restore(output[:end], opener)


def test_gdcmanon_reads_ours(folder, keys, tmp_path):
    assert shutil.which("gdcmanon"), "gdcmanon is missing: run tools/setup.sh test"
    original = named("CT_small.dcm")
    (tmp_path / "ours.dcm").write_bytes(sealed(engine_for(folder, keys, "ann"), original))
    gdcmanon("-d", keys, tmp_path / "ours.dcm", tmp_path / "theirs.dcm")
    before, after = decode(original), decode((tmp_path / "theirs.dcm").read_bytes())
    for keyword in ("PatientName", "PatientID", "StudyDate", "StudyInstanceUID", "SOPInstanceUID", "InstitutionName"):
        assert after.get(keyword) == before.get(keyword)
    assert "EncryptedAttributesSequence" not in after


def test_we_read_what_gdcmanon_sealed(keys, tmp_path):
    (tmp_path / "original.dcm").write_bytes(named("CT_small.dcm"))
    gdcmanon("-e", keys, tmp_path / "original.dcm", tmp_path / "sealed.dcm")
    restored = decode(restore((tmp_path / "sealed.dcm").read_bytes(), opener_of(keys, "ann")).data)
    before = decode(named("CT_small.dcm"))
    for keyword in ("PatientName", "PatientID", "StudyDate", "StudyInstanceUID", "SOPInstanceUID", "Rows", "PixelData"):
        assert restored.get(keyword) == before.get(keyword)


def gdcmanon(mode, keys, source, target):
    certificate = ["-c", keys / "ann.pem"]
    done = subprocess.run(
        ["gdcmanon", mode, *certificate, "-k", keys / "ann.key", "-i", source, "-o", target],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.fixture
def place(tmp_path):
    """Return a folder with three images of a patient below ``in``."""
    (tmp_path / "in" / "nested").mkdir(parents=True)
    for number in range(3):
        (tmp_path / "in" / "nested" / f"IM{number}").write_bytes(encode(ct(SOPInstanceUID=f"1.2.3.{number}")))
    return tmp_path


def call(folder, *arguments):
    environment = os.environ | {"XDG_DATA_HOME": str(folder / "data")}
    command = [sys.executable, "-m", "greycloak", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)


def seal_all(place, keys, *names):
    wanted = [option for name in names for option in ("--encrypt-for", keys / f"{name}.pem")]
    return call(place, "anonymize", "in", "out", *wanted)


def restore_all(place, keys, name, *more):
    return call(
        place,
        "restore",
        "out",
        "back",
        "--certificate",
        keys / f"{name}.pem",
        "--private-key",
        keys / f"{name}.key",
        *more,
    )


def files_below(folder):
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def test_the_command_line_seals_and_restores_and_doing_it_again_changes_nothing(place, keys):
    done = seal_all(place, keys, "ann", "bob")
    assert (done.returncode, done.stdout, done.stderr) == (0, "3 files: 3 anonymized, 0 quarantined\n", "")
    done = restore_all(place, keys, "bob")
    assert (done.returncode, done.stdout, done.stderr) == (0, "3 restored, 0 not\n", "")
    for number in range(3):
        back = place / "back" / "1.2.3.4.2" / "1.2.3.4.3" / f"1.2.3.{number}.dcm"
        assert_same((place / "in" / "nested" / f"IM{number}").read_bytes(), back.read_bytes())
    before = files_below(place / "out") | files_below(place / "back")
    assert seal_all(place, keys, "ann", "bob").returncode == 0
    assert restore_all(place, keys, "ann").returncode == 0
    assert files_below(place / "out") | files_below(place / "back") == before


def test_the_wrong_key_restores_nothing_and_says_so(place, keys):
    seal_all(place, keys, "ann")
    (place / "out" / "notes.txt").write_text("hello")
    (place / "out" / "plain.dcm").write_bytes(encode(ct()))
    done = restore_all(place, keys, "eve")
    assert done.returncode == 1
    assert done.stdout.count("[not-opened: sealed for another key, damaged, or of another kind]") == 3
    assert "notes.txt" not in done.stdout
    assert "not restored: plain.dcm: its original attributes are not sealed" in done.stdout
    assert done.stdout.endswith("0 restored, 4 not, 1 skipped\n")
    assert not (place / "back").exists()


def test_a_passphrase_may_come_from_a_file(place, keys):
    (place / "out").mkdir()
    (place / "out" / "one.dcm").write_bytes(sealed(engine_for(place, keys, "shy"), encode(ct())))
    (place / "passphrase").write_bytes(PASSPHRASE + b"\n")
    assert restore_all(place, keys, "shy", "--passphrase-file", "passphrase").returncode == 0
    (place / "passphrase").write_bytes(b"wrong")
    for more, says in (
        (("--passphrase-file", "passphrase"), "passphrase is wrong"),
        (("--passphrase-file", "nowhere"), "cannot read nowhere"),
    ):
        done = restore_all(place, keys, "shy", *more)
        assert done.returncode == 2
        assert says in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["anonymize", "in", "out", "--encrypt-for", "{keys}/curve.pem"], "has no RSA key"),
        (["restore", "in", "back"], "required"),
        (["restore", "in", "back", "--certificate", "{keys}/ann.pem", "--private-key", "{keys}/bob.key"], "not belong"),
        (["restore", "no", "back", "--certificate", "{keys}/ann.pem", "--private-key", "{keys}/ann.key"], "not exist"),
        (
            ["restore", "in", "in/x", "--certificate", "{keys}/ann.pem", "--private-key", "{keys}/ann.key"],
            "not lie inside",
        ),
    ],
)
def test_wrong_usage_is_said_plainly_and_writes_nothing(place, keys, arguments, says):
    done = call(place, *(text.format(keys=keys) for text in arguments))
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (place / "out").exists()
    assert not (place / "back").exists()


@pytest.mark.parametrize("uid", ["..", "../../x", "1.2/../../x", "1.2\\1.3", "1" * 65, ""])
def test_a_sealed_uid_cannot_lead_out_of_the_folder(engine, keys, uid):
    """Whoever has the certificate, which is public, may seal anything."""
    item_of_originals = explicit(0x0020000D, "UI", uid.encode() + b"\0" * (len(uid) % 2))
    originals = explicit(0x00080018, "UI", b"1.2.3\0") + item_of_originals
    envelope = engine.recipients.seal(explicit(0x04000550, "SQ", one_item(originals)))
    inside = explicit(0x04000510, "UI", b"1.2.840.10008.1.2.1\0") + explicit(0x04000520, "OB", envelope)
    data = with_element(0x04000500, explicit(0x04000500, "SQ", one_item(inside)))
    with pytest.raises(Refused) as refusal:
        restore(data, opener_of(keys, "ann"))
    assert refusal.value.reason == "invalid-uid"


@pytest.mark.parametrize(
    ("bits", "more", "says"),
    [
        (2048, {}, "an RSA key of 2048 bits: it needs 3072 or more"),
        (3072, {"valid": (-10, -1)}, "has expired on"),
        (3072, {"valid": (1, 10)}, "is not valid before"),
        (3072, {"authority": True}, "is that of an authority"),
    ],
)
def test_nothing_is_sealed_for_a_certificate_that_will_not_do(tmp_path, bits, more, says):
    write_pair(tmp_path, "one", rsa.generate_private_key(65537, bits), **more)
    with pytest.raises(EncryptionError, match=says):
        Recipients.load([tmp_path / "one.pem"])
    Opener.load(tmp_path / "one.pem", tmp_path / "one.key", None)  # what was sealed for it earlier still opens


def test_a_certificate_that_says_that_it_is_no_authority_will_do(tmp_path):
    write_pair(tmp_path, "one", rsa.generate_private_key(65537, 3072), authority=False)
    Recipients.load([tmp_path / "one.pem"])
