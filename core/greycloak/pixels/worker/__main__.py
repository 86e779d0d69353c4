"""The pixel worker: one request after the other on standard input, each with its answer, until that ends."""

from __future__ import annotations

import faulthandler
import os
import sys
import time
from typing import TYPE_CHECKING, Any, BinaryIO

from greycloak.pixels.messages import read_message, write_message
from greycloak.pixels.worker.answering import answer

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST = 1 << 40
_PAGE = 4096
_REARMED_AFTER = 1.0


def main() -> int:
    """Answer requests."""
    source, sink = _own_streams()
    with open(os.devnull, "w", encoding="ascii") as nowhere:  # noqa: PTH123  a device
        while True:
            request = read_message(source, _MOST)
            if request is None:
                return 0
            keep_alive = _watched(float(request.header["patience"]), nowhere)
            _limit_memory(int(request.header["memory"]))
            header, blobs = answer(request, _teller(sink, keep_alive))
            write_message(sink, header, blobs)
            faulthandler.cancel_dump_traceback_later()
            del request, blobs


def _own_streams() -> tuple[BinaryIO, BinaryIO]:
    """Return standard input and output; whatever else reads or prints finds an empty device there."""
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(nothing, number)
    os.close(nothing)
    return source, sink


def _watched(patience: float, nowhere: Any) -> Callable[[], None]:  # noqa: ANN401  a text file
    """End this process if it is not told often enough that work goes on: even in a decoder, even without a parent."""
    last = 0.0

    def keep_alive() -> None:
        nonlocal last
        if time.monotonic() - last > _REARMED_AFTER:
            last = time.monotonic()
            faulthandler.dump_traceback_later(patience, exit=True, file=nowhere)

    keep_alive()
    return keep_alive


def _teller(sink: BinaryIO, keep_alive: Callable[[], None]) -> Callable[..., None]:
    def tell(frame: int, *new: bytes) -> None:
        write_message(sink, {"is": "progress", "frame": frame}, [[one] for one in new])
        keep_alive()

    return tell


def _limit_memory(more: int) -> None:
    """Let this process take so many bytes beyond what it has, where the system can tell."""
    try:
        with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123  no file
            taken = int(statm.read().split()[0]) * _PAGE
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (taken + more, hard))
    except (AttributeError, OSError, ValueError):  # Windows, macOS, or less is allowed anyway
        return


if __name__ == "__main__":
    try:
        status = main()
    except (EOFError, BrokenPipeError):  # nobody is there any more
        status = 0
    except BaseException:  # noqa: BLE001  whatever it is: it must not be printed, and the engine knows what to do
        status = 1
    sys.stderr = None
    os._exit(status)
