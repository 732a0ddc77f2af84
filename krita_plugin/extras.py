"""What goes with the wish: references, what must stay, what no revision may touch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .qt import QtCore, QtWidgets
from .rows import menu_button, row


class Extras(QtWidgets.QWidget):
    """pick: the way to a reference ("layer", "file", "clipboard"), and which of the layers."""

    changed = QtCore.pyqtSignal()
    opening = QtCore.pyqtSignal()  # the menu of references is about to be seen
    pick = QtCore.pyqtSignal(str, str)
    drop = QtCore.pyqtSignal(int)  # the reference at this place
    pin = QtCore.pyqtSignal(bool)  # references stay with the picture
    protect = QtCore.pyqtSignal(str)  # "selection", "lift" or "show"

    def __init__(self) -> None:
        super().__init__()
        self.reference, self.reference_menu = menu_button("reference")
        self.reference_menu.aboutToShow.connect(self.opening)
        self.keep, self.keep_menu = menu_button("keep_what")
        self.guard, self.guard_menu = menu_button("protect")
        line = row(self.reference, self.keep, self.guard, None)
        line.setSpacing(2)
        line.setContentsMargins(0, 0, 0, 0)
        self.setLayout(line)

    def greet(self, hello: Mapping[str, Any]) -> None:
        self.words = words = hello["words"]
        self.reference.setToolTip(words["reference_tip"])
        self.keep.setToolTip(words["keep_what_tip"])
        self.guard.setToolTip(words["protect_tip"])
        if not self.keep_menu.actions():
            for one in hello["keep"]:
                action = self.keep_menu.addAction(one["label"])
                action.setToolTip(one["tip"])
                action.setCheckable(True)
                action.setData(one["id"])
                action.toggled.connect(lambda _: self._kept())
            for id, word in (
                ("selection", "protect_selection"),
                ("show", "protect_show"),
                ("lift", "protect_lift"),
            ):
                action = self.guard_menu.addAction(words[word])
                action.setObjectName(f"protect_{id}")
                action.triggered.connect(lambda _=False, id=id: self.protect.emit(id))
        self._count(self.keep, words["keep_what"], len(self.kept()))
        self.show_references((), 0)
        self.show_protected(False)

    def kept(self) -> list[str]:
        return [action.data() for action in self.keep_menu.actions() if action.isChecked()]

    def keepable(self, ids: Sequence[str]) -> None:
        """Those that have a meaning for the model; the others are greyed out."""
        for action in self.keep_menu.actions():
            action.setEnabled(action.data() in ids)

    def show_references(self, names: Sequence[str], most: int) -> None:
        """names: of those chosen. most: what the model takes."""
        self._count(self.reference, self.words["reference"], len(names))
        self.reference.setEnabled(bool(most or names))

    def fill_references(self, names: Sequence[str], layers: Sequence[str], pinned: bool) -> None:
        """The menu, as it is now. layers: those of the picture that may be chosen."""
        menu = self.reference_menu
        menu.clear()
        words = self.words
        sub = menu.addMenu(words["reference_layer"])
        for at, name in enumerate(layers):
            action = sub.addAction(name)
            action.triggered.connect(lambda _=False, at=at: self.pick.emit("layer", str(at)))
        for way in ("file", "clipboard"):
            action = menu.addAction(words[f"reference_{way}"])
            action.triggered.connect(lambda _=False, way=way: self.pick.emit(way, ""))
        menu.addSeparator()
        for at, name in enumerate(names):
            action = menu.addAction(f"✕  {name}")
            action.setToolTip(words["reference_drop_tip"])
            action.triggered.connect(lambda _=False, at=at: self.drop.emit(at))
        pin = menu.addAction(words["reference_pin"])
        pin.setCheckable(True)
        pin.setChecked(pinned)
        pin.setEnabled(bool(names))
        pin.triggered.connect(self.pin)

    def show_protected(self, some: bool) -> None:
        self._count(self.guard, self.words["protect"], int(some))
        for action in self.guard_menu.actions():
            if action.objectName() != "protect_selection":
                action.setEnabled(some)

    def _kept(self) -> None:
        self._count(self.keep, self.words["keep_what"], len(self.kept()))
        self.changed.emit()

    def _count(self, button: Any, word: str, count: int) -> None:
        button.setText(f"✓ {word.removeprefix('+ ')} {count}" if count else word)
        font = button.font()
        font.setBold(bool(count))
        button.setFont(font)
