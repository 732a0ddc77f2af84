"""Between document colours and the model's sRGB."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge import color
from bridge.errors import BadRequest, BridgeError, Unsupported
from bridge.pixels import COLORS, Depth, Model, Native, stored, unit
from tests import profiles

SRGB_IN_EFFECT = [
    pytest.param(None, id="no profile"),
    pytest.param(profiles.builtin_srgb(), id="parametric"),
    pytest.param(profiles.tabulated_srgb(), id="tabulated"),
]
PROFILES: dict[Model, list[bytes | None]] = {
    "rgb": [None, profiles.linear_srgb(), profiles.adobe(), profiles.wide()],
    "gray": [None, profiles.grey(2.2), profiles.grey(1.0)],
    "lab": [None, profiles.lab()],
    "cmyk": [profiles.cmyk()],
}
DEPTHS: list[Depth] = ["u8", "u16", "u32", "f16", "f32", "f64"]
EVERY = [
    pytest.param(model, depth, profile, id=f"{model}-{depth}-{number}")
    for model, known in PROFILES.items()
    for depth in DEPTHS
    for number, profile in enumerate(known)
]


def every_value(depth: Depth, channels: int) -> Native:
    count = 256 if depth == "u8" else 65536
    values = np.arange(count).astype("u1" if depth == "u8" else "u2")
    return np.repeat(values.reshape(-1, 256, 1), channels, axis=-1)


@pytest.mark.parametrize("profile", SRGB_IN_EFFECT)
@pytest.mark.parametrize("depth", ["u8", "u16"])
@pytest.mark.parametrize("dither", [False, True])
def test_every_srgb_value_comes_back_exactly(
    profile: bytes | None, depth: Depth, dither: bool
) -> None:
    pixels = every_value(depth, 3)
    seen = color.to_srgb(pixels, "rgb", profile)
    back = color.from_srgb(seen, "rgb", depth, profile, dither=dither)
    np.testing.assert_array_equal(back, pixels)


@pytest.mark.parametrize("depth", ["u8", "u16"])
def test_every_grey_value_comes_back_exactly(depth: Depth) -> None:
    pixels = every_value(depth, 1)
    seen = color.to_srgb(pixels, "gray", None)
    np.testing.assert_array_equal(color.from_srgb(seen, "gray", depth, None), pixels)


def test_srgb_floats_inside_0_to_1_come_back_exactly() -> None:
    pixels = np.random.default_rng(1).random((4, 5, 3), np.float32)
    seen = color.to_srgb(pixels, "rgb", profiles.builtin_srgb())
    np.testing.assert_array_equal(color.from_srgb(seen, "rgb", "f32", None), pixels)


@pytest.mark.parametrize(
    ("model", "profile"),
    [
        ("rgb", profiles.linear_srgb()),
        ("rgb", profiles.adobe()),
        ("rgb", profiles.wide()),
        ("gray", profiles.grey(2.2)),
        ("lab", None),
    ],
)
def test_other_spaces_are_not_taken_for_srgb(model: Model, profile: bytes | None) -> None:
    assert not color.is_srgb(model, profile)


@pytest.mark.parametrize(("model", "depth", "profile"), EVERY)
def test_srgb_colours_survive_the_document_and_back(
    model: Model, depth: Depth, profile: bytes | None
) -> None:
    rgb = np.random.default_rng(2).random((6, 7, 3), np.float32) * 0.8 + 0.1
    if model == "gray":
        rgb = np.repeat(rgb[..., :1], 3, axis=-1)
    native = color.from_srgb(rgb, model, depth, profile)
    back = color.to_srgb(native, model, profile)
    assert native.shape == (6, 7, COLORS[model])
    assert back.dtype == np.float32
    # half a step of the depth, steeper where the document's encoding is coarse; the CMYK press
    # is a table of 9 steps per ink, whose interpolation error this is
    tolerance = 0.04 if model == "cmyk" else {"u8": 0.025, "f16": 0.002}.get(depth, 2e-4)
    np.testing.assert_allclose(back, rgb, atol=tolerance)


def test_linear_light_is_encoded_by_the_srgb_curve() -> None:
    light = np.linspace(0, 1, 300, dtype=np.float32).reshape(10, 10, 3)
    seen = color.to_srgb(light, "rgb", profiles.linear_srgb())
    np.testing.assert_allclose(seen, profiles.srgb_curve(light), atol=1e-4)


def test_neighbouring_16_bit_values_stay_apart_in_linear_light() -> None:
    light = every_value("u16", 3)[100:]
    seen = color.to_srgb(light, "rgb", profiles.linear_srgb())
    back = color.from_srgb(seen, "rgb", "u16", profiles.linear_srgb())
    assert np.abs(back.astype(int) - light).max() <= 1


def test_light_above_white_and_below_black_is_clipped() -> None:
    light = np.array([[[40.0, -3.0, 0.5], [np.inf, -np.inf, np.nan]]], np.float32)
    seen = color.to_srgb(light, "rgb", profiles.linear_srgb())
    np.testing.assert_allclose(seen[0, 0, :2], [1, 0])
    np.testing.assert_allclose(seen[0, 1], [1, 0, 0], atol=1e-3)


def test_colours_outside_srgb_are_clipped() -> None:
    green = np.array([[[0, 255, 0]]], np.uint8)
    seen = color.to_srgb(green, "rgb", profiles.adobe())
    np.testing.assert_allclose(seen, [[[0, 1, 0]]], atol=1e-4)


def test_a_colour_becomes_the_grey_of_its_light() -> None:
    rgb = np.array([[[1.0, 0.0, 0.0], [0.2, 0.9, 0.4]]], np.float32)
    light = profiles.srgb_linear(rgb) @ np.array([0.2126, 0.7152, 0.0722])
    expected = profiles.srgb_curve(light.astype(np.float32))[..., None]
    np.testing.assert_allclose(color.from_srgb(rgb, "gray", "f32", None), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("depth", "white", "black", "middle"),
    [
        ("u8", (255, 128, 128), (0, 128, 128), 136.64),
        ("u16", (65535, 32896, 32896), (0, 32896, 32896), 35117),
        ("f32", (100, 0, 0), (0, 0, 0), 53.585),
    ],
)
def test_lab_is_stored_as_documents_hold_it(
    depth: Depth, white: tuple[int, ...], black: tuple[int, ...], middle: float
) -> None:
    rgb = np.array([[[1, 1, 1], [0, 0, 0], [0.50196, 0.50196, 0.50196]]], np.float32)
    made = color.from_srgb(rgb, "lab", depth, None)
    step = 0.01 if depth == "f32" else 1
    np.testing.assert_allclose(made[0, :2].astype(float), [white, black], atol=step)
    assert float(made[0, 2, 0]) == pytest.approx(middle, rel=0.001, abs=1 if depth == "u8" else 0)


@pytest.mark.parametrize(("depth", "full"), [("u8", 255), ("u16", 65535), ("f32", 100)])
def test_cmyk_counts_ink_from_paper_up(depth: Depth, full: int) -> None:
    dtype = {"u8": np.uint8, "u16": np.uint16, "f32": np.float32}[depth]
    inks = np.array([[[0, 0, 0, 0], [0, 0, 0, full], [0, full, full, 0]]], dtype)
    seen = color.to_srgb(inks, "cmyk", profiles.cmyk())
    np.testing.assert_allclose(seen[0], [[1, 1, 1], [0, 0, 0], [1, 0, 0]], atol=0.01)


def test_dither_moves_a_value_by_less_than_one_step_and_keeps_its_mean() -> None:
    level = np.full((64, 64, 3), 100.3 / 255, np.float32)
    made = color.from_srgb(level, "rgb", "u8", None, dither=True)
    assert set(np.unique(made)) == {100, 101}
    assert made.mean() == pytest.approx(100.3, abs=0.05)


def test_cmyk_without_a_profile_is_refused() -> None:
    with pytest.raises(Unsupported, match="CMYK without a colour profile"):
        color.to_srgb(np.zeros((1, 1, 4), np.uint8), "cmyk", None)


@pytest.mark.parametrize(
    ("model", "profile", "sentence"),
    [
        ("rgb", profiles.cmyk(), "The picture is RGB, its colour profile is for CMYK"),
        ("gray", profiles.adobe(), "The picture is grey, its colour profile is for RGB"),
        ("rgb", b"", "damaged"),
        ("rgb", b"not a profile" * 100, "damaged"),
        ("rgb", profiles.adobe()[:200], "damaged"),
        ("cmyk", profiles.cmyk()[:2000], "damaged"),
        ("rgb", bytes(color.MAX_PROFILE_BYTES + 1), "32 MB is the most"),
    ],
)
def test_a_profile_that_cannot_be_used_is_refused(
    model: Model, profile: bytes, sentence: str
) -> None:
    with pytest.raises(BadRequest, match=sentence):
        color.check(model, profile)


def test_a_device_link_is_refused() -> None:
    link = profiles.adobe()[:12] + b"link" + profiles.adobe()[16:]
    with pytest.raises(Unsupported, match="device link"):
        color.check("rgb", link)


def test_a_profile_that_only_reads_is_refused_before_anything_is_sent() -> None:
    reads = profiles.cmyk(writable=False)
    color.to_srgb(np.zeros((1, 1, 4), np.uint8), "cmyk", reads)
    with pytest.raises(Unsupported, match="read but not written to"):
        color.check("cmyk", reads)


@pytest.mark.parametrize(
    ("model", "whole"),
    [("rgb", profiles.adobe), ("gray", lambda: profiles.grey(2.2)), ("cmyk", profiles.cmyk)],
)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_damaged_bytes_end_in_a_sentence_or_in_colours(
    model: Model, whole: Callable[[], bytes], data: st.DataObject
) -> None:
    broken = bytearray(whole())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, min(len(broken), 600) - 1))
        broken[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(broken)))
    profile = bytes(broken[:cut] if data.draw(st.booleans()) else broken)
    pixels = stored(unit(every_value("u8", COLORS[model])), "u8")
    seen = np.zeros(1, np.float32)
    sentence = "."
    try:
        seen = color.to_srgb(pixels, model, profile)
    except BridgeError as refusal:
        sentence = refusal.sentence
    assert sentence.endswith(".")
    assert seen.min() >= 0
    assert seen.max() <= 1
