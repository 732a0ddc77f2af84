"""What an artist does in the real Krita, and what can be read back out of it."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from tests.hosts.running import Host, HostBroke

BOX = (40, 30, 100, 80)  # what `opened` selects of a document of 160x120
SIZE = (160, 120)
PATIENCE = 60.0  # seconds for anything that a test waits for
DTYPES: dict[str, type[Any]] = {
    "U8": np.uint8,
    "U16": np.uint16,
    "F16": np.float16,
    "F32": np.float32,
}
CHANNELS = {"RGBA": 4, "GRAYA": 2, "CMYKA": 5, "LABA": 4}
BACKGROUND = "doc.topLevelNodes()[0]"
PATCH = "hand.by_name(doc, 'the negative · Known')"

Pixels = np.ndarray[Any, Any]


def wait(krita: Host, expression: str, seconds: float = PATIENCE) -> Any:
    """The value of `expression` as soon as it is true; else what the docker said instead."""
    try:
        return krita.until(expression, seconds)
    except HostBroke as exc:
        raise HostBroke(f"the docker says: {krita.do('result = hand.seen()')}\n{exc}") from exc


def opened(krita: Host, **how: Any) -> None:
    krita.do(f"doc = hand.open_document(**{how!r})\nhand.select(doc, {BOX!r})")


def revise(krita: Host, model: str = "known", prompt: str = "the negative") -> None:
    """Model and wish by the visible controls, then the button."""
    krita.do(f"hand.choose('model', {model!r})\nhand.type_prompt({prompt!r})")
    wait(krita, f"hand.planned({model.capitalize()!r})")
    krita.do("hand.click('revise')")


def landed(krita: Host) -> None:
    wait(krita, "hand.has_landed(doc)")
    krita.do("doc.waitForDone()")


def layers(krita: Host, document: str = "doc") -> list[Any]:
    """Name, type, visibility and children of each top layer, from the bottom."""
    found: list[Any] = krita.do(f"result = hand.layers({document})")
    return found


def array(
    krita: Host,
    node: str,
    model: str = "RGBA",
    depth: str = "U8",
    size: tuple[int, int] = SIZE,
) -> Pixels:
    """Pixels of the whole document, as Krita stores them."""
    width, height = size
    data = base64.b64decode(krita.do(f"result = hand.pixels({node}, 0, 0, {width}, {height})"))
    return np.frombuffer(data, DTYPES[depth]).reshape(height, width, CHANNELS[model])


def outside(pixels: Pixels) -> Pixels:
    """The pixels that are not in BOX, in a row."""
    kept = np.ones(pixels.shape[:2], bool)
    kept[BOX[1] : BOX[3], BOX[0] : BOX[2]] = False
    selected: Pixels = pixels[kept]
    return selected
