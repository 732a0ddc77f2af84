"""Where the artist says what should change: a few lines, and in their place a question."""

from __future__ import annotations

from collections.abc import Callable

from gi.repository import Gdk, Gtk

from .widgets import GAP, label

LINES = 3


class Prompt(Gtk.Overlay):
    """changed: something was typed. entered: Ctrl+Enter; Enter alone is a line, and a look more."""

    def __init__(self, changed: Callable[[], None], entered: Callable[[], None]) -> None:
        super().__init__()
        self._entered = entered
        self.view = Gtk.TextView(
            wrap_mode=Gtk.WrapMode.WORD_CHAR, accepts_tab=False, left_margin=GAP,
            right_margin=GAP, top_margin=GAP, bottom_margin=GAP,
        )  # fmt: skip
        self.view.set_name("prompt")
        self.view.connect("key-press-event", self._pressed)
        self._question = label("question", dim=True)
        self._question.set_margin_start(GAP + 2)
        self._question.set_margin_top(GAP)
        self._question.set_valign(Gtk.Align.START)
        buffer = self.view.get_buffer()
        buffer.connect("changed", lambda _: self._question.set_visible(not self.get_text()))
        buffer.connect("changed", lambda _: changed())
        scroll = Gtk.ScrolledWindow(shadow_type=Gtk.ShadowType.IN)
        line = self.view.create_pango_layout("X").get_pixel_size()[1]
        scroll.set_min_content_height(LINES * line + 2 * GAP)
        scroll.set_policy(Gtk.PolicyType.NEVER, Gtk.PolicyType.AUTOMATIC)
        scroll.add(self.view)
        self.add(scroll)
        self.add_overlay(self._question)
        self.set_overlay_pass_through(self._question, True)

    def asks(self, question: str) -> None:
        self._question.set_text(question)

    def get_text(self) -> str:
        buffer = self.view.get_buffer()
        return str(buffer.get_text(*buffer.get_bounds(), False))

    def set_text(self, text: str) -> None:
        self.view.get_buffer().set_text(text)

    def choose_all(self) -> None:
        """What is typed next stands in its place."""
        buffer = self.view.get_buffer()
        buffer.select_range(*buffer.get_bounds())
        self.view.grab_focus()

    def _pressed(self, _: Gtk.Widget, event: Gdk.EventKey) -> bool:
        held = event.state & Gtk.accelerator_get_default_mod_mask()
        enter = event.keyval in (Gdk.KEY_Return, Gdk.KEY_KP_Enter)
        if not enter or held != Gdk.ModifierType.CONTROL_MASK:
            return False
        self._entered()
        return True
