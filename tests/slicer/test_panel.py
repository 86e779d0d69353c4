"""The panel: every button does what it says, and every trouble is shown where a person looks for it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import standins
from scenario import SOP, files_below, forget_window_modules, import_into, originals

from greycloak import Installation
from greycloak.pseudonyms import default_key_file, default_store_url
from greycloak.reasons import REASONS
from support import ct, encode, named

ULTRASOUND = "1.2.840.10008.5.1.4.1.1.6.1"

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "slicer_extension" / "Greycloak" / "Greycloak.py"
PATIENCE = 30


@pytest.fixture
def own_data(tmp_path, monkeypatch):
    """Let key and store of this user be of the test's own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("GREYCLOAK_STORE", "GREYCLOAK_KEY_FILE", "GREYCLOAK_KEY", "GREYCLOAK_PROFILES"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def open_panel(slicer_app, own_data, tmp_path):  # noqa: ARG001
    """Return what opens the module as Slicer does."""
    opened = []
    (tmp_path / "temporary").mkdir()
    slicer_app.app.temporaryPath = str(tmp_path / "temporary")

    def open_it():
        import Greycloak

        standins.add_module(slicer_app, MODULE)
        widget = Greycloak.GreycloakWidget()
        slicer_app.modules.GreycloakWidget = widget
        opened.append(widget)
        return widget

    yield open_it
    for widget in opened:
        widget.cleanup()


@pytest.fixture
def widget(open_panel):
    return open_panel()


@pytest.fixture
def wait(pump, widget):
    """Wait until counting, preview and run are through."""

    def until_idle():
        panel = widget.panel
        pump(
            lambda: not (panel.source.is_counting or panel.run.is_running or panel.preview.is_busy),
            PATIENCE,
        )

    return until_idle


@pytest.fixture
def browser(slicer_app, tmp_path):
    """The DICOM browser with two patients in it."""
    originals(tmp_path / "in")
    import_into(slicer_app, tmp_path / "in")
    slicer_app.util.selectModule("DICOM")
    return slicer_app.modules.DICOMInstance.browserWidget


def tables(browser):
    return browser.dicomBrowser.dicomTableManager()


def select_everything(slicer_app, browser):
    tables(browser).setCurrentPatientsSelection(slicer_app.dicomDatabase.patients())


def private_folders(slicer):
    return {path.name for path in Path(slicer.app.temporaryPath).iterdir() if path.name.startswith("greycloak-")}


def cells(table):
    return [[table.item(row, column).text() for column in range(table.columnCount)] for row in range(table.rowCount)]


def test_it_opens_without_anything_selected_and_without_a_main_window(tmp_path, own_data):  # noqa: ARG001
    slicer = standins.install(tmp_path / "database", main_window=False)
    try:
        import Greycloak

        parent = standins.add_module(slicer, MODULE)
        module = Greycloak.Greycloak(parent)
        module.onStartupCompleted()
        widget = Greycloak.GreycloakWidget()
        assert not widget.ui.runButton.enabled
        assert not widget.ui.previewButton.enabled
        widget.enter()
        widget.cleanup()
    finally:
        standins.uninstall()
        forget_window_modules()


def test_the_browser_selection_is_counted(slicer_app, browser, widget, wait):
    select_everything(slicer_app, browser)
    widget.ui.selectionButton.click()
    wait()
    assert widget.ui.sourceLabel.text == "Patients: 2, studies: 2, series: 2, files: 6."
    assert widget.ui.runButton.enabled
    tables(browser).setCurrentPatientsSelection(slicer_app.dicomDatabase.patients()[:1])
    widget.ui.selectionButton.click()
    wait()
    assert widget.ui.sourceLabel.text == "Patients: 1, studies: 1, series: 1, files: 3."


def test_without_a_selection_or_a_browser_the_panel_says_what_to_do(slicer_app, widget):
    widget.ui.selectionButton.click()
    assert "Nothing is selected" in widget.ui.sourceLabel.text
    slicer_app.util.selectModule("DICOM")
    widget.ui.selectionButton.click()
    assert "Nothing is selected" in widget.ui.sourceLabel.text
    slicer_app.dicomDatabase.closeDatabase()
    widget.ui.selectionButton.click()
    assert "Open the DICOM module first" in widget.ui.sourceLabel.text
    widget.ui.chooseButton.click()
    assert "not open" in widget.ui.sourceLabel.text


