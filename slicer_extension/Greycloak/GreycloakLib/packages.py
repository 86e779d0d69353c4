"""What Slicer does not bundle: asked for at the first use, installed with consent, told plainly where that fails."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

from GreycloakLib.finding_core import CoreMissingError, import_core
from GreycloakLib.i18n import _
from GreycloakLib.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

POSTGRESQL = "psycopg[binary]>=3.1"
"""Is needed only by those whose pseudonyms are in PostgreSQL."""

REQUESTER = "Greycloak"


def ensure_packages(
    requirements: str,
    pip_ensure: Callable[..., Any],
    load_requirements: Callable[[str], list[Any]],
    *more: str,
) -> None:
    """See that everything is there, and import the core.

    Parameters
    ----------
    requirements : str
        The file that lists what the core needs.
    pip_ensure, load_requirements : callable
        Those of ``slicer.packaging``.
    *more : str
        More requirements.

    Raises
    ------
    ProblemError
        If something is missing afterwards; the message says what to do.
    """
    wanted = [*load_requirements(requirements), *more]
    names = ", ".join(map(str, wanted))
    try:
        pip_ensure(wanted, requester=REQUESTER)
    except RuntimeError as error:  # refused by the person who was asked, or Slicer cannot install at all
        raise ProblemError(
            _(
                "Greycloak cannot work without these Python packages: {names}. They were not installed ({said}); press "
                "the button once more to be asked again."
            ).format(names=names, said=error)
        ) from error
    except (subprocess.CalledProcessError, OSError) as error:
        raise ProblemError(
            _(
                "These Python packages could not be installed: {names}. Is this computer online? Without a network, "
                "have them installed once with PythonSlicer -m pip install, as the documentation says."
            ).format(names=names)
        ) from error
    try:
        import_core()
    except CoreMissingError as error:
        raise ProblemError(str(error)) from error


def offer_packages(
    requirements: str, pip_ensure: Callable[..., Any], load_requirements: Callable[[str], list[Any]]
) -> None:
    """Offer to install what is good to have: without it, what needs it is quarantined with that reason.

    Parameters
    ----------
    requirements : str
        The file that lists it.
    pip_ensure, load_requirements : callable
        Those of ``slicer.packaging``.
    """
    with suppress(RuntimeError, subprocess.CalledProcessError, OSError):
        pip_ensure(load_requirements(requirements), requester=REQUESTER)
