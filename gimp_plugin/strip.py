"""After the first result: the report line, the variants, and what can be done with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from gi.repository import Gtk

from .widgets import GAP, Menu, box, button, label, row, say, spoken, toggle


class Decides(Protocol):
    """What the artist does to a result."""

    def again(self, on_top: bool) -> None: ...
    def keep(self) -> None: ...
    def finish(self) -> None: ...
    def flip(self, variant: int) -> None: ...
    def original(self, wanted: bool) -> None: ...
    def act(self) -> None: ...


class Strip(Gtk.Box):
    def __init__(self, owner: Decides) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=GAP)
        self.owner = owner
        self.words: Mapping[str, str] = {}
        self.line = label("report")
        self.line.set_selectable(True)
        self.line.set_can_focus(False)
        self.action = button("action", lambda: owner.act())
        self.hold = button("hold", lambda: None)
        self.hold.connect("pressed", lambda _: owner.original(True))
        self.hold.connect("released", lambda _: owner.original(False))
        self.keep_it = button("keep", lambda: owner.keep())
        self.again_button = button("again", lambda: owner.again(False))
        self.again_menu = Menu("again_menu", lambda id, _: owner.again(id == "top"), checks=False)
        self.numbers = row(gap=2)
        self.numbers.set_name("numbers")
        self.spent = label("spent", dim=True)
        both = row(self.again_button, self.again_menu, gap=0, grow=self.again_button)
        both.get_style_context().add_class("linked")
        self.finish_button = button("finish", lambda: owner.finish())
        self.steps = box(
            row(self.numbers, None, self.hold),
            row(self.keep_it, both, even=True),
            self.finish_button,
        )
        for part in (self.line, self.action, self.steps, self.spent):
            self.pack_start(part, False, True, 0)

    def empty(self) -> None:
        """As before the first result."""
        for one in (self.line, self.action, self.steps, self.spent, self.finish_button):
            one.hide()

    def greet(self, words: Mapping[str, str]) -> None:
        self.words = words
        for widget, word, tip in (
            (self.hold, "hold_original", "hold_tip"), (self.keep_it, "keep", "keep_tip"),
            (self.again_button, "again", "again_tip"),
        ):  # fmt: skip
            say(widget, words[word])
            spoken(widget, words[tip])
        spoken(self.again_menu, words["again_tip"])
        self.again_menu.fill(
            [
                ("original", words["again_original"], words["again_tip"]),
                ("top", words["again_on_top"], words["again_tip"]),
            ]
        )

    def report(self, text: str, action: str = "") -> None:
        """One line, and at most one button."""
        self.line.set_text(text)
        self.line.set_visible(bool(text))
        say(self.action, action)
        spoken(self.action, text or action)
        self.action.set_visible(bool(action))

    def result(self, states: Sequence[str], shown: int | None, spent: str) -> None:
        """One number a variant; empty `states` hide it all."""
        for old in self.numbers.get_children():
            self.numbers.remove(old)
        for number, state in enumerate(states):
            one = toggle(f"variant_{number + 1}", str(number + 1))
            one.set_active(number == shown)
            one.set_sensitive(state in ("composed", "delivered"))
            spoken(one, f"{self.words['next_tip']} ({state})")
            one.connect("clicked", lambda _, at=number: self.owner.flip(at))
            self.numbers.pack_start(one, False, False, 0)
            one.show()
        self.steps.set_visible(bool(states))
        self.spent.set_text(spent)
        self.spent.set_visible(bool(spent))

    def finish(self, text: str, model: str) -> None:
        """text: of the button that has the shown variant painted out; "" hides it."""
        say(self.finish_button, text)
        self.finish_button.set_visible(bool(text))
        spoken(self.finish_button, f"{self.words['finish_tip']} {model}".strip())
