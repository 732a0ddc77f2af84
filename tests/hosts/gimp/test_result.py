"""A revision's result within the real GIMP: its place, its pixels, in every precision."""

from __future__ import annotations

import numpy as np
import pytest

from tests.hosts.gimp.artist import (
    BOX,
    PATCH,
    Pixels,
    area,
    array,
    from_srgb,
    layers,
    mask,
    names,
    opened,
    outside,
    revise,
    seen,
    to_srgb,
)
from tests.hosts.running import Host

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(600)]

CURVES = ("LINEAR", "NON_LINEAR", "PERCEPTUAL")
# Of one, for what a 16-bit answer can say and a half can hold; integers are told in steps.
TOLERANCES = {
    ("U8", "LINEAR"): 1.001, ("U8", "NON_LINEAR"): 0.001, ("U8", "PERCEPTUAL"): 0.001,
    ("U16", "LINEAR"): 2.001, ("U16", "NON_LINEAR"): 1.001, ("U16", "PERCEPTUAL"): 1.001,
    "U32": 0.00005, "HALF": 0.0005, "FLOAT": 0.00005, "DOUBLE": 0.00005,
}  # fmt: skip
RGB = [(f"{depth}_{curve}", False) for depth in ("U8", "U16", "U32", "HALF", "FLOAT", "DOUBLE")
       for curve in CURVES]  # fmt: skip
GRAY = [(f"{depth}_{curve}", True) for depth, curve in (
    ("U8", "NON_LINEAR"), ("U8", "LINEAR"), ("U16", "NON_LINEAR"), ("U32", "PERCEPTUAL"),
    ("HALF", "LINEAR"), ("FLOAT", "LINEAR"), ("DOUBLE", "NON_LINEAR"),
)]  # fmt: skip


def test_one_call_gives_a_layer_with_a_mask_and_nothing_else_changes(console: Host) -> None:
    opened(console)
    layer, picture = array(console, "img.get_layers()[0]"), seen(console)
    before = console.do("result = hand.outside_state(img)")
    assert revise(console) == ["the negative · Known"]
    assert names(console) == ["the negative · Known", "Background"]
    assert np.array_equal(array(console, "hand.layer(img, 'Background')"), layer)
    assert np.array_equal(outside(seen(console)), outside(picture))
    assert console.do("result = hand.outside_state(img)") == before
    inside = seen(console)[55, 70, :3].astype(int)
    assert np.array_equal(inside, 255 - picture[55, 70, :3].astype(int))
    shown = mask(console)
    assert not outside(shown).any()
    assert shown[55, 70] == 255


@pytest.mark.parametrize(("precision", "gray"), [*RGB, *GRAY])
def test_the_answer_is_exact_inside_and_nothing_outside_in_every_precision(
    console: Host, precision: str, gray: bool
) -> None:
    """The patch is read at full mask; its truth is the negative in the precision's own curve.

    GIMP itself composites in linear 32-bit float: an empty layer alone rounds what such wide
    pixels show, so that is what the picture is compared with.
    """
    depth, _, curve = precision.partition("_")
    colors = 1 if gray else 3
    opened(console, precision=precision, gray=gray)
    layer = array(console, "img.get_layers()[0]", colors, depth)
    if depth in ("U32", "FLOAT", "DOUBLE"):
        console.do("empty = hand.add_empty_layer(img)")
    picture = seen(console, colors + 1, depth)
    if depth in ("U32", "FLOAT", "DOUBLE"):
        console.do("img.remove_layer(empty)")
    revise(console)
    assert np.array_equal(array(console, "hand.layer(img, 'Background')", colors, depth), layer)
    assert np.array_equal(outside(seen(console, colors + 1, depth)), outside(picture))
    patch = array(console, PATCH, colors + 1, depth)
    top = 1.0 if depth in ("HALF", "FLOAT", "DOUBLE") else float(np.iinfo(layer.dtype).max)
    assert (patch[..., -1] == patch.dtype.type(top)).all()
    truth = negative(layer.astype(float) / top, linear=curve == "LINEAR")
    told_in_steps = depth in ("U8", "U16")
    scale = top if told_in_steps else 1.0
    tolerance = TOLERANCES[(depth, curve)] if told_in_steps else TOLERANCES[depth]
    wanted = np.round(truth * top) / top if told_in_steps else truth
    assert np.abs(patch[..., :-1].astype(float) / top - wanted).max() * scale <= tolerance


def negative(values: Pixels, *, linear: bool) -> Pixels:
    return from_srgb(1 - to_srgb(values)) if linear else 1 - values


def decoded(values: Pixels, curve: str) -> Pixels:
    """To linear light, by the curve that a precision has in an Adobe RGB picture."""
    if curve == "LINEAR":
        return values
    light: Pixels = values**GAMMA if curve == "NON_LINEAR" else from_srgb(values)
    return light