def test_a_person_may_choose_in_tables_of_her_own(slicer_app, browser, widget, wait, monkeypatch):  # noqa: ARG001
    import qt

    from GreycloakLib import chooser

    def accept(dialog):
        for child in dialog.children():
            if isinstance(child, chooser.ctk.ctkDICOMTableManager):
                child.setCurrentPatientsSelection(slicer_app.dicomDatabase.patients()[:1])
        return 1

    monkeypatch.setattr(qt.QDialog, "exec_", accept, raising=False)
    widget.ui.chooseButton.click()
    wait()
    assert widget.ui.sourceLabel.text == "Patients: 1, studies: 1, series: 1, files: 3."


def test_what_is_chosen_in_tables_of_her_own_can_be_confirmed_or_given_up(browser, widget, wait, monkeypatch):  # noqa: ARG001
    import qt

    told = []

    def look(dialog):
        boxes = [child for child in dialog.children() if isinstance(child, qt.QDialogButtonBox)]
        told.extend(button.text for button in boxes[0].buttons())
        return 0

    monkeypatch.setattr(qt.QDialog, "exec_", look, raising=False)
    widget.ui.chooseButton.click()
    assert sorted(text.replace("&", "") for text in told) == ["Cancel", "OK"]


def test_a_selection_in_the_visual_browser_counts_too(slicer_app, browser, widget, wait):
    browser.toggleBrowsers(True)
    browser.dicomVisualBrowser.patientView().selectPatientUIDs(list(slicer_app.dicomDatabase.patients()))
    widget.ui.selectionButton.click()
    wait()
    assert widget.ui.sourceLabel.text.startswith("Patients: ")
    assert widget.panel.source.selection.files


def test_what_is_not_on_this_computer_and_what_is_mixed_is_told(slicer_app, browser, widget, wait):
    database = slicer_app.dicomDatabase
    database.standin_store.add_remote_series(
        ct(
            PatientID="MRN-1",
            PatientName="Secret^Patient1",
            StudyInstanceUID=f"{SOP}.1",
            SeriesInstanceUID="1.2.77",
            SOPInstanceUID="1.2.77.1",
        )
    )
    select_everything(slicer_app, browser)
    widget.ui.selectionButton.click()
    wait()
    assert "not on this computer: 1" in widget.ui.sourceWarningLabel.text
    assert not widget.ui.sourceWarningLabel.isHidden()
    assert "files: 6" in widget.ui.sourceLabel.text


def test_a_study_of_two_patients_is_told_before_anything_is_done(slicer_app, widget, wait, tmp_path):
    originals(tmp_path / "one", patients=1, images=1)
    originals(
        tmp_path / "two",
        patients=1,
        images=1,
        PatientID="MRN-9",
        SeriesInstanceUID=f"{SOP}.1.9",
        SOPInstanceUID=f"{SOP}.1.9.1",
    )
    import_into(slicer_app, tmp_path / "one")
    import_into(slicer_app, tmp_path / "two")
    slicer_app.util.selectModule("DICOM")
    select_everything(slicer_app, slicer_app.modules.DICOMInstance.browserWidget)
    widget.ui.selectionButton.click()
    wait()
    assert "different patients: 1" in widget.ui.sourceWarningLabel.text


def choose_folder(widget, user, wait, folder):
    user.will_answer("getExistingDirectory", str(folder))
    widget.ui.sourceFolderButton.click()
    wait()


@pytest.fixture
def ready(widget, user, wait, tmp_path):
    """The panel with a folder of one image."""
    originals(tmp_path / "in", patients=1, images=1)
    choose_folder(widget, user, wait, tmp_path / "in")
    return widget


def fill_in_orthanc(ui, address):
    ui.orthancCheck.setChecked(True)
    ui.orthancAddressEdit.setText(address)


def test_a_folder_is_counted_and_a_cancelled_dialog_changes_nothing(widget, user, wait, tmp_path):
    originals(tmp_path / "in")
    (tmp_path / "in" / ".DS_Store").write_bytes(b"")
    choose_folder(widget, user, wait, tmp_path / "in")
    assert widget.ui.sourceLabel.text == "A folder with 6 files."
    choose_folder(widget, user, wait, "")
    assert widget.ui.sourceLabel.text == "A folder with 6 files."
    (tmp_path / "empty").mkdir()
    choose_folder(widget, user, wait, tmp_path / "empty")
    assert "no files" in widget.ui.sourceLabel.text
    assert not widget.ui.runButton.enabled


