"""The top of the window: what would be revised, how sharply, and the ways to history and more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gi.repository import GdkPixbuf, GLib, Gtk, Pango

from .widgets import Menu, box, button, label, price, put, row, say, spoken, toggle

THUMB = 56  # px
Thumbnail = tuple[bytes, int, int]  # RGBA of 8 bits, width, height


class Head(Gtk.Box):
    """better: a size by name. recall: a revision of the history, by its id."""

    def __init__(self, better: Callable[[str], None], recall: Callable[[str], None]) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL)
        self.words: Mapping[str, str] = {}
        self._better = ""
        self.thumb = Gtk.Image(no_show_all=True)
        self.thumb.set_name("thumb")
        self.picture = label("picture", wrap=False)
        self.picture.set_ellipsize(Pango.EllipsizeMode.MIDDLE)
        self.picture.get_style_context().add_class("redraft-title")
        self.box = label("box")
        self.history = Menu("history", lambda id, _: recall(id), checks=False)
        self.more = toggle("more", "…")
        self.sharpness = label("sharpness", dim=True)
        self.better_button = button("better", lambda: better(self._better))
        self.better_button.set_no_show_all(True)
        top = row(self.picture, self.history, self.more, grow=self.picture, gap=2)
        words = box(top, self.box, gap=2)
        self.pack_start(row(self.thumb, words, grow=words), False, True, 0)
        sharp = row(self.sharpness, self.better_button, grow=self.sharpness)
        self.pack_start(sharp, False, True, 0)

    def greet(self, words: Mapping[str, str]) -> None:
        self.words = words
        say(self.history, words["history"])
        spoken(self.history, words["history_tip"])
        spoken(self.more, words["more_tip"])

    def about(self, name: str, what: str, thumbnail: Thumbnail | None) -> None:
        """The picture and what of it is selected."""
        put(self.picture, name)
        self.picture.set_tooltip_text(name)
        put(self.box, what)
        self.thumb.set_visible(thumbnail is not None)
        if thumbnail is not None:
            data, width, height = thumbnail
            rgb, bytes_a_row = GdkPixbuf.Colorspace.RGB, 4 * width
            drawn = GdkPixbuf.Pixbuf.new_from_bytes(
                GLib.Bytes.new(data), rgb, True, 8, width, height, bytes_a_row
            )
            self.thumb.set_from_pixbuf(drawn)

    def sharp(self, plan: Mapping[str, Any]) -> None:
        """How sharply it would be painted, and one click to a better size with its price."""
        put(self.sharpness, plan["sharpness"])
        better = plan["better"]
        if better:
            self._better = better["tier"]
            costs = price(better["usd"], self.words["free"])
            say(self.better_button, f"{better['tier']}: {better['percent']} %  {costs}")
            spoken(self.better_button, self.words["better_tip"])
        self.better_button.set_visible(bool(better))

    def remember(self, revisions: Sequence[Mapping[str, Any]]) -> None:
        """What the menu of the history offers: newest first."""
        if not self.words:
            return
        rows = [(one["id"], f"{one['title']} · {one['label']}", _summary(one)) for one in revisions]
        self.history.fill(rows or [("", self.words["history_empty"], "")])
        if not rows:
            self.history.item("").set_sensitive(False)


def _summary(revision: Mapping[str, Any]) -> str:
    spent = f", ${revision['usd']:.2f}" if revision["usd"] else ""
    states = ", ".join(one["state"] for one in revision["variants"])
    return f"{revision['prompt']}\n{revision['label']}: {states}{spent}"
