"""Picture files: exactly what is in them, upright; or a sentence that says what to do."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps

from bridge.errors import BadRequest, BridgeError, NotFound, TooBig, Unsupported
from bridge.flat import PHOTOMETRIC
from bridge.open import ORIENTATION, open_photo
from bridge.pixels import DTYPES, Depth, Format, Model, Native
from tests import profiles

WIDTH, HEIGHT = 23, 17  # unlike, so that nothing lies over unnoticed


def grains(channels: int, depth: Depth = "u8", seed: int = 3) -> Native:
    """(H, W, C) of every value the depth has."""
    random, dtype = np.random.default_rng(seed), np.dtype(DTYPES[depth])
    shape = (HEIGHT, WIDTH, channels)
    if np.issubdtype(dtype, np.integer):
        whole: Native = random.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)
        return whole
    return random.normal(0.5, 0.5, shape).astype(dtype)


def saved(path: Path, pixels: Native, **options: Any) -> Path:
    """By Pillow."""
    Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(path, **options)
    return path


def tif(path: Path, pixels: Native, form: Format, **options: Any) -> Path:
    planar = options.pop("planarconfig", "contig")
    given: dict[str, Any] = {
        "photometric": PHOTOMETRIC[form.model],
        "extrasamples": ["unassalpha"] if form.alpha else None,
        "metadata": None,
        **options,
    }
    if form.channels == 1:
        tifffile.imwrite(path, pixels[..., 0], **given)
    elif planar == "separate":
        tifffile.imwrite(path, np.moveaxis(pixels, -1, 0), planarconfig=planar, **given)
    else:
        tifffile.imwrite(path, pixels, planarconfig=planar, **given)
    return path


# --- exactly as it is -------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
@pytest.mark.parametrize("turned", range(1, 9))
def test_a_picture_stands_as_the_camera_saw_it(tmp_path: Path, suffix: str, turned: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = turned
    options = {".webp": {"lossless": True}}.get(suffix, {})
    path = saved(tmp_path / f"photo{suffix}", grains(3), exif=exif, **options)
    with Image.open(path) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    assert np.array_equal(open_photo(path).pixels, expected)


@pytest.mark.parametrize("depth", ["u8", "u16"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_png_of_another_program_is_read_exactly(
    tmp_path: Path, channels: int, depth: Depth
) -> None:
    pixels = grains(channels, depth)
    order = [2, 1, 0, 3][:channels] if channels > 1 else [0]
    assert cv2.imwrite(str(tmp_path / "photo.png"), pixels[..., order])
    photo = open_photo(tmp_path / "photo.png")
    assert np.array_equal(photo.pixels, pixels)
    assert photo.form == Format("gray" if channels == 1 else "rgb", depth, channels == 4)


@pytest.mark.parametrize("depth", ["u8", "u16", "f16", "f32"])
@pytest.mark.parametrize("model", ["gray", "rgb", "cmyk"])
@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize(
    "written", [{}, {"planarconfig": "separate"}, {"byteorder": ">", "compression": "zlib"}]
)
def test_a_tiff_is_read_exactly(
    tmp_path: Path, model: Model, depth: Depth, alpha: bool, written: dict[str, Any]
) -> None:
    form = Format(model, depth, alpha)
    pixels = grains(form.channels, depth)
    photo = open_photo(tif(tmp_path / "photo.tif", pixels, form, **written))
    assert photo.form == form
    assert np.array_equal(photo.pixels, pixels)


@pytest.mark.parametrize("depth", ["u8", "u16"])
def test_lab_is_read_exactly(tmp_path: Path, depth: Depth) -> None:
    form = Format("lab", depth, False)
    pixels = grains(3, depth)
    photo = open_photo(tif(tmp_path / "photo.tif", pixels, form))
    assert (photo.form, np.array_equal(photo.pixels, pixels)) == (form, True)


@pytest.mark.parametrize("channels", [3, 4])
def test_webp_and_its_alpha_are_read_exactly(tmp_path: Path, channels: int) -> None:
    pixels = grains(channels)
    path = saved(tmp_path / "photo.webp", pixels, lossless=True, exact=True)
    assert np.array_equal(open_photo(path).pixels, pixels)


def test_an_indexed_png_keeps_its_colours_and_its_transparency(tmp_path: Path) -> None:
    indexed = Image.fromarray(grains(3)).quantize(16)
    indexed.save(tmp_path / "photo.png", transparency=3)
    photo = open_photo(tmp_path / "photo.png")
    assert photo.form == Format("rgb", "u8", True)
    with Image.open(tmp_path / "photo.png") as image:
        assert np.array_equal(photo.pixels, np.asarray(image.convert("RGBA")))


@pytest.mark.parametrize(("mode", "model"), [("L", "gray"), ("RGB", "rgb"), ("CMYK", "cmyk")])
def test_a_jpeg_keeps_its_colour_model_and_profile(tmp_path: Path, mode: str, model: Model) -> None:
    profile = profiles.adobe()
    image = Image.fromarray(grains(3)).convert(mode)
    image.save(tmp_path / "photo.jpg", quality=100, icc_profile=profile)
    photo = open_photo(tmp_path / "photo.jpg")
    with Image.open(tmp_path / "photo.jpg") as again:
        assert np.array_equal(np.squeeze(photo.pixels), np.asarray(again))
    assert (photo.form, photo.profile) == (Format(model, "u8", False), profile)


def test_no_ink_is_0_in_a_cmyk_jpeg(tmp_path: Path) -> None:
    Image.new("CMYK", (16, 16), (0, 0, 0, 255)).save(tmp_path / "black.jpg", quality=100)
    black = open_photo(tmp_path / "black.jpg").pixels
    assert np.abs(black.astype(int) - [0, 0, 0, 255]).max() <= 2


# --- refused by name --------------------------------------------------------------------------


def _nothing(path: Path) -> None:
    pass


def _text(path: Path) -> None:
    path.write_text("a shopping list")


def _gif(path: Path) -> None:
    Image.fromarray(grains(3)).quantize(8).save(path, "GIF")


def _cut(kind: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        if kind == "TIFF":
            tif(path, grains(3), Format("rgb", "u8", False), compression="zlib")
        else:
            saved(path, grains(3), format=kind)
        data = path.read_bytes()
        path.write_bytes(data[: len(data) * 2 // 3])

    return write


def _moving(kind: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        frames = [Image.fromarray(grains(3, seed=seed)) for seed in (1, 2)]
        frames[0].save(path, kind, save_all=True, append_images=frames[1:])

    return write


def _pages(path: Path) -> None:
    with tifffile.TiffWriter(path) as file:
        for seed in (1, 2):
            file.write(grains(3, seed=seed), photometric="rgb", metadata=None)


def _premultiplied(path: Path) -> None:
    tif(path, grains(4), Format("rgb", "u8", True), extrasamples=["assocalpha"])


def _extra(path: Path) -> None:
    form = Format("rgb", "u8", True)
    tif(path, grains(5), form, extrasamples=["unspecified", "unspecified"])


def _float_lab(path: Path) -> None:
    tif(path, grains(3, "f32"), Format("lab", "f32", False))


def _signed(path: Path) -> None:
    tifffile.imwrite(path, np.zeros((HEIGHT, WIDTH), np.int32), photometric="minisblack")


def _indexed_tiff(path: Path) -> None:
    Image.fromarray(grains(3)).quantize(8).save(path, "TIFF")


def _gigantic(path: Path) -> None:
    """A header that says so; there is nothing behind it."""
    header = b"IHDR" + struct.pack(">2I5B", 40_000, 40_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    body = b"IDAT" + zlib.compress(b"")
    rest = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk + rest)


REFUSED: dict[str, tuple[Callable[[Path], None], type[BridgeError], str]] = {
    "not there": (_nothing, NotFound, "There is no file .*photo"),
    "text": (_text, BadRequest, "photo is not a picture that can be read"),
    "gif": (_gif, Unsupported, "photo is GIF; save it as PNG, TIFF, JPEG, WebP or .ora"),
    "cut png": (_cut("PNG"), BadRequest, "photo is a damaged PNG; save it again"),
    "cut jpeg": (_cut("JPEG"), BadRequest, "photo is damaged or cut short; save it again"),
    "cut webp": (_cut("WEBP"), BadRequest, "photo is (damaged or cut|not a picture)"),
    "cut tiff": (_cut("TIFF"), BadRequest, "photo is a damaged TIFF; save it again"),
    "moving png": (_moving("PNG"), BadRequest, "photo is an animation; save the picture you mean"),
    "moving webp": (_moving("WEBP"), BadRequest, "photo is an animation; save the picture you"),
    "pages": (_pages, Unsupported, "photo has 2 pages; save the one you mean by itself"),
    "premultiplied": (_premultiplied, Unsupported, "photo has premultiplied alpha; save it with"),
    "extra channels": (_extra, Unsupported, "photo has extra channels; save it with straight"),
    "float lab": (_float_lab, Unsupported, "photo is lab of float32; save it with 8 or 16 bits"),
    "signed": (_signed, Unsupported, "photo is gray of int32; save it with 8 or 16 bits"),
    "indexed tiff": (_indexed_tiff, Unsupported, "holds its colours as PALETTE; save it as RGB"),
    "gigantic": (_gigantic, TooBig, "more than 200 megapixels; cut it into parts"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_by_name(tmp_path: Path, name: str) -> None:
    write, kind, sentence = REFUSED[name]
    write(tmp_path / "photo")
    with pytest.raises(kind, match=sentence):
        open_photo(tmp_path / "photo")


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="cannot be read"):
        open_photo(tmp_path)


def test_a_thumbnail_beside_the_picture_is_no_second_page(tmp_path: Path) -> None:
    file = io.BytesIO()
    pixels = grains(3)
    with tifffile.TiffWriter(file) as tiff:
        tiff.write(pixels, photometric="rgb", metadata=None)
        tiff.write(pixels[::2, ::2], photometric="rgb", subfiletype=1, metadata=None)
    (tmp_path / "photo.tif").write_bytes(file.getvalue())
    assert np.array_equal(open_photo(tmp_path / "photo.tif").pixels, pixels)
