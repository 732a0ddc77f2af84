"""Fill, Looks and the words they understand: real children, real pixels."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from bridge.engines import child
from bridge.engines.base import Answer, Ask, Engine, Received, Wish, Work
from bridge.engines.fill import Fill
from bridge.engines.looks import Looks
from bridge.engines.verbs import LOOKS, understand
from bridge.errors import Unsupported
from bridge.geometry import Size
from bridge.pixels import Array, unit
from tests.revising import noise


def ask(prompt: str, pixels: Array, mask: Array | None = None, **more: Any) -> Ask:
    wish = Wish(prompt, how_far=more.pop("how_far", ""))
    size = Size(pixels.shape[1], pixels.shape[0])
    return Ask(model="built in", picture=pixels, mask=mask, wish=wish, size=size, **more)


def answered(engine: Engine, asked: Ask) -> Answer:
    steps, reply = engine.revise(asked), None
    while True:
        step = steps.send(reply)
        if isinstance(step, Received):
            assert isinstance(step.raw, bytes)
            return engine.decode(step.raw, step.media_type)
        reply = asyncio.run(child.run(step)) if isinstance(step, Work) else None


def stripes_with_a_blot() -> tuple[Array, Array]:
    columns = np.arange(160)
    pixels = np.repeat((columns // 8 % 2)[None, :, None], 120, axis=0) * np.ones(3) * 0.6 + 0.2
    blotted = pixels.astype(np.float32)
    mask = np.zeros((120, 160), np.float32)
    mask[45:75, 60:100] = 1
    blotted[50:70, 65:95] = (1, 0, 0)
    return blotted, mask


# --- Fill -------------------------------------------------------------------------------------


def test_fill_continues_what_surrounds_the_hole() -> None:
    pixels, mask = stripes_with_a_blot()
    filled = answered(Fill(), ask("remove", pixels, mask)).pixels
    red = (filled[..., 0] - filled[..., 1]) > 0.3
    assert not red.any()
    stripes = np.where(np.arange(160) // 8 % 2, 0.8, 0.2)
    assert np.abs(filled[60, 62:98, 1] - stripes[62:98]).mean() < 0.1


def test_fill_leaves_everything_else_and_says_it_lies_in_place() -> None:
    pixels, mask = stripes_with_a_blot()
    answer = answered(Fill(), ask("remove", pixels, mask))
    assert answer.lies == "in place"
    assert np.abs(answer.pixels - pixels)[mask == 0][:1000].max() <= 0.5 / 255 + 1e-6


def test_fill_gives_the_same_result_for_the_same_seed() -> None:
    pixels, mask = stripes_with_a_blot()
    one = answered(Fill(), ask("remove", pixels, mask, seed=3)).pixels
    assert np.array_equal(one, answered(Fill(), ask("remove", pixels, mask, seed=3)).pixels)


def test_fill_refuses_when_nearly_nothing_is_left_to_fill_from() -> None:
    pixels, mask = stripes_with_a_blot()
    mask[:] = 1
    mask[:12] = 0
    with pytest.raises(Unsupported, match=r"Only 10% .* needs 20%; select less"):
        answered(Fill(), ask("remove", pixels, mask))


def test_fill_refuses_without_a_selection() -> None:
    assert "select what" in Fill().objection(Wish("remove"), selected=False)


# --- Looks ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def picture() -> Array:
    return unit(noise(96, 64, seed=4)) * np.float32(0.7) + np.float32(0.15)


def looked(prompt: str, pixels: Array, **more: Any) -> Array:
    return answered(Looks(), ask(prompt, pixels, **more)).pixels


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
    from bridge.engines.encode import picture as opened
    from bridge.engines.looks import looked as work

    result = opened(work(picture, understand(words).steps, references), "Looks")
    assert result.shape == picture.shape
    assert np.abs(result - picture).mean() > 0.002


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
    assert "choose Looks" in Fill().objection(Wish("warmer"), selected=True)
    assert "choose Fill" in Looks().objection(Wish("remove the man"), selected=True)
    assert Looks().objection(Wish("warmer\ndarker"), selected=True) == ""
