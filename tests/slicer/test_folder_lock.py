"""One run at a time delivers into a folder, and no file of the lock stays."""

from __future__ import annotations

import os
import tempfile

import pytest

from GreycloakLib import folder_lock
from GreycloakLib.folder_lock import FolderLock
from GreycloakLib.problems import ProblemError


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_second_run_is_refused_until_the_first_is_through(tmp_path, temporary):
    first, second = FolderLock(tmp_path), FolderLock(tmp_path)
    first.acquire()
    with pytest.raises(ProblemError, match="Another run delivers"):
        second.acquire()
    first.release()
    assert list(temporary.iterdir()) == []
    second.acquire()
    second.release()
    assert list(temporary.iterdir()) == []


def test_who_opened_the_file_before_it_was_taken_away_locks_the_new_one(tmp_path, temporary, monkeypatch):
    first, second, third = (FolderLock(tmp_path) for _ in range(3))
    first.acquire()
    real = os.open
    with monkeypatch.context() as patched:
        patched.setattr(folder_lock.os, "open", lambda *asked: (real(*asked), first.release())[0])  # in between
        second.acquire()
    with pytest.raises(ProblemError):
        third.acquire()
    second.release()
    assert list(temporary.iterdir()) == []
