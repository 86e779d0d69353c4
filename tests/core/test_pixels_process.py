"""The pixel worker: whatever it is given and however it ends, the engine goes on and says what became of the object."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("imagecodecs")

import imagecodecs

from frames_in_codes import CODES, FAMILY, RLE, grey, j2k, rgb, said
from greycloak.outcomes import Refused
from greycloak.pixels import interpreter
from greycloak.pixels.areas import Area, Mask
from greycloak.pixels.description import Description
from greycloak.pixels.fragments import encapsulated
from greycloak.pixels.process import MissingExtra, PixelWorker
from greycloak.pixels.results import Hints
from greycloak.pixels.worker.decoding import frames_as_arrays
from greycloak.pixels.worker.masking import mask_pixels
from greycloak.pixels.worker.rle import encode_rle
from greycloak.stream.errors import Malformed

AREA = Area(5, 7, 30, 21)
SMALL, NOISE = Description(40, 50), np.random.default_rng(4).integers(1, 255, 2000, np.uint8).tobytes()
on_posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")


@pytest.fixture(scope="module")
def worker():
    with PixelWorker() as one:
        yield one


def enclosed(*frames):
    return b"".join(encapsulated([[bytes(frame)] for frame in frames], table=True))


def joined(masked):
    return b"".join(masked.parts)


def pid(worker):
    return worker._idle[-1]._process.pid


def gone(number, within=5.0):
    end = time.monotonic() + within
    while time.monotonic() < end:
        stat = Path(f"/proc/{number}/stat")
        if not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


def refuse(answer, tmp_path):
    """Insist that an answer is refused."""
    fake = tmp_path / "python"
    fake.write_text(f"#!{sys.executable}\nimport os, time\nos.write(1, {answer!r})\nos.read(0, 9)\n")
    fake.chmod(0o755)
    with PixelWorker(python=fake) as worker, pytest.raises(Refused) as refused:
        ask(worker)
    assert refused.value.reason == "pixel-worker"


def masked(pieces):
    """Return an answer to a request for masks."""
    header = (
        f'{{"is":"masked","pieces":{pieces},"frames":[],"became_lossless":false,"recoded":false,"photometric":null,'
        f'"has_tables":false,"blobs":[0,0,0]}}'
    ).encode()
    return len(header).to_bytes(8, "big") + header


def ask(worker, area=AREA):
    return worker.mask(SMALL, NOISE, [Mask(area, "text")])


NATIVE = [
    SMALL,
    Description(20, 25, 3, planar=1, photometric="RGB", frames=2),
    Description(20, 25, 3, photometric="RGB", frames=2),
    Description(19, 25, 3, photometric="YBR_FULL_422", frames=3),
    Description(20, 25, bits_allocated=16, bits_stored=12, high_bit=11, frames=2),
    Description(7, 9, bits_allocated=1, bits_stored=1, high_bit=0, frames=5),
    Description(7, 9, frames=3, little=False, transfer_syntax_uid="1.2.840.10008.1.2.2"),
]


@pytest.mark.parametrize("description", NATIVE, ids=str)
@pytest.mark.parametrize("frame", [None, 1])
def test_native_masks_are_those_of_the_worker_and_all_else_is_a_view_of_the_source(worker, description, frame):
    size = description.native_size
    value = np.random.default_rng(size).integers(1, 255, size + size % 2, np.uint8).tobytes()
    masks = [Mask(Area(2, 3, 6, 5), "text", frame), Mask(Area(4, 5, 7, 6), "rule", frame)]
    wanted = mask_pixels(description, value, masks)
    found = worker.mask(description, value, masks)
    assert (joined(found), found.frames) == (joined(wanted), wanted.frames)
    if description.bits_allocated > 1:
        assert sum(len(part) for part in found.parts if part.obj is value) > len(value) // 2


@pytest.mark.parametrize(("syntax", "code"), CODES, ids=[syntax for syntax, _ in CODES])
def test_compressed_masks_are_those_of_the_worker_and_other_frames_are_views_of_the_source(worker, syntax, code):
    frames = [code(grey(8, seed), 8) for seed in range(4)]
    value, description = enclosed(*frames), said(syntax, grey(8), 8, frames=4)
    masks = [Mask(AREA, "text", 2)]
    wanted, found = mask_pixels(description, value, masks), worker.mask(description, value, masks)
    assert joined(found) == joined(wanted)
    assert replace(found, parts=[]) == replace(wanted, parts=[])
    assert sum(len(part) for part in found.parts if part.obj is value) >= sum(len(frames[n]) for n in (0, 1, 3))
    assert len(found.parts) < 10


def test_offset_tables_and_a_new_color_space_come_back(worker):
    frames = [imagecodecs.jpeg2k_encode(rgb(), level=40, codecformat="J2K", reversible=False)] * 2
    value = b"".join(encapsulated([[frame] for frame in frames], table=False))
    even = len(frames[0]) + len(frames[0]) % 2
    tables = (np.array([0, 8 + even], "<u8").tobytes(), np.array([len(frames[0])] * 2, "<u8").tobytes())
    description = replace(said(f"{FAMILY}91", rgb(), 8, frames=2), photometric="YBR_ICT")
    found = worker.mask(description, value, [Mask(AREA, "text")], extended=tables)
    assert (found.photometric, found.became_lossless, found.recoded) == ("YBR_RCT", True, False)
    assert found.extended == mask_pixels(description, value, [Mask(AREA, "text")], tables).extended


def test_without_a_mask_in_the_image_nothing_changes(worker):
    for description, value in ((SMALL, NOISE), (said(f"{FAMILY}90", grey(8), 8), enclosed(j2k(grey(8), 8)))):
        found = worker.mask(description, value, [Mask(Area(900, 900, 950, 950), "device")])
        assert (joined(found), found.frames) == (value, frozenset())


def test_capabilities(worker):
    found = worker.capabilities()
    assert (found.pixels, found.compiled) == (True, True)


def test_what_the_worker_refuses_is_refused_and_what_is_malformed_is_malformed(worker):
    with pytest.raises(Refused) as refused:
        worker.mask(replace(SMALL, frames=2), NOISE, [Mask(AREA, "text")])
    assert refused.value.reason == "pixel-description"
    with pytest.raises(Malformed) as malformed:
        worker.mask(said(f"{FAMILY}90", grey(8), 8), enclosed(j2k(grey(8), 8)[:90]), [Mask(AREA, "text")])
    assert malformed.value.reason == "broken-code-stream"
    number = pid(worker)
    ask(worker)
    assert pid(worker) == number


def test_progress_is_told_and_may_end_the_work(worker):
    value, description = enclosed(*[j2k(grey(8), 8)] * 3), said(f"{FAMILY}90", grey(8), 8, frames=3)
    told = []
    worker.mask(description, value, [Mask(AREA, "text")], progress=told.append)
    assert told == [0, 1, 2]

    def enough(frame):
        if frame:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        worker.mask(description, value, [Mask(AREA, "text")], progress=enough)
    assert ask(worker).frames == {0}


@on_posix
def test_a_hung_worker_is_killed_and_the_next_request_gets_a_new_one():
    with PixelWorker(frame_seconds=0.4, start_seconds=30) as worker:
        ask(worker)
        worker._start_seconds, hung = 0.2, pid(worker)
        os.kill(hung, signal.SIGSTOP)
        start = time.monotonic()
        with pytest.raises(Refused) as refused:
            ask(worker)
        assert (refused.value.reason, refused.value.detail) == ("pixel-worker", "no answer in time")
        assert time.monotonic() - start < 3
        assert gone(hung)
        worker._start_seconds = 30
        assert ask(worker).frames == {0}


@on_posix
def test_a_crashed_worker_is_started_again():
    with PixelWorker() as worker:
        ask(worker)
        crashed = pid(worker)
        os.kill(crashed, signal.SIGKILL)
        assert gone(crashed)
        assert ask(worker).frames == {0}
        assert pid(worker) != crashed

        def crash(_):
            os.kill(worker_pid, signal.SIGKILL)

        worker_pid = pid(worker)
        frames, description = enclosed(*[j2k(grey(8), 8)] * 9), said(f"{FAMILY}90", grey(8), 8, frames=9)
        with pytest.raises(Refused) as refused:
            worker.mask(description, frames, [Mask(AREA, "text")], progress=crash)
        assert refused.value.reason == "pixel-worker"
        assert ask(worker).frames == {0}


@on_linux
def test_memory_has_a_limit():
    description = Description(1500, 1500, transfer_syntax_uid=RLE)
    value = enclosed(encode_rle(np.zeros((1, 1, 1500, 1500), np.uint8)))
    with PixelWorker() as worker:
        ask(worker)
        worker._memory = -16 * 1500 * 1500 - (50 << 20)
        with pytest.raises(Refused) as refused:
            worker.mask(description, value, [Mask(AREA, "text")])
        assert refused.value.reason == "pixel-worker"


@on_posix
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0\0",
        b"\xff" * 64,
        (9).to_bytes(8, "big") + b"no answer",
        (2).to_bytes(8, "big") + b"[]",
        (30_000).to_bytes(8, "big") + b'{"a":' * 6_000,
        (38).to_bytes(8, "big") + b'{"is":"masked","blobs":[999999999999]}',
        (25).to_bytes(8, "big") + b'{"is":"masked","blobs":1}',
        (26).to_bytes(8, "big") + b'{"is":"masked","blobs":[]}',
        (52).to_bytes(8, "big") + b'{"is":"refused","reason":"a name of one","blobs":[]}',
        (28).to_bytes(8, "big") + b'{"is":"progress","blobs":[]}',
    ],
)
def test_an_answer_that_makes_no_sense_is_no_answer(answer, tmp_path):
    refuse(answer, tmp_path)


@on_posix
@pytest.mark.parametrize(
    "pieces",
    "[[0,2001]] [[-2,5]] [[-1,5]] [[1999,2]] [[0,-1]] [[null,1]] [[-2000,10]] 5 [[0,2000],[-1,0]]".split(),
)
def test_pieces_that_are_not_there_are_no_answer(pieces, tmp_path):
    refuse(masked(pieces), tmp_path)


@on_posix
@pytest.mark.parametrize(("size", "count"), [(9, 1), (20_000_000, 3)])
def test_frames_that_nobody_asked_for_or_without_end_are_no_answer(size, count, tmp_path):
    told = f'{{"is":"progress","frame":0,"blobs":[{size}]}}'.encode()
    sent = len(told).to_bytes(8, "big") + told + bytes(min(size, 99))
    refuse(sent * count + masked("[[0,2000]]"), tmp_path)


HEADER = (
    b'{"ask":"mask","description":{},"masks":[],"identifiers":[],"mode":"","memory":99999999,"patience":9,"blobs":%s}'
)


@pytest.mark.parametrize(
    "request_",
    [
        b"x",
        b"\xff" * 100,
        b"\0" * 8,
        (2).to_bytes(8, "big") + b"{}",
        (1 << 27).to_bytes(8, "big") + b"{",
        *(
            len(HEADER % blobs).to_bytes(8, "big") + HEADER % blobs
            for blobs in (b"[0,0,0]", b"[0]", b"[-1,0,0]", b'["a"]', b"[[[", b"[99999999999999]", b"[9,0,0]")
        ),
    ],
)
def test_a_request_that_makes_no_sense_ends_the_worker_in_silence(request_):
    done = subprocess.run(
        [sys.executable, "-m", "greycloak.pixels.worker"],
        input=request_,
        capture_output=True,
        timeout=30,
        check=False,
        env=interpreter.environment(),
    )
    assert (done.stdout, done.stderr) == (b"", b"")


@pytest.mark.parametrize("processes", [1, 2])
def test_threads_take_turns_with_one_process_and_work_side_by_side_with_two(processes):
    answers = []

    def work(number):
        area = Area(number, 0, number + 9, 9)
        answers.extend(joined(ask(worker, area)) == joined(mask_pixels(SMALL, NOISE, [Mask(area, "")])) for _ in "123")

    with PixelWorker(processes) as worker:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(worker._idle) <= processes
    assert answers == [True] * 12


def run(script, **more):
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False, **more
    )


SCRIPT = """
import os, sys, tempfile
from greycloak.pixels.areas import Area, Mask
from greycloak.pixels.description import Description
from greycloak.pixels.process import PixelWorker
worker = PixelWorker()
def ask():
    return len(worker.mask(Description(40, 50), bytes(2000), [Mask(Area(1, 2, 3, 4), "text")]).parts)
