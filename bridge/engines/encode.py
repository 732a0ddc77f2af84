"""Working pixels to the bytes that are sent, and bytes from outside back to working pixels.

Bytes from outside are believed in nothing: the type is read from the bytes themselves, and a
picture of too many pixels is refused by its header, before any of it is unpacked.
"""

from __future__ import annotations

import base64
import binascii
import io
import struct
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bridge.errors import Nonsense, TooBigForModel
from bridge.geometry import Size
from bridge.pixels import Array, Depth, Native, stored, unit

MediaType = Literal["image/png", "image/jpeg", "image/webp"]

# The largest pictures that models make have 19 megapixels; more than this is an attack or a fault.
MOST_PIXELS = 64_000_000
LONGEST_EDGE = 16384
END_BYTES = 4096  # in which a picture ends; some writers leave notes of their own behind it
# OpenCV's names for these, written out so that it is loaded only when a picture is there.
PNG_COMPRESSION = 16
JPEG_QUALITY = 1
JPEG_SAMPLING = 7
JPEG_SAMPLING_444 = 0x111111
JPEG_QUALITIES = (95, 88, 80)  # tried in turn when a PNG is over the limit


@dataclass(frozen=True, slots=True)
class Encoded:
    data: bytes
    media_type: MediaType

    @property
    def base64(self) -> str:
        return base64.b64encode(self.data).decode("ascii")

    @property
    def data_url(self) -> str:
        return f"data:{self.media_type};base64,{self.base64}"

    @property
    def filename(self) -> str:
        return f"picture.{self.media_type.removeprefix('image/')}"


def png(pixels: Array) -> Encoded:
    """8 bits a channel, from float32 (H, W), (H, W, 3) or (H, W, 4) in 0..1."""
    return Encoded(_write(".png", pixels, [PNG_COMPRESSION, 3]), "image/png")


def png16(pixels: Array) -> Encoded:
    """16 bits a channel, from float32 (H, W, 3) in 0..1."""
    options = [PNG_COMPRESSION, 1]
    return Encoded(_write(".png", pixels, options, depth="u16"), "image/png")


def jpeg(pixels: Array, quality: int = 95) -> Encoded:
    """From float32 (H, W, 3) in 0..1; colour is not subsampled."""
    data = _write(".jpg", pixels, [JPEG_QUALITY, quality, JPEG_SAMPLING, JPEG_SAMPLING_444])
    return Encoded(data, "image/jpeg")


def fitting(pixels: Array, most_bytes: int, label: str) -> Encoded:
    """PNG when it fits into `most_bytes`, else the best JPEG that does.

    TooBigForModel when none fits.
    """
    encoded = png(pixels)
    for quality in JPEG_QUALITIES:
        if len(encoded.data) <= most_bytes:
            return encoded
        encoded = jpeg(pixels, quality)
    if len(encoded.data) <= most_bytes:
        return encoded
    height, width = pixels.shape[:2]
    raise TooBigForModel(
        f"The picture {width}x{height} is over the {most_bytes / 1e6:.0f} MB that {label} takes; "
        "select less or choose a smaller size."
    )


def alpha_mask(mask: Array) -> Encoded:
    """For models that repaint where alpha is 0: black, opaque where `mask` (H, W) is 0."""
    picture = np.zeros((*mask.shape, 4), np.float32)
    picture[..., 3] = 1.0 - mask
    return png(picture)


def picture(data: bytes, label: str) -> Array:
    """float32 (H, W, 3), or (H, W, 4) when it has alpha, of a PNG, JPEG or WebP.

    Nonsense, charged, when `data` is no whole picture or one of too many pixels.
    """
    size = stated_size(data)
    if size is None:
        raise Nonsense(
            f"{label} answered with something that is not a picture. Ask again; it costs again.",
            charged="yes",
        )
    if size.pixels > MOST_PIXELS or max(size.width, size.height) > LONGEST_EDGE:
        raise Nonsense(
            f"{label} answered with a picture of {size}, more than anything it offers; "
            "it was not opened. Ask again; it costs again.",
            charged="yes",
        )
    try:
        return unit(_read(data))
    except (OSError, SyntaxError, ValueError) as exc:  # what Pillow raises for broken bytes
        raise Nonsense(
            f"{label} answered with a damaged picture. Ask again; it costs again.", charged="yes"
        ) from exc


def from_base64(text: str, label: str) -> bytes:
    """Nonsense, charged, when `text` is not base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise Nonsense(
            f"{label} answered with a damaged picture. Ask again; it costs again.", charged="yes"
        ) from exc


def sniff(data: bytes) -> MediaType | None:
    """What the bytes say they are, whatever anybody else says."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def ends(data: bytes) -> bool:
    """Whether a picture seems to be there to its end, as far as its last bytes tell."""
    match sniff(data):
        case "image/png":
            return b"IEND" in data[-END_BYTES:]
        case "image/jpeg":
            return b"\xff\xd9" in data[-END_BYTES:]
        case "image/webp":
            return len(data) >= 8 + int.from_bytes(data[4:8], "little")
    return False


# --- writing -----------------------------------------------------------------------------------


def _write(extension: str, pixels: Array, options: list[int], depth: Depth = "u8") -> bytes:
    import cv2

    steps = stored(pixels, depth)
    if steps.ndim == 3:
        steps = steps[..., [2, 1, 0, 3][: steps.shape[2]]]  # OpenCV writes blue first
    done, data = cv2.imencode(extension, np.ascontiguousarray(steps), options)
    assert done, "OpenCV encodes every integer picture"
    return bytes(data)


# --- reading -----------------------------------------------------------------------------------


def _read(data: bytes) -> Native:
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        if image.format == "PNG" and data[24] == 16:
            image.verify()  # Pillow would silently reduce it to 8 bits, so it only checks
            return _read_16_bit(data)
        mode = "RGBA" if image.has_transparency_data else "RGB"
        return np.asarray(image.convert(mode))


def _read_16_bit(data: bytes) -> Native:
    import cv2

    steps = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if steps is None:
        raise ValueError("unreadable PNG")
    if steps.ndim == 2:
        return np.repeat(steps[..., None], 3, axis=2)
    native: Native = steps[..., [2, 1, 0, 3][: steps.shape[2]]]
    return native


def stated_size(data: bytes) -> Size | None:
    """From the header alone; None when it is cut off, or no PNG, JPEG or WebP."""
    kind = sniff(data)
    if kind is None:
        return None
    read = {"image/png": _png_size, "image/jpeg": _jpeg_size, "image/webp": _webp_size}[kind]
    try:
        size = read(data)
    except (struct.error, IndexError):
        return None
    return size if size and size.width and size.height else None


def _png_size(data: bytes) -> Size:
    return Size(*struct.unpack(">II", data[16:24]))


def _jpeg_size(data: bytes) -> Size | None:
    """Walks the segments to the start of frame (C0..CF without C4, C8 and CC)."""
    at = 2
    while at < len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return Size(width, height)
        at += 2 + int(struct.unpack(">H", data[at + 2 : at + 4])[0])
    return None


def _webp_size(data: bytes) -> Size | None:
    chunk = data[12:16]
    if chunk == b"VP8X":
        return Size(1 + _u24(data, 24), 1 + _u24(data, 27))
    if chunk == b"VP8L":
        (bits,) = struct.unpack("<I", data[21:25])
        return Size(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if chunk == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return Size(width & 0x3FFF, height & 0x3FFF)
    return None


def _u24(data: bytes, at: int) -> int:
    low, high = struct.unpack("<HB", data[at : at + 3])
    return int(low | high << 16)
