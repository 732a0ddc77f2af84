"""What nobody asked to change does not change: bit for bit, in every file that can hold it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.engines.base import Answer, AnySize, Lies, Limits
from bridge.flat import save_flat
from bridge.geometry import Box, Size
from bridge.intake import take_in
from bridge.open import open_photo
from bridge.ora import save_ora
from bridge.photo import FileLayer, Photo
from bridge.pixels import DTYPES, Depth, Format, Model, Native, unpack
from bridge.plan import make_plan
from bridge.png import read_png
from bridge.revise import layer_for, patch_for
from bridge.wire import Area, Choice, EdgeChoice
from tests import profiles
from tests.revising import Canvas

LONGEST = 70  # px
INTEGER: tuple[Depth, ...] = ("u8", "u16")
ANY: tuple[Depth, ...] = ("u8", "u16", "f16", "f32")
# What each format holds: colour model -> depths.
HELD: dict[str, dict[Model, tuple[Depth, ...]]] = {
    ".ora": {"gray": INTEGER, "rgb": INTEGER},
    ".png": {"gray": INTEGER, "rgb": INTEGER},
    ".tif": {"gray": ANY, "rgb": ANY, "cmyk": ANY, "lab": INTEGER},
}
PROFILES: dict[Model, tuple[bytes, ...]] = {
    "gray": (b"", profiles.grey(1.8)),
    "rgb": (
        b"",
        profiles.builtin_srgb(),
        profiles.adobe(),
        profiles.wide(),
        profiles.linear_srgb(),
    ),
    "cmyk": (profiles.cmyk(),),
    "lab": (b"", profiles.lab()),
}
LIMITS = Limits(AnySize(multiple=8, min_edge=64, max_edge=256, min_pixels=64 * 64))


@st.composite
def photographs(draw: st.DrawFn, suffix: str) -> Photo:
    """Any value of the depth, floats also beyond 0..1 and not a number."""
    model = draw(st.sampled_from(sorted(HELD[suffix])))
    depth = draw(st.sampled_from(HELD[suffix][model]))
    form = Format(model, depth, draw(st.booleans()))
    edges = st.integers(1, LONGEST)
    width, height = draw(edges), draw(edges)
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    dtype = np.dtype(DTYPES[depth])
    shape = (height, width, form.channels)
    if np.issubdtype(dtype, np.integer):
        pixels = random.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)
    else:
        scale = 100 if model == "cmyk" else 1
        pixels = (random.normal(0.5, 0.4, shape) * scale).astype(dtype)
        if form.alpha:
            pixels[..., -1] = np.clip(pixels[..., -1], 0, 1)
        pixels[random.random(shape[:2]) < 0.02, 0] = draw(st.sampled_from([np.nan, np.inf, 0]))
    return Photo(pixels, form, draw(st.sampled_from(PROFILES[model])) or None)


@st.composite
def selections(draw: st.DrawFn, size: Size) -> Native:
    """(H, W) uint8, somewhere above 0: a box, one pixel, the whole picture, or anything."""
    left, top = draw(st.integers(0, size.width - 1)), draw(st.integers(0, size.height - 1))
    right = draw(st.integers(left + 1, size.width))
    bottom = draw(st.integers(top + 1, size.height))
    coverage = np.zeros((size.height, size.width), np.uint8)
    inside = coverage[top:bottom, left:right]
    match draw(st.sampled_from(["box", "soft", "whole", "pixel"])):
        case "box":
            inside[:] = 255
        case "whole":
            coverage[:] = 255
        case "pixel":
            inside[0, 0] = draw(st.integers(1, 255))
        case "soft":
            random = np.random.default_rng(draw(st.integers(0, 2**32)))
            inside[:] = random.integers(0, 255, inside.shape, endpoint=True)
            inside[0, 0] = 1
    return coverage


def revised(photo: Photo, selection: Native, lies: Lies, seed: int) -> FileLayer:
    """The layer that a model's answer of noise becomes, by the whole flow."""
    canvas = Canvas(photo.pixels, photo.form, selection, photo.profile or b"")
    assert canvas.bounds is not None
    plan = make_plan(canvas.size, canvas.bounds.box(), LIMITS)
    choice, edge = Choice(prompt="something else"), EdgeChoice()
    request, parts = canvas.revision(choice, Area.of(plan.export))
    job = take_in(request, parts, plan)
    noise = np.random.default_rng(seed).random((plan.send.height, plan.send.width, 3), np.float32)
    patch = patch_for(job, Answer(noise, lies), choice, edge, 1)
    layer = layer_for(job, patch)
    return FileLayer(
        name="something else",
        area=layer.area,
        patch=unpack(layer.patch, layer.form, layer.area.size),
        mask=np.frombuffer(layer.mask, np.uint8).reshape(layer.area.height, layer.area.width),
    )


def bits(pixels: Native) -> Native:
    """The same bytes as whole numbers, so that what is not a number equals itself."""
    return np.ascontiguousarray(pixels).view(f"u{pixels.dtype.itemsize}")


@pytest.mark.parametrize("lies", ["in place", "re-rendered"])
@pytest.mark.parametrize("suffix", sorted(HELD))
@settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=st.data())
def test_outside_the_selection_every_bit_stays(
    tmp_path: Path, suffix: str, lies: Lies, drawn: st.DataObject
) -> None:
    photo = drawn.draw(photographs(suffix))
    selection = drawn.draw(selections(photo.size))
    layer = revised(photo, selection, lies, drawn.draw(st.integers(0, 2**32)))
    path = tmp_path / f"out{suffix}"
    if suffix == ".ora":
        save_ora(photo, "a wish", [layer], path)
        with zipfile.ZipFile(path) as archive:
            under, _ = read_png(archive.read("data/photograph.png"), "photograph")
        assert np.array_equal(under, photo.pixels)
    else:
        save_flat(photo, [layer], path)
    after = open_photo(path)
    assert (after.form, after.profile) == (photo.form, photo.profile)
    untouched = selection == 0
    assert np.array_equal(bits(after.pixels)[untouched], bits(photo.pixels)[untouched])
    rows, columns = layer.area.slices(Box.of(photo.size))
    assert not layer.mask[untouched[rows, columns]].any()
