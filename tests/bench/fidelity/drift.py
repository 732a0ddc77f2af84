"""What a hosted model does to a picture besides the edit, with the truth known.

The answer's pixel p shows the scene at s(p). `Drift.sampled` builds the answer, `Drift.truth` says
for any scene pixel x at which answer pixel it lies, by inverting s numerically to 1e-4 px.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float64]

TURNS = 25  # fixed-point rounds; the bends here are contractions, so this is plenty


@dataclass(frozen=True, slots=True)
class Drift:
    """plane: 3x3 from answer to scene pixel indices. bend: (h, w, 2) px, zero for none."""

    plane: Matrix
    bend: Array

    def sampled(self, scene: Array) -> Array:
        """The scene as the answer shows it; beyond its border the last pixels go on."""
        height, width = self.bend.shape[:2]
        x, y = np.meshgrid(np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64))
        across, down = self._scene(x, y)
        laid = cv2.remap(
            scene,
            across.astype(np.float32),
            down.astype(np.float32),
            cv2.INTER_LANCZOS4,
            borderMode=cv2.BORDER_REFLECT,
        )
        return np.clip(np.asarray(laid, np.float32), 0, 1)

    def truth(self, x: Matrix, y: Matrix) -> tuple[Matrix, Matrix]:
        """Answer positions of scene positions."""
        back = np.asarray(np.linalg.inv(self.plane), np.float64)
        px, py = _projected(back, x, y)
        for _ in range(TURNS):
            sx, sy = self._scene(px, py)
            fx, fy = _projected(back, sx, sy)
            gx, gy = _projected(back, x, y)
            px, py = px + gx - fx, py + gy - fy
        return px, py

    def _scene(self, x: Matrix, y: Matrix) -> tuple[Matrix, Matrix]:
        """A bend is read with border nodes going on, so it is defined everywhere."""
        at = (x.astype(np.float32), y.astype(np.float32))
        if x.ndim == 1:
            at = (at[0][None], at[1][None])
        moved = cv2.remap(self.bend, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        moved = moved.reshape(*x.shape, 2)
        across, down = _projected(self.plane, x, y)
        return across + moved[..., 0], down + moved[..., 1]


def rigid(
    rng: np.random.Generator,
    size: tuple[int, int],
    *,
    zoom: float = 0.03,
    shift: float = 12.0,
    stretch: float = 0.005,
    turn: float = 0.0,
    tilt: float = 0.0,
    bend: float = 0.0,
) -> Drift:
    """size: (h, w). zoom, stretch: largest share. shift, bend (mean): px. turn: degrees.

    tilt: perspective, as the share by which one side is seen larger.
    """
    height, width = size
    scale = 1 + rng.uniform(-zoom, zoom)
    sx, sy = scale * (1 + rng.uniform(-stretch, stretch)), scale
    angle = np.deg2rad(rng.uniform(-turn, turn))
    direction = rng.uniform(0, 2 * np.pi)
    reach = shift * np.sqrt(rng.uniform(0.05, 1))
    center = np.array([[1, 0, (width - 1) / 2], [0, 1, (height - 1) / 2], [0, 0, 1]])
    turned = np.array(
        [
            [sx * np.cos(angle), -sx * np.sin(angle), reach * np.cos(direction)],
            [sy * np.sin(angle), sy * np.cos(angle), reach * np.sin(direction)],
            [rng.uniform(-tilt, tilt) / width, rng.uniform(-tilt, tilt) / height, 1],
        ]
    )
    plane = center @ turned @ np.linalg.inv(center)
    return Drift(plane, bent(rng, size, bend))


def bent(rng: np.random.Generator, size: tuple[int, int], mean_px: float) -> Array:
    """A smooth random bend: an eighth of the short side is its correlation length."""
    height, width = size
    if not mean_px:
        return np.zeros((height, width, 2), np.float32)
    sigma = min(size) / 8
    small = (max(8, width // 8), max(8, height // 8))
    noise = rng.standard_normal((small[1], small[0], 2)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), sigma / 8)
    smooth = np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_CUBIC))
    return np.asarray(smooth * mean_px / np.sqrt((smooth**2).sum(-1)).mean(), np.float32)


def _projected(plane: Matrix, x: Matrix, y: Matrix) -> tuple[Matrix, Matrix]:
    depth = plane[2, 0] * x + plane[2, 1] * y + plane[2, 2]
    return (
        (plane[0, 0] * x + plane[0, 1] * y + plane[0, 2]) / depth,
        (plane[1, 0] * x + plane[1, 1] * y + plane[1, 2]) / depth,
    )
