from __future__ import annotations

import pytest

from support import make_engine


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def engine(folder):
    return make_engine(folder)
