"""PNG of 8 and 16 bits a channel, exact, with its profile."""

from __future__ import annotations

import io
import struct
import zlib

import imagecodecs
import numpy as np
from PIL import Image

from bridge.errors import BadRequest
from bridge.pixels import Native

SIGNATURE = b"\x89PNG\r\n\x1a\n"
AFTER_IHDR = len(SIGNATURE) + 4 + 4 + 13 + 4
LEVEL = 3  # of deflate: files a tenth larger than at 9, in a fifth of the time


def read_png(data: bytes, name: str) -> tuple[Native, bytes | None]:
    """(H, W, 1..4) uint8 or uint16, and the profile. BadRequest when it is damaged or moves."""
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            if getattr(image, "is_animated", False):
                raise BadRequest(f"{name} is an animation; save the picture you mean by itself.")
            profile = image.info.get("icc_profile")
            if data[24] == 16:
                image.verify()
                pixels: Native = imagecodecs.png_decode(data)
            else:
                pixels = np.asarray(image.convert(_mode(image)))
    except (OSError, SyntaxError, ValueError, imagecodecs.PngError) as exc:
        raise BadRequest(f"{name} is a damaged PNG; save it again.") from exc
    return (pixels[..., None] if pixels.ndim == 2 else pixels), profile


def write_png(pixels: Native, profile: bytes | None, *, packed: bool = True) -> bytes:
    """pixels: (H, W, 1..4), uint8 or uint16: grey, grey and alpha, RGB, RGBA.

    packed: False for a file that is read at once and removed; as large as its pixels, in a
    twentieth of the time.
    """
    whole = np.ascontiguousarray(pixels)
    way = {"level": LEVEL} if packed else {"level": 0, "filter": imagecodecs.PNG.FILTER.NONE}
    data = bytes(imagecodecs.png_encode(whole, **way))
    if not profile:
        return data
    chunk = _chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(profile))
    return data[:AFTER_IHDR] + chunk + data[AFTER_IHDR:]


def _mode(image: Image.Image) -> str:
    gray = image.mode in ("1", "L", "LA", "I", "I;16")
    if gray:
        return "LA" if image.has_transparency_data else "L"
    return "RGBA" if image.has_transparency_data else "RGB"


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
