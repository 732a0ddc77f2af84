"""What is done in the real GIMP, and what can be read back out of it."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from tests.hosts.running import Host

SIZE = (160, 120)
BOX = (40, 30, 100, 80)  # what `opened` selects of a picture of SIZE
PATIENCE = 150.0  # seconds for anything that a test waits for
DTYPES: dict[str, type[Any]] = {
    "U8": np.uint8,
    "U16": np.uint16,
    "U32": np.uint32,
    "HALF": np.float16,
    "FLOAT": np.float32,
    "DOUBLE": np.float64,
}
PATCH = "hand.layer(img, 'the negative · Known')"
BACKGROUND = "hand.layer(img, 'Background')"

Pixels = np.ndarray[Any, Any]


def opened(gimp: Host, *, box: tuple[int, ...] | None = BOX, **how: Any) -> None:
    select = f"\nhand.select(img, {box!r})" if box else ""
    gimp.do(f"img = hand.open_picture(**{how!r}){select}")


def revise(gimp: Host, **how: Any) -> list[str]:
    """Without a window; the names of the new layers."""
    made: list[str] = gimp.do(f"result = hand.revise(img, **{how!r})", PATIENCE)
    return made


def refusal(gimp: Host, **how: Any) -> str:
    said: str = gimp.do(f"result = hand.refusal(lambda: hand.revise(img, **{how!r}))", PATIENCE)
    return said


def layers(gimp: Host, image: str = "img") -> list[Any]:
    """Name, visibility and children of each top layer, from the top."""
    found: list[Any] = gimp.do(f"result = hand.tree({image})")
    return found


def names(gimp: Host, image: str = "img") -> list[str]:
    return [one[0] for one in layers(gimp, image)]


def array(
    gimp: Host,
    layer: str,
    channels: int = 3,
    depth: str = "U8",
    size: tuple[int, int] = SIZE,
) -> Pixels:
    """Pixels of a drawable, as they lie in GIMP's memory."""
    data = base64.b64decode(gimp.do(f"result = hand.pixels({layer})"))
    return np.frombuffer(data, DTYPES[depth]).reshape(size[1], size[0], channels)


def seen(gimp: Host, channels: int = 4, depth: str = "U8", size: tuple[int, int] = SIZE) -> Pixels:
    """The picture as GIMP shows it, in its own precision."""
    data = base64.b64decode(gimp.do("result = hand.seen(img)"))
    return np.frombuffer(data, DTYPES[depth]).reshape(size[1], size[0], channels)


def mask(gimp: Host, layer: str = PATCH, size: tuple[int, int] = SIZE) -> Pixels:
    data = base64.b64decode(gimp.do(f"result = hand.mask({layer})"))
    return np.frombuffer(data, np.uint8).reshape(size[1], size[0])


def area(gimp: Host, layer: str = PATCH) -> tuple[int, int, int, int]:
    """Where a layer lies in the picture."""
    left, top, width, height = gimp.do(
        f"one = {layer}\nresult = [*list(one.get_offsets())[1:], one.get_width(), one.get_height()]"
    )
    return left, top, left + width, top + height


def outside(pixels: Pixels, box: tuple[int, ...] = BOX) -> Pixels:
    """The pixels that are not in the box, in a row."""
    kept = np.ones(pixels.shape[:2], bool)
    kept[max(box[1], 0) : box[3], max(box[0], 0) : box[2]] = False
    selected: Pixels = pixels[kept]
    return selected


def to_srgb(linear: Pixels) -> Pixels:
    """The curve of IEC 61966-2-1."""
    curved: Pixels = np.where(
        linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 0) ** (1 / 2.4) - 0.055
    )
    return curved


def from_srgb(curved: Pixels) -> Pixels:
    linear: Pixels = np.where(
        curved <= 0.04045, curved / 12.92, ((np.maximum(curved, 0) + 0.055) / 1.055) ** 2.4
    )
    return linear
