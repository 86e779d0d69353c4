"""Overlays in unused bits of native pixels (retired, PS3.5 section 8.1.2): nobody sees them, and they may name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from greycloak.pixels.description import Description
    from greycloak.stream.levels import Buffer

OVERLAY_BIT_POSITIONS = frozenset(0x60000102 + (group << 16) for group in range(0, 32, 2))
"""Overlay Bit Position of each overlay; 0 if it has an element of its own."""

_CHUNK = 1 << 20


def in_high_bits(telling: Mapping[int, bytes]) -> bool:
    """Tell whether an object says that an overlay stands in the bits of its pixels, of attributes by tag."""
    return any(telling.get(tag, b"").strip(b"\0") for tag in OVERLAY_BIT_POSITIONS)


def cleared(description: Description, value: Buffer) -> list[Buffer] | None:
    """Clear the bits of native pixels that are not stored; None if there are none, or if they are the sign's.

    Parameters
    ----------
    description : Description
        What the pixels are.
    value : bytes or memoryview
        Native pixels of one sample of whole bytes.
    """
    size = description.bits_allocated // 8
    stored = (1 << description.high_bit + 1) - (1 << description.high_bit + 1 - description.bits_stored)
    if not size or description.is_float or stored == (1 << 8 * size) - 1:
        return None
    mask = stored.to_bytes(size, "little" if description.little else "big") * (_CHUNK // size)
    new: list[Buffer] = []
    view = memoryview(value)
    for at in range(0, len(view), len(mask)):
        piece = view[at : at + len(mask)]
        kept = int.from_bytes(piece, "big") & int.from_bytes(mask[: len(piece)], "big")
        new.append(kept.to_bytes(len(piece), "big"))
    return new
