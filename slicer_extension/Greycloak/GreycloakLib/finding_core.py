"""Find the package ``greycloak``: beside the module in an installed extension, in ``core`` in a source folder."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path

from GreycloakLib.i18n import _

_MODULE_FOLDER = Path(__file__).resolve().parent.parent
_PLACES = (_MODULE_FOLDER, _MODULE_FOLDER.parent.parent / "core")


class CoreMissingError(ImportError):
    """There is no Greycloak core, or it lacks packages; the message says what to do."""


def core_folder() -> Path:
    """Return the folder of the package, and let Python find it; nothing of it is imported.

    Raises
    ------
    CoreMissingError
        If it is nowhere.
    """
    for place in _PLACES:
        if (place / "greycloak" / "engine.py").is_file():
            if str(place) not in sys.path:
                sys.path.insert(0, str(place))
            return place / "greycloak"
    found = importlib.util.find_spec("greycloak")
    if found is not None and found.submodule_search_locations:
        return Path(next(iter(found.submodule_search_locations)))
    raise CoreMissingError(
        _(
            "The Greycloak core is missing. Install the extension from the Extensions Manager, or load the module "
            "from a whole copy of the Greycloak repository: it needs the folder 'core' beside 'slicer_extension'."
        )
    )


def import_core() -> None:
    """Import the package, so that whatever it lacks is told here.

    Raises
    ------
    CoreMissingError
        If it, or a package that it needs, is missing.
    """
    core_folder()
    importlib.invalidate_caches()  # packages may have been installed a moment ago
    try:
        importlib.import_module("greycloak")
        importlib.import_module("greycloak.profiles")
    except ImportError as error:
        raise CoreMissingError(
            _("Greycloak needs the Python package {name}, which is not installed.").format(name=error.name or "?")
        ) from error
