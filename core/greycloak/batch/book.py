"""What a run has done already, so that one that was stopped can go on: a line for each object, without any name."""

from __future__ import annotations

import hmac
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from greycloak.batch.errors import BatchError

if TYPE_CHECKING:
    from greycloak.batch.inputs import Input
    from greycloak.batch.job import Result

NAME = ".greycloak-run"
"""The book's file in the destination, as long as the run is not done."""


class BookError(BatchError):
    """A run cannot go on; the message says why."""


@dataclass(frozen=True)
class Book:
    """What was done.

    Attributes
    ----------
    path : Path
        Its file.
    key : bytes
        By which objects are called: their names would tell who it is.
    head : str
        What the run does: one that does something else does not go on with it.
    """

    path: Path
    key: bytes
    head: str

    @classmethod
    def of(cls, destination: Path, key: bytes, head: str) -> Book:
        """Return the book of a destination."""
        return cls(destination / NAME, key, hmac.digest(key, head.encode(), "sha256").hex())

    def done(self) -> dict[str, str]:
        """Return what was done: the marks of objects, and where each new one is.

        Raises
        ------
        BookError
            If there is no run to go on with, or it did something else.
        """
        try:
            lines = self.path.read_text(encoding="utf-8").split("\n")
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError):
            raise BookError("cannot read how far the stopped run came: do it again without --resume") from None
        if lines[0] != self.head:
            raise BookError(
                "the run that was stopped had another profile, project, layout or key: do it again without --resume"
            )
        done = {}
        for line in lines[1:-1]:  # the last one may be cut
            try:
                mark, output = json.loads(line)
            except ValueError:
                continue
            done[mark] = output
        return done

    def open(self, *, is_continued: bool) -> TextIO:
        """Open it for writing.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not (is_continued and self.path.exists())
        stream = open(  # noqa: SIM115  the run closes it
            self.path, "w" if is_new else "a", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)
        )
        stream.write(f"{self.head}\n" if is_new else "\n")
        return stream

    def mark(self, source: Input) -> str:
        """Return what an object is called here: another one if its file has changed."""
        try:
            status = Path(source.path).stat()
            facts = f"{status.st_size} {status.st_mtime_ns}"
        except OSError:
            facts = ""
        return hmac.digest(self.key, f"{source.name}\0{facts}".encode("utf-8", "surrogateescape"), "sha256").hex()[:32]

    def note(self, stream: TextIO, result: Result) -> None:
        """Note an object that went through; what did not is tried again."""
        if result.output is not None:
            stream.write(json.dumps([self.mark(result.source), result.output]) + "\n")
            stream.flush()

    def close(self) -> None:
        """End it: the run is done, and there is nothing to go on with."""
        self.path.unlink(missing_ok=True)
