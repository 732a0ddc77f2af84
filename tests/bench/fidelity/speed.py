"""Time and memory of compose, against what a plain registration costs in the same run.

Every figure is the median of runs taken in turn with its yardstick, so that a busy machine slows
both. The yardstick of the estimate: OpenCV's SIFT with its defaults on both model-size pictures,
matched by brute force, and an affine ECC on three levels (50 rounds or 1e-4 each).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from bridge.compose import Piece, compose
from tests.bench.fidelity.drift import Array
from tests.bench.fidelity.lines import Line
from tests.bench.fidelity.pictures import names
from tests.bench.fidelity.scenes import Scene, build

RUNS = 5
SHARE = 0.2  # of a frame of 24 MP is the box
BOX_SCALE = (24.0 * SHARE / 1.032) ** 0.5  # document px per model px at which the box has that

Job = Callable[[], object]


def lines() -> list[Line]:
    return [*_times(), *_memory()]


def _times() -> list[Line]:
    one, large = _piece(1.0), _piece(BOX_SCALE)
    ours, yardstick = _medians(lambda: compose(one), lambda: _registration(one))
    grown, small, warp = _medians(
        lambda: compose(large), lambda: compose(one), lambda: _lanczos(large)
    )
    first, second = ours / yardstick, (grown - small) / warp
    print(
        f"\ncompose at 1 MP {ours:.2f} s, SIFT and ECC {yardstick:.2f} s; "
        f"at 24 MP (box 20 %) {grown:.2f} s, one Lanczos warp of it {warp:.2f} s"
    )
    return [
        Line("compose at 1 MP, times SIFT + ECC (<= 1.3)", first, first <= 1.3, RUNS),
        Line("24 MP less 1 MP, times a Lanczos warp (<= 3)", second, second <= 3, RUNS),
    ]


def _memory() -> list[Line]:
    claim = "peak memory of 24 MP less 1 MP, times the box (<= 3)"
    if not Path("/proc/self/clear_refs").exists():
        return [Line(claim, None, False, 0)]
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        ratio = pool.submit(_memory_ratio).result()
    return [Line(claim, ratio, ratio <= 3, 1)]


def _memory_ratio() -> float:
    """In a process of its own; the first compose warms it."""
    small, large = _piece(1.0), _piece(BOX_SCALE)
    _peak(small)
    grown = _peak(large) - _peak(small)
    return grown / large.original.nbytes


def _peak(piece: Piece) -> int:
    """Bytes by which resident memory peaks above where it stood."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before = _status("VmRSS")
    compose(piece)
    return _status("VmHWM") - before


def _status(field: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise LookupError(f"This system's /proc/self/status has no {field}.")


def _piece(scale: float) -> Piece:
    pictures = names("reporting")
    return build(Scene("typical", scale=scale), pictures[0], pictures[1], 0).piece


def _medians(*jobs: Job) -> list[float]:
    """Seconds; the jobs run in turn."""
    taken: list[list[float]] = [[] for _ in jobs]
    for _ in range(RUNS):
        for job, mine in zip(jobs, taken, strict=True):
            began = time.perf_counter()
            job()
            mine.append(time.perf_counter() - began)
    return [float(np.median(mine)) for mine in taken]


def _registration(piece: Piece) -> None:
    tall, wide = piece.answer.shape[:2]
    small = cv2.resize(piece.original, (wide, tall), interpolation=cv2.INTER_AREA)
    one, other = _grey(np.asarray(small)), _grey(piece.answer)
    sift = cv2.SIFT_create()
    (_, first), (_, second) = (sift.detectAndCompute(plain, None) for plain in (one, other))
    cv2.BFMatcher().knnMatch(first, second, k=2)
    warp = np.eye(2, 3, dtype=np.float32)
    ends = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 50, 1e-4)
    for level in (2, 1, 0):
        size = (wide >> level, tall >> level)
        pair = [cv2.resize(plain, size, interpolation=cv2.INTER_AREA) for plain in (one, other)]
        try:
            _, warp = cv2.findTransformECC(*pair, warp, cv2.MOTION_AFFINE, ends)
        except cv2.error:  # it did not converge, which took as long
            warp = np.eye(2, 3, dtype=np.float32)
        warp[:, 2] *= 2


def _lanczos(piece: Piece) -> Array:
    height, width = piece.original.shape[:2]
    matrix = np.asarray(piece.to_answer.for_indices(), np.float64)
    flags = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(piece.answer, matrix, (width, height), flags=flags)
    return np.asarray(laid, np.float32)


def _grey(picture: Array) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    grey = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY)
    return np.asarray(np.clip(np.asarray(grey) * 255, 0, 255), np.uint8)
