"""A draft of one answer, painted out in tiles: how much nearer to the truth, and in which tone."""

from __future__ import annotations

import cv2
import numpy as np

from bridge.compose import Tile, compose, compose_tiles
from bridge.engines.base import Limits, TableSize
from bridge.geometry import Box, Size
from bridge.tiles import make_tiles
from tests.bench.fidelity.drift import Array, rigid
from tests.bench.fidelity.lines import Line, at_least, at_most, share
from tests.bench.fidelity.measure import laid
from tests.bench.fidelity.pictures import names
from tests.bench.fidelity.rendering import Rendering, rendered
from tests.bench.fidelity.scenes import MODEL, Scene, Trial, build

TRIALS = 4
SCALE = 3.0  # document px per model px: 9 MP, which one answer of 1 MP paints at a third
LOCAL = Scene("tiles, local", edit=0.3, scale=SCALE)
LOOK = Scene("tiles, look", whole="night", margin=None, wish="style", scale=SCALE)
LIMITS = Limits(TableSize({"1K": (Size(MODEL[1], MODEL[0]),)}, "1K"))
TONE = 24.0  # px: sigma beyond which a picture is tone


def lines(part: str = "reporting") -> list[Line]:
    """Seeds 0 to TRIALS - 1, local edits and looks in turn."""
    gains, steps, pasted, exact = [], [], [], []
    for seed in range(TRIALS):
        pictures = names(part)
        trial = build(
            LOCAL if seed % 2 == 0 else LOOK,
            pictures[(2 * seed) % len(pictures)],
            pictures[(2 * seed + 1) % len(pictures)],
            seed,
        )
        original = trial.piece.original
        first = compose(trial.piece)
        draft = laid(original, first.pixels, first.mask)
        tiles = answered(trial, seed)
        patch = compose_tiles(trial.piece, draft, tiles)
        result = laid(original, patch.pixels, patch.mask)
        inside = trial.change > 0.5
        gains.append(_db(result, trial.truth, inside) - _db(draft, trial.truth, inside))
        steps.append(_off(result, draft))
        pasted.append(max(_off(_fitted(tile), _under(draft, tile)) for tile in tiles))
        if trial.piece.selection is not None:
            beyond = trial.piece.selection <= 0
            exact.append(bool((result[beyond] == original[beyond]).all()))
    return [
        share("tiles: outside the selection bit-identical, share of trials (1)", exact, 1.0),
        at_least("tiles: dB nearer to the truth than the draft, median (reported)", gains, 50, 0),
        at_least("tiles: dB nearer to the truth than the draft, least (reported)", gains, 0, 0),
        at_most("tiles: off the draft's tone, most, of 255 (reported)", steps, 100, np.inf),
        at_most("the same of tiles as they came, median (reported)", pasted, 50, np.inf),
    ]


def answered(trial: Trial, seed: int) -> list[Tile]:
    """Every tile as a model sends it: drifted and recoloured, each in its own way."""
    rng = np.random.default_rng([seed, 99])
    height, width = trial.truth.shape[:2]
    plan = make_tiles(Size(width, height), _selected(trial), LIMITS, "1K")
    found = []
    for one in plan.tiles:
        seen = np.ascontiguousarray(trial.truth[one.box.slices(Box(0, 0, width, height))])
        way = cv2.INTER_AREA if one.box.width > MODEL[1] else cv2.INTER_LANCZOS4
        small = np.asarray(cv2.resize(seen, MODEL[::-1], interpolation=way), np.float32)
        drifted = rigid(rng, MODEL).sampled(np.clip(small, 0, 1))
        found.append(Tile(one.box, rendered(rng, drifted, Rendering())))
    return found


def _selected(trial: Trial) -> Box | None:
    selection = trial.piece.selection
    if selection is None:
        return None
    rows, columns = np.nonzero(selection)
    return Box(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)


def _fitted(tile: Tile) -> Array:
    assert tile.answer is not None
    size = tile.box.width, tile.box.height
    return np.asarray(cv2.resize(tile.answer, size, interpolation=cv2.INTER_LINEAR), np.float32)


def _under(draft: Array, tile: Tile) -> Array:
    return draft[tile.box.top : tile.box.bottom, tile.box.left : tile.box.right]


def _off(pixels: Array, draft: Array) -> float:
    """By how much the tone differs in the 99th of a hundred places, 0..255."""
    gap = cv2.GaussianBlur(np.ascontiguousarray(pixels - draft), (0, 0), TONE)
    return 255 * float(np.percentile(np.abs(np.asarray(gap))[::8, ::8], 99))


def _db(one: Array, other: Array, where: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
    error = float(((one - other)[where] ** 2).mean(dtype=np.float64))
    return float(10 * np.log10(1 / max(error, 1e-10)))
