"""Who does the work, if not processes of our own."""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from greycloak.batch.errors import BatchError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor

_DASK = "dask://"


class ExecutorError(BatchError):
    """There is nobody; the message says why."""


@contextmanager
def open_executor(url: str) -> Iterator[Executor | None]:
    """Reach those who do the work; None for an empty URL.

    Parameters
    ----------
    url : str
        ``dask://HOST:PORT``, the scheduler of a Dask cluster.

    Raises
    ------
    ExecutorError
        If they cannot be reached.
    """
    if not url:
        yield None
        return
    if not url.startswith(_DASK):
        raise ExecutorError(f"nothing is known of {url}: expected dask://HOST:PORT")
    try:
        distributed = importlib.import_module("distributed")
    except ImportError:
        raise ExecutorError("dask:// needs the extra 'dask': pip install 'greycloak[dask]'") from None
    try:
        client = distributed.Client(f"tcp://{url.removeprefix(_DASK)}", timeout=10)
    except (OSError, TimeoutError, ValueError) as error:
        raise ExecutorError(f"cannot reach the scheduler: {type(error).__name__}") from None
    try:
        yield client.get_executor(pure=False)
    finally:
        client.close()
