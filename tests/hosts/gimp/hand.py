"""What a test does in GIMP, by the hand it has there: real keys and clicks, and our window.

Run by GIMP's own Python, which alone has these modules.
"""

import gc
import os
import subprocess
import sys
import time

from gi.repository import Gimp
from pictures import *  # noqa: F403  # a test has one hand

STILL_SECONDS = 0.2
CLICK_SECONDS = 60.0
SHOWN = {}  # displays by the id of their picture
TITLES = "(GIMP|GNU Image Manipulation Program)$"  # of GIMP's own window


# --- the screen ----------------------------------------------------------------------------


def x(*words, strict=True):
    """xdotool, on the screen that GIMP is on. strict: it must succeed."""
    command = ["xdotool", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=strict).stdout


def show(image):
    """In GIMP's window, in front."""
    SHOWN[image.get_id()] = Gimp.Display.new(image)
    Gimp.displays_flush()


def press(*keys):
    """In GIMP's own window, once it has the keyboard and keeps it."""
    activate(TITLES)
    x("key", "--clearmodifiers", *keys)


def area_of(window):
    told = x("getwindowgeometry", "--shell", window, strict=False).split()
    shown = dict(one.split("=") for one in told)
    return int(shown.get("WIDTH", 0)) * int(shown.get("HEIGHT", 0))


def activate(titles):
    deadline, since = time.monotonic() + 60, None
    while since is None or time.monotonic() - since < STILL_SECONDS:
        assert time.monotonic() < deadline, f"{titles} never got the keyboard"
        found = x("search", "--onlyvisible", "--name", titles, strict=False).split()
        window = max(found, key=area_of, default="")  # a tooltip has its program's title
        if not window or x("getactivewindow", strict=False).strip() != window:
            if window:
                x("windowactivate", window, strict=False)
            since = None
        elif since is None:
            since = time.monotonic()
        time.sleep(0.02)


# --- our window, from within ----------------------------------------------------------------


def window():
    kind = sys.modules["redraft.window"].Window
    return next(one for one in gc.get_objects() if type(one) is kind)


def panel():
    return window().panel


def find(name, of=None):
    """A widget of ours by its name; None when there is none."""
    from gi.repository import Gtk

    of = of or panel()
    if of.get_name() == name:
        return of
    children = of.get_children() if isinstance(of, Gtk.Container) else []
    return next((found for child in children if (found := find(name, child))), None)


def every_widget(of=None):
    from gi.repository import Gtk

    of = of or panel()
    yield of
    if isinstance(of, Gtk.Container):
        for child in of.get_children():
            yield from every_widget(child)


def middle(name):
    """Of a widget, on the screen."""
    from gi.repository import Gtk

    widget = find(name)
    _, left, top = Gtk.Widget.get_window(widget).get_origin()
    place = widget.get_allocation()
    if not widget.get_has_window():
        left, top = left + place.x, top + place.y
    return left + place.width // 2, top + place.height // 2


def still(name):
    """The middle of a widget once it no longer moves, as a growing window makes it do."""
    from gi.repository import Gtk

    before, since = None, time.monotonic()
    while before is None or time.monotonic() - since < STILL_SECONDS:
        Gtk.main_iteration_do(False)
        now = middle(name)
        if now != before:
            before, since = now, time.monotonic()
        time.sleep(0.005)
    return before


def click(name):
    """By the mouse, once: it goes there, sees that no tooltip lies there any more, and presses."""
    widget, came = find(name), []
    assert widget.is_sensitive(), f"{name} cannot be clicked"
    watch = widget.connect("button-press-event", lambda *_: bool(came.append(True)))
    try:
        point_at(name)
        x("click", 1)
        assert _within(CLICK_SECONDS, lambda: came), f"{name} was never pressed"
    finally:
        widget.disconnect(watch)


def point_at(name):
    """The tooltip of where the pointer was may lie over where it goes, until GTK takes it away."""
    activate("^Redraft$")
    scroll_to(name)
    x("mousemove", *still(name))
    assert _within(CLICK_SECONDS, lambda: under_pointer() == window().gtk.get_window()), (
        f"{name} is covered"
    )


def scroll_to(name):
    """By no more than it must be."""
    widget = find(name)
    _, top = widget.translate_coordinates(panel(), 0, 0)
    window().gtk._lift.clamp_page(top, top + widget.get_allocated_height())