def test_profiles_are_listed_with_their_options_and_contradictions_exclude_each_other(widget):
    names = [widget.ui.profileCombo.itemText(at) for at in range(widget.ui.profileCombo.count)]
    assert names == ["basic", "clinical-trial", "custom", "research", "scramble", "sharing", "site-table", "whitelist"]
    widget.ui.profileCombo.setCurrentIndex(names.index("clinical-trial"))
    assert "shifted" in widget.ui.profileTitleLabel.text
    boxes = widget.panel.profile._boxes
    assert boxes["retain-modified-dates"].checked
    boxes["retain-full-dates"].click()
    assert not boxes["retain-modified-dates"].checked
    assert "retain-modified-dates" not in widget.panel.profile.choices().options
    assert "retain-full-dates" in widget.panel.profile.choices().options


def test_a_profile_of_ones_own_is_added_and_remembered(open_panel, user, tmp_path):
    own = tmp_path / "trial-7.toml"
    own.write_text('title = "Trial 7"\nbase = "basic"\noptions = ["retain-device-identity"]\n')
    widget = open_panel()
    user.will_answer("getOpenFileName", str(own))
    widget.ui.profileFileButton.click()
    assert widget.ui.profileCombo.currentText == "trial-7.toml"
    assert widget.ui.profileTitleLabel.text == "Trial 7"
    assert widget.panel.profile.choices().profile == str(own)
    widget.panel.profile.remember()
    again = open_panel()
    assert again.ui.profileCombo.currentText == "trial-7.toml"
    (tmp_path / "letter.toml").write_text("Dear Mr. Secret")
    user.will_answer("getOpenFileName", str(tmp_path / "letter.toml"))
    again.ui.profileFileButton.click()
    assert "is no profile" in again.ui.profileTitleLabel.text


def test_a_run_into_the_database_ends_with_the_new_study_selected(slicer_app, browser, widget, wait, pump):
    select_everything(slicer_app, browser)
    widget.ui.selectionButton.click()
    wait()
    widget.ui.runButton.click()
    assert not widget.ui.runButton.enabled
    assert widget.ui.cancelButton.enabled
    wait()
    assert widget.ui.statusLabel.text == "Done: delivered to DICOM database."
    assert widget.ui.summaryLabel.text == "Patients: 2, studies: 2, series: 2, files: 6. Quarantined: 0."
    database = slicer_app.dicomDatabase
    later = time.monotonic() + 1.5  # what the database tells of its changes has come by then, and been answered
    pump(lambda: time.monotonic() > later)
    selected = tables(browser).currentStudiesSelection()
    assert len(selected) == 2
    assert all(study.startswith("2.25.") for study in selected)
    assert len(database.patients()) == 4
    assert widget.ui.runButton.enabled
    assert not widget.ui.cancelButton.enabled


def test_every_output_at_once(slicer_app, browser, widget, wait, user, tmp_path):
    ui = widget.ui
    select_everything(slicer_app, browser)
    ui.selectionButton.click()
    wait()
    user.will_answer("getExistingDirectory", str(tmp_path / "out"))
    ui.folderButton.click()
    user.will_answer("getSaveFileName", str(tmp_path / "crosswalk.csv"))
    ui.crosswalkButton.click()
    user.will_answer("getSaveFileName", str(tmp_path / "report.jsonl"))
    ui.reportButton.click()
    assert ui.folderCheck.checked
    assert ui.crosswalkCheck.checked
    assert ui.reportCheck.checked
    ui.runButton.click()
    wait()
    assert ui.statusLabel.text == "Done: delivered to folder, DICOM database."
    assert len(files_below(tmp_path / "out")) == 6
    assert "MRN-1" in (tmp_path / "crosswalk.csv").read_text()
    assert "MRN-1" not in (tmp_path / "report.jsonl").read_text()


def test_cancel_stops_and_delivers_nothing(slicer_app, widget, wait, pump, user, tmp_path):
    originals(tmp_path / "in", images=60)
    choose_folder(widget, user, wait, tmp_path / "in")
    before = private_folders(slicer_app)
    widget.ui.runButton.click()
    pump(lambda: widget.ui.progressBar.value > 5, PATIENCE)
    assert private_folders(slicer_app) != before
    widget.ui.cancelButton.click()
    assert widget.ui.statusLabel.text == "Cancelling..."
    wait()
    assert widget.ui.statusLabel.text == "Cancelled. Nothing was delivered."
    assert slicer_app.dicomDatabase.patients() == ()
    assert private_folders(slicer_app) == before


