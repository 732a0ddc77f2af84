"""The top of the docker: what would be revised, how sharply, and the ways to history and more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .qt import QtCore, QtGui, QtWidgets
from .rows import GAP, flat, label, menu_button, price, row

THUMBNAIL = 40  # px of the docker; twice as many are read, for fine screens
READ = 2 * THUMBNAIL


class Head(QtWidgets.QWidget):
    better = QtCore.pyqtSignal(str)  # a size by name
    remembered = QtCore.pyqtSignal()  # the history is about to be looked at
    put = QtCore.pyqtSignal(str)  # a revision of the history, by its id

    def __init__(self) -> None:
        super().__init__()
        self.thumbnail = QtWidgets.QLabel()
        self.thumbnail.setObjectName("thumbnail")
        self.thumbnail.setFixedSize(THUMBNAIL, THUMBNAIL)
        self.thumbnail.setAlignment(QtCore.Qt.AlignmentFlag.AlignCenter)
        self.box = label("box")
        self.sharpness = label("sharpness", dim=True)
        self.better_button = flat("better", self._better)
        self.better_button.setAutoRaise(False)
        self.better_button.setVisible(False)
        self.history, self.history_menu = menu_button("history")
        self.history_menu.aboutToShow.connect(self.remembered)
        self.more = flat("more")
        self.more.setCheckable(True)
        words = QtWidgets.QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.box)
        words.addLayout(row(self.sharpness, self.better_button))
        buttons = QtWidgets.QHBoxLayout()
        buttons.setSpacing(0)
        for button in (self.history, self.more):
            buttons.addWidget(button, 0, QtCore.Qt.AlignmentFlag.AlignTop)
        line = QtWidgets.QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GAP)
        line.addWidget(self.thumbnail, 0, QtCore.Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        line.addLayout(buttons)

    def greet(self, words: Mapping[str, str]) -> None:
        self.words = words
        self.history.setText(words["history"])
        self.history.setToolTip(words["history_tip"])
        self.more.setText("…")
        self.more.setToolTip(words["more_tip"])

    def sharp(self, plan: Mapping[str, Any]) -> None:
        """How sharply it would be painted, and one click to a better size with its price."""
        self.sharpness.setText(plan["sharpness"])
        better = plan["better"]
        self.better_button.setVisible(bool(better))
        if better:
            costs = price(better["usd"], self.words["free"])
            self.better_button.setText(f"{better['tier']}: {better['percent']} %  {costs}")
            self.better_button.setToolTip(self.words["better_tip"])
            self.better_button.setProperty("tier", better["tier"])

    def picture(self, lines: Sequence[Any], width: int) -> None:
        """Lines of pixels, as images one pixel high and of any length, become the thumbnail."""
        self.thumbnail.setVisible(bool(lines))
        if not lines:
            return
        drawn = QtGui.QImage(width, len(lines), QtGui.QImage.Format.Format_ARGB32)
        drawn.fill(0)
        painter = QtGui.QPainter(drawn)
        for at, line in enumerate(lines):
            painter.drawImage(QtCore.QRect(0, at, width, 1), line)
        painter.end()
        smaller = drawn.scaled(
            THUMBNAIL,
            THUMBNAIL,
            QtCore.Qt.AspectRatioMode.KeepAspectRatio,
            QtCore.Qt.TransformationMode.SmoothTransformation,
        )
        self.thumbnail.setPixmap(QtGui.QPixmap.fromImage(smaller))

    def remember(self, revisions: Sequence[Mapping[str, Any]]) -> None:
        """What the menu of the history offers: newest first."""
        self.history_menu.clear()
        for revision in revisions:
            text = f"{revision['title']} · {revision['label']}"
            action = self.history_menu.addAction(text)
            action.setToolTip(revision["prompt"] or revision["title"])
            action.triggered.connect(lambda _=False, id=revision["id"]: self.put.emit(id))
        if not revisions:
            self.history_menu.addAction(self.words["history_empty"]).setEnabled(False)

    def _better(self) -> None:
        self.better.emit(str(self.better_button.property("tier")))


def thumbnail_size(box: tuple[int, int, int, int]) -> tuple[int, int]:
    """Width and height that `picture` wants of a box: its shape, at most READ px long."""
    width, height = box[2] - box[0], box[3] - box[1]
    longest = max(width, height)
    return max(1, round(READ * width / longest)), max(1, round(READ * height / longest))
