"""What a test does in GIMP, by the hand it has there: pictures, selections, procedures.

Run by GIMP's own Python, which alone has these modules.
"""

import base64
import gc
import math
import random
import struct
import subprocess
import sys
import time

from gi.repository import Babl, Gegl, Gimp

Precision = Gimp.Precision
DEPTH_CODES = {"u8": "B", "u16": "H", "u32": "I", "half": "e", "float": "f", "double": "d"}
STILL_SECONDS = 0.2
CLICKS, CLICK_SECONDS = 5, 3.0  # until one must have come, and how long each has for that
SHOWN = {}  # displays by the id of their picture
TITLES = "(GIMP|GNU Image Manipulation Program)$"  # of GIMP's own window
TOPS = {"u8": 255, "u16": 65535, "u32": 2**32 - 1}


def begin():
    Gegl.init(None)


def rectangle(x, y, w, h):
    return Gegl.Rectangle.new(x, y, w, h)


# --- pictures ----------------------------------------------------------------------------


def gradient(width, height, colors, depth, alpha=False):
    """Every pixel another colour, opaque; each channel runs over a tenth to nine tenths."""
    top = TOPS.get(depth, 1.0)
    values = []
    for y in range(height):
        for x in range(width):
            for c in range(colors):
                step = ((x * 7 + y * 3 * (c + 1) + 40 * c) % 200) / 250 + 0.1
                values.append(round(step * top) if depth in TOPS else step)
            if alpha:
                values.append(top)
    return struct.pack(f"<{len(values)}{DEPTH_CODES[depth]}", *values)


def open_picture(
    width=160, height=120, precision="U8_NON_LINEAR", gray=False, profile="", name="Background",
    alpha=False, layer=None, offsets=(0, 0), drawn=gradient,
):  # fmt: skip
    """layer: the size of its one layer, None = the picture's. profile: a constructor's name."""
    base = Gimp.ImageBaseType.GRAY if gray else Gimp.ImageBaseType.RGB
    image = Gimp.Image.new_with_precision(width, height, base, getattr(Precision, precision))
    if profile:
        image.set_color_profile(getattr(Gimp.ColorProfile, profile)())
    add_layer(image, name, alpha, layer or (width, height), offsets, drawn)
    image.clean_all()
    return image


def add_layer(image, name, alpha=False, size=None, offsets=(0, 0), drawn=gradient, parent=None):
    gray = image.get_base_type() == Gimp.ImageBaseType.GRAY
    kinds = (("RGB_IMAGE", "RGBA_IMAGE"), ("GRAY_IMAGE", "GRAYA_IMAGE"))
    kind = getattr(Gimp.ImageType, kinds[gray][alpha])
    width, height = size or (image.get_width(), image.get_height())
    layer = Gimp.Layer.new(image, name, width, height, kind, 100.0, Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, parent, 0)
    layer.set_offsets(*offsets)
    depth = encoding(layer).split()[1]
    fill(layer, drawn(width, height, 1 if gray else 3, depth, alpha))
    return layer


def add_empty_layer(image):
    return add_layer(image, "empty", True, drawn=lambda w, h, c, depth, a: bytes(
        w * h * (c + 1) * struct.calcsize(DEPTH_CODES[depth])
    ))  # fmt: skip


def fill(drawable, data, rect=None):
    x, y, w, h = rect or (0, 0, drawable.get_width(), drawable.get_height())
    buffer = drawable.get_buffer()
    buffer.set(rectangle(x, y, w, h), Babl.get_name(drawable.get_format()), data)
    buffer.flush()
    drawable.update(x, y, w, h)


def encoding(drawable):
    return Babl.format_get_encoding(drawable.get_format())


def select(image, box, soft=None):
    """box: left, top, right, bottom. soft: coverage of it, a byte a pixel; None = full."""
    left, top, right, bottom = box
    image.select_rectangle(Gimp.ChannelOps.REPLACE, left, top, right - left, bottom - top)
    if soft is not None:
        channel = Gimp.Channel.new(
            image, "soft", image.get_width(), image.get_height(), 50.0, Gegl.Color.new("black")
        )
        image.insert_channel(channel, None, 0)
        buffer = channel.get_buffer()
        buffer.set(
            rectangle(left, top, right - left, bottom - top),
            Babl.get_name(channel.get_format()),
            soft,
        )
        buffer.flush()
        image.select_item(Gimp.ChannelOps.REPLACE, channel)
        image.remove_channel(channel)


# --- reading back ----------------------------------------------------------------------------


