"""Pixels to bytes and back, and bytes that lie."""

from __future__ import annotations

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from bridge.engines import encode
from bridge.errors import Nonsense, TooBigForModel
from bridge.pixels import Array, unit

GRADIENT = unit((np.indices((24, 40, 3)).sum(0) % 256).astype(np.uint8))


def written(mode: str, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    pixels = np.rint(GRADIENT * 255).astype(np.uint8)
    Image.fromarray(pixels).convert(mode).save(buffer, form, **options)
    return buffer.getvalue()


def test_a_png_brings_every_8_bit_value_back() -> None:
    np.testing.assert_array_equal(encode.picture(encode.png(GRADIENT).data, "X"), GRADIENT)


def test_a_png_keeps_the_colours_apart() -> None:
    red = np.zeros((4, 4, 3), np.float32)
    red[..., 0] = 1
    with Image.open(io.BytesIO(encode.png(red).data)) as image:
        assert image.getpixel((0, 0)) == (255, 0, 0)


def test_the_alpha_mask_is_open_where_the_model_shall_paint() -> None:
    mask = np.zeros((8, 8), np.float32)
    mask[2:4] = 1
    alpha = encode.picture(encode.alpha_mask(mask).data, "X")[..., 3]
    np.testing.assert_array_equal(alpha, 1 - mask)


def test_a_16_bit_png_keeps_its_depth() -> None:
    steps = np.arange(64 * 3, dtype=np.uint16).reshape(8, 8, 3) + 30_000
    _, data = cv2.imencode(".png", steps[..., ::-1])
    np.testing.assert_array_equal(
        np.rint(encode.picture(bytes(data), "X") * 65535).astype(np.uint16), steps
    )


@pytest.mark.parametrize(
    ("mode", "form", "channels"),
    [
        ("RGB", "PNG", 3),
        ("RGBA", "PNG", 4),
        ("L", "PNG", 3),
        ("P", "PNG", 3),
        ("RGB", "JPEG", 3),
        ("CMYK", "JPEG", 3),
        ("RGB", "WEBP", 3),
        ("RGBA", "WEBP", 4),
    ],
)
def test_every_form_that_models_answer_in_is_read(mode: str, form: str, channels: int) -> None:
    pixels = encode.picture(written(mode, form), "X")
    assert pixels.dtype == np.float32
    assert pixels.shape[:2] == (24, 40)
    assert pixels.shape[2] in (channels, 3)  # WebP drops an alpha that is opaque everywhere


def test_lossless_webp_is_read() -> None:
    np.testing.assert_array_equal(
        encode.picture(written("RGB", "WEBP", lossless=True), "X"), GRADIENT
    )


def test_a_type_is_what_the_bytes_say() -> None:
    assert encode.sniff(written("RGB", "JPEG")) == "image/jpeg"
    assert encode.sniff(b"<html>") is None


def bomb(width: int, height: int) -> bytes:
    """A whole, valid PNG of a few hundred bytes that claims to be huge."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


NOT_A_PICTURE = "X answered with something that is not a picture. Ask again; it costs again."
DAMAGED = "X answered with a damaged picture. Ask again; it costs again."
TOO_MANY = (
    "X answered with a picture of {}, more than anything it offers; it was not opened. "
    "Ask again; it costs again."
)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", NOT_A_PICTURE),
        (b"<html>busy</html>", NOT_A_PICTURE),
        (b"GIF89a" + bytes(50), NOT_A_PICTURE),
        (b"\x89PNG\r\n\x1a\n", NOT_A_PICTURE),
        (b"\xff\xd8\xff", NOT_A_PICTURE),
        (b"\xff\xd8\xff\xe0\x00\x00\x00" * 9, NOT_A_PICTURE),
        (b"RIFF\0\0\0\0WEBPVP8X", NOT_A_PICTURE),
        (written("RGB", "PNG")[:-30], DAMAGED),
        (written("RGB", "JPEG")[:-200], DAMAGED),
        (written("RGB", "WEBP")[:-20], DAMAGED),
        (bomb(60_000, 60_000), TOO_MANY.format("60000x60000")),
        (bomb(17_000, 100), TOO_MANY.format("17000x100")),
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(Nonsense) as caught:
        encode.picture(data, "X")
    assert caught.value.sentence == sentence
    assert caught.value.charged == "yes"


def test_text_that_is_not_base64_is_refused() -> None:
    with pytest.raises(Nonsense) as caught:
        encode.from_base64("not base64!", "X")
    assert caught.value.sentence == DAMAGED


def noise(edge: int) -> Array:
    return np.random.default_rng(7).random((edge, edge, 3), np.float32)


def test_a_small_picture_is_sent_without_loss() -> None:
    assert encode.fitting(GRADIENT, 1_000_000, "X").media_type == "image/png"


def test_a_picture_over_the_limit_is_sent_as_jpeg() -> None:
    pixels = noise(128)
    most = len(encode.png(pixels).data) - 1
    encoded = encode.fitting(pixels, most, "X")
    assert encoded.media_type == "image/jpeg"
    assert len(encoded.data) <= most


def test_a_picture_that_no_jpeg_makes_fit_is_refused() -> None:
    with pytest.raises(TooBigForModel) as caught:
        encode.fitting(noise(128), 1000, "X")
    assert caught.value.sentence == (
        "The picture 128x128 is over the 0 MB that X takes; select less or choose a smaller size."
    )
    assert caught.value.charged == "no"
