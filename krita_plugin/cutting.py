"""Which frames of a film come into the picture: asked for, with what they take shown before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .film import Cut, Film
from .qt import QtWidgets

MB = 1024 * 1024
STEPS = 24  # at most every so manieth frame


class Cutting(QtWidgets.QDialog):
    """cut: what is chosen now."""

    def __init__(self, film: Film, words: Mapping[str, str], parent: Any) -> None:
        super().__init__(parent)
        self.film, self.words = film, words
        self.setWindowTitle(words["frames"])
        self.start, self.end = QtWidgets.QDoubleSpinBox(), QtWidgets.QDoubleSpinBox()
        self.step = QtWidgets.QSpinBox()
        self.step.setRange(1, STEPS)
        for box, name in ((self.start, "from"), (self.end, "to")):
            box.setObjectName(f"frames_{name}")
            box.setRange(0, film.seconds)
            box.setSingleStep(0.5)
            box.setSuffix(" s")
        self.step.setObjectName("frames_step")
        self.end.setValue(film.seconds)
        self.takes = QtWidgets.QLabel()
        self.takes.setObjectName("frames_takes")
        form = QtWidgets.QFormLayout(self)
        for box, name in ((self.start, "from"), (self.end, "to"), (self.step, "step")):
            form.addRow(words[f"frames_{name}"], box)
            box.valueChanged.connect(lambda _: self._show())
        form.addRow(self.takes)
        kinds = QtWidgets.QDialogButtonBox.StandardButton
        self.buttons = QtWidgets.QDialogButtonBox(kinds.Ok | kinds.Cancel)
        self.buttons.button(kinds.Ok).setText(words["frames_place"])
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        form.addRow(self.buttons)
        self._show()

    @property
    def cut(self) -> Cut:
        return self.film.cut(self.start.value(), self.end.value(), self.step.value())

    def _show(self) -> None:
        cut, words = self.cut, self.words
        megabytes = max(1, round(self.film.memory(cut) / MB))
        self.takes.setText(f"{cut.count} {words['frames_many']}, {megabytes} {words['frames_mb']}")
