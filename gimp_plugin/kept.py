"""What we keep in a document of the host: recipes, references, protection; bytes in, bytes out.

What is read may be of another hand, or of another version: then it is None, or nothing.
The same file in every plug-in.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BROKEN = (ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError, zlib.error)
Box = tuple[int, int, int, int]  # left, top, right, bottom


@dataclass(frozen=True)
class Recipe:
    """What it takes to make a layer of ours again from the document as it is then.

    coverage: of the selection's bounds, a byte a pixel; b"" when nothing was selected.
    """

    said: Mapping[str, Any]  # the bridge's own recipe
    node: str  # the host's own name of the layer it was made from
    source: str
    selection: Box | None
    coverage: bytes

    def to_bytes(self) -> bytes:
        kept = {"said": dict(self.said), "node": self.node, "source": self.source}
        packed = _packed(self.coverage)
        return json.dumps({**kept, "selection": self.selection, "coverage": packed}).encode()

    @staticmethod
    def of(data: bytes) -> Recipe | None:
        try:
            kept = json.loads(data)
            said = {**kept["said"], "choice": {**kept["said"]["choice"]}}
            said["prompt"] = str(said["prompt"])
            selection = None if kept["selection"] is None else _box(kept["selection"])
            coverage = b"" if selection is None else _unpacked(kept["coverage"], selection)
            return Recipe(said, str(kept["node"]), str(kept["source"]), selection, coverage)
        except BROKEN:
            return None


@dataclass(frozen=True)
class Protection:
    """What no revision may touch. coverage: of `box`, a byte a pixel, 255 = protected."""

    box: Box
    coverage: bytes

    def to_bytes(self) -> bytes:
        return json.dumps({"box": self.box, "coverage": _packed(self.coverage)}).encode()

    @staticmethod
    def of(data: bytes) -> Protection | None:
        try:
            kept = json.loads(data)
            box = _box(kept["box"])
            return Protection(box, _unpacked(kept["coverage"], box))
        except BROKEN:
            return None

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

    place: the host's own name of a layer, a file's path. picture: of the clipboard, as PNG.
    """

    kind: str
    name: str
    place: str = ""
    picture: bytes = b""

    @staticmethod
    def many_of(data: bytes) -> tuple[Reference, ...]:
        try:
            return tuple(
                Reference(
                    *(str(one[name]) for name in ("kind", "name", "place")),
                    base64.b64decode(one["picture"]),
                )
                for one in json.loads(data)
            )
        except BROKEN:
            return ()

    @staticmethod
    def many_to_bytes(many: Sequence[Reference]) -> bytes:
        return json.dumps(
            [{**vars(one), "picture": base64.b64encode(one.picture).decode()} for one in many]
        ).encode()


def _packed(coverage: bytes) -> str:
    return base64.b64encode(zlib.compress(coverage)).decode()


def _unpacked(packed: str, box: Box) -> bytes:
    """ValueError when it is not a byte for every pixel of `box`; never more is unpacked."""
    pixels = (box[2] - box[0]) * (box[3] - box[1])
    coverage = zlib.decompressobj().decompress(base64.b64decode(packed), pixels + 1)
    if len(coverage) != pixels:
        raise ValueError("not the coverage of this box")
    return coverage


def _box(kept: Sequence[Any]) -> Box:
    left, top, right, bottom = (int(edge) for edge in kept)
    if left >= right or top >= bottom:
        raise ValueError("an empty box")
    return left, top, right, bottom


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
