"""Real photographs, split once and for all: what is tuned on is never reported on.

Figures are reported on REPORTING only; constants in bridge/compose were chosen on TUNING only.
`python -m tests.bench.photos` fetches them; without it the few pictures that ship with
scikit-image stand in, and the table says so.
"""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np

from tests.bench.fidelity.drift import Array

HOME = Path(os.environ.get("REDRAFT_BENCH_PHOTOS", Path.home() / ".cache" / "redraft" / "photos"))

TUNING = (
    "greentock_by_Peter_Nerlich.jpg",
    "aitzgorri_by_Aitzol_Berasategi.jpg",
    "Dragonfly_by_Bolly.jpg",
    "free_by_Peter_Nerlich.jpg",
    "Wine_by_Jakkub_Mede.jpg",
    "Storm.jpg",
    "Kite/contents/images/2560x1600.jpg",
)
REPORTING = (
    "seeding_by_Clements_Engelhardt.jpg",
    "friends_by_Aitzol_Berasategi.jpg",
    "sunset_by_Aitzol_Berasategi.jpg",
    "picosdeeuropa_by_Aitzol_Berasategi.jpg",
    "umang_by_Abhishek_Mudgal.jpg",
    "life_by_Aitzol_Berasategi.jpg",
    "Bridge_by_Sander_Klootwijk.jpg",
    "Picture_0B_by_freespace.jpg",
    "analogpattern_by_Peter_Nerlich.jpg",
    "TwoWings.jpg",
    "Wood.jpg",
    "ColorfulCups/contents/images/2560x1600.jpg",
)
STAND_IN_TUNING = ("skimage:coffee", "skimage:rocket")
STAND_IN_REPORTING = ("skimage:astronaut", "skimage:chelsea", "skimage:motorcycle_left")


def names(part: str) -> tuple[str, ...]:
    """The pictures of "tuning" or "reporting" that are here."""
    wanted, stand_in = {
        "tuning": (TUNING, STAND_IN_TUNING),
        "reporting": (REPORTING, STAND_IN_REPORTING),
    }[part]
    here = tuple(name for name in wanted if (HOME / name).is_file())
    return here or stand_in


def load(name: str) -> Array:
    """(H, W, 3) sRGB-encoded 0..1."""
    if name.startswith("skimage:"):
        return _shipped(name.removeprefix("skimage:"))
    stored = cv2.imread(str(HOME / name), cv2.IMREAD_COLOR)
    if stored is None:
        raise FileNotFoundError(f"{name} is not in {HOME}; run `make bench-photos`.")
    return np.ascontiguousarray(np.asarray(stored)[..., ::-1], np.float32) / np.float32(255)


def sized(picture: Array, width: int, height: int) -> Array:
    """The middle of the picture at that aspect, at that size; never enlarged beyond 1.6 times."""
    tall, wide = picture.shape[:2]
    share = min(wide / width, tall / height)
    w, h = round(width * share), round(height * share)
    top, left = (tall - h) // 2, (wide - w) // 2
    cut = picture[top : top + h, left : left + w]
    way = cv2.INTER_AREA if share > 1 else cv2.INTER_CUBIC
    laid = cv2.resize(cut, (width, height), interpolation=way)
    return np.asarray(np.clip(laid, 0, 1), np.float32)


def _shipped(name: str) -> Array:
    import skimage.data

    if name == "motorcycle_left":
        path = Path(skimage.data.__file__).parent / "motorcycle_left.png"
        stored = cv2.imread(str(path), cv2.IMREAD_COLOR)
        return np.ascontiguousarray(np.asarray(stored)[..., ::-1], np.float32) / np.float32(255)
    return np.asarray(getattr(skimage.data, name)(), np.float32)[..., :3] / np.float32(255)
