"""The stand-ins for 3D Slicer are as strict as PythonQt, CTK and Slicer are."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
import standins

FORM = """<ui version="4.0"><widget class="qMRMLWidget" name="Panel"><layout class="QVBoxLayout" name="column">
<item><widget class="ctkCollapsibleButton" name="section"><property name="text"><string>Source</string></property>
<property name="collapsed"><bool>true</bool></property><layout class="QVBoxLayout" name="inner">
<item><widget class="QPushButton" name="apply"><property name="text"><string>Apply</string></property></widget></item>
<item><widget class="ctkPathLineEdit" name="path">{property}</widget></item></layout></widget></item></layout></widget>
<customwidgets><customwidget><class>qMRMLWidget</class><extends>QWidget</extends><header>q.h</header></customwidget>
<customwidget><class>ctkCollapsibleButton</class><extends>QWidget</extends><header>c.h</header></customwidget>
<customwidget><class>ctkPathLineEdit</class><extends>QWidget</extends><header>p.h</header></customwidget></customwidgets>
</ui>"""
DIRECTORIES = "<property name='filters'><set>ctkPathLineEdit::Dirs|ctkPathLineEdit::Writable</set></property>"


@pytest.fixture
def qt(slicer_app):  # noqa: ARG001 # which installs it
    return importlib.import_module("qt")


@pytest.fixture
def ctk(slicer_app):  # noqa: ARG001 # which installs it
    return importlib.import_module("ctk")


@pytest.fixture
def form(tmp_path):
    """Write a form with CTK's widgets; return its path."""
    path = tmp_path / "Panel.ui"
    path.write_text(FORM.format(property=DIRECTORIES))
    return str(path)


# Qt


def test_a_property_is_read_without_calling_it(qt):
    button = qt.QPushButton("Apply")
    assert button.text == "Apply"
    with pytest.raises(TypeError):
        button.text()
    for widget, name in (
        (qt.QTableWidget(2, 3), "rowCount"),
        (qt.QTreeWidget(), "topLevelItemCount"),
        (qt.QComboBox(), "count"),
        (qt.QWidget(), "width"),
        (qt.QWidget(), "size"),
        (qt.QProgressDialog(), "wasCanceled"),
        (qt.QPushButton(), "sizeHint"),
    ):
        with pytest.raises(TypeError):
            getattr(widget, name)()


def test_a_property_is_set_by_assignment_and_by_its_setter(qt):
    button = qt.QPushButton()
    button.text = "One"
    assert button.text == "One"
    button.setText("Two")
    assert button.text == "Two"
    button.enabled = False
    assert not button.isEnabled()


def test_a_property_refuses_what_is_not_of_its_type(qt):
    for wrong in (5, None, Path("/tmp")):  # of which PythonQt would take the str()
        with pytest.raises(AttributeError):
            qt.QPushButton().text = wrong
        with pytest.raises(TypeError):
            qt.QPushButton().setText(wrong)
    with pytest.raises(AttributeError):
        qt.QPushButton().enabled = "yes"
    with pytest.raises(AttributeError):
        qt.QPushButton().width = 5  # read only


def test_what_is_no_property_stays_a_method(qt):
    parent = qt.QWidget()
    child = qt.QPushButton(parent)
    assert child.parent() is parent
    assert child.isEnabled()


def test_an_object_of_qt_takes_no_new_attributes(qt):
    for native in (qt.QPushButton(), qt.QTimer(), qt.QTableWidgetItem("x"), qt.QVBoxLayout()):
        with pytest.raises(AttributeError, match="not allowed"):
            native.mine = 1
        with pytest.raises(AttributeError):
            native.mine  # noqa: B018


def test_a_method_of_qt_is_not_overwritten(qt):
    with pytest.raises(AttributeError, match="overwritten"):
        qt.QPushButton().click = None


def test_a_python_class_that_inherits_from_qt_may_have_attributes(qt):
    class Panel(qt.QWidget):
        pass

    panel = Panel()
    panel.mine = 1
    panel.windowTitle = "Title"
    assert (panel.mine, panel.windowTitle) == (1, "Title")


def test_lists_come_back_as_tuples(qt):
    parent = qt.QWidget()
    qt.QPushButton(parent)
    assert isinstance(parent.children(), tuple)
    assert isinstance(parent.findChildren(qt.QPushButton), tuple)
    assert isinstance(qt.QMenu().actions(), tuple)
    assert qt.QTableWidget(1, 1).selectedItems() == ()


