"""The row of prompt helpers: as many as fit, the rest behind a »."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .qt import QtCore, QtWidgets
from .rows import menu_button

GAP = 2


class Helpers(QtWidgets.QWidget):
    """id: of the helper chosen, "" for none."""

    chosen = QtCore.pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.id = ""
        self.every: Sequence[Mapping[str, Any]] = ()
        self._buttons: dict[str, Any] = {}
        self._line = QtWidgets.QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(GAP)
        self.rest, self.menu = menu_button("helpers_more")
        self.rest.setText("»")
        self.rest.setCheckable(True)

    @property
    def helper(self) -> Mapping[str, Any] | None:
        return next((one for one in self.every if one["id"] == self.id), None)

    def greet(self, helpers: Sequence[Mapping[str, Any]], rest_tip: str) -> None:
        if self._buttons:
            return
        self.every = helpers
        for helper in helpers:
            button = QtWidgets.QToolButton()
            button.setObjectName(f"helper_{helper['id']}")
            button.setText(helper["label"])
            button.setToolTip(helper["tip"])
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.clicked.connect(lambda on, id=helper["id"]: self._press(id if on else ""))
            self._line.addWidget(button)
            self._buttons[helper["id"]] = button
        self._line.addStretch(1)
        self._line.addWidget(self.rest)
        self.rest.setToolTip(rest_tip)
        self._fit()

    def choose(self, id: str) -> None:
        self._press(id if id in self._buttons else "")

    def resizeEvent(self, event: Any) -> None:
        """Qt calls this by its name."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> Any:
        """One helper and the way to the others: the docker may be as narrow as it likes."""
        hint = super().minimumSizeHint()
        widest = max((one.sizeHint().width() for one in self._buttons.values()), default=0)
        return QtCore.QSize(widest + GAP + self.rest.sizeHint().width(), hint.height())

    def _press(self, id: str) -> None:
        self.id = id
        for name, button in self._buttons.items():
            button.setChecked(name == id)
        self._fit()
        self.chosen.emit()

    def _fit(self) -> None:
        """Those that have room are buttons, the others lines of the menu."""
        room = self.width() - self.rest.sizeHint().width()
        left = []
        for id, button in self._buttons.items():
            room -= button.sizeHint().width() + GAP
            fits = room >= 0 and not left
            button.setVisible(fits)
            if not fits:
                left.append(id)
        self.menu.clear()
        for helper in self.every:
            if helper["id"] in left:
                action = self.menu.addAction(helper["label"])
                action.setToolTip(helper["tip"])
                action.setCheckable(True)
                action.setChecked(helper["id"] == self.id)
                action.triggered.connect(lambda on, id=helper["id"]: self._press(id if on else ""))
        chosen = self.id in left
        self.rest.setText(f"{self._buttons[self.id].text()} »" if chosen else "»")
        self.rest.setChecked(chosen)
        self.rest.setVisible(bool(left))
