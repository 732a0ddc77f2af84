"""References and protected areas of the picture: chosen in the panel, kept with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gi.repository import Gdk, Gtk

from .canvas import Canvas
from .kept import Reference
from .panel import Panel
from .target import Obstacle


class Beside:
    """changed: the plan is another one now. say: what stands in the way."""

    def __init__(
        self,
        canvas: Canvas,
        panel: Panel,
        changed: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self.canvas, self.panel, self.changed, self.say = canvas, panel, changed, say
        self._chosen: dict[str, tuple[Reference, ...]] = {}  # by the picture

    @property
    def references(self) -> tuple[Reference, ...]:
        front = self.canvas.front()
        if front not in self._chosen:
            self._chosen[front] = self.canvas.pinned()
        return self._chosen[front]

    def show(self, model: str) -> None:
        """What the panel says of them. model: that would be taken."""
        known = self.panel.model.known(model)
        most = int(known["references"]) if known else 1
        self.panel.extras.show_references([one.name for one in self.references], most)
        self.panel.extras.show_protected(self.canvas.protects())

    def fill(self) -> None:
        names = [one.name for one in self.references]
        pinned = bool(self.canvas.pinned())
        self.panel.extras.fill_references(names, self.canvas.layers_to_choose(), pinned)

    def pick(self, kind: str, place: str) -> None:
        """place: of a layer, its tattoo."""
        if kind == "layer":
            picked = self._layer(place)
        else:
            picked = self._file() if kind == "file" else self._clipboard()
        if picked is not None:
            self._set((*self.references, picked))

    def drop(self, at: int) -> None:
        self._set((*self.references[:at], *self.references[at + 1 :]))

    def pin(self, wanted: bool) -> None:
        self.canvas.pin(self.references if wanted else ())

    def protect(self, what: str) -> None:
        try:
            self.canvas.protect(what)
        except Obstacle as exc:
            self.say(str(exc))
        self.panel.extras.show_protected(self.canvas.protects())

    def _layer(self, tattoo: str) -> Reference | None:
        """None for the row that the layers lie behind."""
        name = dict(self.canvas.layers_to_choose()).get(tattoo)
        return None if name is None else Reference("layer", name, tattoo)

    def _file(self) -> Reference | None:
        chooser = Gtk.FileChooserNative.new(
            self.panel.words["reference_file"],
            self.panel.get_toplevel(),
            Gtk.FileChooserAction.OPEN,
            None,
            None,
        )
        path = chooser.get_filename() if chooser.run() == Gtk.ResponseType.ACCEPT else None
        chooser.destroy()
        return Reference("file", Path(path).name, path) if path else None

    def _clipboard(self) -> Reference | None:
        words = self.panel.words
        image = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).wait_for_image()
        if image is None:
            self.say(words["reference_no_clipboard"])
            return None
        _, png = image.save_to_bufferv("png", [], [])
        return Reference("clipboard", words["reference_clipboard"], "", bytes(png))

    def _set(self, references: tuple[Reference, ...]) -> None:
        pinned = bool(self.canvas.pinned())
        self._chosen[self.canvas.front()] = references
        if pinned:
            self.canvas.pin(references)
        self.changed()
