"""Mutants of the corpus and of all malformed objects: none may crash the engine, hang it, or take a name along.

    make mutants                      100,000 of them
    make mutants MUTANTS=5000 SEED=7

What fails is written to the folder ``.run/mutants``; mend it, and put it into ``tests/corpus``.
"""

from __future__ import annotations

import argparse
import io
import logging
import multiprocessing
import random
import struct
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "core"), str(ROOT / "tests")]

import pydicom  # noqa: E402

from greycloak import Deidentified, Quarantined  # noqa: E402
from malformed import PLANTED, matrix  # noqa: E402
from support import make_engine  # noqa: E402

CORPUS = ROOT / "tests" / "corpus"
LONGEST = 5.0
"""Seconds that one object may take, on a busy machine."""
_SPECIAL = (0, 1, 2, 8, 0x10, 0x20, 0x28, 0x7F, 0xE0, 0xFE, 0xFF)
_CHUNK = 250
_VRS = b"AE AS AT CS DA DS DT FD FL IS LO LT OB OW PN SH SL SQ SS ST TM UC UI UL UN UR US UT ?? \0\0".split(b" ")


def seeds() -> list[bytes]:
    """Return what is mutated."""
    files = [path.read_bytes() for path in sorted(CORPUS.glob("*.dcm"))]
    return files + [wrong.data for wrong in matrix().values()]


def mutant(rng: random.Random, sources: list[bytes]) -> bytes:
    """Return a damaged object."""
    data = bytearray(rng.choice(sources))
    for _ in range(rng.choice((1, 1, 1, 2, 3, 5))):
        rng.choice(_MUTATIONS)(rng, data, sources)
    return bytes(data)


def _place(rng, data, size=1):
    return rng.randrange(max(1, len(data) - size + 1))


def _overwrite(rng, data, _):
    if data:
        data[_place(rng, data)] = rng.choice((*_SPECIAL, rng.randrange(256)))


def _flip(rng, data, _):
    if data:
        data[_place(rng, data)] ^= 1 << rng.randrange(8)


def _cut(rng, data, _):
    at = _place(rng, data)
    del data[at : at + rng.choice((1, 2, 4, 8, 12, 40))]


def _insert(rng, data, _):
    at = _place(rng, data)
    data[at:at] = rng.choice(
        (b"\0", b"\0\0", b"\xfe\xff\x0d\xe0" + bytes(4), b"\xfe\xff\xdd\xe0" + bytes(4), rng.randbytes(4))
    )


def _repeat(rng, data, _):
    at, size = _place(rng, data), rng.choice((8, 12, 16, 24, 64))
    to = _place(rng, data)
    data[to:to] = data[at : at + size]


def _truncate(rng, data, _):
    del data[_place(rng, data) :]


def _append(rng, data, _):
    data += rng.choice((b"\r\n", bytes(9), b" " * 7, b"\xff" * 3, rng.randbytes(5)))


def _length(rng, data, _):
    at = _place(rng, data, 4)
    data[at : at + 4] = struct.pack(
        "<L", rng.choice((0, 1, 2, 7, 8, 0xFFFF, 0x10000, 0xFFFFFFFE, 0xFFFFFFFF, len(data)))
    )


def _representation(rng, data, _):
    found = [at for at in range(len(data) - 6) if data[at + 4 : at + 6] in _VRS]
    if found:
        at = rng.choice(found)
        data[at + 4 : at + 6] = rng.choice(_VRS)


def _graft(rng, data, sources):
    other = rng.choice(sources)
    at, size = _place(rng, other), rng.choice((16, 64, 256, len(other)))
    to = _place(rng, data)
    data[to : to + rng.choice((0, size))] = other[at : at + size]


_MUTATIONS = (
    _overwrite, _overwrite, _flip, _flip, _cut, _insert, _repeat, _truncate, _append, _length, _representation, _graft,
)  # fmt: skip


def is_readable(data: bytes) -> bool:
    """Tell whether pydicom reads an object to its end."""
    try:
        file = pydicom.dcmread(io.BytesIO(data), force=True)
        for _ in file.iterall():
            pass
    except Exception as error:  # noqa: BLE001  whatever it says
        # In Implicit VR, numbers whose VR depends on Pixel Representation can be read by nobody without it.
        return "ambiguous VR" in str(error)
    return True


def is_displaced(data: bytes, output: bytes) -> bool:
    """Tell whether a name stands in the output because the mutant gives it to another attribute, which may stay."""
    before, after = (pydicom.dcmread(io.BytesIO(one), force=True) for one in (data, output))
    naming = [element for element in after.iterall() if any(word.decode() in str(element.value) for word in PLANTED)]
    return all(before.get(element.tag) == element for element in naming if element.VR != "SQ") and bool(naming)


def fault_of(engine, data: bytes) -> tuple[str, str]:  # noqa: PLR0911  one check after the other
    """Return what is wrong with what becomes of an object, if anything is, and what became of it."""
    start = time.monotonic()
    try:
        outcome = engine.deidentify(data)
    except Exception as error:  # noqa: BLE001  none may come out
        return f"raises {type(error).__name__}", ""
    if time.monotonic() - start > LONGEST:
        return "takes too long", ""
    if not isinstance(outcome, Deidentified):
        reason = outcome.reason if isinstance(outcome, Quarantined) else "skipped"
        return ("fails", reason) if reason == "internal-error" else ("", reason)
    output = outcome.to_bytes()
    if any(planted in output for planted in PLANTED):
        if is_displaced(data, output):
            return "", "named by the mutant"
        return "a name is in the output", ""
    if not is_readable(output) and is_readable(data):
        return "the output cannot be read", ""
    is_repaired = any(note.startswith("repaired") for note in outcome.notes)
    return "", "repaired" if is_repaired else "emitted"


_engine = None
_sources: list[bytes] = []


def _start(folder: str) -> None:
    global _engine, _sources
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    _engine, _sources = make_engine(Path(folder)), seeds()


def _run(chunk: tuple[int, int]) -> tuple[Counter, list[tuple[str, bytes]]]:
    seed, number = chunk
    rng = random.Random(f"{seed}/{number}")
    counts: Counter = Counter()
    faults = []
    for _ in range(_CHUNK):
        data = mutant(rng, _sources)
        fault, became = fault_of(_engine, data)
        counts[fault or became] += 1
        if fault:
            faults.append((fault, data))
    return counts, faults


def main() -> int:
    """Run, tell, and keep what failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=None)
    options = parser.parse_args()
    kept = ROOT / ".run" / "mutants"
    counts: Counter = Counter()
    faults = 0
    chunks = [(options.seed, number) for number in range(options.count // _CHUNK)]
    with tempfile.TemporaryDirectory() as folder:
        make_engine(Path(folder))
        with multiprocessing.Pool(options.processes, _start, (folder,)) as pool:
            for done, (some, wrong) in enumerate(pool.imap_unordered(_run, chunks), start=1):
                counts += some
                for fault, data in wrong:
                    kept.mkdir(parents=True, exist_ok=True)
                    (kept / f"{options.seed}-{faults:04}-{fault.replace(' ', '-')}.dcm").write_bytes(data)
                    faults += 1
                if done % 20 == 0:
                    print(f"{done * _CHUNK} mutants, {faults} faults", file=sys.stderr, flush=True)
    for what, number in counts.most_common():
        print(f"{number:8} {what}")
    print(f"{sum(counts.values())} mutants, {faults} faults{f', kept in {kept}' if faults else ''}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
