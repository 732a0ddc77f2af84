"""A photograph as a file holds it, and the layers that are laid over it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from bridge.errors import TooBig
from bridge.geometry import Box, Size
from bridge.pixels import Depth, Format, Model, Native

MOST_PIXELS = 200_000_000
DEPTHS: dict[str, Depth] = {"uint8": "u8", "uint16": "u16", "float16": "f16", "float32": "f32"}
# How an array must be turned so that it stands as the camera saw it, by EXIF orientation.
TURNS = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a.swapaxes(0, 1)[:, ::-1],
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: a.swapaxes(0, 1)[::-1],
}


@dataclass(frozen=True, slots=True)
class Archive:
    """stack: stack.xml. files: everything else that its layers need, by name in the archive."""

    stack: bytes
    files: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Photo:
    """pixels: (H, W, C) in the file's own depth, upright, straight alpha last.

    archive: the layers of an .ora it was read from; None for any other file.
    """

    pixels: Native
    form: Format
    profile: bytes | None = field(repr=False)
    archive: Archive | None = None

    @property
    def size(self) -> Size:
        return Size(self.pixels.shape[1], self.pixels.shape[0])


@dataclass(frozen=True, slots=True)
class FileLayer:
    """patch: (H, W, C + alpha) in the photograph's depth. mask: (H, W) uint8, 255 = shown."""

    name: str
    area: Box
    patch: Native
    mask: Native
    visible: bool = True
    recipe: str = field(default="", repr=False)


def photo_of(pixels: Native, profile: bytes | None, turned: int = 1) -> Photo:
    """From 1 to 4 channels: grey, grey and alpha, RGB, RGBA."""
    channels = pixels.shape[2]
    model: Model = "gray" if channels < 3 else "rgb"
    form = Format(model, DEPTHS[pixels.dtype.name], alpha=channels in (2, 4))
    return Photo(upright(pixels, turned), form, profile)


def upright(pixels: Native, orientation: int) -> Native:
    turned: Native = np.ascontiguousarray(TURNS[orientation](pixels))
    return turned


def check_pixels(size: Size, name: str) -> None:
    if size.pixels > MOST_PIXELS:
        raise too_many(name)


def too_many(name: str) -> TooBig:
    return TooBig(f"{name} has more than {MOST_PIXELS // 10**6} megapixels; cut it into parts.")
