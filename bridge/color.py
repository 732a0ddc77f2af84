"""Colour between a document and what models see: sRGB-encoded RGB, float32, 0..1.

A document whose profile is sRGB in effect is not transformed at all, so its values survive the
way there and back exactly. Everything else goes through Little CMS once in float32, relative
colorimetric with black point compensation. Models know nothing brighter than white: scene-linear
values outside 0..1, and colours outside sRGB, are clipped on the way in.

Without a profile RGB and grey are taken as sRGB, Lab as CIE Lab (D50); CMYK without a profile has
no meaning and is refused. Units beside RGB and grey: CMYK is 0..100 % ink in floats and 0..top in
integers, no ink at 0; Lab floats are L 0..100 and a, b as they are, Lab integers hold L as 0..top
and a, b offset by 128/255 of the top (the encoding of ICC version 4, for 8 and 16 bit alike).

Alpha never comes here: Little CMS leaves it uninitialised, so callers split it off before.
"""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType

import numpy as np

from bridge.errors import BadRequest, BridgeError, Unsupported
from bridge.pixels import COLORS, DTYPES, Array, Depth, Model, Native, stored, unit

NAMES: dict[Model, str] = {"rgb": "RGB", "gray": "grey", "cmyk": "CMYK", "lab": "Lab"}
MAX_PROFILE_BYTES = 32 << 20  # the largest press profiles stay below 10 MB

_SPACES = {b"RGB ": "RGB", b"GRAY": "grey", b"CMYK": "CMYK", b"Lab ": "Lab"}
_HEADER_BYTES = 132  # an ICC header and its tag count
_RELATIVE = 1  # intent: keeps in-gamut colours where they are, so that there and back is the same
_BLACK_POINT = 0x2000  # flag: maps black to black, as hosts and print shops do
# sRGB profiles in the wild differ by up to 1.35/255 in a saturated corner (rounded primaries) and
# by 0.05/255 along the greys (tabulated curves); the next nearest space, Rec. 709, by 16/255.
_SAME_COLOR = 1.5 / 255
_SAME_GREY = 0.5 / 255
_NOISE = 0.49  # of a step; below a half, with room for float32 rounding at 16 bit


def to_srgb(color: Native, model: Model, profile: bytes | None) -> Array:
    """(H, W, C) without alpha, native depth -> (H, W, 3), sRGB-encoded, 0..1, clipped.

    BadRequest when the profile is damaged or of another colour model; Unsupported when there is
    no way to read these colours (CMYK without a profile, a device link).
    """
    values = np.nan_to_num(unit(color), copy=False, nan=0.0, posinf=1.0, neginf=0.0)
    if is_srgb(model, profile):
        rgb = values if model == "rgb" else np.repeat(values, 3, axis=-1)
    else:
        integer = np.issubdtype(color.dtype, np.integer)
        units = _from_steps(values, model) if integer else values
        rgb = _transformed(units, model, _profile(model, profile), "rgb", _srgb())
    return np.clip(rgb, 0, 1)


def from_srgb(
    rgb: Array, model: Model, depth: Depth, profile: bytes | None, *, dither: bool = False
) -> Native:
    """(H, W, 3), sRGB-encoded -> (H, W, C) without alpha in the document's depth and profile.

    Values outside 0..1 are clipped. `dither` adds noise of less than half a step before 8 and
    16-bit values are rounded, which breaks up bands and leaves values on the grid exact. Errors
    as for `to_srgb`, and Unsupported when the profile can be read but not written to.
    """
    rgb = np.clip(rgb, 0, 1)
    if is_srgb(model, profile):
        units = rgb if model == "rgb" else _grey(rgb)
    else:
        units = _transformed(rgb, "rgb", _srgb(), model, _profile(model, profile))
    if not np.issubdtype(DTYPES[depth], np.integer):
        return stored(units, depth)
    steps = _to_steps(units, model)
    return stored(_dithered(steps, depth) if dither else steps, depth)


def check(model: Model, profile: bytes | None) -> None:
    """Raises what `to_srgb` or `from_srgb` would, before anything is sent or paid for."""
    to_srgb(np.zeros((1, 1, COLORS[model]), np.float32), model, profile)
    from_srgb(np.zeros((1, 1, 3), np.float32), model, "f32", profile)


@lru_cache(maxsize=16)
def is_srgb(model: Model, profile: bytes | None) -> bool:
    """Whether values mean the same as in sRGB to within what rounding in profiles explains."""
    if model not in ("rgb", "gray"):
        return False
    if profile is None:
        return True
    bytes_ = _profile(model, profile)
    ramp = np.linspace(0, 1, 256, dtype=np.float32)[:, None]
    greys = np.repeat(ramp, 3, axis=1)[None]
    if _apart(ramp[None] if model == "gray" else greys, greys, model, bytes_) > _SAME_GREY:
        return False
    if model == "gray":
        return True
    side = np.linspace(0, 1, 9, dtype=np.float32)
    cube = np.stack(np.meshgrid(side, side, side), axis=-1).reshape(9, -1, 3)
    return _apart(cube, cube, model, bytes_) <= _SAME_COLOR


