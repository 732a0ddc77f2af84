"""A photograph and its layers as one flat picture; what no layer shows stays bit-identical."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

from bridge.errors import Unsupported
from bridge.geometry import Box
from bridge.photo import DEPTHS, FileLayer, Photo
from bridge.pixels import Format, Native, pack, stored, unit
from bridge.png import write_png
from bridge.write import write_whole

QUALITY = 95  # of JPEG and WebP
PHOTOMETRIC = {"gray": "minisblack", "rgb": "rgb", "cmyk": "separated", "lab": "icclab"}


def save_flat(photo: Photo, layers: list[FileLayer], path: Path) -> list[str]:
    """Sentences the artist should read. Unsupported when the format cannot hold the picture."""
    suffix = path.suffix.lower()
    writers = {".png": _png, ".tif": _tif, ".tiff": _tif, ".jpg": _jpg, ".jpeg": _jpg}
    writers[".webp"] = _webp
    check_flat(photo.form, path)
    content = writers[suffix](photo, flattened(photo, layers))
    write_whole(path, content)
    if suffix in (".png", ".tif", ".tiff"):
        return []
    less = " at 8 bits" if photo.form.depth != "u8" else ""
    return [f"{path.name} is re-encoded{less}: every pixel changes a little. .png or .tif do not."]


def check_flat(form: Format, path: Path) -> None:
    """Unsupported, by name, when no file of this ending is written, or it cannot hold `form`."""
    suffix = path.suffix.lower()
    held = {
        ".png": form.model in ("gray", "rgb") and form.depth in ("u8", "u16"),
        ".tif": True,
        ".tiff": True,
        ".jpg": form.model != "lab" and not form.alpha and form.depth in ("u8", "u16"),
        ".jpeg": form.model != "lab" and not form.alpha and form.depth in ("u8", "u16"),
        ".webp": form.model == "rgb" and form.depth in ("u8", "u16"),
    }
    if suffix not in held:
        raise Unsupported(f"{path.name} has no ending we write: .ora .png .tif .jpg .webp are.")
    if not held[suffix]:
        alpha = " with alpha" if form.alpha else ""
        raise Unsupported(
            f"{suffix} cannot hold a {form.model} picture of depth {form.depth}{alpha}; "
            "write .tif instead."
        )


def flattened(photo: Photo, layers: list[FileLayer]) -> Native:
    """(H, W, C): the photograph under its layers, blended in the encoded values."""
    pixels = photo.pixels.copy()
    for layer in layers:
        rows, columns = layer.area.slices(Box.of(photo.size))
        pixels[rows, columns] = blended(pixels[rows, columns], with_edge(layer), photo.form)
    return pixels


def with_edge(layer: FileLayer) -> Native:
    """The patch with its mask multiplied into its alpha."""
    patch = layer.patch.copy()
    alpha = unit(patch[..., -1]) * unit(layer.mask)
    patch[..., -1] = stored(alpha, DEPTHS[patch.dtype.name])
    return patch


def blended(under: Native, over: Native, form: Format) -> Native:
    """`over` (H, W, C + alpha) laid over `under`: bit for bit `under` where its alpha is 0, and

    `over` where it is full, whatever the other holds there (a float may be no number at all).
    """
    strength = unit(over[..., -1:]).astype(np.float64)
    top, bottom = unit(over[..., :-1]).astype(np.float64), unit(under).astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):  # infinite times 0; beyond half floats
        if form.alpha:
            base = bottom[..., -1:] * (1 - strength)
            alpha = strength + base
            color = (top * strength + bottom[..., :-1] * base) / np.maximum(alpha, 1e-12)
            mixed = np.dstack([color, alpha])
        else:
            mixed = top * strength + bottom * (1 - strength)
        changed = stored(mixed, form.depth)
    whole = over if form.alpha else over[..., :-1]
    result: Native = np.select([strength <= 0, strength >= 1], [under, whole], changed)
    return result


# --- formats -----------------------------------------------------------------------------------


def _png(photo: Photo, pixels: Native) -> bytes:
    return write_png(pixels, photo.profile)


def _tif(photo: Photo, pixels: Native) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(
        file,
        np.squeeze(pixels, axis=2) if pixels.shape[2] == 1 else pixels,
        photometric=PHOTOMETRIC[photo.form.model],
        planarconfig=None if pixels.shape[2] == 1 else "contig",
        extrasamples=["unassalpha"] if photo.form.alpha else None,
        iccprofile=photo.profile,
        compression="zlib",
        metadata=None,
    )
    return file.getvalue()


def _jpg(photo: Photo, pixels: Native) -> bytes:
    return _lossy(photo, pixels, "JPEG", subsampling=0)


def _webp(photo: Photo, pixels: Native) -> bytes:
    return _lossy(photo, pixels, "WEBP", exact=True)


def _lossy(photo: Photo, pixels: Native, kind: str, **options: object) -> bytes:
    mode = {"gray": "L", "rgb": "RGBA" if photo.form.alpha else "RGB", "cmyk": "CMYK"}
    steps = stored(unit(pixels), "u8")
    image = Image.fromarray(steps[..., 0] if steps.shape[2] == 1 else steps)
    if photo.form.model == "cmyk":
        size = (steps.shape[1], steps.shape[0])
        image = Image.frombytes("CMYK", size, pack(steps, Format("cmyk", "u8", False)))
    assert image.mode == mode[photo.form.model]
    file = io.BytesIO()
    image.save(file, kind, quality=QUALITY, icc_profile=photo.profile, **options)
    return file.getvalue()
