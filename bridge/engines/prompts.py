"""A wish in a model's words. Two kinds of models listen differently:

    instruct   models that read an instruction and look at whole pictures ("Remove the man.")
    describe   models that paint a hole and want to know what is seen in it ("an empty street")

The sentences are data; what order they come in is code. An id that is not known says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bridge.engines.base import Ask, Wish
from bridge.pixels import Array

# {prompt}: what the artist wrote. {old}, {new}: the two strings of the text helper.
INSTRUCTIONS: Mapping[str, str] = {
    "": "{prompt}.",
    "remove": "Remove {prompt}. Continue what lies behind, as if it had never been there; "
    "put nothing in its place.",
    "replace": "Replace what is there with {prompt}. Match place, scale, perspective, light and "
    "grain of the picture.",
    "add": "Add {prompt}. Match scale, perspective, light, shadow and grain of the picture.",
    "text": "Change the lettering “{old}” to “{new}”, letter for letter. Keep typeface, weight, "
    "size, spacing, colour, perspective and wear. {prompt}",
    "write": "Write “{new}”, letter for letter, as part of the scene. {prompt}",
    "light": "Change only the light: {prompt}. Shapes, materials and details stay as they are.",
    "grade": "Change only colours and tones: {prompt}. Shapes and details stay as they are.",
    "look": "Render it in this look: {prompt}. Every shape stays where it is.",
    "enhance": "Make it cleaner and more detailed; invent nothing. {prompt}",
    "finish": "Paint image 1 out in full detail; it was made from this wish: {prompt}.",
    "tile": "Paint image 1 out in full detail. It is a part of a larger picture, which was made "
    "from this wish: {prompt}. Add nothing that image 1 does not show.",
    "compose": "Make a new picture of it: {prompt}.",
}
DESCRIPTIONS: Mapping[str, str] = {
    "": "{prompt}",
    "remove": "the empty background, continued seamlessly from what surrounds it",
    "text": "lettering that reads “{new}”, in the style of the lettering around it. {prompt}",
    "write": "lettering that reads “{new}”. {prompt}",
}
HOW_FAR: Mapping[str, str] = {
    "touch": "Make the smallest change that does this.",
    "clear": "Make the change clearly visible.",
    "free": "Interpret this freely.",
}
KEEP: Mapping[str, str] = {
    "composition": "Keep the composition: everything stays in its place and at its size.",
    "palette": "Keep the palette: use only the colours that are there.",
    "identity": "Keep every person recognisable: the same face, hair, age and build.",
    "lettering": "Keep all lettering as it is, letter for letter.",
    "silhouette": "Keep the outline of every shape.",
    "product": "Keep the product's shape exactly: its proportions, parts and perspective.",
}
ONLY_THERE = "Change only {place}; everything outside it stays exactly as it is."
NOTHING_ELSE = "Everything else stays exactly as it is."
SAME_FRAME = "Return the whole image 1 in the same framing, not cropped, moved or rescaled."
FINISH = (
    "Image 1 is a draft: keep what it shows and where. Image 2 is the original it was made from: "
    "take detail, materials and sharpness from it."
)
REST = "Besides, {others} only to take from."
REFERENCES = "Image 1 is the one to change; {others} only to take from."

# What the artist means by these is the whole picture, so "nothing else" would contradict them.
WHOLE_PICTURE = frozenset({"light", "grade", "look", "enhance", "finish", "tile", "compose"})


def instruct(ask: Ask, *, masked: bool = False) -> str:
    """The whole instruction. `masked`: the model is also sent the mask itself."""
    wish = ask.wish
    helper = _helper(wish)
    told = [
        _filled(INSTRUCTIONS.get(helper, INSTRUCTIONS[""]), wish, nothing="what is there"),
        HOW_FAR.get(wish.how_far, ""),
        _region(ask, helper, masked),
        *(KEEP.get(constraint, "") for constraint in wish.keep),
        _references(ask),
        "" if helper == "compose" else SAME_FRAME,
    ]
    return " ".join(sentence for sentence in told if sentence)


def describe(ask: Ask) -> str:
    """What is seen in the hole when the model is done."""
    template = DESCRIPTIONS.get(_helper(ask.wish), DESCRIPTIONS[""])
    return _filled(template, ask.wish, nothing="")


def place(mask: Array) -> str:
    """Where the selected part of `mask` (H, W) lies, in words and in percent."""
    rows, columns = mask.max(axis=1) > 0, mask.max(axis=0) > 0
    if not rows.any():
        return "the picture"
    (left, right), (top, bottom) = _extent(columns), _extent(rows)
    if left <= 2 and top <= 2 and right >= 98 and bottom >= 98:
        return "the picture"
    down = ("upper", "", "lower")[_third(top, bottom)]
    across = ("left", "", "right")[_third(left, right)]
    where = " ".join(word for word in (down, across) if word) or "middle"
    return (
        f"the {where} part of image 1, from {left} % to {right} % of its width and from {top} % "
        f"to {bottom} % of its height"
    )


def _helper(wish: Wish) -> str:
    """An empty wish means that what is selected shall go; lettering without old text is new."""
    if wish.helper == "text" and not wish.options.get("old"):
        return "write"
    if not wish.prompt.strip() and not wish.helper:
        return "remove"
    return wish.helper


def _filled(template: str, wish: Wish, nothing: str) -> str:
    prompt = wish.prompt.strip()
    if "{prompt}." in template or "{prompt} " in template:
        prompt = prompt.rstrip(".") or nothing
    old, new = (str(wish.options.get(key, "")).strip() for key in ("old", "new"))
    return template.format(prompt=prompt, old=old, new=new or prompt).strip()


def _region(ask: Ask, helper: str, masked: bool) -> str:
    if ask.wish.how_far == "free" or helper == "compose":
        return ""
    if ask.mask is None:
        return "" if helper in WHOLE_PICTURE else NOTHING_ELSE
    if masked:
        return ONLY_THERE.format(place="the transparent area of the mask")
    where = place(ask.mask)
    if where == "the picture":
        return "" if helper in WHOLE_PICTURE else NOTHING_ELSE
    return ONLY_THERE.format(place=where)


def _references(ask: Ask) -> str:
    count = len(ask.references)
    if not count:
        return ""
    if ask.wish.helper not in ("finish", "tile"):
        return REFERENCES.format(others=_images(2, count + 1))
    rest = f" {REST.format(others=_images(3, count + 1))}" if count > 1 else ""
    return FINISH + rest


def _images(first: int, last: int) -> str:
    return f"image {first} is" if first == last else f"images {first} to {last} are"


def _extent(covered: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> tuple[int, int]:
    """First and last covered place in percent."""
    at = np.flatnonzero(covered)
    return round(100 * int(at[0]) / covered.size), round(100 * (int(at[-1]) + 1) / covered.size)


def _third(start: int, end: int) -> int:
    return min(2, (start + end) * 3 // 200)