def _apart(values: Array, expected: Array, model: Model, profile: bytes) -> float:
    seen = np.clip(_transformed(values, model, profile, "rgb", _srgb()), 0, 1)
    return float(np.abs(seen - expected).max())


def _profile(model: Model, profile: bytes | None) -> bytes:
    if profile is not None:
        return _checked(model, profile)
    if model == "cmyk":
        raise Unsupported(
            "The picture is CMYK without a colour profile, so its inks have no known colours; "
            "assign the profile of the press, or convert to RGB."
        )
    return _lab() if model == "lab" else _srgb()


def _checked(model: Model, profile: bytes) -> bytes:
    """Of the size, kind and colour model that can be used; Little CMS judges the rest."""
    if len(profile) > MAX_PROFILE_BYTES:
        raise BadRequest(
            f"The colour profile has {len(profile) >> 20} MB; {MAX_PROFILE_BYTES >> 20} MB is the "
            "most. Assign another profile."
        )
    if len(profile) < _HEADER_BYTES or profile[36:40] != b"acsp":
        raise BadRequest("The colour profile is damaged; assign it again, or another one.")
    if profile[12:16] in (b"link", b"nmcl"):
        raise Unsupported(
            "The colour profile is a device link or a list of named colours, which holds no "
            "colour space; assign a display, scanner or printer profile."
        )
    if (space := profile[16:20]) != _signature(model):
        told = _SPACES.get(space, "another colour model")
        raise BadRequest(
            f"The picture is {NAMES[model]}, its colour profile is for {told}; assign a profile "
            f"for {NAMES[model]}."
        )
    return profile


def _signature(model: Model) -> bytes:
    return next(space for space, name in _SPACES.items() if name == NAMES[model])


def _transformed(
    values: Array, model: Model, profile: bytes, out_model: Model, out_profile: bytes
) -> Array:
    """(H, W, C) -> (H, W, C'), in the units Little CMS has for floats."""
    cms = _cms()
    flat = values[..., 0] if model == "gray" else values  # a channel axis of 1 is read as width
    try:
        out: Array = cms.cms_transform(
            flat,
            profile,
            out_profile,
            colorspace=model,
            outcolorspace=out_model,
            intent=_RELATIVE,
            flags=_BLACK_POINT,
        )
    except cms.CmsError as exc:
        raise _refusal(model, profile) from exc
    return out.reshape(*values.shape[:2], COLORS[out_model])


def _refusal(model: Model, profile: bytes) -> BridgeError:
    """Little CMS says only that it failed: a profile it cannot even read is damaged."""
    if profile == _srgb() and model == "rgb":
        return Unsupported(
            "The colour profile can be read but not written to, as it is for scanners and "
            "cameras only; convert the document to another profile."
        )
    return BadRequest("The colour profile is damaged; assign it again, or another one.")


def _from_steps(values: Array, model: Model) -> Array:
    """Integers as 0..1 -> the units of the same colours as floats."""
    if model == "cmyk":
        return values * np.float32(100)
    return values * _lab_span() - _lab_offset() if model == "lab" else values


def _to_steps(units: Array, model: Model) -> Array:
    """The inverse of `_from_steps`."""
    if model == "cmyk":
        return units / np.float32(100)
    return (units + _lab_offset()) / _lab_span() if model == "lab" else units


def _lab_span() -> Array:
    return np.array([100, 255, 255], np.float32)


def _lab_offset() -> Array:
    return np.array([0, 128, 128], np.float32)


def _grey(rgb: Array) -> Array:
    """Luminance of sRGB, sRGB-encoded, (H, W, 1); what is grey already keeps its exact value."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    light = linear @ np.array([0.2126, 0.7152, 0.0722])  # IEC 61966-2-1
    curve = 1.055 * np.maximum(light, 0.0031308) ** (1 / 2.4) - 0.055
    encoded = np.where(light <= 0.0031308, light * 12.92, curve)
    neutral = (rgb == rgb[..., :1]).all(axis=-1)
    return np.where(neutral, rgb[..., 0], encoded).astype(np.float32)[..., None]


def _dithered(steps: Array, depth: Depth) -> Array:
    if depth not in ("u8", "u16"):  # finer steps than float32 has are not worth noise
        return steps
    noise = np.random.default_rng(0).random(steps.shape, np.float32) * 2 - 1  # repeatable
    return steps + noise * np.float32(_NOISE / np.iinfo(DTYPES[depth]).max)


def _cms() -> ModuleType:
    import imagecodecs  # heavy: only when a profile has to be applied

    module: ModuleType = imagecodecs
    return module


@lru_cache(maxsize=1)
def _srgb() -> bytes:
    return bytes(_cms().cms_profile("srgb"))


@lru_cache(maxsize=1)
def _lab() -> bytes:
    return bytes(_cms().cms_profile("lab4"))
