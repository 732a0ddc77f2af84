"""How the picture shall move: the few choices of a film, seen only while a film is planned."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gi.repository import Gtk

from .widgets import GAP, Menu, check, chosen, combo, refill, row, say, spoken

SOUND, LOOP, PART = "film_sound", "film_loop", "film_part"  # words, and names of the boxes
ANY = "any"  # the row for a film that may end on anything


class Moves(Gtk.Box):
    """layers: place and name of those that a film can end on, as they are now."""

    def __init__(
        self, changed: Callable[[], None], layers: Callable[[], Sequence[tuple[str, str]]]
    ) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=GAP, no_show_all=True)
        self.words: Mapping[str, str] = {}
        self._changed_to, self._layers = changed, layers
        self._quiet = self._ends_possible = False
        self._of = ""  # the model whose lengths and sizes are offered
        self._last = ""  # the place of the layer that the film ends on; "" for none
        self.seconds = combo("film_seconds", self._changed)
        self.size = combo("film_size", self._changed)
        self.boxes = {name: check(name) for name in (SOUND, LOOP, PART)}
        self.boxes[SOUND].set_active(True)
        for name, one in self.boxes.items():
            one.connect("toggled", lambda one, name=name: self._toggled(name, one.get_active()))
        self.ends = Menu("film_last", lambda id, _: self._end_on(id), checks=False)
        self.ends.before_opening(self._fill_ends)
        lengths = row(self.seconds, self.size, even=True)
        first = row(lengths, self.boxes[SOUND], grow=lengths)
        for part in (first, row(self.boxes[LOOP], self.ends, grow=self.ends), self.boxes[PART]):
            part.show_all()
            self.pack_start(part, False, True, 0)

    def greet(self, hello: Mapping[str, Any]) -> None:
        self.words = words = hello["words"]
        for widget, tip in (
            (self.seconds, "film_seconds_tip"), (self.size, "film_size_tip"),
            (self.ends, "film_last_tip"),
        ):  # fmt: skip
            spoken(widget, words[tip])
        for name, one in self.boxes.items():
            say(one, words[name])
            spoken(one, words[f"{name}_tip"])
        self._of = ""
        self.forget()

    def forget(self) -> None:
        """It is another picture, of other layers."""
        if self.words:
            self._say_end("")

    def show_for(self, known: Mapping[str, Any], *, selected: bool) -> None:
        """known: what hello said of the planned model; what it does not offer is not shown."""
        offer = known.get("film")
        self.set_visible(bool(offer))
        if not offer:
            return
        self.fit(known)
        self._ends_possible = offer["last_frame"]
        self.size.set_visible(bool(known["tiers"]))
        self.boxes[SOUND].set_visible(offer["audio"] == "choice")
        self.boxes[PART].set_sensitive(selected)
        self.ends.set_visible(self._ends_possible)

    def fit(self, known: Mapping[str, Any]) -> None:
        """Offers what this model can make; nothing changes for one that makes pictures."""
        offer, words = known.get("film"), self.words
        if not offer or known["id"] == self._of:  # a list that is open stays so
            return
        self._of = known["id"]
        self._quiet = True
        lengths = [(str(one), f"{one} s") for one in offer["seconds"]]
        refill(self.seconds, [("", words["film_seconds"]), *lengths])
        refill(self.size, [("", words["film_size"]), *((one, one) for one in known["tiers"])])
        self._quiet = False

    def choice(self) -> dict[str, Any] | None:
        """As the bridge takes it; None while no film is planned."""
        if not self.get_visible():
            return None
        seconds, moving = chosen(self.seconds), self.boxes[PART]
        return {
            "seconds": int(seconds) if seconds else None,
            "audio": self.boxes[SOUND].get_active(),
            "loop": self.boxes[LOOP].get_active(),
            "cinemagraph": moving.get_active() and moving.is_sensitive(),
            "last_frame": bool(self.last()),
        }

    def last(self) -> str:
        """The place of the layer that the film ends on, "" for none."""
        return self._last if self.get_visible() and self._ends_possible else ""

    def _toggled(self, name: str, on: bool) -> None:
        if name == LOOP and on and self._last:  # it ends as it began, on nothing else
            self._say_end("")
        self._changed()

    def _end_on(self, id: str) -> None:
        name = dict(self._layers()).get(id, "")
        self._say_end(name, id if name else "")
        if name and self.boxes[LOOP].get_active():
            self.boxes[LOOP].set_active(False)  # which tells of the change
        else:
            self._changed()

    def _say_end(self, name: str, place: str = "") -> None:
        self._last = place
        say(self.ends, f"✓ {self.words['film_ends']} {name}" if place else self.words["film_last"])

    def _fill_ends(self) -> None:
        tip = self.words["film_last_tip"]
        layers = [(place, name, tip) for place, name in self._layers()]
        self.ends.fill([(ANY, self.words["film_last_any"], tip), *layers])

    def _changed(self) -> None:
        if not self._quiet:
            self._changed_to()