def encoded(light: Pixels, curve: str) -> Pixels:
    if curve == "LINEAR":
        return light
    values: Pixels = (
        np.maximum(light, 0) ** (1 / GAMMA) if curve == "NON_LINEAR" else to_srgb(light)
    )
    return values


# From linear light of each space to XYZ, as seen under D50.
ADOBE = np.array([[0.6097, 0.2053, 0.1492], [0.3111, 0.6257, 0.0632], [0.0195, 0.0609, 0.7446]])
SRGB = np.array([[0.4361, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7141]])
GAMMA = 563 / 256
PALE = """
def pale(width, height, colors, depth, alpha):
    import struct
    values = [0.4 + 0.2 * ((i * 7) % 11) / 10 for i in range(width * height * colors)]
    top = hand.TOPS.get(depth, 1.0)
    values = [round(v * top) if depth in hand.TOPS else v for v in values]
    return struct.pack(f'<{len(values)}{hand.DEPTH_CODES[depth]}', *values)
"""


@pytest.mark.parametrize(
    ("precision", "tolerance"),
    [
        ("U8_NON_LINEAR", 1.5 / 255),
        ("U8_LINEAR", 1.5 / 255),
        ("U16_NON_LINEAR", 0.001),
        ("FLOAT_LINEAR", 0.001),
        ("FLOAT_PERCEPTUAL", 0.001),
    ],
)
def test_the_pictures_profile_is_followed_once_with_the_curve_of_its_precision(
    console: Host, precision: str, tolerance: float
) -> None:
    depth, _, curve = precision.partition("_")
    console.do(
        f"{PALE}img = hand.open_picture(precision={precision!r}, profile='new_rgb_adobe', "
        f"drawn=pale)\nhand.select(img, {BOX!r})"
    )
    values = array(console, "img.get_layers()[0]", 3, depth).astype(float)
    top = 1.0 if depth == "FLOAT" else float(np.iinfo(np.dtype(f"u{int(depth[1:]) // 8}")).max)
    values /= top
    srgb = to_srgb(decoded(values, curve) @ (np.linalg.inv(SRGB) @ ADOBE).T)
    truth = encoded(from_srgb(1 - srgb) @ (np.linalg.inv(ADOBE) @ SRGB).T, curve)
    profile = console.do("result = img.get_color_profile().get_label()")
    revise(console)
    patch = array(console, PATCH, 4, depth).astype(float)[..., :3] / top
    assert np.abs(patch - truth).max() <= tolerance
    assert console.do("result = img.get_color_profile().get_label()") == profile


def test_a_soft_proof_profile_is_left_alone(console: Host) -> None:
    opened(console)
    console.do("img.set_simulation_profile(hand.Gimp.ColorProfile.new_rgb_adobe())")
    revise(console)
    label = "img.get_simulation_profile().get_label()"
    assert "Adobe" in console.do(f"result = {label}")


def test_the_layer_holds_what_the_model_painted_around_the_selection_too(console: Host) -> None:
    """So that white in the mask reveals it: the mask alone limits what is seen."""
    opened(console)
    picture = seen(console)
    revise(console)
    assert area(console) == (0, 0, 160, 120)
    console.do(f"one = {PATCH}.get_mask()\nhand.fill(one, b'\\xff' * 100, (5, 5, 10, 10))")
    after = seen(console)
    assert np.array_equal(after[8, 8, :3], 255 - picture[8, 8, :3])
    assert np.array_equal(after[20, 20], picture[20, 20])


def test_several_lines_are_a_group_with_the_first_shown(console: Host) -> None:
    opened(console)
    made = revise(console, prompt="warmer\nsepia", model="looks")
    assert len(made) == 2
    (group, _) = layers(console)
    assert group[0] == "warmer"
    assert [(one[0][0], one[1]) for one in group[2]] == [("1", True), ("2", False)]


def test_an_answer_that_drifted_lands_in_its_place(console: Host) -> None:
    """The red disc that the model painted in the middle of the selection is found there."""
    console.do(
        "img = hand.open_picture(480, 360, drawn=hand.landscape)\n"
        "hand.select(img, (180, 120, 300, 240))"
    )
    revise(console, prompt="a red disc", model="drifting")
    layer = "hand.layer(img, 'a red disc · Drifting')"
    left, top, right, bottom = area(console, layer)
    patch = array(console, layer, 4, size=(right - left, bottom - top)).astype(int)
    red = (patch[..., 0] > 150) & (patch[..., 2] < 60) & (patch[..., 1] < 60)
    rows, columns = np.nonzero(red)
    inside = (
        (rows + top >= 120) & (rows + top < 240) & (columns + left >= 180) & (columns + left < 300)
    )
    rows, columns = rows[inside] + top, columns[inside] + left
    assert rows.size > 1000
    assert abs(columns.mean() - 239.5) <= 0.5
    assert abs(rows.mean() - 179.5) <= 0.5
