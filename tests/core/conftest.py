from __future__ import annotations

import pytest

from greycloak.pixels import cleaning
from support import RememberingWorker, make_engine


@pytest.fixture(scope="session", autouse=True)
def _pixels_are_read_once():
    """Tests of eight presets over the same files would read each of their images eight times."""
    worker, cleaning.WORKER = cleaning.WORKER, RememberingWorker(cleaning.WORKER)
    yield
    cleaning.WORKER = worker
    worker.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def engine(folder):
    return make_engine(folder)
