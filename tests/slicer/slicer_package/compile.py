"""Byte-compile scripts where CTK's build does: x.pyc beside x.py."""

import py_compile
import sys

for script in sys.argv[1:]:
    py_compile.compile(script, f"{script}c", doraise=True)
