"""Which frames of a film, and where to: asked for, with what they take shown before."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gi.repository import Gtk

from .film import Cut, Film
from .reel import lasts, memory
from .widgets import GAP, box, label, put, spin, spoken

MB = 1024 * 1024
STEPS = 24  # at most every so manieth frame
NEW_BYTES = 3  # of a pixel of a new picture: RGB of 8 bits
HALF = 0.5  # seconds


class Cutting(Gtk.Dialog):
    """pixel_bytes: of the picture the film was made of. place(cut, new): chosen; new: a new picture

    of them, else a group in that one.
    """

    def __init__(
        self,
        film: Film,
        words: Mapping[str, str],
        above: Gtk.Window,
        pixel_bytes: int,
        place: Callable[[Cut, bool], None],
    ) -> None:
        super().__init__(title=words["frames"], transient_for=above, modal=True, resizable=False)
        self.film, self.words, self._bytes, self._place = film, words, pixel_bytes, place
        self.set_name("frames_dialog")
        self.new = Gtk.RadioButton.new_with_label(None, words["frames_new"])
        self.group = Gtk.RadioButton.new_with_label_from_widget(self.new, words["frames_group"])
        self.start = spin("frames_from", 0, film.seconds, HALF, digits=1)
        self.end = spin("frames_to", 0, film.seconds, HALF, digits=1)
        self.step = spin("frames_step", 1, STEPS)
        self.end.set_value(film.seconds)
        self.takes = label("frames_takes")
        grid = Gtk.Grid(row_spacing=GAP, column_spacing=GAP)
        for at, (one, name, unit) in enumerate(
            (
                (self.start, "from", words["seconds"]),
                (self.end, "to", words["seconds"]),
                (self.step, "step", words["frames_many"]),
            )
        ):
            grid.attach(label(f"frames_{name}_label", words[f"frames_{name}"]), 0, at, 1, 1)
            grid.attach(one, 1, at, 1, 1)
            grid.attach(label(f"frames_{name}_unit", unit, dim=True), 2, at, 1, 1)
            spoken(one, words[f"frames_{name}_tip"])
            one.set_hexpand(True)
            one.connect("value-changed", lambda _: self._show())
        for name, one in (("new", self.new), ("group", self.group)):
            one.set_name(f"frames_{name}")
            spoken(one, words[f"frames_{name}_tip"])
            one.connect("toggled", lambda _: self._show())
        inside = box(self.new, self.group, grid, self.takes)
        inside.set_border_width(2 * GAP)
        self.get_content_area().add(inside)
        self.add_button(words["dialog_cancel"], Gtk.ResponseType.CANCEL)
        self.add_button(words["frames_place"], Gtk.ResponseType.OK)
        self.set_default_response(Gtk.ResponseType.OK)
        self.connect("response", self._answered)
        self._show()
        self.show_all()

    @property
    def cut(self) -> Cut:
        values = self.start.get_value(), self.end.get_value(), self.step.get_value_as_int()
        return self.film.cut(*values)

    def _show(self) -> None:
        cut, words = self.cut, self.words
        pixel = NEW_BYTES if self.new.get_active() else self._bytes
        megabytes = max(1, round(memory(self.film, cut, pixel) / MB))
        put(
            self.takes,
            f"{cut.count} {words['frames_many']}, {max(lasts(self.film, cut))} "
            f"{words['frames_each']}, {megabytes} {words['frames_mb']}",
        )

    def _answered(self, _: Gtk.Dialog, response: int) -> None:
        cut, new = self.cut, bool(self.new.get_active())
        self.destroy()
        if response == Gtk.ResponseType.OK:
            self._place(cut, new)
