"""What the test engine makes of a document's pixels, worked out apart from the bridge.

Krita stores CMYK integers as 0..top with no ink at 0, floats as 0..100; Lab integers with L as
0..top and a, b offset by 128/255 of the top, floats as they are.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import imagecodecs
import numpy as np
import tifffile

from bridge.files import Files
from tests.hosts.krita.artist import Pixels
from tests.hosts.running import Host

SPACES = {"RGBA": "rgb", "GRAYA": "gray", "CMYKA": "cmyk", "LABA": "lab"}
SPAN = {"LABA": [100.0, 255.0, 255.0], "CMYKA": [100.0]}
OFFSET = {"LABA": [0.0, 128.0, 128.0]}
RELATIVE, BLACK_POINT = 1, 0x2000
DEEPEST = 65535  # the engine answers in integers of 16 bits


def seen(pixels: Pixels, model: str, profile: bytes) -> Pixels:
    """Stored pixels without alpha -> what a model is shown: sRGB, 0..1."""
    return np.clip(_transformed(_units(pixels, model), model, profile, forth=True), 0, 1)


def taken(answer: Pixels, model: str, profile: bytes, dtype: np.dtype[Any]) -> Pixels:
    """sRGB, 0..1 -> as it would be stored, taken once through the profile."""
    steps = _stored(_transformed(answer, model, profile, forth=False), model, dtype)
    return np.round(steps) if np.issubdtype(dtype, np.integer) else steps


def answered(home: Path) -> Pixels:
    """The pixels that an engine answered with last, sRGB, 0..1, as the history keeps them."""
    with closing(sqlite3.connect(home / "history.db")) as kept:
        asked = "SELECT answer FROM variant WHERE answer IS NOT NULL ORDER BY changed DESC LIMIT 1"
        ((name,),) = kept.execute(asked)
    data = np.frombuffer(Files(home).get(name), np.uint8)
    steps = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)[..., ::-1].astype(np.float32)
    decoded: Pixels = steps * np.float32(1 / DEEPEST)  # a press profile tells 1e-7 from nothing
    return decoded


def profile_of(krita: Host) -> bytes:
    """Of the document `doc`, as Krita itself writes it into a TIFF."""
    krita.do("doc.exportImage(str(folder / 'profile.tif'), krita.InfoObject())")
    with tifffile.TiffFile(krita.folder / "profile.tif") as written:
        return bytes(written.pages.first.tags["InterColorProfile"].value)


def _transformed(values: Pixels, model: str, profile: bytes, *, forth: bool) -> Pixels:
    srgb = bytes(imagecodecs.cms_profile("srgb"))
    ends = [(SPACES[model], profile), ("rgb", srgb)]
    (space, icc), (out_space, out_icc) = ends if forth else ends[::-1]
    flat = values[..., 0] if space == "gray" else values
    found: Pixels = imagecodecs.cms_transform(
        np.ascontiguousarray(flat, np.float32),
        icc,
        out_icc,
        colorspace=space,
        outcolorspace=out_space,
        intent=RELATIVE,
        flags=BLACK_POINT,
    )
    shaped: Pixels = found.reshape(*values.shape[:2], -1).astype(float)
    return shaped


def _units(pixels: Pixels, model: str) -> Pixels:
    values: Pixels = pixels.astype(float)
    if np.issubdtype(pixels.dtype, np.integer):
        values = values / np.iinfo(pixels.dtype).max
        values = values * np.array(SPAN.get(model, [1.0])) - np.array(OFFSET.get(model, [0.0]))
    return values


def _stored(units: Pixels, model: str, dtype: np.dtype[Any]) -> Pixels:
    """As steps or floats, not yet rounded."""
    if np.issubdtype(dtype, np.integer):
        parts = (units + np.array(OFFSET.get(model, [0.0]))) / np.array(SPAN.get(model, [1.0]))
        units = np.clip(parts, 0, 1) * np.iinfo(dtype).max
    return units