def test_enumerations_are_like_integers_scoped_or_not(qt):
    assert qt.Qt.Checked == 2
    assert qt.Qt.CheckState.Checked == 2
    assert {2: "yes"}[qt.Qt.Checked] == "yes"
    assert not qt.Qt.Unchecked
    item = qt.QTreeWidgetItem(["a"])
    item.setCheckState(0, qt.Qt.Checked)
    assert item.checkState(0) == 2


def test_a_click_tells_that_nothing_is_checked(qt):
    got = []
    button = qt.QPushButton()
    button.clicked.connect(lambda *arguments: got.append(arguments))
    button.clicked.connect(lambda: got.append("none wanted"))
    button.click()
    assert got == [(False,), "none wanted"]


def test_a_default_argument_of_a_receiver_is_overridden(qt):
    got = []
    button = qt.QPushButton()
    button.clicked.connect(lambda name="mine": got.append(name))
    button.click()
    assert got == [False]


def test_an_action_is_triggered_and_disconnected(qt):
    got = []
    menu = qt.QMenu()
    action = qt.QAction("Anonymize...", menu)
    menu.addAction(action)
    action.triggered.connect(got.append)
    action.trigger()
    action.triggered.disconnect(got.append)
    action.trigger()
    assert got == [False]


def test_an_error_in_a_receiver_is_printed_and_not_raised(qt, ctk, capfd):
    button, section = qt.QPushButton(), ctk.ctkCollapsibleButton()
    button.clicked.connect(lambda: 1 / 0)
    section.contentsCollapsed.connect(lambda: {}["missing"])
    button.click()
    section.collapsed = True
    error = capfd.readouterr().err
    assert "ZeroDivisionError" in error
    assert "KeyError" in error


def test_a_timer_fires_and_has_no_property_for_single_shots(qt, pump):
    got = []
    qt.QTimer.singleShot(0, lambda: got.append("once"))
    timer = qt.QTimer()
    timer.setSingleShot(True)
    timer.timeout.connect(lambda: got.append("timer"))
    timer.start(0)
    pump(lambda: len(got) == 2)


def test_an_event_filter_sees_a_menu_that_is_added(qt, slicer_app, pump):
    slicer_app.util.selectModule("DICOM")
    browser = slicer_app.modules.DICOMInstance.browserWidget.dicomBrowser
    manager = browser.dicomTableManager()
    manager.standin_state["patients"].append("1")

    class Filter(qt.QObject):
        def eventFilter(self, watched, event):  # noqa: N802
            if event.type() == qt.QEvent.ChildAdded:
                added = event.child()  # no menu yet, but a widget in the making
                qt.QTimer.singleShot(0, lambda: self.extend(watched, added))
            return False

        def extend(self, watched, added):
            if watched is manager and added.className() == "QMenu":
                added.addAction(qt.QAction("Anonymize...", added))

    hook = Filter()
    manager.installEventFilter(hook)
    menu = browser.standin_right_click("patients")
    pump(lambda: menu.actions()[-1].text == "Anonymize...")
    assert [action.text for action in menu.actions()][-2:] == ["Send to DICOM server", "Anonymize..."]


def test_bytes_become_pictures(qt):
    picture = qt.QPixmap()
    assert picture.loadFromData(b"P5 2 2 255\n" + bytes([0, 255, 255, 0]))
    assert (picture.width(), picture.height()) == (2, 2)
    assert qt.QImage.fromData(qt.QByteArray(b"P5 1 1 255\n\xff")).pixelColor(0, 0).red() == 255


def test_a_file_dialog_gives_a_text(qt, user):
    user.will_answer("getExistingDirectory", "/chosen")
    user.will_answer("getOpenFileName", "")
    assert qt.QFileDialog.getExistingDirectory(None, "Folder") == "/chosen"
    assert qt.QFileDialog.getOpenFileName(None, "File", "/", "CSV (*.csv)") == ""
    with pytest.raises(TypeError):
        qt.QFileDialog.getExistingDirectory(parent=None)


