"""What pictures carry beside their pixels, spoilt: a refusal, or a picture."""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from bridge.color import check, to_srgb
from bridge.errors import BridgeError
from bridge.open import open_photo
from bridge.png import write_png
from tests.revising import noise

PIXELS = noise(12, 10)
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
Edit = tuple[int, bytes, bool]
# Where, what, and whether it is put in or over what is there. Sizes and offsets are of 4 bytes.
EDITS = st.lists(
    st.tuples(
        st.integers(0, 4000),
        st.one_of(
            st.binary(max_size=8),
            st.sampled_from([b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0" * 4, b"\x80\0\0\0"]),
        ),
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
)
CALM = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def spoilt(whole: bytes, edits: list[Edit]) -> bytes:
    data = bytearray(whole)
    for where, what, put_in in edits:
        at = where % (len(data) + 1)
        data[at : at if put_in else at + len(what)] = what
    return bytes(data)


def exif() -> bytes:
    """Orientation, a maker, a comment and a folder of its own, as cameras write."""
    notes = Image.Exif()
    notes[274], notes[271], notes[306] = 6, "Maker", "2026:01:01 00:00:00"
    notes.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0a comment"
    return notes.tobytes()


def opened(data: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        with contextlib.suppress(BridgeError):
            photo = open_photo(path)
            check(photo.form.model, photo.profile)
            color = photo.pixels[..., : 1 if photo.form.model == "gray" else 3]
            to_srgb(color, photo.form.model, photo.profile)


@CALM
@given(EDITS)
def test_a_spoilt_profile_is_refused_or_used(edits: list[Edit]) -> None:
    profile = spoilt(PROFILE, edits)
    with contextlib.suppress(BridgeError):
        check("rgb", profile)
        seen = to_srgb(PIXELS, "rgb", profile)
        assert np.isfinite(seen).all()


@CALM
@given(EDITS)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_spoilt_notes_of_a_camera_are_refused_or_passed_over(kind: str, edits: list[Edit]) -> None:
    body = io.BytesIO()
    notes, profile = spoilt(exif(), edits), spoilt(PROFILE, edits)
    Image.fromarray(PIXELS).save(body, kind, exif=notes, icc_profile=profile)
    opened(body.getvalue(), f"it.{kind.lower()}")


@CALM
@given(EDITS)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_spoilt_file_is_refused_or_opened(kind: str, edits: list[Edit]) -> None:
    opened(spoilt(WHOLE[kind], edits), f"it.{kind.lower()}")


def _whole(kind: str) -> bytes:
    body = io.BytesIO()
    if kind == "TIFF":
        tifffile.imwrite(body, PIXELS, photometric="rgb", compression="zlib", iccprofile=PROFILE)
    elif kind == "PNG":
        return write_png(PIXELS, PROFILE)
    else:
        Image.fromarray(PIXELS).save(body, kind, exif=exif(), icc_profile=PROFILE)
    return body.getvalue()


WHOLE = {kind: _whole(kind) for kind in ("JPEG", "PNG", "WEBP", "TIFF")}


def test_the_whole_ones_are_opened(tmp_path: Path) -> None:
    for kind, data in WHOLE.items():
        path = tmp_path / f"it.{kind.lower()}"
        path.write_bytes(data)
        photo = open_photo(path)
        assert photo.profile == PROFILE
        check(photo.form.model, photo.profile)
