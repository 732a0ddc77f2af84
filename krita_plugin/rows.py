"""How the docker's widgets are put below each other, and the few kinds of them it is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .qt import QtCore, QtWidgets

GAP = 4
DIM = 0.7  # of a label that explains; a disabled one would be too faint in dark themes
MENU_BUTTON = QtWidgets.QToolButton.ToolButtonPopupMode.InstantPopup


def label(name: str, *, dim: bool = False) -> Any:
    made = QtWidgets.QLabel()
    made.setObjectName(name)
    made.setWordWrap(True)
    made.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Minimum)
    if dim:
        faded = QtWidgets.QGraphicsOpacityEffect(made)
        faded.setOpacity(DIM)
        made.setGraphicsEffect(faded)
    return made


def flat(name: str, pressed: Callable[[], Any] | None = None) -> Any:
    """A button that is only text until the pen is over it."""
    made = QtWidgets.QToolButton()
    made.setObjectName(name)
    made.setAutoRaise(True)
    if pressed is not None:
        made.clicked.connect(lambda _=False: pressed())
    return made


def menu_button(name: str) -> tuple[Any, Any]:
    """A flat button and the menu that opens below it."""
    made = flat(name)
    menu = QtWidgets.QMenu(made)
    menu.setToolTipsVisible(True)
    made.setMenu(menu)
    made.setPopupMode(MENU_BUTTON)
    return made, menu


def push(name: str, pressed: Callable[[], Any]) -> Any:
    made = QtWidgets.QPushButton()
    made.setObjectName(name)
    made.clicked.connect(lambda _=False: pressed())
    made.setMinimumWidth(1)
    return made


def choice(name: str, changed: Callable[[], Any]) -> Any:
    """A menu of one word that gives way when the docker is narrow."""
    made = QtWidgets.QComboBox()
    made.setObjectName(name)
    made.setSizeAdjustPolicy(
        QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
    )
    made.setMinimumContentsLength(5)
    made.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
    made.currentIndexChanged.connect(lambda _: changed())
    return made


def refill(box: Any, rows: Sequence[tuple[str, str, str]]) -> None:
    """id, label, tip. The same choice stays chosen, and nothing counts as a change."""
    chosen = box.currentData()
    box.blockSignals(True)
    box.clear()
    for id, text, tip in rows:
        box.addItem(text, id)
        box.setItemData(box.count() - 1, tip, QtCore.Qt.ItemDataRole.ToolTipRole)
    box.setCurrentIndex(max(0, box.findData(chosen)))
    box.blockSignals(False)


def rows(*lines: Sequence[Any]) -> Any:
    """Widgets below each other; several in a line side by side; None is a gap."""
    holder = QtWidgets.QWidget()
    column = QtWidgets.QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(GAP)
    for line in lines:
        column.addLayout(row(*line))
    return holder


def row(*parts: Any) -> Any:
    line = QtWidgets.QHBoxLayout()
    line.setSpacing(GAP)
    for part in parts:
        if part is None:
            line.addStretch(1)
        elif isinstance(part, QtWidgets.QLayout):
            line.addLayout(part)
        else:
            line.addWidget(part)
    return line


def price(usd: float | None, free: str) -> str:
    return f"${usd:.2f}" if usd else free
