"""How Krita stores pixels and profiles, and how we store recipes and marks: bytes in, bytes out."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MODELS = {"RGBA": "rgb", "GRAYA": "gray", "CMYKA": "cmyk", "LABA": "lab"}
DEPTHS = {"U8": "u8", "U16": "u16", "F16": "f16", "F32": "f32"}
CHANNELS = {"RGBA": 4, "GRAYA": 2, "CMYKA": 5, "LABA": 4}
BYTES = {"U8": 1, "U16": 2, "F16": 2, "F32": 4}
OPAQUE = {"U8": b"\xff", "U16": b"\xff\xff", "F16": b"\x00\x3c", "F32": b"\x00\x00\x80\x3f"}
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


@dataclass(frozen=True)
class Protection:
    """What no revision may touch. coverage: of `box`, a byte a pixel, 255 = protected."""

    box: Box
    coverage: bytes

    def to_bytes(self) -> bytes:
        packed = base64.b64encode(zlib.compress(self.coverage)).decode()
        return json.dumps({"box": self.box, "coverage": packed}).encode()

    @staticmethod
    def of(kept: bytes) -> Protection:
        """ValueError or KeyError when `kept` is none."""
        read = json.loads(kept)
        left, top, right, bottom = read["box"]
        coverage = zlib.decompress(base64.b64decode(read["coverage"]))
        return Protection((left, top, right, bottom), coverage)


@dataclass(frozen=True)
class Reference:
    """Another picture that shows what is meant. kind: layer, file or clipboard.

    place: a layer's unique id, a file's path. picture: of the clipboard, as PNG.
    """

    kind: str
    name: str
    place: str = ""
    picture: bytes = b""

    @staticmethod
    def many_of(kept: bytes) -> tuple[Reference, ...]:
        """ValueError or KeyError when `kept` holds none."""
        return tuple(
            Reference(one["kind"], one["name"], one["place"], base64.b64decode(one["picture"]))
            for one in json.loads(kept)
        )

    @staticmethod
    def many_to_bytes(many: Sequence[Reference]) -> bytes:
        return json.dumps(
            [
                {
                    "kind": one.kind,
                    "name": one.name,
                    "place": one.place,
                    "picture": base64.b64encode(one.picture).decode(),
                }
                for one in many
            ]
        ).encode()


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
