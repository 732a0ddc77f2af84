"""The engine's pixels are taken once through the document's profile, in every model and depth."""

from __future__ import annotations

import numpy as np
import pytest

from tests.hosts.krita.artist import (
    BACKGROUND,
    CHANNELS,
    DTYPES,
    PATCH,
    Pixels,
    array,
    landed,
    opened,
    outside,
    revise,
)
from tests.hosts.krita.colors import answered, profile_of, seen, taken
from tests.hosts.running import Host

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(300)]


@pytest.mark.parametrize(
    ("model", "depth", "profile", "tolerance"),
    [
        ("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", 0.001),
        ("RGBA", "U8", "sRGB-elle-V2-g10.icc", 1.001),
        ("RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", 1.001),
        ("RGBA", "U16", "sRGB-elle-V2-g10.icc", 1.001),
        ("RGBA", "F16", "sRGB-elle-V2-srgbtrc.icc", 0.001),
        ("RGBA", "F32", "sRGB-elle-V2-srgbtrc.icc", 0.00005),
        ("RGBA", "F32", "sRGB-elle-V2-g10.icc", 0.00005),
        ("GRAYA", "U8", "Gray-D50-elle-V2-srgbtrc.icc", 1.001),
        ("GRAYA", "U16", "Gray-D50-elle-V2-srgbtrc.icc", 1.001),
        ("GRAYA", "F16", "Gray-D50-elle-V2-srgbtrc.icc", 0.001),
        ("GRAYA", "F32", "Gray-D50-elle-V2-srgbtrc.icc", 0.00005),
    ],
)
def test_the_answer_is_taken_once_through_the_profile(
    krita: Host, model: str, depth: str, profile: str, tolerance: float
) -> None:
    """tolerance: steps of integers, parts of one of floats; the truth is the profile's curve,

    from what the engine answered: half a step of its own is more than one of a linear picture.
    """
    opened(krita, model=model, depth=depth, profile=profile)
    assert krita.do("result = doc.colorProfile()") == profile
    top = 1 if depth.startswith("F") else np.iinfo(DTYPES[depth]).max
    seen = array(krita, BACKGROUND, model, depth)[..., :-1].astype(float) / top
    revise(krita)
    landed(krita)
    patch = array(krita, PATCH, model, depth).astype(float)
    truth = 1 - seen
    if "g10" in profile:
        answer = answered(krita.folder / "home" / "redraft")
        answer = answer[..., ::-1] if depth.startswith("U") else answer
        assert np.abs(answer - (1 - to_srgb(seen))).max() <= 2 * STEP
        truth = from_srgb(answer.astype(float))
    assert np.abs(patch[..., :-1] - np.round(truth * top, 0 if top > 1 else 9)).max() <= tolerance
    assert (patch[..., -1] == top).all()


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


OTHERS = (  # and by how much it may be off: steps of integers, units of floats
    ("CMYKA", "U8", "", 1.0),
    ("CMYKA", "U16", "", 1.0),
    ("CMYKA", "F32", "", 0.0005),  # of 100
    ("LABA", "U8", "", 1.0),
    ("LABA", "U16", "", 1.0),
    ("LABA", "F32", "", 0.0005),  # of 100
    ("RGBA", "U8", "ClayRGB-elle-V2-g22.icc", 1.0),
    ("RGBA", "U16", "WideRGB-elle-V2-g22.icc", 1.0),
    ("RGBA", "F32", "LargeRGB-elle-V2-g22.icc", 0.000005),
    ("GRAYA", "U8", "Gray-D50-elle-V2-g22.icc", 1.0),
    ("GRAYA", "U16", "Gray-D50-elle-V2-g22.icc", 1.0),
)
STEP = 1 / 65535  # of the engine's answer; it is rounded, so half of one, and the way there


@pytest.mark.parametrize(("model", "depth", "profile", "tolerance"), OTHERS)
def test_other_profiles_are_taken_once_there_and_once_back_and_nothing_else_changes(
    krita: Host, model: str, depth: str, profile: str, tolerance: float
) -> None:
    """The truth is worked out by Little CMS with the profile that Krita itself writes."""
    opened(krita, model=model, depth=depth, profile=profile)
    icc = profile_of(krita)
    layer, before = array(krita, BACKGROUND, model, depth), array(krita, "doc", model, depth)
    revise(krita)
    landed(krita)
    answer = answered(krita.folder / "home" / "redraft")
    shown = seen(_rgb_first(layer, model, depth), model, icc)
    assert np.abs(answer - (1 - shown)).max() <= 2 * STEP
    patch = array(krita, PATCH, model, depth)
    colors = _rgb_first(patch, model, depth)
    truth = taken(answer, model, icc, colors.dtype)
    assert np.abs(colors.astype(float) - truth).max() <= tolerance
    after = array(krita, "doc", model, depth)
    assert np.array_equal(outside(after), outside(before))
    assert np.array_equal(array(krita, BACKGROUND, model, depth), layer)
    inside = np.s_[40:70, 60:80]
    assert np.array_equal(after[inside], patch[inside])
    assert not np.array_equal(after[inside], before[inside])


def test_no_model_or_depth_that_krita_has_is_left_out(krita: Host) -> None:
    """F16 of Lab and CMYK exists in no version."""
    there = krita.do("result = {m: app.colorDepths(m) for m in ('RGBA', 'GRAYA', 'CMYKA', 'LABA')}")
    for model in CHANNELS:
        tested = {depth for one, depth, _, _ in OTHERS if one == model}
        tested |= {"U8", "U16", "F16", "F32"} if model in ("RGBA", "GRAYA") else set()
        assert tested == set(there[model])


def _rgb_first(pixels: Pixels, model: str, depth: str) -> Pixels:
    """Without alpha, red first."""
    colors = pixels[..., :-1]
    return colors[..., ::-1] if model == "RGBA" and depth.startswith("U") else colors
