"""The section Profile: what is done, and whose pseudonyms are used."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import qt

from GreycloakLib import choices
from GreycloakLib.choices import CONTRADICTIONS, Choices, Pseudonyms, ShownProfile, Source
from GreycloakLib.finding_core import CoreMissingError, core_folder
from GreycloakLib.i18n import _
from GreycloakLib.really_kept import really_kept
from GreycloakLib.remembering import recall, remember

if TYPE_CHECKING:
    from collections.abc import Callable

_SOURCES: tuple[Source, ...] = ("local", "postgresql", "orthanc")
_FOLDER_VARIABLE = "GREYCLOAK_PROFILES"


class ProfileSection:
    """Lets a person choose profile, options, project, and where pseudonyms come from.

    Parameters
    ----------
    ui : object
        The panel's widgets by name.
    on_change : callable
        Called when a choice has changed.
    """

    def __init__(self, ui: Any, on_change: Callable[[], None]) -> None:  # noqa: ANN401
        self._ui, self._on_change = ui, on_change
        self._profiles: list[ShownProfile] = []
        self._boxes: dict[str, Any] = {}
        self._kept_anyhow: frozenset[str] = frozenset()  # by the profile, and not as an option
        self._make_option_boxes()
        self._fill_profiles()
        for text in (_("This computer"), _("A PostgreSQL database"), _("A Greycloak Orthanc")):
            ui.pseudonymsCombo.addItem(text)
        ui.projectEdit.setText(recall("project", choices.DEFAULT_PROJECT))
        ui.keyFileEdit.setText(recall("keyFile"))
        source = recall("pseudonyms", "local")
        ui.pseudonymsCombo.setCurrentIndex(next((at for at, name in enumerate(_SOURCES) if name == source), 0))
        self._show_profile()
        self._show_source()
        ui.profileCombo.currentIndexChanged.connect(lambda *_a: self._profile_chosen())
        ui.profileFileButton.clicked.connect(lambda *_a: self._add_file())
        ui.pseudonymsCombo.currentIndexChanged.connect(lambda *_a: self._source_chosen())
        ui.keyFileButton.clicked.connect(lambda *_a: self._choose_key_file())
        ui.projectEdit.textChanged.connect(lambda *_a: self._on_change())

    def choices(self) -> Choices:
        """Return what was chosen."""
        ui, source = self._ui, self._source()
        profile = self._profile()
        chosen = tuple(name for name, box in self._boxes.items() if box.checked and name not in self._kept_anyhow)
        key_file = ui.keyFileEdit.text.strip()
        is_local = source == "local"
        return Choices(
            profile=profile.name,
            options=None if source == "orthanc" or set(chosen) == self._shown_options(profile) else chosen,
            project=ui.projectEdit.text.strip(),
            pseudonyms=Pseudonyms(
                source=source,
                address="" if is_local else ui.addressEdit.text.strip(),
                user=ui.userEdit.text.strip() if source == "orthanc" else "",
                password="" if is_local else ui.passwordEdit.text,
                key_file=Path(key_file) if key_file and source == "postgresql" else None,
            ),
        )

    def _shown_options(self, profile: ShownProfile) -> set[str]:
        """Return those of a profile's options that have a box."""
        return set(profile.options) & set(self._boxes)

    def remember(self) -> None:
        """Keep the choices for the next session; passwords are not among them."""
        made = self.choices()
        remember("profile", made.profile)
        remember("project", made.project)
        remember("pseudonyms", made.pseudonyms.source)
        remember("keyFile", self._ui.keyFileEdit.text)
        self._remember_address()

    def _remember_address(self) -> None:
        source = self._source()
        if source != "local":
            remember(f"{source}Address", self._ui.addressEdit.text.strip())
        if source == "orthanc":
            remember("orthancUser", self._ui.userEdit.text.strip())

    def _make_option_boxes(self) -> None:
        for option in choices.options():
            box = qt.QCheckBox(option.title)
            box.toolTip = option.explanation
            box.objectName = f"option-{option.name}"
            box.toggled.connect(self._when_toggled(option.name))
            self._ui.optionsBox.layout().addWidget(box)
            self._boxes[option.name] = box

    def _fill_profiles(self) -> None:
        core = Path()
        try:
            core = core_folder()
            self._profiles = choices.presets(core)
        except CoreMissingError as error:
            self._ui.profileTitleLabel.setText(str(error))
            self._profiles = [ShownProfile(choices.DEFAULT_PROFILE, "", ())]
        own = [Path(recall("profileFile"))] if recall("profileFile") else []
        folder = os.environ.get(_FOLDER_VARIABLE)
        own += sorted(Path(folder).glob("*.toml")) if folder else []
        self._profiles += [shown for path in own if path.is_file() and (shown := choices.profile_file(path, core))]
        names = [profile.name for profile in self._profiles]
        for name in names:
            self._ui.profileCombo.addItem(Path(name).name)
        wanted = recall("profile", choices.DEFAULT_PROFILE)
        self._ui.profileCombo.setCurrentIndex(names.index(wanted) if wanted in names else 0)

    def _profile(self) -> ShownProfile:
        return self._profiles[max(int(self._ui.profileCombo.currentIndex), 0)]

    def _source(self) -> Source:
        return _SOURCES[max(int(self._ui.pseudonymsCombo.currentIndex), 0)]

    def _profile_chosen(self) -> None:
        self._show_profile()
        self._on_change()

    def _show_profile(self) -> None:
        profile = self._profile()
        if profile.title:
            self._ui.profileTitleLabel.setText(profile.title)
        really = really_kept(profile.name)
        self._kept_anyhow = really.held - frozenset(profile.options)
        for name, box in self._boxes.items():
            box.blockSignals(True)
            box.setChecked(name in profile.options or name in self._kept_anyhow)
            box.setEnabled(name in really.choosable and name not in self._kept_anyhow)
            box.blockSignals(False)

    def _when_toggled(self, name: str) -> Callable[..., None]:
        return lambda *_a: self._option_toggled(name, checked=bool(self._boxes[name].checked))

    def _option_toggled(self, name: str, *, checked: bool) -> None:
        for pair in CONTRADICTIONS:
            if checked and name in pair:
                other = pair[0] if name == pair[1] else pair[1]
                self._boxes[other].setChecked(False)
        self._on_change()

    def _source_chosen(self) -> None:
        self._show_source()
        self._on_change()

    def _show_source(self) -> None:
        ui, source = self._ui, self._source()
        is_server, is_orthanc, is_database = source != "local", source == "orthanc", source == "postgresql"
        for widget in (ui.addressLabel, ui.addressEdit, ui.passwordLabel, ui.passwordEdit):
            widget.setVisible(is_server)
        for widget in (ui.userLabel, ui.userEdit):
            widget.setVisible(is_orthanc)
        for widget in (ui.keyFileLabel, ui.keyFileEdit, ui.keyFileButton):
            widget.setVisible(is_database)
        ui.optionsBox.setEnabled(not is_orthanc)
        ui.addressEdit.setText(recall(f"{source}Address") if is_server else "")
        ui.userEdit.setText(recall("orthancUser") if is_orthanc else "")
        ui.passwordEdit.setText("")
        ui.addressEdit.setPlaceholderText("http://localhost:8042" if is_orthanc else "postgresql://user@host/greycloak")
        ui.pseudonymsNote.setText(
            {
                "local": _("Key and pseudonyms are files of this user on this computer."),
                "postgresql": _("Whoever uses the same database and the same key gets the same pseudonyms."),
                "orthanc": _(
                    "Each file is sent to that Orthanc, anonymized there with its profile, key and store, and comes "
                    "back. It stores neither original nor copy."
                ),
            }[source]
        )

    def _add_file(self) -> None:
        name = qt.QFileDialog.getOpenFileName(None, _("Profile"), "", _("Profiles (*.toml *.json)"))
        if not name:
            return
        shown = choices.profile_file(Path(name), core_folder())
        if shown is None:
            self._ui.profileTitleLabel.setText(_("{name} is no profile.").format(name=Path(name).name))
            return
        self._profiles.append(shown)
        self._ui.profileCombo.addItem(Path(name).name)
        self._ui.profileCombo.setCurrentIndex(len(self._profiles) - 1)
        remember("profileFile", name)

    def _choose_key_file(self) -> None:
        name = qt.QFileDialog.getOpenFileName(None, _("Key file"), "")
        if name:
            self._ui.keyFileEdit.setText(name)
            self._on_change()
