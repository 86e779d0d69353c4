"""The audit: what was done, when, by whom and through which door. Append-only, chained by a key; no identity inside.

Each event's link is HMAC-SHA-256 over the link before, its number and its text. Whoever changes, deletes or moves an
event breaks the chain, and cannot mend it without the key. The newest link stands beside the chain, with a proof, so a
cut end shows; against bringing back an old copy of the whole store, note the head elsewhere and compare it
(`Audit.verify`).
"""

from __future__ import annotations

import getpass
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from greycloak._version import __version__
from greycloak.pseudonyms.errors import StoreError
from greycloak.pseudonyms.tables import audit, properties

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.pseudonyms.database import Database

_HEAD = "audit-head"
_START = bytes(32)
_CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class Caller:
    """Who does something, and through which door.

    Attributes
    ----------
    who : str
        A user or a node; never a patient.
    door : str
        ``cli``, ``python``, ``orthanc``...
    """

    who: str
    door: str

    @classmethod
    def here(cls, door: str) -> Caller:
        """Return the user of this process."""
        try:
            return cls(getpass.getuser(), door)
        except (OSError, KeyError):
            return cls("unknown", door)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `Audit.verify` has found.

    Attributes
    ----------
    count : int
        How many events hold together from the start.
    head : str
        The newest link, as hexadecimal digits; to be noted elsewhere.
    problem : str
        What is wrong; empty if nothing is.
    """

    count: int
    head: str
    problem: str = ""


@dataclass(frozen=True)
class Audit:
    """The audit of a store.

    Attributes
    ----------
    database : Database
        Where it is.
    """

    database: Database
    _key: bytes = field(repr=False)

    def append(self, connection: sa.Connection, caller: Caller, what: str, **facts: Any) -> None:  # noqa: ANN401
        """Record an event, inside the transaction of what it tells of.

        Parameters
        ----------
        connection : Connection
            The transaction.
        caller : Caller
            Who does it.
        what : str
            What is done, as ``anonymize`` or ``find``.
        **facts
            More, as far as JSON can say it. Never an identity.
        """
        # Whoever holds this row is the only one to append.
        wanted = sa.select(properties.c.value).where(properties.c.name == _HEAD).with_for_update()
        number, link = self._read_head(connection.scalar(wanted))
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        event = {"at": now, "who": caller.who, "door": caller.door, "what": what, "greycloak": __version__, **facts}
        text = json.dumps(event, ensure_ascii=True, sort_keys=True)
        number += 1
        link = self._link(link, number, text)
        connection.execute(audit.insert().values(id=number, event=text, chain=link))
        head = self._written_head(number, link)
        connection.execute(properties.update().where(properties.c.name == _HEAD).values(value=head))

    def is_begun(self, connection: sa.Connection) -> bool:
        """Tell whether there is a head, or were events."""
        head = connection.scalar(sa.select(properties.c.value).where(properties.c.name == _HEAD))
        return head is not None or connection.scalar(sa.select(audit.c.id).limit(1)) is not None

    def empty_head(self) -> str:
        """Return the head of an empty audit."""
        return self._written_head(0, _START)

    def _written_head(self, number: int, link: bytes) -> str:
        return f"{number}:{link.hex()}:{self._proof(number, link)}"

    def _proof(self, number: int, link: bytes) -> str:
        """Return what nobody without the key can write beside a head."""
        return hmac.digest(self._key, b"head" + number.to_bytes(8) + link, "sha256").hex()

    def _read_head(self, value: str | None) -> tuple[int, bytes]:
        number, _, rest = (value or "").partition(":")
        link, _, proof = rest.partition(":")
        try:
            found = int(number), bytes.fromhex(link)
        except ValueError:
            found = -1, b""
        if found[0] < 0 or not hmac.compare_digest(self._proof(*found).encode(), proof.encode()):
            raise StoreError("the audit is damaged: its head is missing, or somebody has written another")
        return found

    def record(self, caller: Caller, what: str, **facts: Any) -> None:  # noqa: ANN401
        """Record an event by itself."""
        with self.database.writing() as connection:
            self.append(connection, caller, what, **facts)

    def _link(self, before: bytes, number: int, text: str) -> bytes:
        return hmac.digest(self._key, before + number.to_bytes(8) + text.encode("ascii"), "sha256")

    def events(self, since: str = "") -> Iterator[dict[str, Any]]:
        """Yield events, the oldest first, from a point of time on (ISO 8601, UTC)."""
        for _, text, _ in self._rows():
            event = json.loads(text)
            if event["at"] >= since:
                yield event

    def _rows(self, after: int = 0) -> Iterator[tuple[int, str, bytes]]:
        last = after
        while True:
            wanted = sa.select(audit).where(audit.c.id > last).order_by(audit.c.id).limit(_CHUNK)
            with self.database.reading() as connection:
                rows = connection.execute(wanted).all()
            for row in rows:
                last = row.id
                yield row.id, row.event, bytes(row.chain)
            if len(rows) < _CHUNK:
                return

    def verify(self, expected_head: str = "") -> Verdict:
        """Check the whole chain.

        Parameters
        ----------
        expected_head : str
            A head that was noted earlier: it has to be part of the chain.
        """
        link, number, met = _START, 0, not expected_head
        while True:
            for found, text, chain in self._rows(after=number):
                link = self._link(link, number + 1, text)
                if found != number + 1:
                    return Verdict(number, "", f"event {number + 1} is missing")
                if not hmac.compare_digest(link, chain):
                    return Verdict(number, "", f"event {number + 1} is not what was recorded")
                number += 1
                met = met or hmac.compare_digest(chain.hex().encode(), expected_head.encode())
            try:
                count, newest = self._head()
            except StoreError as error:
                return Verdict(number, "", str(error))
            if count <= number:
                break  # otherwise, more came while we were looking
            if not any(True for _ in self._rows(after=number)):
                break
        if (number, link) != (count, newest):
            return Verdict(number, "", f"{count} events were recorded, and {number} are there")
        if not met:
            return Verdict(number, link.hex(), "the head that was noted is not in it: an older copy, or another store")
        return Verdict(number, link.hex())

    def _head(self) -> tuple[int, bytes]:
        with self.database.reading() as connection:
            return self._read_head(connection.scalar(sa.select(properties.c.value).where(properties.c.name == _HEAD)))
