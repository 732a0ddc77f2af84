"""How GIMP stores pixels: bytes in, bytes out."""

from __future__ import annotations

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
