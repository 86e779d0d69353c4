"""What a validator would say of an object."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from greycloak.pixels.risk import ATTRIBUTES, burned_in_risks
from greycloak.proof.verification.objects import UnreadableError, read_source
from greycloak.quiet import quiet
from greycloak.reporting.words import risk_in_words
from greycloak.standard.dictionary import name_of
from greycloak.standard.iods import iod_of

if TYPE_CHECKING:
    from greycloak.stream.part10 import Source

_SOP_CLASS = 0x00080016


def problems_of(source: Source) -> list[str]:
    """Return what is wrong with an object.

    Parameters
    ----------
    source : bytes or mmap
        The file.

    Raises
    ------
    ValueError
        If it cannot be read; the message has no value of it.
    """
    try:
        with quiet():
            read = read_source(Path(), source)
    except UnreadableError as error:
        raise ValueError(str(error)) from None
    except Exception as error:  # noqa: BLE001  whatever pydicom raises; its message may name people
        raise ValueError(f"cannot be read as DICOM ({type(error).__name__})") from None
    said = [f"{' > '.join(map(name_of, way))}: {what}" for way, what in sorted(read.missing)]
    if iod_of(read.top.get(_SOP_CLASS, "")) is None:
        said.append("its SOP Class is not in PS3.3 as packaged: what it requires is not known")
    told = {name_of(tag): text for tag, text in read.top.items() if name_of(tag) in {*ATTRIBUTES, "SOPClassUID"}}
    return [*said, *(f"pixels: {risk_in_words(risk)}" for risk in burned_in_risks(told))]
