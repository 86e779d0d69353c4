"""The walk through the codes of a baseline JPEG scan: what is not masked is written again as it was.

One source for both: compiled by numba if it is there, else run by Python, some fifty times slower.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Any

BROKEN = -1
"""The codes do not add up: no code begins so, a run beyond the block, a sum beyond 15 bits, or the end of the data."""

MISSING = -2
"""A table lacks a code; which one stands in the state."""

ROOM = 512
"""So many bytes have to be free behind whatever is written: more than a block can have."""


def recode(  # noqa: C901, PLR0911, PLR0912, PLR0913, PLR0915, PLR0917  a loop that is compiled as a whole
    data: Any,  # noqa: ANN401  arrays if it is compiled, else bytes and lists
    bits: int,
    pattern: Any,  # noqa: ANN401
    masked: Any,  # noqa: ANN401
    first: int,
    count: int,
    dc_look: Any,  # noqa: ANN401
    ac_look: Any,  # noqa: ANN401
    dc_codes: Any,  # noqa: ANN401
    ac_codes: Any,  # noqa: ANN401
    fills: Any,  # noqa: ANN401
    out: Any,  # noqa: ANN401
    state: Any,  # noqa: ANN401
) -> int:
    """Write the codes of one restart interval again, blocks under a mask flat (ISO 10918-1 Annex F).

    Parameters
    ----------
    data : sequence of int
        The interval without stuffed bytes, and at least 4 bytes more.
    bits : int
        How many bits the interval has.
    pattern : sequence of int
        The component of each block of an MCU.
    masked : sequence of int
        Whether a block is masked, for all blocks of the scan, in their order.
    first, count : int
        The first block of the interval, and how many it has.
    dc_look, ac_look : sequence of int
        For each component, `huffman.look_up` of the tables that the data is written with.
    dc_codes, ac_codes : sequence of int
        For each component, `huffman.codes_of` of the tables to write with.
    fills : sequence of int
        For each component, the DC coefficient of a masked block.
    out : writable sequence of int
        Where the new codes go, without stuffed bytes.
    state : writable sequence of int
        Room for two numbers of each component, and, behind them, for what is missing: component, DC or AC, symbol.

    Returns
    -------
    int
        How many bytes there are now; `BROKEN` or `MISSING`.
    """
    components = len(fills)
    for component in range(2 * components):
        state[component] = 0
    in_mcu = len(pattern)
    limit = len(out) - ROOM
    pos = 0
    held = 0  # bits that wait for their byte
    holding = 0
    written = 0
    place = first % in_mcu
    for block in range(first, first + count):
        if written > limit:
            return BROKEN
        component = pattern[place]
        place += 1
        if place == in_mcu:
            place = 0
        flat = masked[block] != 0

        # The DC coefficient, as a difference from the last one of its component.
        at = pos >> 3
        peek = ((data[at] << 16 | data[at + 1] << 8 | data[at + 2]) >> (8 - (pos & 7))) & 0xFFFF
        found = dc_look[component << 16 | peek]
        size = found & 0xFF
        if found == 0 or size > 15:  # noqa: PLR2004
            return BROKEN
        pos += found >> 8
        difference = 0
        if size:
            at = pos >> 3
            peek = ((data[at] << 16 | data[at + 1] << 8 | data[at + 2]) >> (8 - (pos & 7))) & 0xFFFF
            difference = peek >> (16 - size)
            if difference < 1 << (size - 1):
                difference -= (1 << size) - 1
            pos += size
        if pos > bits:
            return BROKEN
        state[component] += difference
        wanted = fills[component] if flat else state[component]
        difference = wanted - state[components + component]
        state[components + component] = wanted
        size = 0
        rest = abs(difference)
        while rest:
            rest >>= 1
            size += 1
        if size > 15:  # noqa: PLR2004  no table can say that
            return BROKEN
        code = dc_codes[component << 8 | size]
        if code == 0:
            state[2 * components] = component
            state[2 * components + 1] = 0
            state[2 * components + 2] = size
            return MISSING
        if difference < 0:
            difference += (1 << size) - 1
        held = held << (code & 31) | code >> 5
        held = held << size | difference
        holding += (code & 31) + size
        while holding >= 8:  # noqa: PLR2004
            holding -= 8
            out[written] = (held >> holding) & 0xFF
            written += 1
        held &= (1 << holding) - 1

        # The AC coefficients: runs of zeros, each with the coefficient behind it.
        k = 1
        while k < 64:  # noqa: PLR2004
            at = pos >> 3
            peek = ((data[at] << 16 | data[at + 1] << 8 | data[at + 2]) >> (8 - (pos & 7))) & 0xFFFF
            found = ac_look[component << 16 | peek]
            symbol = found & 0xFF
            size = symbol & 15
            pos += found >> 8
            value = 0
            if size:
                k += (symbol >> 4) + 1
                at = pos >> 3
                peek = ((data[at] << 16 | data[at + 1] << 8 | data[at + 2]) >> (8 - (pos & 7))) & 0xFFFF
                value = peek >> (16 - size)
                pos += size
            elif symbol == 0xF0:  # noqa: PLR2004  16 zeros
                k += 16
            elif symbol:
                return BROKEN
            else:
                k = 65  # the end of the block
            if found == 0 or pos > bits or (k > 64 and symbol):  # noqa: PLR2004
                return BROKEN
            if flat:
                continue
            code = ac_codes[component << 8 | symbol]
            if code == 0:
                state[2 * components] = component
                state[2 * components + 1] = 1
                state[2 * components + 2] = symbol
                return MISSING
            held = held << (code & 31) | code >> 5
            held = held << size | value
            holding += (code & 31) + size
            while holding >= 8:  # noqa: PLR2004
                holding -= 8
                out[written] = (held >> holding) & 0xFF
                written += 1
            held &= (1 << holding) - 1
        if flat:
            code = ac_codes[component << 8]
            if code == 0:
                state[2 * components] = component
                state[2 * components + 1] = 1
                state[2 * components + 2] = 0
                return MISSING
            held = held << (code & 31) | code >> 5
            holding += code & 31
            while holding >= 8:  # noqa: PLR2004
                holding -= 8
                out[written] = (held >> holding) & 0xFF
                written += 1
            held &= (1 << holding) - 1
    if holding:
        out[written] = ((held << (8 - holding)) | ((1 << (8 - holding)) - 1)) & 0xFF
        written += 1
    return written


@lru_cache(maxsize=1)
def compiled() -> Any | None:  # noqa: ANN401
    """Return the walk as machine code; None without numba, which is large: it is loaded when a JPEG is masked."""
    try:
        numba = import_module("numba")
    except ImportError:
        return None
    try:
        return numba.njit(cache=True)(recode)
    except RuntimeError:  # nowhere to keep what was compiled
        return numba.njit(recode)
