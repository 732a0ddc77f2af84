"""What is hidden under …: source, size, seed, the edge of the result, keys, the spending limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .qt import QtCore, QtWidgets
from .rows import choice, menu_button, push, refill

TYPED = 100_000  # USD, as far as a spin box goes
SUMS = {  # by the word for it: what the bridge calls it
    "limit_picture": "picture",
    "limit_day": "day",
    "limit": "month",
    "second_click": "second_click",
}


class More(QtWidgets.QFrame):
    changed = QtCore.pyqtSignal()  # what is sent
    edged = QtCore.pyqtSignal()  # how the result on the canvas should meet what is under it
    wished = QtCore.pyqtSignal(str)  # what kind of change the result on the canvas is
    key = QtCore.pyqtSignal(str)  # the name of one to be given on its page
    limited = QtCore.pyqtSignal()  # what may be spent

    def __init__(self) -> None:
        super().__init__()
        self.source = choice("source", self.changed.emit)
        self.tier = choice("tier", self.changed.emit)
        self.seed = QtWidgets.QLineEdit()
        self.seed.setObjectName("seed")
        self.grow, self.feather = QtWidgets.QSpinBox(), QtWidgets.QSpinBox()
        for box, name in ((self.grow, "grow"), (self.feather, "feather")):
            box.setObjectName(name)
            box.setSuffix(" px")
        self.feather.setMinimum(-1)
        self.feather.setValue(-1)
        self.whole, self.outline = QtWidgets.QCheckBox(), QtWidgets.QCheckBox()
        self.whole.setObjectName("whole")
        self.outline.setObjectName("outline")
        self.apply = push("apply", self.edged.emit)
        self.wish = choice("wish", lambda: None)
        self.wish.activated.connect(lambda _: self.wished.emit(self.wish.currentData()))
        self.keys_button, self.keys_menu = menu_button("keys")
        self.sums = {name: QtWidgets.QDoubleSpinBox() for name in SUMS}
        for name, box in self.sums.items():
            box.setObjectName(name)
            box.setRange(0, TYPED)
            box.setPrefix("$ ")
            box.setKeyboardTracking(False)
            box.valueChanged.connect(lambda _: self.limited.emit())
        self._limits: Mapping[str, Any] = {}
        self._labels: dict[str, Any] = {}
        form = QtWidgets.QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(4)
        for word, widget in (
            ("source", self.source),
            ("size", self.tier),
            ("seed", self.seed),
            ("grow", self.grow),
            ("feather", self.feather),
        ):
            self._row(form, word, widget)
        for widget in (self.whole, self.outline, self.apply):
            form.addRow(widget)
        self._row(form, "wish", self.wish)
        for name, box in self.sums.items():
            self._row(form, name, box)
        form.addRow(self.keys_button)
        self.of_result(None)

    def _row(self, form: Any, word: str, widget: Any) -> None:
        self._labels[word] = QtWidgets.QLabel()
        form.addRow(self._labels[word], widget)

    def greet(self, hello: Mapping[str, Any]) -> None:
        words = hello["words"]
        for word, text in self._labels.items():
            text.setText(words[word])
        for word, widget in (
            ("source", self.source), ("size", self.tier), ("seed", self.seed),
            ("grow", self.grow), ("feather", self.feather), ("whole", self.whole),
            ("outline", self.outline), ("apply", self.apply), ("keys", self.keys_button),
            ("wish", self.wish), *self.sums.items(),
        ):  # fmt: skip
            widget.setToolTip(words[f"{word}_tip"])
        for word, widget in (
            ("whole", self.whole), ("outline", self.outline), ("apply", self.apply),
            ("keys", self.keys_button),
        ):  # fmt: skip
            widget.setText(words[word])
        for box in (self.grow, self.feather):
            box.setMaximum(hello["most"]["grown_px"])
        self.feather.setSpecialValueText(words["auto"])
        self._show_limits(hello["limits"], words["no_limit"])
        self._fill_keys(hello["models"])
        refill(self.source, [(one["id"], one["label"], one["tip"]) for one in hello["sources"]])
        refill(self.wish, [(one["id"], one["label"], one["tip"]) for one in hello["wishes"]])
        if not self.tier.count():
            self.sizes((), words["auto"])

    def of_result(self, edge: Mapping[str, Any] | None) -> None:
        """What can be changed of the result that is shown; None when there is none."""
        for widget in (self.apply, self.wish, self._labels["wish"]):
            widget.setVisible(edge is not None)
        if edge is not None:
            self.wish.setCurrentIndex(max(0, self.wish.findData(edge.get("wish", ""))))

    def sizes(self, tiers: Sequence[str], usual: str) -> None:
        """Those that the model offers by name."""
        refill(self.tier, [("", usual, "")] + [(tier, tier, "") for tier in tiers])
        self.tier.setEnabled(bool(tiers))

    def limits(self) -> dict[str, Any]:
        """The whole of what may be spent, as the bridge takes it; what is not shown stays."""
        typed = {SUMS[name]: box.value() or None for name, box in self.sums.items()}
        return {**self._limits, **typed}

    def _show_limits(self, limits: Mapping[str, Any], none: str) -> None:
        self._limits = limits
        for name, box in self.sums.items():
            box.blockSignals(True)
            box.setSpecialValueText(none)
            box.setValue(limits[SUMS[name]] or 0)
            box.blockSignals(False)

    def _fill_keys(self, models: Sequence[Mapping[str, Any]]) -> None:
        """One line for each key that some model needs, by where its pictures go."""
        self.keys_menu.clear()
        for name, goes_to in {one["key"]: one["goes_to"] for one in models if one["key"]}.items():
            action = self.keys_menu.addAction(goes_to)
            action.setObjectName(f"key_{name}")
            action.triggered.connect(lambda _=False, name=name: self.key.emit(name))

    def edge(self) -> dict[str, Any]:
        feather = self.feather.value()
        return {
            "grow_px": self.grow.value(),
            "feather_px": None if feather < 0 else feather,
            "whole": self.whole.isChecked(),
            "outline": self.outline.isChecked(),
        }

    def seeded(self) -> dict[str, int]:
        """The seed as a revision states it; nothing when none was typed."""
        typed = self.seed.text().strip()
        return {"seed": int(typed)} if typed.isdigit() else {}
