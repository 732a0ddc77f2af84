"""How Krita stores pixels, masks, profiles and our recipes: bytes in, bytes out."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MODELS = {"RGBA": "rgb", "GRAYA": "gray", "CMYKA": "cmyk", "LABA": "lab"}
DEPTHS = {"U8": "u8", "U16": "u16", "F16": "f16", "F32": "f32"}
CHANNELS = {"RGBA": 4, "GRAYA": 2, "CMYKA": 5, "LABA": 4}
BYTES = {"U8": 1, "U16": 2, "F16": 2, "F32": 4}
ICC_TAG = 34675  # of TIFF

Box = tuple[int, int, int, int]  # left, top, right, bottom


@dataclass(frozen=True)
class Recipe:
    """What it takes to make a layer of ours again from the document as it is then.

    coverage: of the selection's bounds, a byte a pixel; b"" when nothing was selected.
    """

    said: Mapping[str, Any]  # the bridge's own recipe
    node: str  # unique id of the layer it was made from
    source: str
    selection: Box | None
    coverage: bytes

    def to_bytes(self) -> bytes:
        packed = base64.b64encode(zlib.compress(self.coverage)).decode()
        kept = {"said": dict(self.said), "node": self.node, "source": self.source}
        return json.dumps({**kept, "selection": self.selection, "coverage": packed}).encode()

    @staticmethod
    def of(data: bytes) -> Recipe:
        """ValueError or KeyError when `data` is no recipe."""
        kept = json.loads(data)
        box = kept["selection"]
        coverage = zlib.decompress(base64.b64decode(kept["coverage"]))
        selection = None if box is None else (box[0], box[1], box[2], box[3])
        return Recipe(kept["said"], kept["node"], kept["source"], selection, coverage)


def pixel_format(model: str, depth: str) -> dict[str, Any]:
    """As Krita stores pixels: integers of RGB blue first, everything with alpha."""
    return {
        "model": MODELS[model],
        "depth": DEPTHS[depth],
        "alpha": True,
        "order": "bgra" if depth.startswith("U") and model == "RGBA" else "rgba",
        "endian": "little",
    }


def transparent(data: bytes, model: str, depth: str) -> str:
    """Whether "all", "some" or "none" of the pixels are transparent, by the ends of their alpha."""
    pixel = CHANNELS[model] * BYTES[depth]
    opaque = {"U8": 255, "U16": 255, "F16": 0x3C, "F32": 0x3F}[depth]
    highest = data[pixel - 1 :: pixel]
    if highest.count(opaque) == len(highest):
        return "none"
    lowest = data[pixel - BYTES[depth] :: pixel]
    return "some" if any(highest) or any(lowest) else "all"


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
