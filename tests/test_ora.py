"""OpenRaster and the flat formats: layers, carried over; what they cannot hold, refused by name."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bridge.errors import BadRequest, BridgeError, TooBig, Unsupported
from bridge.flat import check_flat, save_flat
from bridge.geometry import Box
from bridge.open import open_photo
from bridge.ora import check_ora, save_ora
from bridge.photo import FileLayer, Photo, photo_of
from bridge.pixels import DTYPES, Depth, Format, Model, stored
from bridge.png import read_png, write_png
from tests.revising import noise

AREA = Box(10, 5, 40, 30)


def photograph(depth: Depth = "u8", channels: int = 3) -> Photo:
    return photo_of(stored(noise(60, 50, channels) / 255.0, depth), None)


def layer(photo: Photo, name: str = "remove · Fill", *, visible: bool = True) -> FileLayer:
    """The negative of AREA, half of it masked away, with one soft column between."""
    top = np.iinfo(photo.pixels.dtype).max
    rows, columns = AREA.slices(Box.of(photo.size))
    color = top - photo.pixels[rows, columns][..., : 3 if photo.pixels.shape[2] > 2 else 1]
    patch = np.dstack([color, np.full(color.shape[:2], top, color.dtype)])
    mask = np.zeros((AREA.height, AREA.width), np.uint8)
    mask[:, 15:], mask[:, 14] = 255, 128
    return FileLayer(name, AREA, patch, mask, visible, '{"prompt": "remove"}')


def opened(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# --- what is written --------------------------------------------------------------------------


@pytest.mark.parametrize("depth", ["u8", "u16"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_the_photograph_is_kept_and_the_patch_lies_at_full_strength(
    tmp_path: Path, channels: int, depth: Depth
) -> None:
    photo = photograph(depth, channels)
    path = tmp_path / "photo.ora"
    said = save_ora(photo, "remove", [layer(photo)], path)
    files = opened(path)
    under, _ = read_png(files["data/photograph.png"], "photograph")
    patch, _ = read_png(files["data/revision1.png"], "revision")
    assert np.array_equal(under, photo.pixels)
    assert np.array_equal(patch[..., :-1], layer(photo).patch[..., :-1])  # also where it is hidden
    top = np.iinfo(patch.dtype).max
    assert (patch[:, :14, -1] == 0).all()
    assert (patch[:, 15:, -1] == top).all()
    assert patch[0, 14, -1] == pytest.approx(top * 128 / 255, abs=1)
    assert bool(said) == (depth == "u16")
    if said:
        assert "GIMP reads .ora as 8-bit" in said[0]


def test_it_is_an_archive_as_the_format_demands(tmp_path: Path) -> None:
    save_ora(photograph(), "remove", [layer(photograph())], tmp_path / "photo.ora")
    with zipfile.ZipFile(tmp_path / "photo.ora") as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert archive.read("mimetype") == b"image/openraster"
        assert {"stack.xml", "mergedimage.png", "Thumbnails/thumbnail.png"} <= set(
            archive.namelist()
        )
        with Image.open(io.BytesIO(archive.read("Thumbnails/thumbnail.png"))) as thumbnail:
            assert max(thumbnail.size) <= 256


def test_the_merged_picture_is_the_photograph_under_its_layer(tmp_path: Path) -> None:
    photo = photograph()
    save_ora(photo, "remove", [layer(photo)], tmp_path / "photo.ora")
    merged = open_photo(tmp_path / "photo.ora").pixels
    expected = photo.pixels.copy()
    rows, columns = AREA.slices(Box.of(photo.size))
    expected[rows, columns][:, 15:] = 255 - photo.pixels[rows, columns][:, 15:]
    soft = expected[rows, columns][:, 14].astype(float)
    blend = soft + (255 - 2 * soft) * 128 / 255
    assert np.abs(merged[rows, columns][:, 14] - blend).max() <= 1
    expected[rows, columns][:, 14] = merged[rows, columns][:, 14]
    assert np.array_equal(merged, expected)


def test_of_several_variants_the_first_that_may_be_seen_is_shown(tmp_path: Path) -> None:
    photo = photograph()
    three = [
        layer(photo, "1 · refused", visible=False),
        layer(photo, "2 · Looks"),
        layer(photo, "3 · Looks"),
    ]
    save_ora(photo, "warmer", three, tmp_path / "photo.ora")
    root = ET.fromstring(opened(tmp_path / "photo.ora")["stack.xml"])
    (group,) = root.findall("stack/stack")
    shown = {one.get("name"): one.get("visibility") for one in group.findall("layer")}
    assert shown == {"3 · Looks": "hidden", "2 · Looks": "visible", "1 · refused": "hidden"}


def test_an_earlier_ora_keeps_its_layers_byte_for_byte_below_the_new_group(tmp_path: Path) -> None:
    photo = photograph()
    first, second = tmp_path / "one.ora", tmp_path / "two.ora"
    save_ora(photo, "remove", [layer(photo)], first)
    save_ora(open_photo(first), "warmer", [layer(photo), layer(photo)], second)
    before, after = opened(first), opened(second)
    kept = {name: content for name, content in before.items() if name.startswith("data/")}
    assert {name: after[name] for name in kept} == kept
    names = [
        group.get("name") for group in ET.fromstring(after["stack.xml"]).findall("stack/stack")
    ]
    assert names == ["warmer", "remove"]


# --- what a format cannot hold ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "form", "sentence"),
    [
        (
            ".ora",
            ("cmyk", "u8", False),
            ".ora holds grey and RGB of 8 and 16 bits, this is cmyk of",
        ),
        (".ora", ("rgb", "f32", False), "this is rgb of f32; write .tif instead"),
        (".png", ("cmyk", "u8", False), ".png cannot hold a cmyk picture of depth u8; write .tif"),
        (".png", ("rgb", "f16", False), ".png cannot hold a rgb picture of depth f16"),
        (".jpg", ("rgb", "u8", True), ".jpg cannot hold a rgb picture of depth u8 with alpha"),
        (".jpg", ("lab", "u8", False), ".jpg cannot hold a lab picture"),
        (".webp", ("gray", "u8", False), ".webp cannot hold a gray picture"),
        (".webp", ("rgb", "f32", False), ".webp cannot hold a rgb picture of depth f32"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_by_name(
    suffix: str, form: tuple[Model, Depth, bool], sentence: str
) -> None:
    check: Callable[[], None] = (
        (lambda: check_ora(Format(*form)))
        if suffix == ".ora"
        else (lambda: check_flat(Format(*form), Path(f"out{suffix}")))
    )
    with pytest.raises(Unsupported, match=re.escape(sentence)):
        check()


def test_an_unknown_ending_names_those_we_write(tmp_path: Path) -> None:
    with pytest.raises(
        Unsupported, match=r"no ending we write: \.ora \.png \.tif \.jpg \.webp are"
    ):
        check_flat(photograph().form, tmp_path / "out.bmp")


@pytest.mark.parametrize(
    ("suffix", "depth", "said"),
    [
        (".jpg", "u8", "out.jpg is re-encoded: every pixel changes a little"),
        (".webp", "u16", "out.webp is re-encoded at 8 bits: every pixel changes"),
        (".png", "u16", ""),
        (".tif", "u16", ""),
    ],
)
def test_what_is_re_encoded_is_said(tmp_path: Path, suffix: str, depth: Depth, said: str) -> None:
    photo = photograph(depth)
    sentences = save_flat(photo, [layer(photo)], tmp_path / f"out{suffix}")
    assert [bool(re.match(re.escape(said), one)) for one in sentences] == ([True] if said else [])
    assert open_photo(tmp_path / f"out{suffix}").size == photo.size


def test_a_jpeg_of_inks_keeps_them(tmp_path: Path) -> None:
    inks = np.full((20, 30, 4), (0, 255, 0, 20), np.uint8)
    photo = Photo(inks, Format("cmyk", "u8", False), None)
    save_flat(photo, [], tmp_path / "out.jpg")
    assert np.abs(open_photo(tmp_path / "out.jpg").pixels.astype(int) - inks).max() <= 3


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "out.png").mkdir(parents=True)
    with pytest.raises(BadRequest, match=r"out.png cannot be written \(.+\); name another"):
        save_flat(photograph(), [], folder / "out.png")
    assert [path.name for path in folder.iterdir()] == ["out.png"]


# --- what is no .ora --------------------------------------------------------------------------

STACK = '<image version="0.0.3" w="60" h="50"><stack/></image>'


def an_ora(path: Path, files: dict[str, bytes], stack: str = STACK) -> None:
    held = {"mimetype": b"image/openraster", "stack.xml": stack.encode(), **files}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in held.items():
            archive.writestr(name, content)


MERGED = {"mergedimage.png": write_png(np.zeros((50, 60, 3), np.uint8), None)}
BILLION = '<!DOCTYPE z [<!ENTITY a "ha">]><image w="60" h="50"><stack>&a;</stack></image>'
NO_ORA: dict[str, tuple[dict[str, bytes], str, type[BridgeError], str]] = {
    "no merged picture": ({}, STACK, BadRequest, "is not an OpenRaster picture"),
    "a damaged merged picture": ({"mergedimage.png": b"x"}, STACK, BadRequest, "no merged picture"),
    "no stack": (MERGED, '<image w="60" h="50"/>', BadRequest, "a stack.xml without a stack"),
    "no XML": (MERGED, "<image", BadRequest, "a damaged stack.xml"),
    "entities": (MERGED, BILLION, BadRequest, "a stack.xml that no painting program writes"),
    "another size": (MERGED, STACK.replace("60", "61"), BadRequest, "contradicts itself"),
}


@pytest.mark.parametrize("name", NO_ORA)
def test_what_is_no_ora_is_refused(tmp_path: Path, name: str) -> None:
    files, stack, kind, sentence = NO_ORA[name]
    an_ora(tmp_path / "photo.ora", files, stack)
    with pytest.raises(kind, match=sentence):
        open_photo(tmp_path / "photo.ora")


def test_an_ora_that_unpacks_to_too_much_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "photo.ora"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("stack.xml", STACK)
        for number in range(4001):
            archive.writestr(f"data/{number}.png", b"")
    with pytest.raises(TooBig, match="unpacks to more than it should"):
        open_photo(path)


def test_names_in_an_archive_lead_nowhere(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / "photo.ora"
    an_ora(path, {**MERGED, "../escaped.png": b"x", "data/../../escaped.png": b"y"})
    photo = open_photo(path)
    save_ora(photo, "warmer", [layer(photograph())], folder / "out.ora")
    assert sorted(one.name for one in folder.iterdir()) == ["out.ora", "photo.ora"]
    assert not list(tmp_path.rglob("escaped*"))


@pytest.mark.parametrize("depth", ["u8", "u16"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_png_there_and_back_is_the_same(channels: int, depth: Depth) -> None:
    pixels = stored(noise(33, 21, channels) / 255.0, depth)
    again, profile = read_png(write_png(pixels, b"profile"), "photo")
    assert (again.dtype, np.array_equal(again, pixels)) == (np.dtype(DTYPES[depth]), True)
    assert profile == b"profile"
