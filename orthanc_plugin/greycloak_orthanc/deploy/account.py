"""The account that Orthanc's service runs under, and what it may do."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

USUAL = "orthanc"
"""The account of Debian's package."""


class NoAccountError(Exception):
    """There is no such account."""


@dataclass(frozen=True)
class Account:
    """An account of this machine.

    Attributes
    ----------
    name : str
        How it is called; empty where there are no accounts to ask for (Windows).
    user, group : int
        Its numbers.
    groups : tuple of int
        All groups that it is in.
    """

    name: str = ""
    user: int = -1
    group: int = -1
    groups: tuple[int, ...] = ()

    @property
    def can_be_asked(self) -> bool:
        """Whether this process can find out what the account may do: it is the same one, or root."""
        return bool(self.name) and os.geteuid() in (0, self.user)

    def may_read(self, path: Path) -> bool:
        """Tell whether it may read a file, or list a folder."""
        return self._may("-r", path) and (not path.is_dir() or self._may("-x", path))

    def may_write_in(self, folder: Path) -> bool:
        """Tell whether it may make files in a folder, or make the folder itself."""
        there = next(path for path in (folder, *folder.parents) if path.exists())
        return there.is_dir() and self._may("-w", there) and self._may("-x", there)

    def _may(self, what: str, path: Path) -> bool:
        if not self.can_be_asked:
            return True  # Orthanc will say so when it starts
        command = ["test", what, str(path)]
        if os.geteuid() != 0:
            return subprocess.run(command, check=False).returncode == 0  # noqa: S603
        # As that account itself, so that whatever decides on this machine (ACLs, mounts) has its say.
        return (
            subprocess.run(  # noqa: S603
                command, check=False, user=self.user, group=self.group, extra_groups=self.groups, cwd="/"
            ).returncode
            == 0
        )


def find_account(name: str | None) -> Account:
    """Find an account; by default that of Debian's service, or our own if there is none.

    Raises
    ------
    NoAccountError
        If there is none of this name.
    """
    if os.name == "nt":
        return Account()
    import grp  # noqa: PLC0415  not on Windows
    import pwd  # noqa: PLC0415

    try:
        entry = pwd.getpwnam(name or USUAL)
    except KeyError:
        if name:
            raise NoAccountError(f"there is no user {name!r}") from None
        entry = pwd.getpwuid(os.geteuid())
    groups = {entry.pw_gid} | {group.gr_gid for group in grp.getgrall() if entry.pw_name in group.gr_mem}
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, tuple(sorted(groups)))
