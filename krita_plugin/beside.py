"""References and protected areas of the picture in front: chosen in the panel, kept with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .canvas import Canvas
from .kept import Reference
from .panel import Panel
from .qt import QtCore, QtWidgets
from .sight import Obstacle


class Beside:
    """docker: what asks for the plan again and says what stands in the way."""

    def __init__(self, canvas: Canvas, panel: Panel, docker: Any) -> None:
        self.canvas, self.panel, self.docker = canvas, panel, docker
        self._chosen: dict[str, tuple[Reference, ...]] = {}  # by the document's root
        extras = panel.extras
        extras.opening.connect(self._fill)
        extras.pick.connect(self._pick)
        extras.drop.connect(self._drop)
        extras.pin.connect(self._pin)
        extras.protect.connect(self._protect)

    @property
    def references(self) -> tuple[Reference, ...]:
        root = self.canvas.front()
        if root not in self._chosen:
            self._chosen[root] = self.canvas.pinned()
        return self._chosen[root]

    def show(self) -> None:
        """What the panel says of them."""
        model = self.panel.model
        chosen = model.models.get(str(self.docker.planned().get("model", "")))
        most = int(chosen["references"]) if chosen else 1
        self.panel.extras.show_references([one.name for one in self.references], most)
        self.panel.extras.show_protected(self.canvas.protects())

    def _fill(self) -> None:
        self._layers = self.canvas.layers()
        names = [one.name for one in self.references]
        pinned = bool(self.canvas.pinned())
        self.panel.extras.fill_references(names, [name for _, name in self._layers], pinned)

    def _pick(self, kind: str, place: str) -> None:
        picked = {
            "layer": lambda: self._layer(place),
            "file": self._file,
            "clipboard": self._clipboard,
        }[kind]()
        if picked is not None:
            self._set((*self.references, picked))

    def _layer(self, at: str) -> Reference:
        id, name = self._layers[int(at)]
        return Reference("layer", name, id)

    def _file(self) -> Reference | None:
        path, _ = QtWidgets.QFileDialog.getOpenFileName(
            self.docker, self.panel.words["reference_file"]
        )
        return Reference("file", Path(path).name, path) if path else None

    def _clipboard(self) -> Reference | None:
        words = self.panel.words
        image = QtWidgets.QApplication.clipboard().image()
        if image.isNull():
            self.docker.course.say(words["reference_no_clipboard"])
            return None
        png = QtCore.QByteArray()
        buffer = QtCore.QBuffer(png)
        buffer.open(QtCore.QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")
        return Reference("clipboard", words["reference_clipboard"], "", bytes(png))

    def _drop(self, at: int) -> None:
        self._set((*self.references[:at], *self.references[at + 1 :]))

    def _set(self, references: tuple[Reference, ...]) -> None:
        pinned = bool(self.canvas.pinned())
        self._chosen[self.canvas.front()] = references
        if pinned:
            self.canvas.pin(references)
        self.docker.plan()
        self.show()

    def _pin(self, wanted: bool) -> None:
        self.canvas.pin(self.references if wanted else ())

    def _protect(self, what: str) -> None:
        act = {
            "selection": self.canvas.protect,
            "lift": self.canvas.lift,
            "show": self.canvas.show_protected,
        }[what]
        try:
            act()
        except Obstacle as exc:
            self.docker.course.say(str(exc))
        self.show()
