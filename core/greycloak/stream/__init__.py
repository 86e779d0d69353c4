"""DICOM as bytes: find elements, copy spans, write values; knows nothing about privacy.

The walk is strict: structure that cannot be accounted for to the last byte raises `Malformed`.
"""

from greycloak.stream.encoding import Encoding
from greycloak.stream.errors import Malformed
from greycloak.stream.glance import Glance, glance_at
from greycloak.stream.levels import (
    AS_BYTES,
    LOOK_AT_BYTES,
    LOOK_AT_IT,
    LOOK_CLOSELY,
    GroupElements,
    Instruction,
    Level,
    Look,
    Path,
    Verb,
)
from greycloak.stream.part10 import Part10, encode_file_meta, read_part10
from greycloak.stream.passed_over import passed_over
from greycloak.stream.peek import code_values, cut_elements, top_values
from greycloak.stream.splice import Edit, Splicer

__all__ = [
    "AS_BYTES",
    "LOOK_AT_BYTES",
    "LOOK_AT_IT",
    "LOOK_CLOSELY",
    "Edit",
    "Encoding",
    "Glance",
    "GroupElements",
    "Instruction",
    "Level",
    "Look",
    "Malformed",
    "Part10",
    "Path",
    "Splicer",
    "Verb",
    "code_values",
    "cut_elements",
    "encode_file_meta",
    "glance_at",
    "passed_over",
    "read_part10",
    "top_values",
]
