"""After the first result: the report line, the variants, and what can be done with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .qt import QtCore, QtWidgets
from .rows import GAP, flat, label, push, row


class Strip(QtWidgets.QWidget):
    act = QtCore.pyqtSignal()  # the one button of the report line
    act_other = QtCore.pyqtSignal()  # the smaller one beside it
    flip = QtCore.pyqtSignal(int)  # to this variant
    one_more = QtCore.pyqtSignal()
    original = QtCore.pyqtSignal(bool)  # shown while held
    keep = QtCore.pyqtSignal()
    again = QtCore.pyqtSignal(bool)  # on top of this
    finish = QtCore.pyqtSignal()
    animate = QtCore.pyqtSignal()
    frames = QtCore.pyqtSignal()
    save_film = QtCore.pyqtSignal()
    retouched = QtCore.pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._numbers: list[Any] = []
        self.line = label("report")
        self.action = push("action", self.act.emit)
        self.other = flat("other_action", self.act_other.emit)
        self.more = flat("one_more", self.one_more.emit)
        self.more.setText("+")
        self.hold = flat("hold")
        self.hold.pressed.connect(lambda: self.original.emit(True))
        self.hold.released.connect(lambda: self.original.emit(False))
        self.kept = push("keep", self.keep.emit)
        self.again_button = QtWidgets.QToolButton()
        self.again_button.setObjectName("again")
        self.again_button.setPopupMode(QtWidgets.QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.again_button.clicked.connect(lambda _=False: self.again.emit(False))
        self.again_menu = QtWidgets.QMenu(self.again_button)
        self.again_button.setMenu(self.again_menu)
        self.finish_button = push("finish", self.finish.emit)
        self.finish_button.setVisible(False)
        self.films = [
            push("animate", self.animate.emit),
            push("frames", self.frames.emit),
            push("save_film", self.save_film.emit),
            push("retouched", self.retouched.emit),
        ]
        self.spent = label("spent", dim=True)
        self.numbers = row(self.more, None, self.hold)
        self.numbers.setSpacing(2)
        self.looks, self.steps = QtWidgets.QWidget(), QtWidgets.QWidget()
        self.looks.setLayout(self.numbers)
        self.steps.setLayout(row(self.kept, self.again_button, self.finish_button))
        for part in (self.looks, self.steps):
            part.layout().setContentsMargins(0, 0, 0, 0)
        for button in (self.kept, self.again_button, self.finish_button):
            button.setSizePolicy(
                QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed
            )
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        actions = QtWidgets.QWidget()
        actions.setLayout(row(self.action, self.other))
        actions.layout().setContentsMargins(0, 0, 0, 0)
        films = QtWidgets.QWidget()
        films.setLayout(row(*self.films))
        films.layout().setContentsMargins(0, 0, 0, 0)
        for part in (self.looks, self.line, actions, self.steps, films, self.spent):
            column.addWidget(part)
        self.report("")
        self.show_variants((), None, landed=False)
        self.show_spent("")
        self.show_film(picture=False, film=False, painted=False)

    def greet(self, words: Mapping[str, str]) -> None:
        self.words = words
        for button, word in (
            (self.hold, "hold_original"), (self.kept, "keep"), (self.again_button, "again"),
        ):  # fmt: skip
            button.setText(words[word])
        for button, word in (
            (self.hold, "hold_tip"), (self.kept, "keep_tip"), (self.again_button, "again_tip"),
            (self.more, "one_more_tip"), (self.finish_button, "finish_tip"),
        ):  # fmt: skip
            button.setToolTip(words[word])
        for button in self.films:
            button.setText(words[button.objectName()])
            button.setToolTip(words[f"{button.objectName()}_tip"])
        if not self.again_menu.actions():
            for word, on_top in (("again_original", False), ("again_on_top", True)):
                action = self.again_menu.addAction(words[word])
                action.setObjectName(word)
                action.triggered.connect(lambda _=False, on_top=on_top: self.again.emit(on_top))

    def report(self, text: str, action: str = "", tip: str = "") -> None:
        """One line, and at most one button."""
        self.line.setText(text)
        self.line.setVisible(bool(text))
        self.action.setText(action)
        self.action.setToolTip(tip or text)
        self.action.setVisible(bool(action))
        self.show_other("")

    def show_other(self, text: str, tip: str = "") -> None:
        """The smaller button beside the report's."""
        self.other.setText(text)
        self.other.setToolTip(tip)
        self.other.setVisible(bool(text))

    def show_variants(self, states: Sequence[str], shown: int | None, *, landed: bool) -> None:
        """One number a variant, in order. shown: the one on the canvas. landed: some are there."""
        for button in self._numbers:
            self.numbers.removeWidget(button)
            button.deleteLater()
        self._numbers = [self._number(at, state, at == shown) for at, state in enumerate(states)]
        for at, button in enumerate(self._numbers):
            self.numbers.insertWidget(at, button)
        self.looks.setVisible(landed or len(states) > 1)
        self.steps.setVisible(landed)
        for part in (self.more, self.hold):
            part.setVisible(landed)

    def show_finish(self, text: str, tip: str = "") -> None:
        """text: what the button says, with its price; "" hides it."""
        self.finish_button.setText(text)
        self.finish_button.setToolTip(tip)
        self.finish_button.setVisible(bool(text))

    def show_film(self, *, picture: bool, film: bool, painted: bool) -> None:
        """What is shown: a picture can be animated, of a film there are frames and a file.

        painted: the active layer has frames of a film; then the file is made of these.
        """
        for button, there in zip(
            self.films, (picture, film, film and not painted, painted), strict=True
        ):
            button.setVisible(there)

    def show_spent(self, text: str) -> None:
        self.spent.setText(text)
        self.spent.setVisible(bool(text))

    def _number(self, at: int, state: str, shown: bool) -> Any:
        button = QtWidgets.QToolButton()
        button.setText(str(at + 1))
        button.setObjectName(f"variant_{at + 1}")
        button.setCheckable(True)
        button.setChecked(shown)
        font = button.font()
        font.setBold(shown)
        button.setFont(font)
        button.setEnabled(state in ("composed", "delivered"))
        button.setToolTip(f"{self.words['next_tip']} ({state})")
        button.clicked.connect(lambda _=False: self.flip.emit(at))
        return button
