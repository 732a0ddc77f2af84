"""What is hidden under …: source, size, seed, the edge of the result, keys, the spending limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .qt import QtCore, QtWidgets
from .rows import choice, menu_button, push, refill

MOST_SPENT = 100_000  # USD that can be typed


class More(QtWidgets.QFrame):
    changed = QtCore.pyqtSignal()  # what is sent
    edged = QtCore.pyqtSignal()  # how the result on the canvas should meet what is under it
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
        self.apply.setVisible(False)
        self.keys_button, self.keys_menu = menu_button("keys")
        self.month, self.second = QtWidgets.QDoubleSpinBox(), QtWidgets.QDoubleSpinBox()
        for box, name in ((self.month, "limit"), (self.second, "second_click")):
            box.setObjectName(name)
            box.setRange(0, MOST_SPENT)
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
            ("limit", self.month),
            ("second_click", self.second),
        ):
            self._labels[word] = QtWidgets.QLabel()
            form.addRow(self._labels[word], widget)
        for widget in (self.whole, self.outline, self.apply, self.keys_button):
            form.addRow(widget)

    def greet(self, hello: Mapping[str, Any]) -> None:
        words = hello["words"]
        for word, text in self._labels.items():
            text.setText(words[word])
        for word, widget in (
            ("source", self.source), ("size", self.tier), ("seed", self.seed),
            ("grow", self.grow), ("feather", self.feather), ("whole", self.whole),
            ("outline", self.outline), ("apply", self.apply), ("keys", self.keys_button),
            ("limit", self.month), ("second_click", self.second),
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
        if not self.tier.count():
            self.sizes((), words["auto"])

    def sizes(self, tiers: Sequence[str], usual: str) -> None:
        """Those that the model offers by name."""
        refill(self.tier, [("", usual, "")] + [(tier, tier, "") for tier in tiers])
        self.tier.setEnabled(bool(tiers))

    def limits(self) -> dict[str, Any]:
        """The whole of what may be spent, as the bridge takes it; what is not shown stays."""
        month, second = self.month.value(), self.second.value()
        return {**self._limits, "month": month or None, "second_click": second or None}

    def _show_limits(self, limits: Mapping[str, Any], none: str) -> None:
        self._limits = limits
        for box, name in ((self.month, "month"), (self.second, "second_click")):
            box.blockSignals(True)
            box.setSpecialValueText(none)
            box.setValue(limits[name] or 0)
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
