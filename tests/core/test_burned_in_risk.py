"""Which objects a person is warned of, because identity may be in their pixels."""

from __future__ import annotations

import pytest

from greycloak.pixels import Region, burned_in_risks, regions_of_device
from greycloak.pixels.device_regions import attributes_asked
from greycloak.standard.dictionary import tag_for_keyword

CT, US, CAPTURE, PHOTO, DOCUMENT = (f"1.2.840.10008.5.1.4.1.1.{kind}" for kind in ("2", "6.1", "7", "77.1.4", "104.1"))


@pytest.mark.parametrize(
    ("attributes", "risks"),
    [
        ({"SOPClassUID": CT}, ()),
        ({"SOPClassUID": CT, "BurnedInAnnotation": "NO"}, ()),
        ({"SOPClassUID": CT, "BurnedInAnnotation": "yes "}, ("declared",)),
        ({"SOPClassUID": CAPTURE}, ("secondary-capture",)),
        ({"SOPClassUID": f"{CAPTURE}.4"}, ("secondary-capture",)),
        ({"SOPClassUID": f"{CAPTURE}7"}, ()),
        ({"SOPClassUID": CT, "ImageType": "DERIVED\\SECONDARY\\SCREEN SAVE"}, ("screen-save",)),
        ({"SOPClassUID": US}, ("ultrasound",)),
        ({"SOPClassUID": PHOTO}, ("visible-light",)),
        ({"SOPClassUID": DOCUMENT}, ("document",)),
        (
            {
                "SOPClassUID": CT,
                "Modality": "ct",
                "Manufacturer": "GE Medical Systems",
                "SeriesDescription": "Dose Report",
            },
            ("known-device",),
        ),
    ],
)
def test_a_person_is_warned_for_a_reason(attributes, risks):
    assert burned_in_risks(attributes) == risks


def test_the_regions_of_a_known_device_are_shown_and_of_an_unknown_one_none():
    known = {"Modality": "DX", "Manufacturer": "MedicaTechUSA", "ManufacturerModelName": "KrystalRad 660"}
    assert Region(0, 0, 10000, 70) in regions_of_device(known | {"SoftwareVersions": "1.4"})
    assert regions_of_device(known | {"Manufacturer": "Somebody"}) == ()
    assert regions_of_device({}) == ()


def test_a_region_ends_where_the_image_ends():
    assert Region(0, 0, 10000, 70).within(512, 40) == Region(0, 0, 512, 40)
    assert Region(600, 0, 10, 10).within(512, 512) is None


def test_every_attribute_of_the_list_is_one_of_the_standard():
    repeating = {"OverlayDescription"}  # over groups 60xx
    assert all(tag_for_keyword(keyword) for keyword in attributes_asked() - repeating)
