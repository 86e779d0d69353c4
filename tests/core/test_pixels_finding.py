"""Text in images is found, and what is none is left alone."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

pytest.importorskip("imagecodecs")
pytest.importorskip("onnxruntime")
pytest.importorskip("rapidocr")

import cv2

from greycloak.outcomes import Refused
from greycloak.pixels.areas import Area, Mask
from greycloak.pixels.description import Description
from greycloak.pixels.process import PixelWorker
from greycloak.pixels.results import Hints
from greycloak.pixels.worker import inspect as inspecting
from greycloak.pixels.worker import looking
from greycloak.pixels.worker.inspect import inspect
from greycloak.pixels.worker.matching import Matcher
from greycloak.pixels.worker.reading import Reading

ROWS, COLUMNS = 200, 300
GREY = Description(ROWS, COLUMNS)
PLACE = (20, 60)
NAME = "Quisling Ferdinand"


@cache
def ground(seed=5):
    """Return something like tissue: blurred noise with an edge, 8 bits."""
    noise = np.random.default_rng(seed).normal(0, 1, (ROWS, COLUMNS)).astype(np.float32)
    image = cv2.GaussianBlur(noise, (0, 0), 6) * 240 + cv2.GaussianBlur(noise, (0, 0), 1) * 18 + 80
    image[:, COLUMNS // 2 :] += 25
    return image.clip(0, 255)


def with_text(text, at=PLACE, scale=0.6, value=250.0, image=None):
    image = ground() if image is None else image
    letters = np.zeros((ROWS, COLUMNS), np.uint8)
    cv2.putText(letters, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, 255, 1, cv2.LINE_AA)
    return image + letters / 255 * (value - image)


def ink(frame, image=None):
    """Return the pixels that a text has changed."""
    return np.abs(frame - (ground() if image is None else image)) > 12


def found(frame, description=GREY, **hints):
    return inspect(description, [frame], Hints(**hints))


def is_covered(masks, pixels, share=0.9):
    under = np.zeros(pixels.shape, bool)
    for mask in masks:
        area = mask.area
        under[area.top : area.bottom, area.left : area.right] = True
    return (under & pixels).sum() >= share * pixels.sum()


def test_a_name_is_found_in_an_image():
    frame = with_text(NAME)
    said = found(frame.astype(np.uint8))
    assert is_covered(said.masks, ink(frame))
    assert {mask.reason for mask in said.masks} == {"text"}
    assert all(mask.frame is None and 0 < mask.confidence <= 1 for mask in said.masks)
    assert sum(mask.area.size for mask in said.masks) < 0.15 * ROWS * COLUMNS


def test_nothing_is_found_where_nothing_is_written():
    said = found(ground().astype(np.uint8))
    assert (said.masks, said.doubts, said.distinct_frames) == ((), (), 1)


def test_the_side_the_scale_and_the_units_stay():
    frame = with_text("R", (20, 40), 0.8)
    frame = with_text("5.0 cm", (150, 150), 0.6, image=frame)
    assert not found(frame.astype(np.uint8)).masks


def test_in_mode_identifiers_only_what_identifies_is_masked():
    frame = with_text("Abdomen", (20, 40), 0.7)
    both = with_text("QUISLING^FERDINAND", (20, 120), 0.6, image=frame)
    said = found(both.astype(np.uint8), mode="identifiers", identifiers=("Quisling^Ferdinand",))
    assert is_covered(said.masks, ink(both, frame))
    assert all(mask.area.top > 60 for mask in said.masks)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("is_dark", [True, False])
def test_sixteen_bits_are_looked_at_at_the_depth_they_have(photometric, is_dark):
    stored = ground() * 3 - 900
    frame = with_text(NAME, value=-820 if is_dark else -150, image=stored)
    description = Description(
        ROWS, COLUMNS, bits_allocated=16, bits_stored=12, high_bit=11, is_signed=True, photometric=photometric
    )  # fmt: skip
    said = found(frame.astype(np.int16), description)
    assert is_covered(said.masks, ink(frame, stored))


def test_what_is_masked_anyhow_is_not_looked_at():
    frame = with_text(NAME).astype(np.uint8)
    mask = Mask(Area(0, 30, COLUMNS, 80), "device")
    assert not found(frame, already=(mask,)).masks


@pytest.mark.parametrize(
    ("scale", "value"), [(0.32, 250.0), (0.5, 0.0), (0.7, 130.0)], ids=["9 pixels high", "dark", "faint"]
)
def test_small_dark_and_faint_text_is_found(scale, value):
    frame = with_text(NAME, scale=scale, value=value)
    pixels = with_text(NAME, scale=scale, value=250) - ground() > 60
    assert is_covered(found(frame.astype(np.uint8)).masks, pixels)


@pytest.mark.parametrize("turns", [1, 3])
def test_text_that_runs_upwards_or_downwards_is_found(turns):
    square = with_text(NAME)[:, :ROWS]
    pixels = np.rot90(ink(with_text(NAME))[:, :ROWS], turns)
    said = found(np.rot90(square, turns).astype(np.uint8), Description(ROWS, ROWS))
    assert is_covered(said.masks, pixels)


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL", "PALETTE COLOR"])
def test_whatever_color_stands_for_text_is_found(photometric):
    frame = with_text(NAME).astype(np.uint8)
    samples = 1 if photometric == "PALETTE COLOR" else 3
    if photometric == "YBR_FULL":
        frame = np.stack((frame, np.full_like(frame, 128), np.full_like(frame, 128)), axis=2)
    elif samples == 3:
        frame = np.repeat(frame[..., np.newaxis], 3, axis=2)
    said = found(frame, Description(ROWS, COLUMNS, samples, photometric=photometric))
    assert is_covered(said.masks, ink(with_text(NAME)))


@pytest.mark.parametrize("mode", ["all-text", "identifiers"])
def test_what_is_text_to_the_eye_and_cannot_be_read_is_masked_or_a_doubt(mode, monkeypatch):
    monkeypatch.setattr(looking, "read", lambda crops: [Reading("", 0.1, ())] * len(crops))
    said = found(with_text(NAME).astype(np.uint8), mode=mode)
    unread, others = (said.masks, said.doubts) if mode == "all-text" else (said.doubts, said.masks)
    assert is_covered(unread, ink(with_text(NAME)))
    assert {mask.reason for mask in unread} == {"unread"}
    assert not others


def test_text_that_stands_in_all_frames_is_looked_at_once(monkeypatch):
    looked_at = []
    monkeypatch.setattr(inspecting, "look", lambda plane, _: looked_at.append(plane) or [])
    frame = with_text(NAME).astype(np.uint8)
    said = inspect(Description(ROWS, COLUMNS, frames=40), [frame] * 40, Hints())
    assert (len(looked_at), said.distinct_frames) == (1, 1)


@pytest.mark.parametrize("bright", [True, False])
def test_text_in_one_frame_of_many_that_move_is_found_and_masked_in_all(bright):
    frames = [np.roll(ground(), number, axis=1).astype(np.uint8) for number in range(40)]
    frames[23] = with_text(NAME, value=255 if bright else 0, image=frames[23]).astype(np.uint8)
    said = inspect(Description(ROWS, COLUMNS, frames=40), frames, Hints())
    assert is_covered(said.masks, ink(frames[23], np.roll(ground(), 23, axis=1)))
    assert {mask.frame for mask in said.masks} == {None}


def test_text_in_one_of_a_few_frames_is_masked_there_only():
    frames = [np.roll(ground(), number, axis=1).astype(np.uint8) for number in range(3)]
    frames[1] = with_text(NAME, image=frames[1]).astype(np.uint8)
    said = inspect(Description(ROWS, COLUMNS, frames=3), frames, Hints())
    assert {mask.frame for mask in said.masks} == {1}


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 3000), (3000, 1), (2, 2), (7, 33)])
def test_images_of_any_size_are_looked_at(rows, columns):
    image = np.random.default_rng(3).integers(0, 255, (rows, columns), np.uint8)
    said = found(image, Description(rows, columns))
    assert all(mask.area.within(columns, rows) == mask.area for mask in (*said.masks, *said.doubts))


def test_an_image_that_is_not_as_described_is_refused():
    with pytest.raises(Refused, match="pixel-description"):
        found(np.zeros((9, 9), np.uint8))


def test_floating_point_pixels_that_are_no_numbers_do_no_harm():
    frame = with_text(NAME).astype(np.float32) / 255
    frame[100:110, 100:200] = np.nan
    frame[120, 0] = np.inf
    said = found(frame, Description(ROWS, COLUMNS, bits_allocated=32, bits_stored=32, high_bit=31, is_float=True))
    assert is_covered(said.masks, ink(with_text(NAME)))


@pytest.mark.parametrize(
    "read", ["QUISLlNG", "QU1SLING FERD1NAND", "Quis1ing", "quislingferdinand", "MRN 0O4711B8", "M R N 00-47-1188"]
)
def test_an_identifier_is_known_with_characters_read_wrong(read):
    assert Matcher(["Quisling^Ferdinand", "MRN00471188"], "identifiers").identifies(read)


def test_the_worker_cleans_an_ultrasound_and_finds_nothing_in_what_it_made():
    grey = with_text(NAME)
    colour = np.repeat(grey[..., np.newaxis], 3, axis=2).astype(np.uint8)
    with PixelWorker() as worker:
        assert worker.capabilities().ocr
        description = Description(ROWS, COLUMNS, 3, photometric="RGB")
        said = worker.clean(description, colour.tobytes(), Hints(identifiers=("Quisling^Ferdinand",)))
    assert said.left == ()
    assert is_covered(said.masks, ink(grey))
    new = np.frombuffer(b"".join(said.masked.parts), np.uint8).reshape(colour.shape)
    under = np.zeros((ROWS, COLUMNS), bool)
    for mask in said.masks:
        under[mask.area.top : mask.area.bottom, mask.area.left : mask.area.right] = True
    assert not new[under].any()
    assert (new[~under] == colour[~under]).all()
