"""Who does it: a purpose, a model, its typical time, and its limitation in our words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .qt import QtCore, QtWidgets
from .rows import GAP, choice, label, refill, row


class Model(QtWidgets.QWidget):
    changed = QtCore.pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.models: Mapping[str, Mapping[str, Any]] = {}
        self.purpose = choice("purpose", self.changed.emit)
        self.model = choice("model", self.changed.emit)
        self.seconds = label("seconds", dim=True)
        self.seconds.setWordWrap(False)
        self.facts = label("facts", dim=True)
        self.warning = label("warning")
        self.warning.setVisible(False)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        line = row(self.purpose, self.model, self.seconds)
        line.setStretch(0, 2)
        line.setStretch(1, 3)
        column.addLayout(line)
        column.addWidget(self.facts)
        column.addWidget(self.warning)

    def greet(self, hello: Mapping[str, Any]) -> None:
        self.words = hello["words"]
        self.models = {model["id"]: model for model in hello["models"]}
        auto = (self.words["auto"], self.words["auto_tip"])
        refill(self.purpose, [("", *auto)] + [
            (one["id"], one["label"], one["why"]) for one in hello["purposes"]
        ])  # fmt: skip
        refill(self.model, [("", *auto)] + [
            (one["id"], one["label"] if one["usable"] else f"{one['label']} …", _tip(one))
            for one in hello["models"]
        ])  # fmt: skip

    def plan(self, plan: Mapping[str, Any]) -> None:
        """What would be taken, also when the choice was left to the bridge."""
        chosen = self.model.currentData()
        self.model.setItemText(0, self.words["auto"] if chosen else f"{plan['label']} ·")
        self.seconds.setText(f"~{plan['seconds']:.0f} s")
        self.facts.setText(plan["limitation"])
        known = self.models.get(plan["model"])
        self.facts.setToolTip(_tip(known) if known else plan["limitation"])
        self.model.setToolTip("\n".join(filter(None, [plan["why"], plan["limitation"]])))
        self.purpose.setToolTip(plan["why"] or self.words["purpose_tip"])
        self.say([*plan["warnings"], plan["hint"]])

    def say(self, sentences: list[str]) -> None:
        self.warning.setText(" ".join(filter(None, sentences)))
        self.warning.setVisible(bool(self.warning.text()))


def _tip(model: Mapping[str, Any]) -> str:
    said = [f"+ {model['strength']}", f"− {model['limitation']}", model["price"]]
    lines = [*said, model["alive_sentence"], model["why_not"], model["goes_to"]]
    return "\n".join(filter(None, lines))