def test_quarantined_files_are_listed_with_reasons(widget, wait, pump, user, tmp_path):
    originals(tmp_path / "in", patients=1, images=1)
    (tmp_path / "in" / "letter.txt").write_text("Dear Mr. Secret")
    (tmp_path / "in" / "screen.dcm").write_bytes(encode(ct(BurnedInAnnotation="YES")))
    (tmp_path / "in" / "cut.dcm").write_bytes(encode(ct())[:-3])
    (tmp_path / "in" / "us.dcm").write_bytes(encode(ct(SOPClassUID=ULTRASOUND, SOPInstanceUID="1.2.3.8")))
    choose_folder(widget, user, wait, tmp_path / "in")
    widget.ui.runButton.click()
    wait()
    assert "Quarantined: 2." in widget.ui.summaryLabel.text
    assert "Skipped, as they are no images: 1 text." in widget.ui.summaryLabel.text
    assert "Searched for text in their pixels: 1; masked: 0." in widget.ui.summaryLabel.text
    pump(lambda: len(cells_so_far(widget.ui.quarantineTable)) == 2)
    listed = {path: (why, remedy) for path, why, remedy in cells(widget.ui.quarantineTable)}
    why, remedy = listed[str(tmp_path / "in" / "screen.dcm")]
    assert "burned into its pixels" in why
    assert remedy == REASONS["burned-in-annotation"].remedy
    assert "it ends too early" in listed[str(tmp_path / "in" / "cut.dcm")][0]


@pytest.mark.parametrize(
    ("prepare", "says"),
    [
        (lambda ui: ui.databaseCheck.setChecked(False), "check at least one output"),
        (lambda ui: ui.folderCheck.setChecked(True), "Choose the output folder"),
        (lambda ui: ui.orthancCheck.setChecked(True), "address of Orthanc"),
        (lambda ui: ui.crosswalkCheck.setChecked(True), "file for the crosswalk"),
        (lambda ui: ui.reportCheck.setChecked(True), "file for the report"),
        (lambda ui: ui.projectEdit.setText("two words"), "project's name"),
        (lambda ui: ui.pseudonymsCombo.setCurrentIndex(1), "postgresql://"),
        (lambda ui: ui.pseudonymsCombo.setCurrentIndex(2), "http://localhost:8042"),
        (lambda ui: (ui.orthancCheck.setChecked(True), ui.orthancAddressEdit.setText("ftp://x")), "http://localhost"),
        (
            lambda ui: (ui.orthancCheck.setChecked(True), ui.orthancAddressEdit.setText("http://127.0.0.1:9")),
            "not answer",
        ),
    ],
)
def test_what_is_missing_or_wrong_is_told_and_nothing_is_delivered(ready, slicer_app, wait, prepare, says):
    widget = ready
    prepare(widget.ui)
    widget.ui.runButton.click()
    wait()
    assert says in widget.ui.statusLabel.text
    assert slicer_app.dicomDatabase.patients() == ()
    assert widget.ui.runButton.enabled


def test_profiles_that_contradict_themselves_or_keep_uids_are_told(widget, wait, user, tmp_path):
    originals(tmp_path / "in", patients=1, images=1)
    choose_folder(widget, user, wait, tmp_path / "in")
    boxes = widget.panel.profile._boxes
    boxes["retain-uids"].click()
    widget.ui.runButton.click()
    wait()
    assert "keeps UIDs" in widget.ui.statusLabel.text
    boxes["retain-uids"].click()
    names = [widget.ui.profileCombo.itemText(at) for at in range(widget.ui.profileCombo.count)]
    widget.ui.profileCombo.setCurrentIndex(names.index("site-table"))
    assert not boxes["retain-institution-identity"].isEnabled()  # it belongs to the Basic profile


def test_the_boxes_say_what_a_profile_really_keeps(widget):
    names = [widget.ui.profileCombo.itemText(at) for at in range(widget.ui.profileCombo.count)]
    boxes = widget.panel.profile._boxes

    def shown(profile):
        widget.ui.profileCombo.setCurrentIndex(names.index(profile))
        return {name.removeprefix("retain-"): (box.checked, box.isEnabled()) for name, box in boxes.items()}

    research = shown("research")
    assert research["institution-identity"] == (True, False)
    assert research["full-dates"] == (True, True)
    assert research["uids"] == (False, True)
    assert widget.panel.profile.choices().options is None
    assert shown("custom")["safe-private"] == (True, False)
    assert shown("custom")["full-dates"] == (True, False)
    basic = shown("basic")
    assert set(basic.values()) == {(False, True)}


