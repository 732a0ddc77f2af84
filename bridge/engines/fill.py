"""Fill: removes or heals what is selected, from the picture's own texture.

PatchMatch: Barnes et al., "PatchMatch: A Randomized Correspondence Algorithm for Structural Image
Editing", SIGGRAPH 2009; completion coarse to fine as in Wexler et al., "Space-Time Completion of
Video", PAMI 2007. The library neither reports progress nor can be stopped: it runs in a child.
"""

from __future__ import annotations

from collections.abc import Mapping

from bridge.engines.base import (
    Answer,
    Ask,
    Engine,
    Json,
    Progress,
    Received,
    Ref,
    Steps,
    Wish,
    Work,
)
from bridge.engines.verbs import objection_to
from bridge.errors import Unsupported
from bridge.geometry import Box
from bridge.pixels import Array

LEAST_SOURCE = 0.2  # of the picture: with less there is nothing to fill from
LEAST_PATCHES = 0.02  # of the picture: places where a whole patch is source
PATCH_RADIUS = 3  # px: a patch spans 7; larger ones follow larger structures, and take longer
# The hole is the selection, grown: else the rim of the thing, which every hand-drawn selection
# leaves outside, is taken for background and continued. What is painted there stays hidden.
GROWN_SHARE = 0.005  # of the mean edge
LEAST_GROWN = 3  # px: the rim that sharpening and JPEG leave around things
DEADLINE_SECONDS = 180.0
SEED = 20  # the same picture gives the same result
NOTHING_SELECTED = "Nothing is selected; select what Fill should remove."


class Fill(Engine):
    id = "fill"
    label = "Fill"
    where = "this machine"
    keeps = False

    def objection(
        self, wish: Wish, *, selection: Box | None, whole: Box, facts: Mapping[str, Json]
    ) -> str:
        return NOTHING_SELECTED if selection is None else objection_to(wish, self.id)

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        """Unsupported when nothing is selected, or nearly everything: nothing to fill from."""
        if ask.mask is None or not ask.mask.any():
            raise Unsupported(NOTHING_SELECTED)
        source = float((ask.mask == 0).mean())
        if source < LEAST_SOURCE:
            raise Unsupported(
                f"Only {source:.0%} of this part is left to fill from, Fill needs "
                f"{LEAST_SOURCE:.0%}; select less."
            )
        yield Progress(note="filling")
        seed = SEED if ask.seed is None else ask.seed
        raw = yield Work(filled, (ask.picture, ask.mask, seed), DEADLINE_SECONDS)
        yield Received(raw, "image/png", seed=seed)

    def decode(self, raw: bytes, media_type: str) -> Answer:
        from bridge.engines.encode import picture

        return Answer(picture(raw, self.label), "in place")


def filled(picture: Array, mask: Array, seed: int) -> bytes:
    """A PNG of `picture` (H, W, 3), 0..1, with `mask` (H, W), 1 = hole, filled. In the child.

    Unsupported when the source is all slivers, or the library came without its compiled part.
    """
    import cv2
    import numpy as np
    import patchmatch

    from bridge.engines.encode import png
    from bridge.pixels import stored, unit

    if not patchmatch.patchmatch_available:
        raise Unsupported(
            "Fill cannot run on this machine: PyPatchMatch came without its compiled part. Install "
            "a C++ compiler, CMake and OpenCV, then reinstall it; or choose another model."
        )
    reach = max(LEAST_GROWN, round(sum(mask.shape) / 2 * GROWN_SHARE))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    hole = np.asarray(cv2.dilate((mask > 0).astype(np.uint8), disc))
    patch = np.ones((2 * PATCH_RADIUS + 1, 2 * PATCH_RADIUS + 1), np.uint8)
    if cv2.erode(1 - hole, patch).mean() < LEAST_PATCHES:  # the library would answer black
        raise Unsupported("What is left beside the selection is too narrow; select less.")
    patchmatch.set_random_seed(seed)
    pixels = patchmatch.inpaint(stored(picture, "u8"), hole * 255, patch_size=PATCH_RADIUS)
    return png(unit(pixels)).data


ENGINE = Fill
