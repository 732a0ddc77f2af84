"""The wish: what should change, which prompt helper, how far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .helpers import Helpers
from .qt import QtCore, QtWidgets
from .rows import GAP, label, row

PROMPT_LINES = 3
MARGIN = 6
USUAL_FAR = 1  # of the choices that the bridge gives, the middle one


class Wish(QtWidgets.QWidget):
    changed = QtCore.pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.helpers = Helpers()
        self.helpers.chosen.connect(self._help)
        self.prompt = QtWidgets.QPlainTextEdit()
        self.prompt.setObjectName("prompt")
        self.prompt.setTabChangesFocus(True)
        height = self.prompt.fontMetrics().lineSpacing() * PROMPT_LINES
        self.prompt.setFixedHeight(height + 2 * MARGIN)
        self.prompt.textChanged.connect(self.changed)
        self.form = QtWidgets.QFormLayout()
        self.far_label = label("far")
        self.far_label.setWordWrap(False)
        self.far_row = QtWidgets.QWidget()
        self.far_line = row(self.far_label)
        self.far_line.setContentsMargins(0, 0, 0, 0)
        self.far_row.setLayout(self.far_line)
        self.far_row.setVisible(False)
        self._far: dict[str, Any] = {}
        self._fields: dict[str, Any] = {}
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self.prompt)
        column.addWidget(self.helpers)
        column.addLayout(self.form)
        column.addWidget(self.far_row)

    def greet(self, hello: Mapping[str, Any]) -> None:
        words = hello["words"]
        self.prompt.setPlaceholderText(words["prompt"])
        self.prompt.setToolTip(words["prompt_tip"])
        self.helpers.greet(hello["helpers"], words["helpers_more"])
        self._fill_far(hello["how_far"], words["how_far"])

    def choice(self) -> dict[str, Any]:
        """These fields of a choice: prompt, helper, how_far, options."""
        far = [id for id, button in self._far.items() if button.isChecked()]
        return {
            "prompt": self.prompt.toPlainText(),
            "helper": self.helpers.id,
            "how_far": far[0] if far and self.far_row.isVisibleTo(self) else "",
            "options": {id: edit.text() for id, edit in self._fields.items() if edit.text()},
        }

    def take(self, said: Mapping[str, Any]) -> None:
        """Shows the wish of an earlier revision, a choice as it was sent."""
        self.helpers.choose(said.get("helper", ""))
        self.prompt.setPlainText(said.get("prompt", ""))
        for id, edit in self._fields.items():
            edit.setText(str(said.get("options", {}).get(id, "")))
        if said.get("how_far") in self._far:
            self._far[said["how_far"]].setChecked(True)

    def _help(self) -> None:
        """A helper's words are a start, never over what the artist has typed."""
        helper = self.helpers.helper
        starts = {str(one["prompt"]).strip() for one in self.helpers.every} | {""}
        if self.prompt.toPlainText().strip() in starts:
            self.prompt.setPlainText(helper["prompt"] if helper else "")
        self.far_row.setVisible(bool(helper and helper["how_far"]))
        while self.form.rowCount():
            self.form.removeRow(0)
        self._fields = {}
        for field in helper["fields"] if helper else ():
            edit = QtWidgets.QLineEdit()
            edit.setObjectName(f"field_{field['id']}")
            edit.setToolTip(helper["tip"] if helper else "")
            edit.textChanged.connect(lambda _: self.changed.emit())
            self.form.addRow(field["label"], edit)
            self._fields[field["id"]] = edit
        self.changed.emit()

    def _fill_far(self, choices: Sequence[Mapping[str, Any]], said: str) -> None:
        if self._far:
            return
        self.far_label.setText(said)
        for at, choice in enumerate(choices):
            button = QtWidgets.QRadioButton(choice["label"])
            button.setObjectName(f"far_{choice['id']}")
            button.setToolTip(choice["tip"])
            button.setChecked(at == USUAL_FAR)
            button.toggled.connect(lambda _: self.changed.emit())
            self.far_line.addWidget(button)
            self._far[choice["id"]] = button
        self.far_line.addStretch(1)
