"""What the commands share."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from greycloak.profiles import ProfileError, UnknownProfileError, load_profile

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001  it has no other name
else:
    Commands = object

EXIT_DONE, EXIT_QUARANTINED, EXIT_USAGE, EXIT_STOPPED = 0, 1, 2, 3


def profile_argument(text: str) -> str:
    """Check that a profile can be loaded, and return what names it."""
    try:
        load_profile(text)
    except (ProfileError, UnknownProfileError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def plain_name(name: str) -> str:
    """Return a file's name so that it cannot pass for anything else on a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in name)
