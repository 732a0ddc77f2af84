"""How the picture shall move: the few choices of a film, seen only while a film is planned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .qt import QtCore, QtWidgets
from .rows import GAP, choice, refill, row

SOUND, LOOP, PART = "film_sound", "film_loop", "film_part"  # words, and names of the boxes


class Moves(QtWidgets.QWidget):
    changed = QtCore.pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.seconds = choice("film_seconds", self.changed.emit)
        self.boxes = {name: QtWidgets.QCheckBox() for name in (SOUND, LOOP, PART)}
        for name, box in self.boxes.items():
            box.setObjectName(name)
            box.toggled.connect(lambda _: self.changed.emit())
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addLayout(row(self.seconds, self.boxes[SOUND], self.boxes[LOOP]))
        column.addWidget(self.boxes[PART])
        self.boxes[SOUND].setChecked(True)
        self._shown = False
        self.setVisible(False)

    def greet(self, hello: Mapping[str, Any]) -> None:
        self.words = hello["words"]
        self.seconds.setToolTip(self.words["film_seconds_tip"])
        for name, box in self.boxes.items():
            box.setText(self.words[name])
            box.setToolTip(self.words[f"{name}_tip"])

    def show_for(self, offer: Mapping[str, Any] | None) -> None:
        """offer: what a film of the planned model can be; None when it makes pictures."""
        self._shown = offer is not None
        self.setVisible(self._shown)
        if offer is None:
            return
        lengths = [(second, f"{second} s", "") for second in offer["seconds"]]
        refill(self.seconds, [(None, self.words["auto"], ""), *lengths])
        self.boxes[SOUND].setEnabled(offer["audio"] == "choice")

    def choice(self) -> dict[str, Any] | None:
        """As the bridge takes it; None while no film is planned."""
        if not self._shown:
            return None
        return {
            "seconds": self.seconds.currentData(),
            "audio": self.boxes[SOUND].isChecked(),
            "loop": self.boxes[LOOP].isChecked(),
            "cinemagraph": self.boxes[PART].isChecked(),
        }
