"""The Python that runs the pixel worker, and what it is told: inside Orthanc and Slicer, we are not its program."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PASSED_ON = frozenset(
    {
        "COMSPEC", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOCALAPPDATA", "PATH", "PATHEXT", "SYSTEMROOT", "TEMP", "TMP",
        "TMPDIR", "USERPROFILE", "WINDIR",
        "DYLD_LIBRARY_PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX",
        "NUMBA_CACHE_DIR", "OMP_NUM_THREADS",
    }
)  # fmt: skip
_NAMES = ("python", "pypy")


def find_python() -> Path | None:
    """Return the Python of the version that runs here, or None if there is none.

    ``sys.executable`` is Orthanc where Orthanc embeds Python, and may be Slicer inside Slicer; PythonSlicer is as good
    as any Python.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if sys.executable and Path(sys.executable).name.lower().startswith(_NAMES) and Path(sys.executable).is_file():
        return Path(sys.executable)
    beside = Path(sys.executable).parent if sys.executable else Path(sys.prefix)
    candidates = (
        Path(sys.prefix, "bin", version),
        Path(sys.prefix, "python.exe"),
        Path(sys.prefix, "Scripts", "python.exe"),
        beside / "PythonSlicer",
        beside / "PythonSlicer.exe",
        Path(sys.base_prefix, "bin", version),
        Path(sys.base_prefix, "python.exe"),
    )
    return next((path for path in candidates if path.is_file()), None)


def environment() -> dict[str, str]:
    """Return the worker's environment: the path as it is here, and nothing that it does not need."""
    passed_on = {name: value for name, value in os.environ.items() if name.upper() in _PASSED_ON}
    path = os.pathsep.join(str(Path(one).resolve()) for one in sys.path if one)
    return passed_on | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
