"""What the test suites of other tools found when they were run against Greycloak."""

from __future__ import annotations

import mmap

import pytest

from greycloak import Deidentified, Quarantined, load_profile
from support import ct, decode, encode, item, sequence


def test_a_path_or_a_data_set_is_a_mistake_of_the_caller_not_of_the_object(engine, tmp_path):
    path = tmp_path / "one.dcm"
    path.write_bytes(encode(ct()))
    for source in (str(path), path, ct(), None):
        with pytest.raises(TypeError, match="takes the bytes of a file, not"):
            engine.deidentify(source)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        outcome = engine.deidentify(mapped)
        assert isinstance(outcome, Deidentified)
        outcome.parts.clear()


def test_a_profile_file_may_have_an_underscore_in_its_name(tmp_path):
    (tmp_path / "trial_7.toml").write_text('base = "basic"\n')
    assert load_profile(str(tmp_path / "trial_7.toml")).name == "trial_7"


GE_CLASS, PHILIPS_CLASS = "1.2.840.113619.4.27", "1.3.46.670589.11.0.0.12.2"


def reference(sop_class, instance="1.2.3.4.77"):
    return item(ReferencedSOPClassUID=sop_class, ReferencedSOPInstanceUID=instance)


def referenced(engine, *references, **attributes):
    """Return the classes that an object's references name afterwards."""
    data = ct(ReferencedSeriesSequence=sequence(item(SeriesInstanceUID="1.2.3.4.3",
              ReferencedInstanceSequence=sequence(*references))), **attributes)  # fmt: skip
    outcome = engine.deidentify(encode(data))
    if isinstance(outcome, Quarantined):
        return outcome.reason
    found = decode(outcome.to_bytes()).ReferencedSeriesSequence[0].ReferencedInstanceSequence
    return [str(one.ReferencedSOPClassUID) for one in found]


def test_a_reference_to_a_maker_s_own_class_still_fits_the_object(engine):
    own = "1.2.826.0.1.3680043.9.9999.4.1"
    for sop_class in (GE_CLASS, PHILIPS_CLASS, own):
        assert referenced(engine, reference(sop_class), SOPClassUID=sop_class) == [sop_class]
        kept = [sop_class] if sop_class != own else None
        found = referenced(engine, reference(sop_class))
        assert found == kept or (kept is None and found[0].startswith("2.25."))


@pytest.mark.parametrize(
    "smuggled",
    ["1.2.3.4.77", "1.2.840.113619.2.1.1.322987881.621.736170080.681", "1.3.12.2.1107.5.2.32.35119.2010011420300180088",
     "1.3.46.670589.11.0.0.12.20200102101112", "1.2.840.113619.4.27.20200102"],
)  # fmt: skip
def test_an_instance_in_the_place_of_a_class_is_mapped(engine, smuggled):
    assert referenced(engine, reference(smuggled))[0].startswith("2.25.")


@pytest.mark.parametrize("keyword", ["SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"])
def test_what_is_an_instance_elsewhere_in_the_object_is_never_kept_as_a_class(engine, keyword):
    found = referenced(engine, reference(GE_CLASS), **{keyword: GE_CLASS})
    assert found == "invalid-uid" or found[0].startswith("2.25.")
    found = referenced(engine, reference(GE_CLASS, GE_CLASS))
    assert found == "invalid-uid"
    own = "1.2.826.0.1.3680043.9.9999.4.1"
    assert referenced(engine, reference(GE_CLASS), **{"SOPClassUID": own, keyword: own}) == "invalid-uid"
