"""After the first result: the report line, the variants, and what can be done with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from gi.repository import Gtk

from .wanted import Offer
from .widgets import GAP, Menu, box, button, label, put, row, say, spoken, toggle


class Decides(Protocol):
    """What the artist does to a result."""

    def again(self, on_top: bool) -> None: ...
    def keep(self) -> None: ...
    def finish(self) -> None: ...
    def flip(self, variant: int) -> None: ...
    def one_more(self) -> None: ...
    def original(self, wanted: bool) -> None: ...
    def animate(self) -> None: ...
    def frames(self) -> None: ...
    def save_film(self) -> None: ...


class Strip(Gtk.Box):
    def __init__(self, owner: Decides) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=GAP)
        self.owner = owner
        self.words: Mapping[str, str] = {}
        self._states: list[str] = []
        self._numbers: list[Any] = []
        self._quiet = False
        self._offer: Offer | None = None
        self.line = label("report")
        self.line.set_selectable(True)
        self.line.set_can_focus(False)
        self.action = button("action", lambda: self._offer and self._offer.do())
        self.second = button("second", self._act_second)
        self.actions = row(self.action, self.second, grow=self.action)
        self.more = button("one_more", owner.one_more)
        self.hold = button("hold", lambda: None)
        self.hold.connect("pressed", lambda _: owner.original(True))
        self.hold.connect("released", lambda _: owner.original(False))
        self.keep_it = button("keep", owner.keep)
        self.again_button = button("again", lambda: owner.again(False))
        self.again_menu = Menu("again_menu", lambda id, _: owner.again(id == "top"), checks=False)
        self.numbers = row(self.more, gap=2)
        self.numbers.set_name("numbers")
        both = row(self.again_button, self.again_menu, gap=0, grow=self.again_button)
        both.get_style_context().add_class("linked")
        self.finish_button = button("finish", owner.finish)
        self.animate = button("animate", owner.animate)
        self.of_film = [button("frames", owner.frames), button("save_film", owner.save_film)]
        self.films = row(self.animate, *self.of_film, even=True)
        self.looks = row(self.numbers, None, self.hold)
        self.steps = box(row(self.keep_it, both, even=True), self.finish_button)
        self.spent = label("spent", dim=True)
        for part in (self.looks, self.line, self.actions, self.steps, self.films, self.spent):
            self.pack_start(part, False, True, 0)

    def empty(self) -> None:
        """As before the first result."""
        for one in (
            self.line, self.action, self.second, self.looks, self.steps, self.spent,
            self.finish_button, self.films,
        ):  # fmt: skip
            one.hide()

    def greet(self, words: Mapping[str, str]) -> None:
        self.words = words
        say(self.more, "+")
        for widget, word in (
            (self.hold, "hold_original"), (self.keep_it, "keep"), (self.again_button, "again"),
            (self.animate, "animate"), (self.of_film[0], "frames"),
        ):  # fmt: skip
            say(widget, words[word])
        for widget, tip in (
            (self.hold, "hold_tip"), (self.keep_it, "keep_tip"), (self.again_button, "again_tip"),
            (self.again_menu, "again_tip"), (self.more, "one_more_tip"),
            (self.animate, "animate_tip"), (self.of_film[0], "frames_into_tip"),
        ):  # fmt: skip
            spoken(widget, words[tip])
        self.again_menu.fill(
            [
                ("original", words["again_original"], words["again_tip"]),
                ("top", words["again_on_top"], words["again_tip"]),
            ]
        )

    def report(self, text: str, offer: Offer | None = None) -> None:
        """One line, and at most one button, rarely a quieter one beside it.

        A widget that is said anew may lose a click on its way: only what differs is touched.
        """
        self._offer = offer
        put(self.line, text)
        self.line.set_visible(bool(text))
        other = offer.other if offer else None
        for widget, one in ((self.action, offer), (self.second, other)):
            if one is not None:
                say(widget, one.text)
                spoken(widget, one.tip or text or one.text)
            widget.set_visible(one is not None)

    def show_variants(self, states: Sequence[str], shown: int | None, *, landed: bool) -> None:
        """One number a variant, in order. shown: the one on the canvas. landed: some are there."""
        if len(states) != len(self._numbers):
            for old in self._numbers:
                self.numbers.remove(old)
            self._numbers = [self._number(at) for at in range(len(states))]
            self._states = [""] * len(states)
        self._quiet = True
        for at, (one, state) in enumerate(zip(self._numbers, states, strict=True)):
            one.set_active(at == shown)
            if state != self._states[at]:
                one.set_sensitive(state in ("composed", "delivered"))
                spoken(one, f"{self.words['next_tip']} ({state})")
                self._states[at] = state
        self._quiet = False
        self.looks.set_visible(landed or len(states) > 1)
        self.steps.set_visible(landed)
        for part in (self.more, self.hold):
            part.set_visible(landed)

    def show_finish(self, text: str, tip: str) -> None:
        """text: of the button that has the shown variant painted out; "" hides it."""
        if text:
            say(self.finish_button, text)
            spoken(self.finish_button, f"{self.words['finish_tip']} {tip}".strip())
        self.finish_button.set_visible(bool(text))

    def show_film(self, *, picture: bool, film: bool, frames: bool) -> None:
        """What is shown: a picture can be animated, of a film there are frames and a file.

        frames: it is a picture of a film's, which can be saved as one again.
        """
        self.films.set_visible(picture or film or frames)
        save, word = self.of_film[1], "retouched" if frames and not film else "save_film"
        say(save, self.words[word])
        spoken(save, self.words[f"{word}_tip"])
        for one, wanted in zip(
            (self.animate, *self.of_film),
            (picture and not frames, film, film or frames),
            strict=True,
        ):
            one.set_visible(wanted)

    def show_spent(self, text: str) -> None:
        put(self.spent, text)
        self.spent.set_visible(bool(text))

    def _number(self, at: int) -> Any:
        one = toggle(f"variant_{at + 1}", str(at + 1))
        one.connect("clicked", lambda _: self._quiet or self.owner.flip(at))
        self.numbers.pack_start(one, False, False, 0)
        self.numbers.reorder_child(one, at)
        one.show()
        return one

    def _act_second(self) -> None:
        if self._offer and self._offer.other:
            self._offer.other.do()