def is_in_view(name):
    """All of it, as far as the window is scrolled."""
    widget, lift = find(name), window().gtk._lift
    _, top = widget.translate_coordinates(panel(), 0, 0)
    bottom, seen = top + widget.get_allocated_height(), lift.get_value()
    return seen <= top and bottom <= seen + lift.get_page_size()


def under_pointer():
    """The window of ours that the pointer is over, a tooltip too; None for another program's."""
    from gi.repository import Gdk

    pointer = Gdk.Display.get_default().get_default_seat().get_pointer()
    there = pointer.get_window_at_position()[0]
    return there and there.get_toplevel()


def hold(name):
    point_at(name)
    x("mousedown", 1)


def move_window():
    """To the right of GIMP's own, where it has room to grow."""
    window().gtk.move(1150, 10)


def release():
    x("mouseup", 1)


def type_prompt(text):
    click("prompt")
    x("key", "ctrl+a", "BackSpace")
    for number, line in enumerate(text.split("\n")):
        if number:
            x("key", "Return")
        if line:
            x("type", "--delay", "2", line)


def choose(name, id):
    assert find(name).set_active_id(id), f"{name} has no {id}"


def shown(name):
    widget = find(name)
    return widget is not None and widget.get_visible() and widget.get_mapped()


def text(name):
    widget = find(name)
    return widget.get_label() if hasattr(widget, "get_label") else widget.get_text()


def said():
    return text("report") if shown("report") else ""


def planned(model):
    """Whether the panel shows the plan of this model and may be pressed.

    The plan of the last letter: one that is on its way may yet move the button.
    """
    ours = window()
    final = ours._answered is ours._asked and not ours._showing
    ready = final and find("revise").is_sensitive() and not ours.round
    return ready and text("facts").startswith(f"<b>{model}")


def settled():
    return window().round is None


def close_window():
    activate("^Redraft$")
    x("key", "alt+F4")


def put_back():
    """What a test may have changed in our window and the next one does not expect.

    It looks at no picture then, so that none is closed while it is read.
    """
    window().cancel()
    window().canvas.image = None
    find("variants").set_value(1)
    for name in ("second_click", "limit", "limit_day", "limit_picture"):
        find(name).set_value(0)
    for name in ("model", "purpose", "wish"):
        find(name).set_active_id("")


def close_pictures():
    """All that earlier tests opened."""
    while SHOWN:
        close(next(iter(SHOWN)))


def close(id):
    """A shown picture, by its id, as the artist does, without being asked about saving."""
    SHOWN.pop(id).delete()
    Gimp.displays_flush()


def choose_reference(id):
    """As opening the menu of references and choosing this row."""
    window().beside.fill()
    choose_item("reference", id)


def copied_text(text):
    """Copies it, in our window; whether the clipboard has taken it and holds no picture now."""
    from gi.repository import Gdk, Gtk

    clipboard = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD)
    clipboard.set_text(text, -1)
    return clipboard.wait_for_text() == text and not clipboard.wait_is_image_available()


def chooser():
    """The dialog in which a file is chosen; None while there is none."""
    from gi.repository import Gtk

    tops = Gtk.Window.list_toplevels()
    return next((one for one in tops if isinstance(one, Gtk.FileChooserDialog)), None)


def answer(path):
    """The file dialog, as a choice in its list and its button do."""
    from gi.repository import Gtk

    dialog = chooser()
    if dialog.get_action() == Gtk.FileChooserAction.SAVE:
        dialog.set_current_folder(os.path.dirname(path))
        dialog.set_current_name(os.path.basename(path))
        _within(STILL_SECONDS, bool)  # GTK's own path bar warns when it is closed sooner
    else:
        dialog.set_filename(path)
    assert _within(CLICK_SECONDS, lambda: dialog.get_filename() == path)
    dialog.response(Gtk.ResponseType.ACCEPT)


def choose_item(menu, id):
    """What a click on this row of the menu does."""
    find(menu).item(id).activate()


def _within(seconds, true):
    """Whether it comes true; our window's events run meanwhile."""
    from gi.repository import Gtk

    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        Gtk.main_iteration_do(False)
        time.sleep(0.005)
    return true()
