"""The press: how many variants, the button with its price, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .qt import QtCore, QtWidgets
from .rows import GAP, push, row

THIN = 5  # px of the progress bar


class Go(QtWidgets.QWidget):
    changed = QtCore.pyqtSignal()
    revise = QtCore.pyqtSignal()
    cancel = QtCore.pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.is_running = False
        self._planned = ("", False, "")
        self.variants = QtWidgets.QSpinBox()
        self.variants.setObjectName("variants")
        self.variants.setMinimum(1)
        self.variants.setPrefix("× ")
        self.variants.valueChanged.connect(lambda _: self.changed.emit())
        self.button = push("revise", self._pressed)
        self.button.setDefault(True)
        font = self.button.font()
        font.setBold(True)
        self.button.setFont(font)
        self.button.setSizePolicy(
            QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed
        )
        self.bar = QtWidgets.QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(THIN)
        self.bar.setVisible(False)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addLayout(row(self.variants, self.button))
        column.addWidget(self.bar)

    def greet(self, hello: Mapping[str, Any]) -> None:
        self.variants.setToolTip(hello["words"]["variants_tip"])
        self.variants.setMaximum(hello["most"]["variants"])

    def plan(self, text: str, usable: bool, tip: str) -> None:
        """What the button says, and whether it may be pressed, while nothing runs."""
        self._planned = (text, usable, tip)
        if not self.is_running:
            self._show()

    def forbid(self, why: str) -> None:
        """Nothing can be revised now."""
        self.plan(self._planned[0], False, why)

    def running(self, text: str | None, fraction: float | None) -> None:
        """text: what the button says while a job runs; None when none does."""
        self.is_running = text is not None
        self.bar.setVisible(self.is_running)
        self.bar.setRange(0, 0 if fraction is None else 100)
        self.bar.setValue(round(100 * (fraction or 0)))
        self._show()
        if text is not None:
            self.button.setText(text)
            self.button.setEnabled(True)
            self.button.setToolTip(text)

    def _show(self) -> None:
        text, usable, tip = self._planned
        self.button.setText(text)
        self.button.setEnabled(usable)
        self.button.setToolTip(tip)

    def _pressed(self) -> None:
        (self.cancel if self.is_running else self.revise).emit()
