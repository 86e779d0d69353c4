"""DICOM as bytes: find elements, copy spans, write values; knows nothing about privacy.

The walk is strict: structure that cannot be accounted for to the last byte raises `Malformed`.
"""

from greycloak.stream.codes import code_values
from greycloak.stream.encoding import Encoding
from greycloak.stream.errors import Malformed
from greycloak.stream.part10 import Part10, encode_file_meta, read_part10
from greycloak.stream.passed_over import passed_over
from greycloak.stream.splice import Edit, Instruction, Level, Splicer, Verb

__all__ = [
    "Edit",
    "Encoding",
    "Instruction",
    "Level",
    "Malformed",
    "Part10",
    "Splicer",
    "Verb",
    "code_values",
    "encode_file_meta",
    "passed_over",
    "read_part10",
]