def test_a_dialog_without_an_answer_does_not_block(qt, slicer_app):
    with pytest.raises(standins.Unanswered):
        qt.QFileDialog.getSaveFileName(None, "File")
    with pytest.raises(standins.Unanswered):
        qt.QMessageBox().exec_()
    with pytest.raises(standins.Unanswered):
        slicer_app.util.confirmYesNoDisplay("Really?")


def test_a_web_page_is_recorded(qt, user):
    qt.QDesktopServices.openUrl(qt.QUrl("https://example.org/"))
    assert user.texts("openUrl") == ["https://example.org/"]


def test_settings_know_no_variants(qt):
    assert qt.QSettings().value("Greycloak/missing") is None
    assert not hasattr(qt, "QVariant")
    assert not hasattr(qt, "QStringList")
    qt.QSettings().setValue("Greycloak/check", True)
    assert qt.QSettings().value("Greycloak/check") is True
    standins.settings.restart()
    assert qt.QSettings().value("Greycloak/check") == "true"


def test_names_of_pyside_are_unknown(qt):
    for name in ("SIGNAL", "SLOT", "QtWidgets", "nonsense"):
        with pytest.raises(AttributeError):
            getattr(qt, name)


# CTK


def test_a_method_of_ctk_takes_no_keywords(database):
    with pytest.raises(TypeError, match="keyword"):
        database.filesForSeries("1.2", hits=1)


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("patients", ("1",)),
        ("studiesForPatient", (1,)),
        ("studiesForPatient", ()),
        ("filesForSeries", ("1.2", "many")),
        ("fieldForPatient", ("PatientID",)),
        ("openDatabase", (Path("/tmp/ctkDICOM.sql"),)),
        ("openDatabase", (None,)),
    ],
)
def test_a_method_of_ctk_wants_its_arguments(database, method, arguments):
    with pytest.raises(TypeError):
        getattr(database, method)(*arguments)


def test_a_property_of_ctk_is_no_method(database, ctk):
    assert database.isOpen is True
    with pytest.raises(TypeError):
        database.isOpen()
    with pytest.raises(AttributeError):
        database.databaseDirectory = "/elsewhere"
    with pytest.raises(AttributeError):
        ctk.ctkDICOMIndexer().importing = True


def test_setters_of_ctk_that_are_no_slots_do_not_exist(ctk):
    for thing, name in (
        (ctk.ctkDICOMIndexer(), "setBackgroundImportEnabled"),
        (ctk.ctkDICOMIndexer(), "isImporting"),
        (ctk.ctkCollapsibleButton(), "setCollapsed"),
        (ctk.ctkPathLineEdit(), "setFilters"),
    ):
        with pytest.raises(AttributeError):
            getattr(thing, name)
    ctk.ctkPathLineEdit().setCurrentPath("/a/slot")


def test_an_object_of_ctk_takes_no_new_attributes(ctk, database):
    for native in (database, ctk.ctkDICOMIndexer(), ctk.ctkPathLineEdit(), ctk.ctkDICOMBrowser()):
        with pytest.raises(AttributeError):
            native.mine = 1
        with pytest.raises(AttributeError):
            native.nonsense()


def test_a_signal_is_connected_by_its_exact_signature(ctk):
    edit = ctk.ctkPathLineEdit()
    got = []
    assert edit.connect("currentPathChanged( const QString & )", got.append)
    edit.currentPath = "/here"
    assert got == ["/here"]
    assert edit.disconnect("currentPathChanged(QString)", got.append)
    edit.currentPath = "/there"
    assert got == ["/here"]
    for unknown in ("currentPathChanged()", "currentPathChanged(int)", "pathChanged(QString)"):
        with pytest.raises(AttributeError):
            edit.connect(unknown, got.append)


def test_only_the_string_form_delivers_the_selected_uids(ctk, database, qt):
    manager = ctk.ctkDICOMTableManager()
    manager.setDICOMDatabase(database)
    new, old = [], []
    manager.patientsSelectionChanged.connect(lambda *arguments: new.append(arguments))
    manager.connect("patientsSelectionChanged(QStringList)", old.append)
    standins.foreign.emit(manager, "patientsSelectionChanged(QStringList)", (("1",),))
    nothing = qt.QItemSelection()
    standins.foreign.emit(manager, "patientsSelectionChanged(QItemSelection,QItemSelection)", (nothing, nothing))
    assert old == [("1",)]
    assert [len(each) for each in new] == [2]


