"""Keep pydicom's warnings to ourselves: they show values of the object."""

from __future__ import annotations

import logging
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ONE_AT_A_TIME = threading.RLock()
_PYDICOM = logging.getLogger("pydicom")


class _NotFrom(logging.Filter):
    """Lets pass what other threads say."""

    def __init__(self, thread: int) -> None:
        super().__init__()
        self._thread = thread

    def filter(self, record: logging.LogRecord) -> bool:
        return record.thread != self._thread


@contextmanager
def quiet() -> Iterator[None]:
    """Ignore all warnings inside, and what pydicom logs; one thread at a time: filters belong to the whole process."""
    silence = _NotFrom(threading.get_ident())
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _PYDICOM.addFilter(silence)
        try:
            yield
        finally:
            _PYDICOM.removeFilter(silence)
