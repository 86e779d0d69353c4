"""Object stores, as S3 and Google Cloud Storage, and whatever else fsspec reaches (extra ``cloud``)."""

from __future__ import annotations

import importlib
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from greycloak.batch.errors import BatchError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from greycloak.stream.levels import Buffer

_URL = re.compile(r"[a-z][a-z0-9+.-]*://")
_MISSING = "needs the extra 'cloud': pip install 'greycloak[cloud]'"


class RemoteError(BatchError):
    """A place cannot be reached; the message says why, without credentials."""


def is_url(text: str) -> bool:
    """Tell whether a source or destination is a URL."""
    return _URL.match(text) is not None


@cache
def _reach(scheme: str) -> Any:  # noqa: ANN401  fsspec has no types
    try:
        fsspec = importlib.import_module("fsspec")
        return fsspec.filesystem(scheme)
    except ImportError:
        raise RemoteError(f"{scheme}:// {_MISSING}") from None
    except ValueError:
        raise RemoteError(f"nothing is known of {scheme}://") from None


def _split(url: str) -> tuple[Any, str]:
    scheme, _, path = url.partition("://")
    system = _reach(scheme)
    return system, system._strip_protocol(path).rstrip("/") if scheme == "file" else path.rstrip("/")  # noqa: SLF001


def find_remote(url: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the URLs of an object, or of all below a prefix, and their parts below it; in a stable order.

    Raises
    ------
    RemoteError
        If the place cannot be reached, or is not there.
    """
    scheme = url.partition("://")[0]
    system, path = _split(url)
    try:
        found = system.find(path)
    except Exception as error:  # noqa: BLE001  every store has errors of its own
        raise RemoteError(f"cannot list {scheme}://: {type(error).__name__}") from None
    if not found:
        raise RemoteError(f"there is nothing in the {scheme}:// source")
    for one in sorted(found):
        below = one[len(path) :].strip("/") or one.rsplit("/", 1)[-1]
        yield f"{scheme}://{one.lstrip('/') if scheme != 'file' else one}", tuple(below.split("/"))


def read_remote(url: str) -> bytes:
    """Read an object.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    system, path = _split(url)
    try:
        return bytes(system.cat_file(path))
    except Exception as error:  # noqa: BLE001  every store has errors of its own
        raise OSError(0, f"cannot be read: {type(error).__name__}") from None


def exists_remote(url: str) -> bool:
    """Tell whether an object is there.

    Raises
    ------
    OSError
        If nobody can tell now.
    """
    system, path = _split(url)
    try:
        system.invalidate_cache()
        return bool(system.exists(path))
    except Exception as error:  # noqa: BLE001  every store has errors of its own
        raise OSError(0, f"cannot be reached: {type(error).__name__}", "the destination") from None


def write_remote(url: str, parts: Iterable[Buffer]) -> None:
    """Write an object as a whole: object stores show it when it is complete.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    system, path = _split(url)
    try:
        system.pipe_file(path, b"".join(parts))
    except Exception as error:  # noqa: BLE001  every store has errors of its own
        raise OSError(0, f"cannot be written: {type(error).__name__}", "the destination") from None
