"""Runs trials side by side and keeps what was measured of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from typing import Any

import cv2

from bridge.compose import compose
from tests.bench.fidelity.measure import Figures, figures
from tests.bench.fidelity.peers import PEERS
from tests.bench.fidelity.scenes import build
from tests.bench.fidelity.series import Draw


@dataclass(frozen=True, slots=True)
class Outcome:
    """of: "ours" first, then each peer's figures for the same trial."""

    draw: Draw
    of: dict[str, Figures]

    def to_json(self) -> dict[str, Any]:
        draw = self.draw
        return {
            "row": draw.row.scene.name,
            "picture": draw.picture,
            "content": draw.other,
            "seed": draw.seed,
            "figures": {name: asdict(found) for name, found in self.of.items()},
        }


def outcome(draw: Draw) -> Outcome:
    trial = build(draw.row.scene, draw.picture, draw.other, draw.seed)
    found = {"ours": figures(trial, compose(trial.piece))}
    for name, peer in PEERS.items():
        # A peer knows no offer; its own figures say nothing about one.
        found[name] = replace(figures(trial, peer(trial.piece)), offered=None)
    return Outcome(draw, found)


def outcomes(draws: Sequence[Draw], workers: int) -> Iterator[Outcome]:
    """In the order of `draws`; each worker draws on one core."""
    if workers == 1:
        yield from map(outcome, draws)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), _one_core) as pool:
        yield from pool.map(outcome, draws)


def _one_core() -> None:
    cv2.setNumThreads(1)
