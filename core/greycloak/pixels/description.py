"""What an object says of its pixels (PS3.3 section C.7.6.3), as far as it can be believed."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from greycloak.outcomes import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_FRAMES = 1_000_000
"""How many frames one object may have."""

MAX_FRAME_SIZE = 1 << 28
"""How many bytes one frame may have when it is decompressed."""

PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA = 0x7FE00010, 0x7FE00008, 0x7FE00009
_FLOATS = {FLOAT_PIXEL_DATA: 32, DOUBLE_FLOAT_PIXEL_DATA: 64}

SAMPLES_PER_PIXEL = 0x00280002
PHOTOMETRIC_INTERPRETATION = 0x00280004
PLANAR_CONFIGURATION = 0x00280006
NUMBER_OF_FRAMES = 0x00280008
ROWS, COLUMNS = 0x00280010, 0x00280011
BITS_ALLOCATED, BITS_STORED, HIGH_BIT, PIXEL_REPRESENTATION = 0x00280100, 0x00280101, 0x00280102, 0x00280103
WINDOW_CENTER, WINDOW_WIDTH = 0x00281050, 0x00281051
RESCALE_INTERCEPT, RESCALE_SLOPE = 0x00281052, 0x00281053
_PALETTE = (0x00281101, 0x00281201), (0x00281102, 0x00281202), (0x00281103, 0x00281203)

ASKED = frozenset(
    {
        SAMPLES_PER_PIXEL,
        PHOTOMETRIC_INTERPRETATION,
        PLANAR_CONFIGURATION,
        NUMBER_OF_FRAMES,
        ROWS,
        COLUMNS,
        BITS_ALLOCATED,
        BITS_STORED,
        HIGH_BIT,
        PIXEL_REPRESENTATION,
        WINDOW_CENTER,
        WINDOW_WIDTH,
        RESCALE_INTERCEPT,
        RESCALE_SLOPE,
        *(tag for pair in _PALETTE for tag in pair),
    }
)
"""The top-level attributes that tell."""

_SAMPLES = {
    "MONOCHROME1": 1,
    "MONOCHROME2": 1,
    "PALETTE COLOR": 1,
    "RGB": 3,
    "HSV": 3,
    "ARGB": 4,
    "CMYK": 4,
    "YBR_FULL": 3,
    "YBR_FULL_422": 3,
    "YBR_PARTIAL_422": 3,
    "YBR_PARTIAL_420": 3,
    "YBR_ICT": 3,
    "YBR_RCT": 3,
    "XYB": 3,
}
_HALF_CHROMA = frozenset({"YBR_FULL_422", "YBR_PARTIAL_422"})
_ALLOCATED = frozenset({1, 8, 16, 32, 64})
_MAX_NUMBER = 12
_MAX_WINDOWS = 16


@dataclass(frozen=True, slots=True)
class Description:
    """What the pixels of an object are.

    Attributes
    ----------
    rows, columns, samples, frames : int
        How many there are.
    bits_allocated, bits_stored, high_bit : int
        Of each sample.
    is_signed, is_float : bool
        What the samples are.
    planar : int
        Planar Configuration: 1 if each frame has one plane after the other.
    photometric : str
        Photometric Interpretation.
    transfer_syntax_uid : str
        How they are encoded.
    little : bool
        Whether the data set is little endian.
    vr : str
        VR of the element that holds them: in big endian, bytes are swapped within words if that is OW.
    windows : tuple of (float, float)
        Centers and widths of the windows through which people look at them.
    slope, intercept : float
        The rescaling that comes before a window.
    darkest : int
        The index of a palette's darkest color.
    """

    rows: int
    columns: int
    samples: int = 1
    bits_allocated: int = 8
    bits_stored: int = 8
    high_bit: int = 7
    is_signed: bool = False
    planar: int = 0
    photometric: str = "MONOCHROME2"
    frames: int = 1
    transfer_syntax_uid: str = "1.2.840.10008.1.2.1"
    little: bool = True
    vr: str = "OW"
    is_float: bool = False
    windows: tuple[tuple[float, float], ...] = ()
    slope: float = 1.0
    intercept: float = 0.0
    darkest: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for holds, what in (
            (self.rows > 0 and self.columns > 0, "rows or columns"),
            (0 < self.frames <= MAX_FRAMES, "number of frames"),
            (_SAMPLES.get(self.photometric) == self.samples, "photometric interpretation or samples per pixel"),
            (self.planar in {0, 1}, "planar configuration"),
            (self.bits_allocated in _ALLOCATED, "bits allocated"),
            (0 < self.bits_stored <= self.high_bit + 1 <= self.bits_allocated, "bits stored"),
            (not (self.half_chroma and (self.planar or self.bits_allocated != 8)), "planes of a 4:2:2 image"),  # noqa: PLR2004
        ):
            if not holds:
                raise Refused("pixel-description", what)

    @property
    def half_chroma(self) -> bool:
        """Whether two pixels share their color (4:2:2)."""
        return self.photometric in _HALF_CHROMA

    @property
    def frame_bits(self) -> int:
        """How many bits one native frame has."""
        samples = 2 if self.half_chroma else self.samples
        return self.rows * (self.columns + self.columns % 2 if self.half_chroma else self.columns) * samples * (
            self.bits_allocated
        )  # fmt: skip

    @property
    def frame_size(self) -> int:
        """How many bytes one native frame has; frames of single bits need not begin at a byte."""
        return -(-self.frame_bits // 8)

    @property
    def native_size(self) -> int:
        """How many bytes all native frames have, without the padding to an even number."""
        return -(-self.frame_bits * self.frames // 8)

    def expect_native(self, length: int) -> None:
        """See that so many bytes are what native frames of this kind have.

        Raises
        ------
        Refused
            If they are fewer, or more than a byte of padding.
        """
        if length not in {self.native_size, self.native_size + self.native_size % 2}:
            raise Refused("pixel-description", "the length of native pixels")

    def expect_compressed(self) -> None:
        """See that one frame of this kind can be decompressed within reason.

        Raises
        ------
        Refused
            If not.
        """
        if self.rows * self.columns * self.samples * max(self.bits_allocated, 8) // 8 > MAX_FRAME_SIZE:
            raise Refused("pixel-description", "the size of a frame")


def described(
    values: Mapping[int, bytes], *, transfer_syntax_uid: str, little: bool, tag: int = PIXEL_DATA, vr: str = "OW"
) -> Description:
    """Return what an object says of its pixels.

    Parameters
    ----------
    values : mapping of int to bytes
        Those of `ASKED` that it has at its top level, or that an icon has in its item, raw.
    transfer_syntax_uid : str
        Its transfer syntax.
    little : bool
        Whether it is little endian.
    tag, vr : int, str
        Of the element that holds the pixels; an empty VR for Implicit VR.

    Raises
    ------
    Refused
        If it says what cannot be, or not enough.
    """
    float_bits = _FLOATS.get(tag, 0)
    reader = _Reader(values, little=little)
    stored = float_bits or reader.short(BITS_STORED)
    windows = zip(reader.decimals(WINDOW_CENTER), reader.decimals(WINDOW_WIDTH), strict=False)
    photometric = values.get(PHOTOMETRIC_INTERPRETATION, b"").strip(b"\0 ").decode("latin-1").upper()
    return Description(
        rows=reader.short(ROWS),
        columns=reader.short(COLUMNS),
        samples=reader.short(SAMPLES_PER_PIXEL, 1),
        bits_allocated=float_bits or reader.short(BITS_ALLOCATED),
        bits_stored=stored,
        high_bit=float_bits - 1 if float_bits else reader.short(HIGH_BIT, stored - 1),
        is_signed=bool(reader.short(PIXEL_REPRESENTATION, 0)),
        planar=reader.short(PLANAR_CONFIGURATION, 0),
        photometric=photometric or "MONOCHROME2",
        frames=number_of_frames(values),
        transfer_syntax_uid=transfer_syntax_uid,
        little=little,
        vr=vr or "OW",
        is_float=bool(float_bits),
        windows=tuple((center, width) for center, width in windows if width > 0),
        slope=reader.decimals(RESCALE_SLOPE, (1.0,))[0] or 1.0,
        intercept=reader.decimals(RESCALE_INTERCEPT, (0.0,))[0],
        darkest=reader.darkest() if photometric == "PALETTE COLOR" else 0,
    )


def number_of_frames(values: Mapping[int, bytes]) -> int:
    """Return how many frames an object says it has, of raw values; 1 if it does not say.

    Raises
    ------
    Refused
        If it says something else.
    """
    text = values.get(NUMBER_OF_FRAMES, b"").strip(b"\0 ")
    if not text:
        return 1
    if len(text) > _MAX_NUMBER or not text.isdigit():
        raise Refused("pixel-description", "number of frames")
    return int(text)


class _Reader:
    """Reads raw values."""

    def __init__(self, values: Mapping[int, bytes], *, little: bool) -> None:
        self._values = values
        self._little = little
        self._order: Literal["little", "big"] = "little" if little else "big"

    def short(self, tag: int, default: int | None = None) -> int:
        value = self._values.get(tag, b"")
        if len(value) == 2:  # noqa: PLR2004  the bytes of a US
            return int.from_bytes(value, self._order)
        if value or default is None:
            raise Refused("pixel-description", "an attribute that tells of the pixels is missing, or no number")
        return default

    def decimals(self, tag: int, default: tuple[float, ...] = ()) -> tuple[float, ...]:
        """Return numbers that only help to look at an image: what is none is as good as missing."""
        try:
            texts = self._values.get(tag, b"")[:256].decode("ascii").strip("\0 ").split("\\")[:_MAX_WINDOWS]
            found = tuple(map(float, texts))
        except ValueError:
            return default
        return found if all(abs(number) < 1e9 for number in found) else default  # noqa: PLR2004  no nan either

    def darkest(self) -> int:
        """Return the index of the darkest color of a palette of 16-bit entries; 0 if it is none."""
        tables = []
        for descriptor, data in _PALETTE:
            shape, raw = self._values.get(descriptor, b""), self._values.get(data, b"")
            if len(shape) != 6 or not raw or len(raw) % 2:  # noqa: PLR2004  three numbers of two bytes
                return 0
            table = array("H", bytes(raw))
            if (array("H", b"\1\0")[0] == 1) != self._little:
                table.byteswap()
            count, first = (int.from_bytes(shape[at : at + 2], self._order) for at in (0, 2))
            if len(table) != (count or 1 << 16):
                return 0
            tables.append((first, table))
        if len({(first, len(table)) for first, table in tables}) != 1:
            return 0
        sums = [sum(entry) for entry in zip(*(table for _, table in tables), strict=True)]
        return int(tables[0][0] + sums.index(min(sums)))