def test_the_preview_shows_before_and_after_with_filter_and_reasons(slicer_app, browser, widget, wait, pump):
    ui = widget.ui
    select_everything(slicer_app, browser)
    ui.selectionButton.click()
    wait()
    ui.previewButton.click()
    wait()
    pump(lambda: ui.previewTable.rowCount > 0 and ui.previewTable.item(ui.previewTable.rowCount - 1, 0) is not None)
    shown = {row[0].split(" ")[0]: row for row in cells(ui.previewTable)}
    assert shown["PatientName"][1].startswith("Secret^Patient")
    assert shown["PatientName"][2].startswith("DEFAULT-")
    assert shown["PatientName"][3] == "replaced"
    assert "PS3.15" in shown["PatientBirthDate"][4]
    assert "Modality" not in shown
    ui.previewChangedCheck.click()
    pump(lambda: "Modality" in {row[0].split(" ")[0] for row in cells_so_far(ui.previewTable)})
    ui.previewFilterEdit.setText("birth")
    pump(lambda: ui.previewTable.rowCount == 1 and ui.previewTable.item(0, 0) is not None)
    assert not ui.pictureLabel.isHidden()
    assert Installation.open(default_store_url(), default_key_file()).store.project_names() == []
    ui.projectEdit.setText("other")  # what was shown is no longer what would be done
    assert ui.previewTable.rowCount == 0
    assert ui.pictureLabel.isHidden()


def cells_so_far(table):
    return [[table.item(row, 0).text()] for row in range(table.rowCount) if table.item(row, 0) is not None]


def test_the_preview_warns_of_text_in_pixels_and_tells_why_an_image_would_be_quarantined(widget, wait, user, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "screen.dcm").write_bytes(
        encode(ct(SOPClassUID="1.2.840.10008.5.1.4.1.1.7", BurnedInAnnotation="YES", Modality="OT"))
    )
    choose_folder(widget, user, wait, folder)
    widget.ui.previewButton.click()
    wait()
    said = widget.ui.previewWarningLabel.text
    assert "would be quarantined" in said
    assert "secondary capture" in said
    assert "look at it before you share it" in said


def test_a_preview_that_cannot_be_is_told(widget, wait, user, tmp_path):
    originals(tmp_path / "in", patients=1, images=1)
    choose_folder(widget, user, wait, tmp_path / "in")
    widget.ui.pseudonymsCombo.setCurrentIndex(2)
    widget.ui.addressEdit.setText("http://127.0.0.1:9")
    widget.ui.previewButton.click()
    wait()
    assert "does not answer" in widget.ui.statusLabel.text
    assert widget.ui.previewButton.enabled


@pytest.mark.parametrize(
    ("answer", "says"), [("declines", "cannot work without"), ("fails", "Is this computer online")]
)
def test_packages_are_asked_for_at_the_first_use_and_a_no_is_understood(ready, slicer_app, wait, user, answer, says):
    widget = ready
    slicer_app.packaging.absent.add("SQLAlchemy")
    user.will_answer("pip_ensure", answer)
    widget.ui.runButton.click()
    assert says in widget.ui.statusLabel.text
    assert slicer_app.dicomDatabase.patients() == ()
    user.will_answer("pip_ensure", "installs")
    widget.ui.runButton.click()
    wait()
    assert "Done" in widget.ui.statusLabel.text