def test_a_section_folds(ctk, qt):
    section = ctk.ctkCollapsibleButton("Source")
    inside = qt.QLabel("inside", section)
    got = []
    section.connect("contentsCollapsed(bool)", got.append)
    section.collapsed = True
    assert got == [True]
    assert inside.isHidden()


def test_browsing_for_a_path_asks_for_what_the_filters_allow(ctk, user):
    edit = ctk.ctkPathLineEdit()
    edit.filters = ctk.ctkPathLineEdit.Dirs
    user.will_answer("getExistingDirectory", "/folder")
    edit.browse()
    assert edit.currentPath == "/folder"


# Slicer


def test_a_form_has_the_widgets_and_properties_it_names(slicer_app, ctk, form):
    panel = slicer_app.util.loadUI(form)
    ui = slicer_app.util.childWidgetVariables(panel)
    panel.setMRMLScene(slicer_app.mrmlScene)
    assert isinstance(ui.section, ctk.ctkCollapsibleButton)
    assert (ui.section.text, ui.section.collapsed) == ("Source", True)
    assert ui.path.filters == ctk.ctkPathLineEdit.Dirs | ctk.ctkPathLineEdit.Writable
    assert ui.apply.name == "apply"
    assert not hasattr(panel, "apply")
    with pytest.raises(AttributeError):
        ui.section.mine = 1


def test_a_form_with_a_property_that_ctk_does_not_have_is_refused(slicer_app, tmp_path):
    wrong = tmp_path / "wrong.ui"
    wrong.write_text(FORM.format(property="<property name='filter'><string>x</string></property>"))
    with pytest.raises(AttributeError, match="filter"):
        slicer_app.util.loadUI(str(wrong))


def test_a_form_that_is_missing_is_an_error(slicer_app):
    with pytest.raises(RuntimeError, match="not found"):
        slicer_app.util.loadUI("/nowhere/Panel.ui")


def test_an_error_is_shown_and_raised_again(slicer_app, user):
    with pytest.raises(ValueError, match="why"), slicer_app.util.tryWithErrorDisplay("It failed.", waitCursor=True):
        raise ValueError("why")
    assert user.texts("errorDisplay") == ["It failed.\n\nwhy"]


def test_in_testing_mode_nothing_is_shown_and_every_question_is_denied(tmp_path):
    slicer = standins.install(tmp_path / "database", testing=True)
    assert slicer.app.testingEnabled()
    slicer.util.errorDisplay("nobody sees it")
    assert slicer.util.confirmOkCancelDisplay("OK?") is False
    assert slicer.util.confirmYesNoDisplay("Yes?") is False
    assert standins.dialogs.USER.shown == []
    standins.uninstall()


def test_without_a_main_window_messages_are_only_logged_and_modules_not_selected(tmp_path):
    slicer = standins.install(tmp_path / "database", main_window=False)
    assert slicer.util.mainWindow() is None
    assert slicer.app.layoutManager() is None
    slicer.util.infoDisplay("nobody sees it")
    assert standins.dialogs.USER.shown == []
    with pytest.raises(RuntimeError):
        slicer.util.selectModule("DICOM")
    standins.uninstall()


def test_the_browser_appears_when_its_module_is_opened(slicer_app, qt):
    assert slicer_app.modules.DICOMInstance.browserWidget is None
    slicer_app.util.selectModule("DICOM")
    browser = slicer_app.modules.DICOMInstance.browserWidget
    button = qt.QPushButton("Anonymize...")
    browser.actionButtonLayout.addWidget(button)
    assert button.parent() is browser.actionButtonsFrame
    box = browser.dicomVisualBrowser.findChild(qt.QWidget, "ActionsCollapsibleGroupBox")
    assert isinstance(box.layout(), qt.QGridLayout)
    browser.toggleBrowsers(True)
    assert (browser.useVisualDICOMBrowser, browser.dicomBrowser.visible) == (True, False)


def test_the_application_tells_when_it_has_started(slicer_app):
    got = []
    slicer_app.app.connect("startupCompleted()", lambda: got.append("started"))
    slicer_app.app.startupCompleted.emit()
    assert got == ["started"]
    assert (slicer_app.app.majorVersion, slicer_app.app.minorVersion) == (5, 12)
    with pytest.raises(AttributeError):
        slicer_app.app.slicerVersion  # noqa: B018


