"""Picture files: opened exactly as they are, or refused by name."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from PIL import Image

from bridge.engines.encode import stated_size
from bridge.errors import BadRequest, NotFound, TooBig, Unsupported
from bridge.geometry import Size
from bridge.ora import read_ora
from bridge.photo import DEPTHS, TURNS, Photo, check_pixels, photo_of, too_many, upright
from bridge.pixels import COLORS, Format, Model, Native
from bridge.png import read_png

MOST_BYTES = 2_000_000_000
ORIENTATION = 274  # the EXIF and TIFF tag

# What Pillow raises for broken bytes; the last four for the notes of cameras.
BROKEN_NOTES = (
    *(OSError, SyntaxError, ValueError),
    *(struct.error, TypeError, LookupError, ArithmeticError),
)
# A tag of the wrong kind is whatever it is to the reader that meets it first.
BROKEN_TIFF = (
    *(tifffile.TiffFileError, ValueError, LookupError, RuntimeError, OSError),
    *(TypeError, AttributeError, ArithmeticError, struct.error, AssertionError),
)
PACKINGS = frozenset({"NONE", "LZW", "DEFLATE", "ADOBE_DEFLATE", "PACKBITS", "ZSTD", "LZMA"})
JPEG_EDGE = 16  # px by which a strip may be larger than stated: it is made of whole blocks
TIFF_MODELS: dict[str, Model] = {
    "MINISBLACK": "gray",
    "RGB": "rgb",
    "SEPARATED": "cmyk",
    "ICCLAB": "lab",
}


def open_photo(path: Path) -> Photo:
    """NotFound, BadRequest (damaged), TooBig or Unsupported, each saying what to do."""
    data = read_bytes(path)
    name = path.name
    if data[:2] == b"PK":
        return read_ora(data, name)
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return _tiff(data, name)
    kind = _kind(data, name)
    if kind == "PNG":
        pixels, profile = read_png(data, name)
        return photo_of(pixels, profile, turned=_orientation(data))
    if kind in ("JPEG", "WEBP"):
        return _eight_bit(data, name)
    raise Unsupported(f"{name} is {kind}; save it as PNG, TIFF, JPEG, WebP or .ora.")


# --- files ---------------------------------------------------------------------------------


def read_bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise TooBig(f"{path.name} is larger than {MOST_BYTES // 10**9} GB; save it smaller.")
        return path.read_bytes()
    except FileNotFoundError as exc:
        raise NotFound(f"There is no file {path}.") from exc
    except OSError as exc:
        raise BadRequest(f"{path} cannot be read ({exc.strerror}).") from exc


def _kind(data: bytes, name: str) -> str:
    """Pillow's name of the format; checks the size that the header states.

    Before anything is opened: some readers make room for all pixels at once.
    """
    size = stated_size(data)
    if size is not None:
        check_pixels(size, name)
    try:
        with _quietly(), Image.open(io.BytesIO(data)) as image:
            check_pixels(Size(*image.size), name)
            return image.format or "of no known kind"
    except Image.DecompressionBombError as exc:
        raise too_many(name) from exc
    except BROKEN_NOTES as exc:
        raise BadRequest(f"{name} is not a picture that can be read.") from exc


@contextmanager
def _quietly() -> Iterator[None]:
    """What Pillow only warns of, such as odd notes of a camera, is nothing the artist can mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _orientation(data: bytes) -> int:
    """1 = as it lies, too, when the camera's notes cannot be read."""
    try:
        with _quietly(), Image.open(io.BytesIO(data)) as image:
            found = image.getexif().get(ORIENTATION, 1)
        return int(found) if found in TURNS else 1
    except BROKEN_NOTES:
        return 1


