"""GTK's widgets as the panel wants them: named for tests, spoken for tooltips, narrow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gi.repository import Gdk, Gtk, Pango

GAP = 6


def label(name: str, text: str = "", *, dim: bool = False, wrap: bool = True) -> Gtk.Label:
    made = Gtk.Label(label=text, xalign=0.0, wrap=wrap, max_width_chars=20)
    made.set_line_wrap_mode(Pango.WrapMode.WORD_CHAR)
    made.set_name(name)
    if dim:
        made.get_style_context().add_class("dim-label")
    return made


def button(name: str, act: Callable[[], Any]) -> Gtk.Button:
    made = Gtk.Button(label="")
    made.set_name(name)
    made.connect("clicked", lambda _: act())
    return made


def put(one: Gtk.Label, text: str) -> None:
    if one.get_text() != text:
        one.set_text(text)


def say(one: Gtk.Button, text: str) -> None:
    """On the button; a long text ends in dots before it makes the window wider.

    Only when it is another text: a button that is labelled anew may lose a click on its way.
    """
    if one.get_label() == text:
        return
    one.set_label(text)
    words = one.get_child()
    if isinstance(words, Gtk.Label):
        words.set_ellipsize(Pango.EllipsizeMode.END)


def toggle(name: str, text: str) -> Gtk.ToggleButton:
    made = Gtk.ToggleButton(label=text)
    made.set_name(name)
    return made


def check(name: str) -> Gtk.CheckButton:
    made = Gtk.CheckButton(label="")
    made.set_name(name)
    return made


def entry(name: str) -> Gtk.Entry:
    made = Gtk.Entry(width_chars=10)
    made.set_name(name)
    return made


def spin(name: str, least: float, most: float, step: float = 1, digits: int = 0) -> Gtk.SpinButton:
    made = Gtk.SpinButton.new_with_range(least, most, step)
    made.set_digits(digits)
    made.set_width_chars(2 + digits)
    made.set_name(name)
    return made


def combo(name: str, act: Callable[[], Any]) -> Gtk.ComboBoxText:
    """Narrow: long names end in dots, the list itself is as wide as it must be."""
    made = Gtk.ComboBoxText()
    made.set_name(name)
    for cell in made.get_cells():
        cell.set_property("ellipsize", Pango.EllipsizeMode.END)
    made.set_popup_fixed_width(False)
    made.connect("changed", lambda _: act())
    # Scrolling the window must not choose another model on the way.
    made.connect("scroll-event", lambda one, _: one.stop_emission_by_name("scroll-event"))
    return made


def chosen(box: Gtk.ComboBoxText) -> str:
    return str(box.get_active_id() or "")


def refill(box: Gtk.ComboBoxText, rows: Sequence[tuple[str, str]]) -> None:
    """The same choice stays chosen, else the first is."""
    before = box.get_active_id()
    box.remove_all()
    for id, text in rows:
        box.append(id, text)
    if before is None or not box.set_active_id(before):
        box.set_active(0)


class Menu(Gtk.MenuButton):
    """A button with a menu of rows (id, text, tip). act(id, on): one was chosen."""

    def __init__(self, name: str, act: Callable[[str, bool], Any], *, checks: bool) -> None:
        super().__init__()
        self.set_name(name)
        self._act, self._checks = act, checks
        self._items: dict[str, Gtk.MenuItem] = {}
        self._unfolds = 0  # GTK's number of what waits for the window; 0: nothing does
        self._menu = Gtk.Menu()
        self.set_popup(self._menu)

    def before_opening(self, act: Callable[[], Any]) -> None:
        """When the pointer, or the keyboard, comes to the button: an open menu is never filled."""

        def come(*_: Any) -> None:
            if not self._menu.get_visible():
                act()

        self.connect("enter-notify-event", come)
        self.connect("focus-in-event", come)

    def unfold(self) -> None:
        """As a press does, its first row chosen; once the window has the keyboard."""
        top = self.get_toplevel()
        if top.is_active():
            pressed = Gdk.Event.new(Gdk.EventType.KEY_PRESS)  # GTK warns of a menu without one
            pressed.set_device(Gdk.Display.get_default().get_default_seat().get_keyboard())
            corners = Gdk.Gravity.SOUTH_EAST, Gdk.Gravity.NORTH_EAST
            self._menu.popup_at_widget(self, *corners, pressed)
            self._menu.select_first(False)
        elif not self._unfolds:
            self._unfolds = top.connect("notify::is-active", lambda *_: self._may_unfold())

    def _may_unfold(self) -> None:
        self.get_toplevel().disconnect(self._unfolds)
        self._unfolds = 0
        self.unfold()

    def fill(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """What was checked stays so."""
        before = self.checked()
        for old in self._menu.get_children():
            self._menu.remove(old)
        self._items = {}
        for id, text, tip in rows:
            item = self._row(self._menu, id, text, tip, checks=self._checks)
            if self._checks:
                item.set_active(id in before)
        for id, item in self._items.items():
            self._listen(id, item)

    def under(self, id: str, rows: Sequence[tuple[str, str, str]]) -> None:
        """A menu behind a row; without rows it cannot be chosen."""
        menu = Gtk.Menu()
        for one, text, tip in rows:
            self._listen(one, self._row(menu, one, text, tip))
        self._items[id].set_submenu(menu)
        self._items[id].set_sensitive(bool(rows))

    def check(self, id: str, text: str, on: bool) -> None:
        """One more row, that is on or off."""
        item = self._row(self._menu, id, text, "", checks=True)
        item.set_active(on)
        self._listen(id, item)

    def only(self, ids: Sequence[str]) -> None:
        """The rows that may be chosen."""
        for id, item in self._items.items():
            item.set_sensitive(id in ids)

    def _row(self, menu: Gtk.Menu, id: str, text: str, tip: str, *, checks: bool = False) -> Any:
        item = (Gtk.CheckMenuItem if checks else Gtk.MenuItem)(label=text)
        item.set_name(f"{self.get_name()}_{id}")
        item.set_tooltip_text(tip)
        menu.append(item)
        item.show()
        self._items[id] = item
        return item

    def _listen(self, id: str, item: Any) -> None:
        item.connect("activate", lambda one, id=id: self._act(id, self._on(one)))

    def checked(self) -> list[str]:
        return [id for id, item in self._items.items() if self._on(item)]

    def item(self, id: str) -> Gtk.MenuItem:
        return self._items[id]

    def _on(self, item: Gtk.MenuItem) -> bool:
        return isinstance(item, Gtk.CheckMenuItem) and bool(item.get_active())


def row(
    *parts: Gtk.Widget | None, gap: int = GAP, grow: Gtk.Widget | None = None, even: bool = False
) -> Gtk.Box:
    """Side by side; None is a gap. grow: takes what room is left."""
    made = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=gap, homogeneous=even)
    for part in parts:
        if part is None:
            made.pack_start(Gtk.Box(), True, True, 0)
        else:
            made.pack_start(part, even or part is grow, True, 0)
    return made


def box(*parts: Gtk.Widget, gap: int = GAP) -> Gtk.Box:
    """Below each other."""
    made = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=gap)
    for part in parts:
        made.pack_start(part, False, True, 0)
    return made


def spoken(widget: Gtk.Widget, text: str) -> None:
    """Said by a tooltip, and by a screen reader."""
    widget.set_tooltip_text(text)
    widget.get_accessible().set_description(text)


def price(usd: float, free: str) -> str:
    return f"${usd:.2f}" if usd else free
