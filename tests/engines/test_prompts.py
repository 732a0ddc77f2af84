"""The words a model is given, whole, as it reads them."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.engines.base import Ask, Json, Wish
from bridge.engines.prompts import SAME_FRAME, describe, instruct
from bridge.geometry import Size
from bridge.pixels import Array

PICTURE = np.zeros((100, 100, 3), np.float32)
BACKGROUND = "the empty background, continued seamlessly from what surrounds it"


def selected(top: int, bottom: int, left: int, right: int) -> Array:
    mask = np.zeros((100, 100), np.float32)
    mask[top:bottom, left:right] = 1
    return mask


def ask(
    prompt: str,
    helper: str = "",
    *,
    mask: Array | None = None,
    how_far: str = "",
    keep: tuple[str, ...] = (),
    references: int = 0,
    **options: Json,
) -> Ask:
    wish = Wish(prompt, helper, how_far, keep, options)
    return Ask("m", PICTURE, mask, wish, Size(100, 100), references=(PICTURE,) * references)


ROWS = [
    (
        ask("make the door green."),
        f"make the door green. Everything else stays exactly as it is. {SAME_FRAME}",
    ),
    (
        ask("the man", "remove", mask=selected(30, 70, 25, 75)),
        "Remove the man. Continue what lies behind, as if it had never been there; put nothing in "
        "its place. Change only the middle part of image 1, from 25 % to 75 % of its width and "
        f"from 30 % to 70 % of its height; everything outside it stays exactly as it is. "
        f"{SAME_FRAME}",
    ),
    (
        ask("", mask=selected(70, 100, 0, 20)),
        "Remove what is there. Continue what lies behind, as if it had never been there; put "
        "nothing in its place. Change only the lower left part of image 1, from 0 % to 20 % of its "
        "width and from 70 % to 100 % of its height; everything outside it stays exactly as it is. "
        f"{SAME_FRAME}",
    ),
    (
        ask("", "text", old="OPEN", new="CLOSED"),
        "Change the lettering “OPEN” to “CLOSED”, letter for letter. Keep typeface, weight, size, "
        "spacing, colour, perspective and wear. Everything else stays exactly as it is. "
        f"{SAME_FRAME}",
    ),
    (
        ask("", "text", new="{BAR}"),
        "Write “{BAR}”, letter for letter, as part of the scene. Everything else stays exactly as "
        f"it is. {SAME_FRAME}",
    ),
    (
        ask("a red hat", "add", how_far="touch", keep=("identity",), references=1),
        "Add a red hat. Match scale, perspective, light, shadow and grain of the picture. Make the "
        "smallest change that does this. Everything else stays exactly as it is. Keep every person "
        "recognisable: the same face, hair, age and build. Image 1 is the one to change; image 2 "
        f"is only to take from. {SAME_FRAME}",
    ),
    (
        ask("evening", "light"),
        "Change only the light: evening. Shapes, materials and details stay as they are. "
        f"{SAME_FRAME}",
    ),
    (
        ask("a poster", "compose", references=3),
        "Make a new picture of it: a poster. Image 1 is the one to change; images 2 to 4 are only "
        "to take from.",
    ),
    (
        ask("", "finish", references=1),
        "Paint image 1 out in full detail; it was made from this wish: what is there. Image 1 is a "
        "draft: keep what it shows and where. Image 2 is the original it was made from: take "
        f"detail, materials and sharpness from it. {SAME_FRAME}",
    ),
    (
        ask("a hat", "finish", references=3),
        "Paint image 1 out in full detail; it was made from this wish: a hat. Image 1 is a draft: "
        "keep what it shows and where. Image 2 is the original it was made from: take detail, "
        "materials and sharpness from it. Besides, images 3 to 4 are only to take from. "
        f"{SAME_FRAME}",
    ),
    (ask("a dragon", how_far="free"), f"a dragon. Interpret this freely. {SAME_FRAME}"),
]


@pytest.mark.parametrize(("asked", "words"), ROWS)
def test_an_instruction_reads(asked: Ask, words: str) -> None:
    assert instruct(asked) == words


def test_a_model_with_a_mask_is_told_of_the_mask() -> None:
    words = instruct(ask("a cat", mask=selected(0, 9, 0, 9)), masked=True)
    assert "Change only the transparent area of the mask;" in words


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (ask("a red door", "replace"), "a red door"),
        (ask("the man", "remove"), BACKGROUND),
        (ask(""), BACKGROUND),
        (
            ask("", "text", old="A", new="B"),
            "lettering that reads “B”, in the style of the lettering around it.",
        ),
    ],
)
def test_a_description_reads(asked: Ask, words: str) -> None:
    assert describe(asked) == words