def test_choices_are_remembered_and_nothing_that_names_anybody_is(slicer_app, open_panel, user, tmp_path, pump):  # noqa: ARG001
    widget = open_panel()
    ui = widget.ui
    originals(tmp_path / "Secret-in", patients=1, images=1)
    user.will_answer("getExistingDirectory", str(tmp_path / "Secret-in"))
    ui.sourceFolderButton.click()
    user.will_answer("getExistingDirectory", str(tmp_path / "Secret-out"))
    ui.folderButton.click()
    user.will_answer("getSaveFileName", str(tmp_path / "Secret.csv"))
    ui.crosswalkButton.click()
    ui.projectEdit.setText("trial")
    ui.pseudonymsCombo.setCurrentIndex(1)
    ui.addressEdit.setText("postgresql://doctor:hunter2@db.example/greycloak")
    ui.passwordEdit.setText("hunter3")
    ui.orthancCheck.setChecked(True)
    ui.orthancAddressEdit.setText("http://localhost:8042")
    ui.orthancPasswordEdit.setText("hunter4")
    widget.panel.profile.remember()
    widget.panel.output.remember()
    kept = str(standins.settings.STORE)
    assert "trial" in kept
    assert "doctor@db.example" in kept
    for secret in ("Secret", "hunter", "MRN"):
        assert secret not in kept
    again = open_panel()
    assert again.ui.projectEdit.text == "trial"
    assert again.ui.addressEdit.text == "postgresql://doctor@db.example/greycloak"
    assert again.ui.passwordEdit.text == ""
    assert again.ui.orthancCheck.checked


def test_nothing_goes_to_the_scene(slicer_app, browser, widget, wait):
    before = slicer_app.mrmlScene.GetNumberOfNodes()
    select_everything(slicer_app, browser)
    widget.ui.selectionButton.click()
    wait()
    widget.ui.runButton.click()
    wait()
    assert slicer_app.mrmlScene.GetNumberOfNodes() == before


def test_a_panel_that_closes_while_it_runs_leaves_nothing(slicer_app, widget, wait, pump, user, tmp_path):
    originals(tmp_path / "in", images=30)
    choose_folder(widget, user, wait, tmp_path / "in")
    before = private_folders(slicer_app)
    widget.ui.runButton.click()
    pump(lambda: widget.ui.progressBar.value > 5, PATIENCE)
    assert private_folders(slicer_app) != before
    widget.cleanup()
    assert slicer_app.dicomDatabase.patients() == ()
    assert private_folders(slicer_app) == before


def test_anonymize_on_import_takes_only_copies_into_the_database(slicer_app, widget, wait, user, tmp_path):
    originals(tmp_path / "in")
    widget.ui.databaseCheck.setChecked(False)
    user.will_answer("getExistingDirectory", str(tmp_path / "in"))
    widget.panel.anonymize_on_import()
    wait()
    assert widget.ui.databaseCheck.checked
    widget.ui.runButton.click()
    wait()
    database = slicer_app.dicomDatabase
    ids = [database.fieldForPatient("PatientID", patient) for patient in database.patients()]
    assert len(ids) == 2
    assert all(one.startswith("DEFAULT-") for one in ids)


def test_the_modules_own_test_passes_in_slicer(slicer_app, own_data):  # noqa: ARG001
    import Greycloak

    standins.add_module(slicer_app, MODULE)
    Greycloak.GreycloakTest().runTest()


def test_a_profile_that_leaves_direct_identifiers_is_asked_about_and_said_again(
    slicer_app, browser, widget, wait, user
):
    names = [widget.ui.profileCombo.itemText(at) for at in range(widget.ui.profileCombo.count)]
    widget.ui.profileCombo.setCurrentIndex(names.index("custom"))
    select_everything(slicer_app, browser)
    widget.ui.selectionButton.click()
    wait()
    user.will_answer("confirmYesNoDisplay", False)
    widget.ui.runButton.click()
    wait()
    assert widget.ui.statusLabel.text == "Nothing was done: choose another profile."
    assert len(slicer_app.dicomDatabase.patients()) == 2
    user.will_answer("confirmYesNoDisplay", True)
    widget.ui.runButton.click()
    wait()
    assert widget.ui.statusLabel.text == "Done: delivered to DICOM database."
    assert "still say whose images these are: this profile leaves birth date" in widget.ui.summaryLabel.text
    widget.panel.run.say("Something else.")
    assert widget.ui.summaryLabel.text == ""


def test_pixels_that_cannot_be_shown_are_told(widget, wait, tmp_path, user):
    folder = tmp_path / "twelve"
    folder.mkdir()
    (folder / "image.dcm").write_bytes(named("JPEG-lossy.dcm"))  # of twelve bits: nothing here decodes them
    user.will_answer("getExistingDirectory", str(folder))
    widget.ui.sourceFolderButton.click()
    wait()
    widget.panel.run.say("An old error.")
    widget.ui.previewButton.click()
    wait()
    assert widget.ui.statusLabel.text == ""
    assert not widget.ui.pictureLabel.isHidden()
    assert widget.ui.pictureLabel.text.startswith("No picture")
