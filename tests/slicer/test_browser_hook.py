"""Greycloak in the DICOM browser: there when it can be, silent when it cannot, gone when the module goes."""

from __future__ import annotations

from pathlib import Path

import pytest
import standins
from scenario import import_into, originals

MODULE = Path(__file__).resolve().parents[2] / "slicer_extension" / "Greycloak" / "Greycloak.py"


@pytest.fixture
def module(slicer_app, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    import Greycloak

    module = Greycloak.Greycloak(standins.add_module(slicer_app, MODULE))
    yield module
    hook = getattr(slicer_app.modules, "greycloakBrowserHook", None)
    if hook is not None:
        hook.remove()


@pytest.fixture
def widget(slicer_app, module):  # noqa: ARG001
    import Greycloak

    widget = Greycloak.GreycloakWidget()
    slicer_app.modules.GreycloakWidget = widget
    yield widget
    widget.cleanup()


def buttons(browser):
    import qt

    names = ("GreycloakAnonymizeButton", "GreycloakImportButton")
    return {name: [one for one in browser.findChildren(qt.QPushButton) if one.objectName == name] for name in names}


def test_the_buttons_come_when_the_browser_comes(slicer_app, module, pump):
    module.onStartupCompleted()  # there is no browser yet
    slicer_app.util.selectModule("DICOM")
    browser = slicer_app.modules.DICOMInstance.browserWidget
    pump(lambda: all(buttons(browser).values()))
    places = len(buttons(browser)["GreycloakAnonymizeButton"])
    assert places == 2  # beside Load, and in the visual browser
    for _ in range(3):
        slicer_app.modules.greycloakBrowserHook.install()
    assert len(buttons(browser)["GreycloakAnonymizeButton"]) == places


def test_the_button_opens_the_panel_with_the_selection(slicer_app, widget, module, tmp_path, pump):
    originals(tmp_path / "in")
    import_into(slicer_app, tmp_path / "in")
    slicer_app.util.selectModule("DICOM")
    browser = slicer_app.modules.DICOMInstance.browserWidget
    module.onStartupCompleted()
    browser.dicomBrowser.dicomTableManager().setCurrentPatientsSelection(slicer_app.dicomDatabase.patients())
    buttons(browser)["GreycloakAnonymizeButton"][0].click()
    pump(lambda: "files: 6" in widget.ui.sourceLabel.text)


def test_the_import_button_asks_for_a_folder(slicer_app, widget, module, user, tmp_path, pump):
    originals(tmp_path / "in")
    slicer_app.util.selectModule("DICOM")
    module.onStartupCompleted()
    browser = slicer_app.modules.DICOMInstance.browserWidget
    user.will_answer("getExistingDirectory", str(tmp_path / "in"))
    buttons(browser)["GreycloakImportButton"][0].click()
    pump(lambda: "6 files" in widget.ui.sourceLabel.text)


def test_the_context_menu_has_an_entry(slicer_app, widget, module, tmp_path, pump):
    import qt

    originals(tmp_path / "in")
    import_into(slicer_app, tmp_path / "in")
    slicer_app.util.selectModule("DICOM")
    module.onStartupCompleted()
    browser = slicer_app.modules.DICOMInstance.browserWidget
    tables = browser.dicomBrowser.dicomTableManager()
    tables.setCurrentPatientsSelection(slicer_app.dicomDatabase.patients()[:1])
    for _ in range(2):
        browser.dicomBrowser.standin_right_click("patients")
        slicer_app.app.processEvents()
    menus = [child for child in tables.children() if isinstance(child, qt.QMenu)]
    pump(lambda: all(menu.findChild(qt.QAction, "GreycloakAnonymizeAction") for menu in menus))
    for menu in menus:
        assert [action.text for action in menu.actions()].count("Anonymize...") == 1
    menus[-1].findChild(qt.QAction, "GreycloakAnonymizeAction").trigger()
    pump(lambda: "files: 3" in widget.ui.sourceLabel.text)


def test_a_browser_that_is_another_one_is_left_alone(slicer_app, module, caplog):
    class OtherBrowser:
        """A browser of some later Slicer."""

        def findChild(self, _kind, _name):  # noqa: N802
            return None

    from GreycloakLib.browser import add_buttons

    assert not add_buttons(OtherBrowser(), lambda: None, lambda: None)
    assert "AttributeError" in caplog.text
    assert not add_buttons(None, lambda: None, lambda: None)
    module.onStartupCompleted()
    slicer_app.modules.greycloakBrowserHook.install()


def test_a_module_that_goes_takes_its_buttons_with_it(slicer_app, widget, module):
    slicer_app.util.selectModule("DICOM")
    module.onStartupCompleted()
    browser = slicer_app.modules.DICOMInstance.browserWidget
    assert all(buttons(browser).values())
    widget.cleanup()
    assert not any(buttons(browser).values())
    slicer_app.util.selectModule("DICOM")
    assert not any(buttons(browser).values())


def test_a_module_that_is_loaded_into_a_running_slicer_or_anew_has_its_buttons(slicer_app, tmp_path, monkeypatch):
    import Greycloak

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    standins.add_module(slicer_app, MODULE)
    slicer_app.util.selectModule("DICOM")
    browser = slicer_app.modules.DICOMInstance.browserWidget
    widget = Greycloak.GreycloakWidget()  # its start has been missed
    assert all(buttons(browser).values())
    widget.cleanup()
    again = Greycloak.GreycloakWidget()  # as "Reload" does
    assert all(buttons(browser).values())
    again.cleanup()
