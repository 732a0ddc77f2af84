"""How GIMP stores pixels and our recipes: bytes in, bytes out."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# By the first word of a babl encoding: colour model, whether with alpha.
MODELS = {
    "RGB": ("rgb", False), "R'G'B'": ("rgb", False), "R~G~B~": ("rgb", False),
    "RGBA": ("rgb", True), "R'G'B'A": ("rgb", True), "R~G~B~A": ("rgb", True),
    "Y": ("gray", False), "Y'": ("gray", False), "Y~": ("gray", False),
    "YA": ("gray", True), "Y'A": ("gray", True), "Y~A": ("gray", True),
}  # fmt: skip
DEPTHS = {"u8": "u8", "u16": "u16", "u32": "u32", "half": "f16", "float": "f32", "double": "f64"}
OPAQUE = {
    "u8": b"\xff",
    "u16": b"\xff" * 2,
    "u32": b"\xff" * 4,
    "f16": b"\x00\x3c",
    "f32": b"\x00\x00\x80\x3f",
    "f64": b"\x00\x00\x00\x00\x00\x00\xf0\x3f",
}  # 1.0, or all of an integer, little endian as on every machine that GIMP 3 runs on
COLORS = {"rgb": 3, "gray": 1}

Box = tuple[int, int, int, int]  # left, top, right, bottom


@dataclass(frozen=True)
class Recipe:
    """What it takes to make a layer of ours again from the document as it is then.

    coverage: of the selection's bounds, a byte a pixel; b"" when nothing was selected.
    """

    said: Mapping[str, Any]  # the bridge's own recipe
    node: str  # tattoo of the layer it was made from
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

    def within(self, box: Box) -> bytes:
        """Its coverage of another box."""
        return moved(self.coverage, self.box, box)

    def and_also(self, other: Protection) -> Protection:
        """What either protects."""
        one, two = self.box, other.box
        both = (
            min(one[0], two[0]), min(one[1], two[1]), max(one[2], two[2]), max(one[3], two[3]),
        )  # fmt: skip
        return Protection(both, bytes(map(max, self.within(both), other.within(both))))


@dataclass(frozen=True)
class Reference:
    """Another picture that shows what is meant. kind: layer, file or clipboard.

    place: a layer's tattoo, a file's path. picture: of the clipboard, as PNG.
    """

    kind: str
    name: str
    place: str = ""
    picture: bytes = b""

    @staticmethod
    def many_of(kept: bytes) -> tuple[Reference, ...]:
        """ValueError, KeyError or TypeError when `kept` holds none."""
        return tuple(
            Reference(one["kind"], one["name"], one["place"], base64.b64decode(one["picture"]))
            for one in json.loads(kept)
        )

    @staticmethod
    def many_to_bytes(many: Sequence[Reference]) -> bytes:
        def kept(one: Reference) -> dict[str, str]:
            picture = base64.b64encode(one.picture).decode()
            return {"kind": one.kind, "name": one.name, "place": one.place, "picture": picture}

        return json.dumps([kept(one) for one in many]).encode()


@dataclass(frozen=True)
class Stored:
    """How the pixels of a drawable lie in memory."""

    model: str  # rgb or gray
    depth: str  # as the bridge names it
    alpha: bool

    @staticmethod
    def of(encoding: str) -> Stored | None:
        """encoding: as babl names it, such as "R'G'B'A u8"; None when it is none of a picture's."""
        model, _, depth = encoding.partition(" ")
        if model not in MODELS or depth not in DEPTHS:
            return None
        return Stored(MODELS[model][0], DEPTHS[depth], MODELS[model][1])

    @property
    def pixel_bytes(self) -> int:
        return (COLORS[self.model] + self.alpha) * len(OPAQUE[self.depth])

    def to_json(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "depth": self.depth,
            "alpha": self.alpha,
            "order": "rgba",
            "endian": "little",
        }


def with_alpha(data: bytes, form: Stored) -> bytes:
    """Opaque pixels with their alpha; every colour bit for bit as it was."""
    old, opaque = form.pixel_bytes, OPAQUE[form.depth]
    new = old + len(opaque)
    made = bytearray(len(data) // old * new)
    for at in range(old):
        made[at::new] = data[at::old]
    for at, byte in enumerate(opaque):
        made[old + at :: new] = bytes([byte]) * (len(data) // old)
    return bytes(made)


def laid(data: bytes, inner: Box, box: Box, pixel: int) -> bytes:
    """The pixels of `inner` within the larger `box`, zeros around them."""
    wide, narrow = (box[2] - box[0]) * pixel, (inner[2] - inner[0]) * pixel
    made = bytearray(wide * (box[3] - box[1]))
    for row in range(inner[3] - inner[1]):
        at = (inner[1] - box[1] + row) * wide + (inner[0] - box[0]) * pixel
        made[at : at + narrow] = data[row * narrow : (row + 1) * narrow]
    return bytes(made)


def common(one: Box, other: Box) -> Box | None:
    """What both cover; None when they do not meet."""
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right, bottom = min(one[2], other[2]), min(one[3], other[3])
    return (left, top, right, bottom) if left < right and top < bottom else None


def moved(coverage: bytes, of: Box, box: Box) -> bytes:
    """The coverage of `of`, over `box`; zeros where they do not meet."""
    inner = common(of, box)
    if inner is None:
        return bytes((box[2] - box[0]) * (box[3] - box[1]))
    wide = of[2] - of[0]
    rows = [
        coverage[(y - of[1]) * wide + inner[0] - of[0] : (y - of[1]) * wide + inner[2] - of[0]]
        for y in range(inner[1], inner[3])
    ]
    return laid(b"".join(rows), inner, box, 1)


def transparent(data: bytes, form: Stored) -> str:
    """Whether "all", "some" or "none" of the pixels are transparent."""
    if not form.alpha:
        return "none"
    pixel, opaque = form.pixel_bytes, OPAQUE[form.depth]
    start, count = pixel - len(opaque), len(data) // pixel
    ends = [data[start + at :: pixel] for at in range(len(opaque))]
    if all(end.count(byte) == count for end, byte in zip(ends, opaque, strict=True)):
        return "none"
    return "some" if any(any(end) for end in ends) else "all"
