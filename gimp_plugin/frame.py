"""The window itself: it stays above GIMP's, and is as wide and as high as the panel wants."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gi.repository import Gdk, Gtk

from .panel import Panel

if TYPE_CHECKING:
    from .worker import Courier

TITLE = "Redraft"
WIDTH = 340  # px
TITLE_BAR = 40  # px, more than any window manager's
MOST_OF_SCREEN = 0.9  # that the window may be high
BUTTONS = (
    Gdk.ModifierType.BUTTON1_MASK | Gdk.ModifierType.BUTTON2_MASK | Gdk.ModifierType.BUTTON3_MASK
)
STYLE = b"""
.redraft-title { font-weight: bold; }
#redraft-panel button { padding-left: 5px; padding-right: 5px; }
#redraft-panel #numbers button { padding-left: 2px; padding-right: 2px; }
#redraft-panel #numbers button:checked { font-weight: bold; }
#redraft-panel progressbar progress, #redraft-panel progressbar trough { min-height: 4px; }
"""


class Frame(Gtk.Window):
    """step: to the next variant, or the one before (-1); whether there is one."""

    def __init__(self, panel: Panel, courier: Courier, step: Callable[[int], bool]) -> None:
        super().__init__(title=TITLE, role="redraft", default_width=WIDTH)
        self.panel, self.courier, self._step = panel, courier, step
        self._growing = self._reveals = False
        panel.set_name("redraft-panel")
        _style()
        scroll = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER)
        scroll.add(panel)
        self._lift = scroll.get_vadjustment()
        panel.head.more.connect("toggled", self._reveal_soon)
        panel.connect("size-allocate", lambda *_: self._grow_soon())
        self.set_type_hint(Gdk.WindowTypeHint.UTILITY)
        self.set_keep_above(True)
        self.add(scroll)
        scroll.show()
        self.connect("destroy", lambda _: Gtk.main_quit())
        self.connect("key-press-event", self._key)

    def _reveal_soon(self, more: Gtk.ToggleButton) -> None:
        """What was opened lies below the rest: it is scrolled to, once the window has grown."""
        self._reveals = more.get_active()
        self._grow_soon()

    def _grow_soon(self) -> None:
        if not self._growing:
            self._growing = True
            self.courier.hand(self._grow)

    def _grow(self) -> None:
        """As high as the panel would be, as far as the screen goes; never smaller by itself."""
        self._growing = False
        if self.get_window() is None:
            return
        width, height = self.get_size()
        monitor = Gdk.Display.get_default().get_monitor_at_window(self.get_window())
        room = monitor.get_workarea()
        most = int(room.height * MOST_OF_SCREEN)
        wanted = min(most, self.panel.get_preferred_height_for_width(width)[1])
        if wanted <= height:
            self._reveal()
            return
        self.resize(width, wanted)
        left, top = self.get_position()
        lowest = room.y + room.height - wanted - TITLE_BAR
        if top > lowest:
            self.move(left, lowest)

    def _reveal(self) -> None:
        if self._reveals:
            self._reveals = False
            place = self.panel.more.get_allocation()
            self._lift.clamp_page(place.y, place.y + place.height)

    def _key(self, _: Gtk.Window, event: Gdk.EventKey) -> bool:
        """, and . flip through the variants, unless the artist is writing."""
        typing = isinstance(self.get_focus(), (Gtk.TextView, Gtk.Entry))
        by = {Gdk.KEY_comma: -1, Gdk.KEY_period: 1}.get(event.keyval)
        return not typing and by is not None and self._step(by)


def is_drawing() -> bool:
    """Whether a button of the mouse, or the pen, is down, wherever on the screen."""
    pointer = Gdk.Display.get_default().get_default_seat().get_pointer()
    _, _, _, state = Gdk.Screen.get_default().get_root_window().get_device_position(pointer)
    return bool(state & BUTTONS)


def _style() -> None:
    style = Gtk.CssProvider()
    style.load_from_data(STYLE)
    Gtk.StyleContext.add_provider_for_screen(
        Gdk.Screen.get_default(), style, Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION
    )
