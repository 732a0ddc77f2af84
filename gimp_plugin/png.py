"""A frame as a file: a PNG as the bridge writes it for one who reads it at once."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RGB_OF_8_BITS = (8, 2, 0, 0, 0)  # depth, colours; packed, filtered and in order as ever
PIXEL = 3  # bytes


class Unreadable(ValueError):
    """It is none of the bridge's."""


@dataclass(frozen=True)
class Frame:
    """pixels: RGB, a byte each. profile: ICC that says what they mean, b"" = sRGB."""

    width: int
    height: int
    pixels: bytes
    profile: bytes


def read_frame(png: bytes) -> Frame:
    """Unreadable unless it is RGB of 8 bits, its rows unfiltered as the bridge leaves them."""
    try:
        chunks = list(_chunks(png))
        width, height, *kind = struct.unpack(">IIBBBBB", dict(chunks)[b"IHDR"])
        packed = b"".join(content for name, content in chunks if name == b"IDAT")
        rows = zlib.decompress(packed)
        profile = next((_icc(content) for name, content in chunks if name == b"iCCP"), b"")
    except (struct.error, KeyError, zlib.error) as exc:
        raise Unreadable("not a whole PNG") from exc
    step = width * PIXEL + 1  # a row begins with the number of its filter
    if tuple(kind) != RGB_OF_8_BITS or len(rows) != step * height or any(rows[::step]):
        raise Unreadable("not a PNG of this kind")
    pixels = b"".join(rows[at + 1 : at + step] for at in range(0, len(rows), step))
    return Frame(width, height, pixels, profile)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not png.startswith(SIGNATURE):
        raise Unreadable("not a PNG")
    at = len(SIGNATURE)
    while at < len(png):
        length, name = struct.unpack_from(">I4s", png, at)
        yield name, png[at + 8 : at + 8 + length]
        at += 12 + length


def _icc(chunk: bytes) -> bytes:
    _, _, packed = chunk.partition(b"\0")  # its name, then how it is packed, then itself
    return zlib.decompress(packed[1:])