ask()
child = worker._idle[-1]._process.pid
"""


def test_the_engine_imports_no_numpy_leaves_nothing_in_the_temporary_folder_and_no_process(tmp_path):
    loaded = "print(child, sorted({'numpy', 'imagecodecs', 'numba', 'rapidocr'} & sys.modules.keys()))"
    done = run(SCRIPT + loaded, env={**os.environ, "TMPDIR": str(tmp_path)})
    child, _, modules = done.stdout.strip().partition(" ")
    assert (modules, done.stderr, done.returncode) == ("[]", "", 0)
    assert not list(tmp_path.iterdir())
    assert gone(child)


@on_posix
def test_the_worker_ends_when_the_engine_is_killed():
    done = run(SCRIPT + "print(child, flush=True)\nos.kill(os.getpid(), 9)")
    assert done.returncode == -signal.SIGKILL
    assert gone(done.stdout.strip())


@on_posix
def test_a_fork_of_the_engine_gets_a_worker_of_its_own():
    forked = """
import warnings
warnings.simplefilter("ignore")
if not os.fork():
    assert ask() == 3 and worker._idle[-1]._process.pid != child
    worker.close()
    os._exit(7)
_, status = os.wait()
assert os.waitstatus_to_exitcode(status) == 7
assert ask() == 3 and worker._idle[-1]._process.pid == child
"""
    done = run(SCRIPT + forked)
    assert (done.stderr, done.returncode) == ("", 0)


@pytest.mark.parametrize("missing", ["numpy", "imagecodecs"])
def test_a_missing_extra_is_named_with_its_remedy(missing, tmp_path, monkeypatch):
    (tmp_path / f"{missing}.py").write_text(f"raise ModuleNotFoundError(name={missing!r})")
    monkeypatch.syspath_prepend(tmp_path)
    with PixelWorker() as worker:
        with pytest.raises(MissingExtra) as refused:
            ask(worker)
        assert (refused.value.reason, refused.value.extra) == ("pixel-extra", "pixels")
        assert refused.value.detail == "pip install greycloak[pixels]"
        found = worker.capabilities()
        assert (found.pixels, found.ocr, found.compiled) == (False, False, False)


STAND_IN = """
import sys, types