def pixels(drawable, rect=None):
    """As they lie in memory, of the whole drawable."""
    x, y, w, h = rect or (0, 0, drawable.get_width(), drawable.get_height())
    data = drawable.get_buffer().get(rectangle(x, y, w, h), 1.0, None, Gegl.AbyssPolicy.NONE)
    return base64.b64encode(bytes(data)).decode()


def seen(image):
    """The whole picture as it is seen, in its own precision, with alpha."""
    layer = Gimp.Layer.new_from_visible(image, image, "seen")
    return pixels(layer)


def mask(layer):
    return coverage(layer.get_mask())


def coverage(drawable):
    rect = rectangle(0, 0, drawable.get_width(), drawable.get_height())
    data = drawable.get_buffer().get(rect, 1.0, "Y u8", Gegl.AbyssPolicy.NONE)
    return base64.b64encode(bytes(data)).decode()


def tree(of):
    """Name, visibility and children of each layer, from the top."""
    layers = of.get_layers() if isinstance(of, Gimp.Image) else of.get_children()
    return [
        [one.get_name(), one.get_visible(), tree(one) if one.is_group() else []] for one in layers
    ]


def layer(image, name):
    return image.get_layer_by_name(name)


def outside_state(image):
    """What a result must leave as it was: selected layers and channels, and the selection."""
    return [
        [one.get_name() for one in image.get_selected_layers()],
        [one.get_name() for one in image.get_selected_channels()],
        list(Gimp.Selection.bounds(image))[1:],
        coverage(image.get_selection()),
    ]


# --- procedures ----------------------------------------------------------------------------


def call(name, image, drawables=None, **arguments):
    """Without a window. Returns the values, the status first."""
    procedure = Gimp.get_pdb().lookup_procedure(name)
    config = procedure.create_config()
    config.set_property("image", image)
    config.set_core_object_array("drawables", drawables or image.get_selected_layers())
    config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
    for key, value in arguments.items():
        if key == "source":
            config.set_property(key, value)
        else:
            config.set_property(key.replace("_", "-"), value)
    values = procedure.run(config)
    if values.index(0) != Gimp.PDBStatusType.SUCCESS:
        raise Sentence(Gimp.get_pdb().get_last_error())
    return values


def revise(image, prompt="the negative", model="known", drawables=None, **arguments):
    """The names of the new layers; Sentence when it is refused."""
    values = call("redraft-revise", image, drawables, prompt=prompt, model=model, **arguments)
    return [one.get_name() for one in values.get_core_object_array(values.length() - 1)]


class Sentence(Exception):
    """What the caller is told."""


def refusal(call):
    """The sentence that `call` is refused with; "" when it is not."""
    try:
        call()
    except Sentence as exc:
        return str(exc)
    return ""


def landscape(width, height, colors, depth, alpha):
    """Hills and grain in grey-blue, RGB of 8 bits: something to register on, and no red."""
    random.seed(1)
    values = bytearray()
    for y in range(height):
        for x in range(width):
            hills = math.sin(x / 19 + math.sin(y / 31) * 2) * math.cos(y / 23 - x / 57)
            value = int(120 + 60 * hills + random.uniform(-12, 12))
            values += bytes([value - 30 if value > 30 else 0, value, min(255, value + 40)])
    return bytes(values)


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
    """By the mouse. The window manager, or a tooltip that lies there, may keep a click for itself:

    it is only made once more when no press has come to the widget.
    """
    widget, came = find(name), []
    assert widget.is_sensitive(), f"{name} cannot be clicked"
    watch = widget.connect("button-press-event", lambda *_: bool(came.append(True)))
    try:
        for _ in range(CLICKS):
            if not window().gtk.is_active():
                activate("^Redraft$")
            x("mousemove", *still(name), "click", 1)
            if _within(CLICK_SECONDS, lambda: came):
                return
    finally:
        widget.disconnect(watch)
    raise AssertionError(f"{name} was never pressed")


def hold(name):
    x("mousemove", *still(name), "mousedown", 1)


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
    """Whether the panel shows the plan of this model and may be pressed."""
    ready = find("revise").is_sensitive() and not window().round
    return ready and text("facts").startswith(f"<b>{model}")


def settled():
    return window().round is None


def close_window():
    activate("^Redraft$")
    x("key", "alt+F4")


def close_pictures():
    """All that earlier tests opened."""
    while SHOWN:
        close(next(iter(SHOWN)))


def close(id):
    """A shown picture, by its id, as the artist does, without being asked about saving."""
    SHOWN.pop(id).delete()
    Gimp.displays_flush()


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
