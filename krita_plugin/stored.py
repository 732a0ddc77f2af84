"""How Krita stores pixels and profiles: bytes in, bytes out."""

from __future__ import annotations

import struct
from typing import Any

MODELS = {"RGBA": "rgb", "GRAYA": "gray", "CMYKA": "cmyk", "LABA": "lab"}
DEPTHS = {"U8": "u8", "U16": "u16", "F16": "f16", "F32": "f32"}
CHANNELS = {"RGBA": 4, "GRAYA": 2, "CMYKA": 5, "LABA": 4}
BYTES = {"U8": 1, "U16": 2, "F16": 2, "F32": 4}
OPAQUE = {"U8": b"\xff", "U16": b"\xff\xff", "F16": b"\x00\x3c", "F32": b"\x00\x00\x80\x3f"}
ICC_TAG = 34675  # of TIFF


def pixel_format(model: str, depth: str) -> dict[str, Any]:
    """As Krita stores pixels: integers of RGB blue first, everything with alpha."""
    return {
        "model": MODELS[model],
        "depth": DEPTHS[depth],
        "alpha": True,
        "order": "bgra" if depth.startswith("U") and model == "RGBA" else "rgba",
        "endian": "little",
    }


def transparent(pixels: bytes, model: str, depth: str) -> str:
    """Whether "all", "some" or "none" of the pixels are transparent; more than opaque is opaque.

    Planes of bytes are counted, pixels only where these do not tell: it holds up Krita.
    """
    size, channels, opaque = BYTES[depth], CHANNELS[model], OPAQUE[depth]
    ends = [pixels[size * channels - size + at :: size * channels] for at in range(size)]
    if all(end.count(value) == len(end) for end, value in zip(ends, opaque, strict=True)):
        return "none"
    if all(end.count(0) == len(end) for end in ends):
        return "all"
    less = bytes(range(opaque[-1])) + bytes(range(0x80, 0x100))  # of 0x80 on: below nothing
    if depth.startswith("U") or len(ends[-1].translate(None, less)) < len(ends[-1]):
        return "some"
    # From nothing on, floats are in the order of the integers that their bytes are.
    alpha = memoryview(pixels).cast("H" if size == 2 else "I")[channels - 1 :: channels]
    return "some" if min(alpha) < int.from_bytes(opaque, "little") else "none"


def icc_of(tiff: bytes) -> bytes:
    """The profile in a TIFF; b"" when it has none."""
    order = "<" if tiff[:2] == b"II" else ">"
    (at,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, at)
    for entry in range(count):
        tag, _, size, offset = struct.unpack_from(f"{order}HHII", tiff, at + 2 + 12 * entry)
        if tag == ICC_TAG:
            return tiff[offset : offset + size]
    return b""