import numpy as np


class Finder:
    def find_spec(self, name, path, target=None):
        from importlib.machinery import ModuleSpec

        return ModuleSpec(name, self) if name == "greycloak.pixels.worker.inspect" else None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        from greycloak.pixels.areas import Area, Mask
        from greycloak.pixels.results import Inspection

        def inspect(description, frames, hints):
            print("NAMES")
            if "missing" in hints.identifiers:
                import no_such_reader
            masks = [], []
            count = 0
            for number, frame in enumerate(frames):
                count += 1
                rows, columns = np.nonzero(frame > 250)
                if len(rows) or "everywhere" in hints.identifiers or "again" in hints.identifiers:
                    place = 9 * len(hints.already) if "everywhere" in hints.identifiers else 0
                    area = Area(place, 0, place + 9, 9)
                    if len(rows):
                        area = Area(*(int(n) for n in (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)))
                    which = number % 2 if "doubts" in hints.identifiers else 0
                    masks[which].append(Mask(area, ("text", "unread")[which], number, 0.5))
            return Inspection(tuple(masks[0]), tuple(masks[1]), count)

        module.inspect = inspect


sys.meta_path.insert(0, Finder())
"""


@pytest.fixture
def reader(tmp_path, monkeypatch):
    """Return a worker with a stand-in for the search for text: whatever is bright is text."""
    (tmp_path / "sitecustomize.py").write_text(STAND_IN)
    monkeypatch.syspath_prepend(tmp_path)
    with PixelWorker() as one:
        yield one


def bright(seed):
    image = grey(8, seed) // 2
    image[9:15, 10:40] = 255
    return image


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", f"{FAMILY}90"])
def test_clean_masks_what_is_found_and_looks_again(reader, syntax):
    images = [grey(8, 0) // 2, bright(1), bright(2)]
    description = said(syntax, images[0], 8, frames=3)
    value = enclosed(*(j2k(image, 8) for image in images)) if "4.90" in syntax else b"".join(map(bytes, images)) + b"\0"
    inspection = reader.inspect(description, value, Hints())
    assert [mask.frame for mask in inspection.masks] == [1, 2]
    assert (inspection.masks[0], inspection.doubts) == (Mask(Area(10, 9, 40, 15), "text", 1, 0.5), ())
    device = Mask(Area(0, 0, 5, 5), "device")
    found = reader.clean(description, value, Hints(already=(device,)))
    assert (found.left, found.masks) == ((), (device, *inspection.masks))
    for number, image in enumerate(frames_as_arrays(description, joined(found.masked))):
        wanted = images[number].copy()
        wanted[:5, :5] = 0
        wanted[9:15, 10:40] = 0 if number else wanted[9:15, 10:40]
        assert np.array_equal(image, wanted)


def test_doubts_are_masked_where_all_text_is_and_left_where_identifiers_are(reader):
    description, value = said("1.2.840.10008.1.2.1", grey(8), 8), b"".join([bytes(bright(1)), b"\0"])
    two = replace(description, frames=2)
    value = bytes(bright(1)) + bytes(bright(2))
    everything = reader.clean(two, value, Hints(("doubts",)))
    assert ([mask.reason for mask in everything.masks], everything.left) == (["text", "unread"], ())
    some = reader.clean(two, value, Hints(("doubts",), "identifiers"))
    assert (len(some.inspection.doubts), [mask.reason for mask in some.masks]) == (1, ["text"])
    assert [mask.reason for mask in some.left] == ["unread"]


def test_what_is_found_again_outside_of_the_masks_is_masked_and_left_if_there_is_no_end(reader):
    value = bytes(bright(1)) + b"\0"
    found = reader.clean(said("1.2.840.10008.1.2.1", grey(8), 8), value, Hints(("again",)))
    assert found.left == ()
    assert Area(0, 0, 9, 9) in [mask.area for mask in found.masks]
    found = reader.clean(said("1.2.840.10008.1.2.1", grey(8), 8), value, Hints(("everywhere",)))
    assert len(found.left) == 1
    assert len(found.masks) == 8
    clean = reader.clean(SMALL, bytes(2000), Hints())
    assert (clean.masked, clean.masks, clean.left) == (None, (), ())


def test_what_reads_text_may_be_missing_when_there_is_some(reader):
    with pytest.raises(MissingExtra) as refused:
        reader.clean(SMALL, NOISE, Hints(("missing",)))
    assert refused.value.extra == "ocr"
    assert refused.value.detail == "pip install greycloak[pixels,ocr]"


def test_damaged_frames_never_hurt_the_engine(worker):
    dice = random.Random(23)
    frames = [(syntax, bytes(code(grey(8), 8))) for syntax, code in CODES]
    start, ended = time.monotonic(), []
    for _ in range(150):
        syntax, frame = dice.choice(frames)
        damaged = bytearray(frame[: dice.choice((len(frame), dice.randrange(1, len(frame))))])
        for _ in range(dice.randrange(1, 6)):
            damaged[dice.randrange(min(len(damaged), dice.choice((80, 3000))))] = dice.randrange(256)
        try:
            worker.mask(said(syntax, grey(8), 8), enclosed(damaged), [Mask(AREA, "text")])
        except (Malformed, Refused) as error:
            ended.append(error.reason)
    assert len(ended) > 40
    assert set(ended) <= {"broken-code-stream", "pixel-description", "pixel-codec", "pixel-worker"}
    assert time.monotonic() - start < 25


def test_the_python_of_embedded_interpreters_is_found(tmp_path, monkeypatch):
    assert interpreter.find_python() == Path(sys.executable)
    monkeypatch.setattr(sys, "executable", "/usr/sbin/Orthanc")
    assert interpreter.find_python().name.startswith("python")
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("SlicerApp-real", "PythonSlicer"):
        (folder / name).touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "lib" / "Python"))
    monkeypatch.setattr(sys, "base_prefix", sys.prefix)
    for name in ("SlicerApp-real", "PythonSlicer"):
        monkeypatch.setattr(sys, "executable", str(folder / name))
        assert interpreter.find_python() == folder / "PythonSlicer"
    monkeypatch.setattr(sys, "executable", "/usr/sbin/Orthanc")
    assert interpreter.find_python() is None
    with pytest.raises(Refused) as refused:
        PixelWorker().capabilities()
    assert refused.value.reason == "pixel-worker"


def test_the_worker_is_told_nothing_that_it_does_not_need(monkeypatch):
    monkeypatch.setenv("GREYCLOAK_KEY", "secret")
    assert "secret" not in interpreter.environment().values()
