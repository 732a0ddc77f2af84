"""What a test does in GIMP, by the hand it has there: pictures, selections, procedures.

Run by GIMP's own Python, which alone has these modules.
"""

import base64
import math
import random
import struct

from gi.repository import Babl, Gegl, Gimp

Precision = Gimp.Precision
DEPTH_CODES = {"u8": "B", "u16": "H", "u32": "I", "half": "e", "float": "f", "double": "d"}
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
