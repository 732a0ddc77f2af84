"""Raw pixels as hosts hold them, and the arrays we work on. The only place that converts.

Native arrays are (H, W, C) in the host's own depth, channels in the order the colour model is
named (red first, alpha last). Working arrays are float32, straight alpha: integers become 0..1,
floats stay as the host holds them (RGB and grey 0..1, CMYK 0..100, Lab as L 0..100 and a, b).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from bridge.errors import BadRequest
from bridge.geometry import Size

Array = npt.NDArray[np.float32]
Native = npt.NDArray[Any]
Where = npt.NDArray[np.bool_]  # which pixels are meant

Model = Literal["rgb", "gray", "cmyk", "lab"]
Depth = Literal["u8", "u16", "u32", "f16", "f32", "f64"]
Order = Literal["rgba", "bgra"]  # bgra: the first three channels are stored backwards
Endian = Literal["little", "big"]

COLORS: dict[Model, int] = {"rgb": 3, "gray": 1, "cmyk": 4, "lab": 3}
DTYPES: dict[Depth, str] = {
    "u8": "u1",
    "u16": "u2",
    "u32": "u4",
    "f16": "f2",
    "f32": "f4",
    "f64": "f8",
}


@dataclass(frozen=True, slots=True)
class Format:
    """How one pixel is stored."""

    model: Model
    depth: Depth
    alpha: bool
    order: Order = "rgba"
    endian: Endian = "little"

    @property
    def channels(self) -> int:
        return COLORS[self.model] + self.alpha

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(DTYPES[self.depth]).newbyteorder("<" if self.endian == "little" else ">")

    @property
    def pixel_bytes(self) -> int:
        return self.channels * self.dtype.itemsize

    def byte_count(self, size: Size) -> int:
        return size.pixels * self.pixel_bytes


def unpack(data: bytes | memoryview, form: Format, size: Size) -> Native:
    """(H, W, C) in the host's depth; a view of `data` where the order allows it.

    BadRequest when `data` does not hold exactly `size` pixels.
    """
    if len(data) != form.byte_count(size):
        raise BadRequest(
            f"The picture {size} as {form.model} {form.depth} needs {form.byte_count(size)} bytes, "
            f"{len(data)} came; send the box that was planned."
        )
    flat = np.frombuffer(data, dtype=form.dtype)
    return _named_order(flat.reshape(size.height, size.width, form.channels), form)


def pack(pixels: Native, form: Format) -> bytes:
    """The bytes a host stores for `pixels` (H, W, C), channels red first, alpha last."""
    return np.ascontiguousarray(_named_order(pixels, form), dtype=form.dtype).tobytes()


def unit(pixels: Native) -> Array:
    """Integers to float32 0..1; floats to float32 unchanged."""
    if np.issubdtype(pixels.dtype, np.integer):
        top = np.float32(1.0 / np.iinfo(pixels.dtype).max)
        return pixels.astype(np.float32) * top
    return pixels.astype(np.float32)


def stored(values: npt.NDArray[Any], depth: Depth) -> Native:
    """The inverse of `unit`: integers are rounded and clipped, floats keep their range."""
    dtype = np.dtype(DTYPES[depth])
    if not np.issubdtype(dtype, np.integer):
        return np.asarray(values, dtype=dtype)
    top = np.iinfo(dtype).max
    wide = np.float64 if dtype.itemsize > 2 else np.float32
    steps: Native = np.rint(np.clip(values, 0, 1).astype(wide) * top).astype(dtype)
    return steps


def split_alpha(pixels: Native, form: Format) -> tuple[Native, Native | None]:
    """Colour (H, W, C) and alpha (H, W); alpha is None when the format has none."""
    if not form.alpha:
        return pixels, None
    return pixels[..., :-1], pixels[..., -1]


def _named_order(pixels: Native, form: Format) -> Native:
    """Swaps between stored and named order (its own inverse)."""
    if form.order == "rgba" or form.model != "rgb":
        return pixels
    swapped: Native = pixels[..., [2, 1, 0, 3] if form.alpha else [2, 1, 0]]
    return swapped
