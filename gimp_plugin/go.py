"""The press: how many variants, the button with its price, and how far it has come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gi.repository import Gtk

from .widgets import GAP, button, row, say, spin, spoken


class Go(Gtk.Box):
    def __init__(
        self, changed: Callable[[], None], revise: Callable[[], None], cancel: Callable[[], None]
    ) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=GAP)
        self.is_running = False
        self._planned = ("", False, "")
        self._revise, self._cancel = revise, cancel
        self.variants = spin("variants", 1, 1)
        self.variants.connect("value-changed", lambda _: changed())
        self.button = button("revise", self._pressed)
        self.bar = Gtk.ProgressBar(no_show_all=True)
        self.pack_start(row(self.variants, self.button, grow=self.button), False, True, 0)
        self.pack_start(self.bar, False, True, 0)

    def greet(self, hello: Mapping[str, Any]) -> None:
        spoken(self.variants, hello["words"]["variants_tip"])
        self.variants.set_range(1, hello["most"]["variants"])

    def plan(self, text: str, usable: bool, tip: str) -> None:
        """What the button says, and whether it may be pressed, while nothing runs."""
        self._planned = (text, usable, tip)
        if not self.is_running:
            self._show(*self._planned)

    def forbid(self, why: str) -> None:
        """Nothing can be revised now."""
        self.plan(self._planned[0], False, why)

    def entered(self) -> None:
        """By the keyboard: never a cancel."""
        if not self.is_running and self.button.get_sensitive():
            self._revise()

    def running(self, text: str | None, fraction: float | None) -> None:
        """text: what the button says while a job runs; None when none does."""
        self.is_running = text is not None
        self.bar.set_visible(self.is_running)
        if text is None:
            self._show(*self._planned)
            return
        self._show(text, True, text)
        if fraction is None:
            self.bar.pulse()
        else:
            self.bar.set_fraction(fraction)

    def _show(self, text: str, usable: bool, tip: str) -> None:
        say(self.button, text)
        self.button.set_sensitive(usable)
        spoken(self.button, tip)
        style = self.button.get_style_context()
        (style.remove_class if self.is_running else style.add_class)("suggested-action")

    def _pressed(self) -> None:
        (self._cancel if self.is_running else self._revise)()
