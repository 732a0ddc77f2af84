"""Colour profiles for tests, made here from published constants."""

from __future__ import annotations

import struct

import imagecodecs
import numpy as np

from bridge.pixels import Array

Numbers = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

_D65 = (0.3127, 0.3290)
_SRGB = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_WIDE = (0.7347, 0.2653, 0.1152, 0.8264, 0.1566, 0.0177)


def srgb_curve(linear: Array) -> Array:
    """IEC 61966-2-1: linear light to encoded."""
    return np.where(
        linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055
    ).astype(np.float32)


def srgb_linear(encoded: Array) -> Array:
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4).astype(
        np.float32
    )


def tabulated_srgb() -> bytes:
    """sRGB with its curve as a table of 1024 entries, as many files carry it."""
    steps = np.linspace(0, 1, 1024, dtype=np.float32)
    curve = np.rint(srgb_linear(steps) * 65535).astype(np.uint16)
    return bytes(
        imagecodecs.cms_profile("rgb", whitepoint=_D65, primaries=_SRGB, transferfunction=curve)
    )


def builtin_srgb() -> bytes:
    return bytes(imagecodecs.cms_profile("srgb"))


def linear_srgb() -> bytes:
    return bytes(imagecodecs.cms_profile("rgb", whitepoint=_D65, primaries=_SRGB, gamma=1.0))


def wide(gamma: float = 1.8) -> bytes:
    """Primaries far outside sRGB, ICC version 4."""
    return bytes(imagecodecs.cms_profile("rgb", whitepoint=_D65, primaries=_WIDE, gamma=gamma))


def adobe() -> bytes:
    return bytes(imagecodecs.cms_profile("adobergb"))


def grey(gamma: float) -> bytes:
    return bytes(imagecodecs.cms_profile("gray", whitepoint=_D65, gamma=gamma))


def lab() -> bytes:
    return bytes(imagecodecs.cms_profile("lab4"))


def cmyk(*, writable: bool = True) -> bytes:
    """A press of ideal inks: sRGB = (1 - ink) * (1 - black). ICC version 2, lookup tables."""
    inks = _grid(9, 4)
    to_lab = _lut(9, _lab_steps((1 - inks[:, :3]) * (1 - inks[:, 3:])))
    tags = {b"A2B0": to_lab}
    if writable:
        steps = _grid(33, 3) * 65535
        colors = np.stack(
            [steps[:, 0] / 652.8, steps[:, 1] / 256 - 128, steps[:, 2] / 256 - 128], axis=-1
        )
        rgb = imagecodecs.cms_transform(
            colors[None].astype(np.float32), lab(), builtin_srgb(), colorspace="lab",
            outcolorspace="rgb", intent=1,
        )[0]  # fmt: skip
        made = np.zeros((len(rgb), 4))
        made[:, :3] = 1 - np.clip(rgb, 0, 1)
        tags[b"B2A0"] = _lut(33, made * 65535, channels_in=3)
    return _profile(b"prtr", b"CMYK", b"Lab ", tags)


def _grid(side: int, axes: int) -> Numbers:
    return np.stack(np.meshgrid(*[np.linspace(0, 1, side)] * axes, indexing="ij"), axis=-1).reshape(
        -1, axes
    )


def _lab_steps(rgb: Numbers) -> Numbers:
    """16-bit Lab as ICC version 2 stores it."""
    colors = imagecodecs.cms_transform(
        rgb[None].astype(np.float32), builtin_srgb(), lab(), colorspace="rgb",
        outcolorspace="lab", intent=1,
    )[0]  # fmt: skip
    steps: Numbers = np.clip(colors * [652.8, 256, 256] + [0, 32768, 32768], 0, 65535)
    return steps


def _lut(side: int, table: Numbers, channels_in: int = 4) -> bytes:
    """A `mft2` tag: straight curves around a grid of `side` steps per channel."""
    identity = struct.pack(">9i", *(65536, 0, 0, 0, 65536, 0, 0, 0, 65536))
    straight = struct.pack(">2H", 0, 65535)
    channels_out = table.shape[1]
    return (
        struct.pack(">4s4x4B", b"mft2", channels_in, channels_out, side, 0)
        + identity
        + struct.pack(">2H", 2, 2)
        + straight * channels_in
        + np.rint(table).astype(">u2").tobytes()
        + straight * channels_out
    )


def _profile(kind: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    tags = {
        b"wtpt": struct.pack(">4s4x3i", b"XYZ ", 63190, 65536, 54061),  # D50
        b"desc": struct.pack(">4s4xI5s", b"desc", 5, b"test\0") + bytes(78),
        **tags,
    }
    at = 132 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, tag in tags.items():
        table += struct.pack(">4sII", name, at + len(body), len(tag))
        body += tag + bytes(-len(tag) % 4)
    header = struct.pack(
        ">I4sI4s4s4s12s4s4x24x3i48x", at + len(body), b"", 0x02400000, kind, space, connection,
        bytes(12), b"acsp", 63190, 65536, 54061,
    )  # fmt: skip
    return header + table + body
