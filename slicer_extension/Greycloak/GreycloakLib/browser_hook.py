"""Greycloak's entries in the DICOM browser, added as soon as there is one, and again if it is made anew."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import slicer
from GreycloakLib import browser
from GreycloakLib.context_menu import ContextMenu

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger("greycloak.slicer")
_MODULE = "Greycloak"
_HOOK = "greycloakBrowserHook"


class BrowserHook:
    """Adds and removes the entries."""

    def __init__(self) -> None:
        self._menu: ContextMenu | None = None
        self._browser: Any = None
        self._selector = self._watch()
        self.install()

    def _watch(self) -> Any:  # noqa: ANN401  a qSlicerModuleSelectorToolBar
        """See to it that every change of module is a chance: the browser comes with the DICOM module."""
        window = slicer.util.mainWindow()
        try:
            selector = window.moduleSelector() if window is not None else None
            if selector is not None:
                selector.connect("moduleSelected(QString)", self.install)
        except Exception as error:  # noqa: BLE001  the panel itself installs the entries, too
            _log.warning("changes of module cannot be watched: %s", type(error).__name__)
            return None
        return selector

    def install(self, *_: object) -> None:
        """Add the entries, if there is a browser without them."""
        found = getattr(getattr(slicer.modules, "DICOMInstance", None), "browserWidget", None)
        if found is None:
            return
        is_there = browser.add_buttons(found, _panel("take_browser_selection"), _panel("anonymize_on_import"))
        if is_there and found is not self._browser:
            self._browser = found
            try:
                self._menu = ContextMenu(found.dicomBrowser.dicomTableManager(), _panel("take_browser_selection"))
            except Exception as error:  # noqa: BLE001  the buttons are there
                _log.warning("the context menu cannot be watched: %s", type(error).__name__)

    def remove(self) -> None:
        """Leave the browser as it was."""
        try:
            browser.remove_buttons(self._browser)
            if self._menu is not None:
                self._menu.remove()
            if self._selector is not None:
                self._selector.disconnect("moduleSelected(QString)", self.install)
        except Exception as error:  # noqa: BLE001  when Slicer ends, some of it is gone already
            _log.debug("the DICOM browser was gone already: %s", type(error).__name__)
        self._menu = self._browser = self._selector = None


def install_hook() -> None:
    """Add the entries, or see to it that they are added when the browser comes; once in a Slicer."""
    hook = getattr(slicer.modules, _HOOK, None)
    if hook is None:
        setattr(slicer.modules, _HOOK, BrowserHook())
    else:
        hook.install()


def remove_hook() -> None:
    """Leave the browser as it was, as when the module goes or is loaded anew."""
    hook = getattr(slicer.modules, _HOOK, None)
    if hook is not None:
        setattr(slicer.modules, _HOOK, None)
        hook.remove()


def _panel(action: str) -> Callable[[], None]:
    """Return what opens the module and has its panel do something."""

    def act() -> None:
        slicer.util.selectModule(_MODULE)
        widget = getattr(slicer.modules, f"{_MODULE}Widget", None)
        if widget is not None:
            getattr(widget.panel, action)()

    return act