@pytest.mark.parametrize(
    ("outcome", "error"), [("declines", RuntimeError), ("fails", subprocess.CalledProcessError), ("installs", None)]
)
def test_packages_are_installed_as_the_user_and_the_network_like(slicer_app, user, tmp_path, outcome, error):
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("# what Slicer lacks\nnowhere-to-be-found>=1\n")
    packaging = slicer_app.packaging
    wanted = packaging.load_requirements(requirements)
    assert not packaging.pip_check(wanted)
    user.will_answer("pip_ensure", outcome)
    if error:
        with pytest.raises(error):
            packaging.pip_ensure(wanted, requester="Greycloak")
    else:
        packaging.pip_ensure(wanted, requester="Greycloak")
    assert packaging.pip_check(wanted) is (error is None)
    with pytest.raises(TypeError):
        packaging.pip_ensure(wanted, ask=True)


def test_a_module_is_made_of_the_four_base_classes(slicer_app, tmp_path, monkeypatch):
    (tmp_path / "Sample.py").write_text(
        "from slicer.ScriptedLoadableModule import *\n"
        "from slicer.i18n import tr as _\n"
        "class Sample(ScriptedLoadableModule):\n"
        "    def __init__(self, parent):\n"
        "        super().__init__(parent)\n"
        "        parent.title = _('Sample {count}').format(count=1)\n"
        "        parent.categories = ['Informatics']\n"
        "class SampleWidget(ScriptedLoadableModuleWidget):\n"
        "    cleaned = 0\n"
        "    def cleanup(self):\n"
        "        self.cleaned += 1\n"
        "class SampleTest(ScriptedLoadableModuleTest):\n"
        "    def test_nothing(self):\n"
        "        self.delayDisplay('done')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    sample = importlib.import_module("Sample")
    parent = standins.add_module(slicer_app, tmp_path / "Sample.py")
    module = sample.Sample(parent)
    assert (parent.title, parent.categories) == ("Sample 1", ("Informatics",))
    widget = sample.SampleWidget()
    assert widget.resourcePath("UI/Sample.ui") == str(tmp_path / "Resources/UI/Sample.ui")
    module.runTest()
    assert standins.dialogs.USER.texts("delayDisplay") == ["done"]
    slicer_app.app.moduleManager().moduleAboutToBeUnloaded.emit("Sample")
    assert widget.cleaned == 1


def test_a_scene_answers_as_slicer_core_does(slicer_app):
    scene = slicer_app.mrmlScene
    volume = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT of Doe")
    volume.SetAttribute("DICOM.PatientName", "Doe")
    volume.AddDefaultStorageNode()
    volume.GetStorageNode().SetFileName("/scans/Doe.nrrd")
    assert volume.GetAttributeNames() == ("DICOM.PatientName",)
    assert volume.GetAttribute("missing") is None
    with pytest.raises(TypeError):
        volume.GetStorageNode().SetFileName(None)
    volume.RemoveAttribute("DICOM.PatientName")
    assert volume.GetAttributeNames() == ()

    tree = slicer_app.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    patient = tree.CreateSubjectItem(tree.GetSceneItemID(), "Doe^Jane")
    item = tree.CreateItem(patient, volume)
    tree.SetItemAttribute(patient, "DICOM.PatientID", "MRN-1")
    tree.SetItemUID(patient, "DICOM", "1.2")
    children = []
    tree.GetItemChildren(tree.GetSceneItemID(), children, True)
    assert children == [patient, item]
    assert tree.GetItemAttributeNames(patient) == ("DICOM.PatientID", "Level")
    assert (tree.GetItemLevel(patient), tree.GetItemLevel(item)) == ("Patient", "")
    assert (tree.GetItemName(item), tree.GetItemUIDNames(patient)) == ("CT of Doe", ("DICOM",))
    with pytest.raises(TypeError):
        tree.SetItemAttribute(patient, "DICOM.PatientID", None)


def test_the_modules_go_as_they_came(tmp_path):
    standins.install(tmp_path / "database")
    assert {"qt", "ctk", "vtk", "slicer", "slicer.util"} <= sys.modules.keys()
    standins.uninstall()
    assert not {"qt", "ctk", "vtk", "slicer", "slicer.util"} & sys.modules.keys()