def _eight_bit(data: bytes, name: str) -> Photo:
    try:
        with _quietly(), Image.open(io.BytesIO(data)) as image:
            if getattr(image, "is_animated", False):
                raise BadRequest(f"{name} is an animation; save the picture you mean by itself.")
            if image.mode not in ("L", "RGB", "RGBA", "CMYK"):
                raise Unsupported(f"{name} is in the mode {image.mode}; save it as RGB.")
            pixels = np.asarray(image)
            profile = image.info.get("icc_profile")
    except BROKEN_NOTES as exc:
        raise BadRequest(f"{name} is damaged or cut short; save it again.") from exc
    turned = _orientation(data)
    if image.mode == "CMYK":
        return Photo(upright(pixels, turned), Format("cmyk", "u8", False), profile)
    return photo_of(pixels[..., None] if pixels.ndim == 2 else pixels, profile, turned)


# --- TIFF ------------------------------------------------------------------------------------


def _tiff(data: bytes, name: str) -> Photo:
    try:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            page = file.pages[0]
            assert isinstance(page, tifffile.TiffPage)
            full = [one for one in file.pages if not getattr(one, "is_reduced", False)]
            if len(full) > 1:
                raise Unsupported(f"{name} has {len(full)} pages; save the one you mean by itself.")
            check_pixels(Size(page.imagewidth, page.imagelength), name)
            form = _tiff_form(page, name)
            _check_packing(page, data, name)
            pixels = _contiguous(page)
            profile = page.iccprofile
            turned = int(page.tags.valueof(ORIENTATION, 1))
    except BROKEN_TIFF as exc:
        raise BadRequest(f"{name} is a damaged TIFF; save it again.") from exc
    if pixels.ndim != 3:
        raise BadRequest(f"{name} is a damaged TIFF; save it again.")
    if pixels.shape[2] != form.channels:
        raise Unsupported(f"{name} has {pixels.shape[2]} channels; save it as {form.model}.")
    return Photo(upright(pixels, turned if turned in TURNS else 1), form, profile)


def _check_packing(page: Any, data: bytes, name: str) -> None:
    """Strips and tiles unpack to what the picture states; those that are pictures of their own

    state what they like, and their readers make room for it.
    """
    how = page.compression.name
    if how == "JPEG":
        wide = (page.tilewidth or page.imagewidth) + JPEG_EDGE
        high = (page.tilelength or min(page.rowsperstrip, page.imagelength)) + JPEG_EDGE
        for at, length in zip(page.dataoffsets, page.databytecounts, strict=True):
            size = stated_size(data[at : at + length])
            if size is None or size.width > wide or size.height > high:
                raise BadRequest(f"{name} is a damaged TIFF; save it again.")
    elif how not in PACKINGS:
        raise Unsupported(f"{name} is packed as {how}; save it with LZW or ZIP.")


def _tiff_form(page: Any, name: str) -> Format:
    kind = page.photometric.name
    if kind not in TIFF_MODELS:
        raise Unsupported(f"{name} holds its colours as {kind}; save it as RGB or grey.")
    model = TIFF_MODELS[kind]
    depth = DEPTHS.get(str(page.dtype))
    if depth is None or (model == "lab" and depth.startswith("f")):
        raise Unsupported(f"{name} is {model} of {page.dtype}; save it with 8 or 16 bits.")
    extra = [sample.name for sample in page.extrasamples]
    if page.samplesperpixel == COLORS[model]:
        return Format(model, depth, alpha=False)
    if extra == ["UNASSALPHA"]:
        return Format(model, depth, alpha=True)
    said = "premultiplied alpha" if extra == ["ASSOCALPHA"] else "extra channels"
    raise Unsupported(f"{name} has {said}; save it with straight alpha or none.")


def _contiguous(page: Any) -> Native:
    """(H, W, C), however the planes lie in the file."""
    pixels: Native = page.asarray()
    if pixels.ndim == 2:
        return pixels[..., None]
    return np.moveaxis(pixels, 0, -1) if page.planarconfig.name == "SEPARATE" else pixels
