"""Who reads bytes from outside, and a whole example for each."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bridge.color import to_srgb
from bridge.engines.answers import json_object
from bridge.engines.encode import jpeg, picture, png
from bridge.frame import MAGIC, write_frame
from bridge.geometry import Box
from bridge.ora import read_ora, save_ora
from bridge.photo import FileLayer, photo_of
from bridge.pixels import COLORS, Model
from bridge.receive import PREFIX, read_header
from bridge.wire import Choice, FrameHeader
from tests import profiles
from tests.revising import Canvas, noise, rectangle

Target = tuple[Callable[[], bytes], Callable[[bytes], object]]


def _frame() -> bytes:
    canvas = Canvas(noise(40, 30), selection=rectangle(40, 30, (5, 5, 20, 20)))
    bounds = canvas.bounds
    assert bounds is not None
    request, parts = canvas.revision(Choice(model="known", prompt="a hat"), bounds)
    return b"".join(write_frame(FrameHeader(revision=request), parts))


def _read_frame(data: bytes) -> object:
    """As the bridge does: by its header and its announced length."""
    if data.startswith(MAGIC) and len(data) >= PREFIX:
        (length,) = struct.unpack_from("<I", data, len(MAGIC))
        return read_header(data[: PREFIX + min(length, len(data))], len(data))
    return read_header(data, len(data))


def _ora() -> bytes:
    photo = photo_of(noise(40, 30), None)
    patch = np.dstack([noise(20, 10, seed=2), np.full((10, 20), 255, np.uint8)])
    mask = np.full((10, 20), 255, np.uint8)
    layer = FileLayer("a hat", Box(5, 5, 25, 15), patch, mask, recipe="{}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "it.ora"
        save_ora(photo, "a hat", [layer], path)
        return path.read_bytes()


def _pixels() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return (noise(48, 32) / 255).astype(np.float32)


def _with_profile(model: Model) -> Callable[[bytes], object]:
    pixels = noise(16, 12, COLORS[model]).astype(np.float32) / 255

    def read(profile: bytes) -> object:
        return to_srgb(pixels, model, profile)

    return read


PROFILES: dict[Model, Callable[[], bytes]] = {
    "rgb": profiles.tabulated_srgb,
    "gray": lambda: profiles.grey(1.8),
    "cmyk": profiles.cmyk,
    "lab": profiles.lab,
}
TARGETS: dict[str, Target] = {
    **{f"profile {model}": (make, _with_profile(model)) for model, make in PROFILES.items()},
    "frame": (_frame, _read_frame),
    "ora": (_ora, lambda data: read_ora(data, "it.ora")),
    "answer, png": (lambda: png(_pixels()).data, lambda data: picture(data, "Somebody")),
    "answer, jpeg": (lambda: jpeg(_pixels()).data, lambda data: picture(data, "Somebody")),
    "answer, json": (
        lambda: b'{"id": "x", "data": [{"b64_json": "aGVsbG8="}], "usage": {"n": 1}}',
        lambda data: json_object(data, "Somebody"),
    ),
}
NATIVE = tuple(f"profile {model}" for model in PROFILES)  # read by a library that is not Python
