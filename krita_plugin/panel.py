"""The docker's widgets and nothing else: what they say comes from the bridge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .extras import Extras
from .go import Go
from .head import Head
from .model import Model
from .more import More
from .moves import Moves
from .qt import QtCore, QtWidgets
from .strip import Strip
from .wish import Wish

MARGIN = 6


class Panel(QtWidgets.QWidget):
    """changed: something was chosen that the plan depends on."""

    changed = QtCore.pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.words: Mapping[str, str] = {}
        self._below = False
        self._layer = ""
        self.references = 0  # how many go with the wish
        self.head, self.more, self.wish, self.extras = Head(), More(), Wish(), Extras()
        self.model, self.moves, self.go, self.strip = Model(), Moves(), Go(), Strip()
        self.more.setVisible(False)
        self.head.more.toggled.connect(self.more.setVisible)
        for part in (
            self.more, self.wish, self.extras, self.model, self.moves, self.go,
        ):  # fmt: skip
            part.changed.connect(self.changed)
        self.head.better.connect(self._better)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(MARGIN - 1)
        for part in (
            self.head, self.wish, self.extras, self.model, self.moves, self.go, self.strip,
            self.more,
        ):  # fmt: skip
            column.addWidget(part)
        column.addStretch(1)
        self.chosen = (
            self.head, self.more, self.wish, self.extras, self.model, self.moves, self.go,
        )  # fmt: skip
        for part in self.chosen:
            part.setEnabled(False)

    def greet(self, hello: Mapping[str, Any]) -> None:
        """Fills in everything that the bridge decides; keeps what the artist has typed."""
        self.words = hello["words"]
        self.head.greet(self.words)
        self.strip.greet(self.words)
        for part in (
            self.more, self.wish, self.extras, self.model, self.moves, self.go,
        ):  # fmt: skip
            part.greet(hello)
        for part in self.chosen:
            part.setEnabled(True)

    def choice(self) -> dict[str, Any]:
        """As the bridge takes it."""
        return {
            **self.wish.choice(),
            "model": self.model.model.currentData() or "",
            "purpose": self.model.purpose.currentData() or "",
            "keep": self.extras.kept(),
            "variants": self.go.variants.value(),
            "tier": self.more.tier.currentData() or "",
            "references": self.references,
            "film": self.moves.choice(),
        }

    def source(self) -> str:
        return str(self.more.source.currentData() or "layer")

    def move_source(self, below: bool, layer: str) -> None:
        """To this layer and below, and back. The artist's word stays, for as long as it is about

        the same layer. layer: unique to it.
        """
        if below != self._below or (below and layer != self._layer):
            source = self.more.source
            source.setCurrentIndex(source.findData("below" if below else "layer"))
        self._below, self._layer = below, layer

    def choose_model(self, id: str) -> None:
        self.model.model.setCurrentIndex(max(0, self.model.model.findData(id)))

    def plan(self, plan: Mapping[str, Any]) -> None:
        """What the bridge says of the present choice."""
        self.head.sharp(plan)
        self.model.plan(plan)
        known = self.model.models.get(plan["model"])
        self.extras.keepable(known["keep"] if known else ())
        self.more.sizes(known["tiers"] if known else (), self.words["auto"])
        self.moves.show_for(known["film"] if known else None)
        tip = plan["why_not"] or plan["why"] or self.words["prompt_tip"]
        self.go.plan(plan["button"], plan["usable"], tip)

    def cannot(self, sentence: str) -> None:
        """Nothing here can be revised; why."""
        self.head.box.setText(sentence)
        self.head.picture((), 0)
        self.go.forbid(sentence)

    def _better(self, tier: str) -> None:
        box = self.more.tier
        box.setCurrentIndex(max(0, box.findData(tier)))


def scrolling(panel: Panel) -> Any:
    """The panel in a docker that may be lower than it."""
    scroll = QtWidgets.QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setWidget(panel)

    def show_more(opened: bool) -> None:
        """Once it has its place: it lies below the rest, where a low docker does not reach."""
        if opened:
            QtCore.QTimer.singleShot(0, lambda: scroll.ensureWidgetVisible(panel.more))

    panel.head.more.toggled.connect(show_more)
    return scroll
