"""The "model": it really edits the picture it is sent, and returns it with realistic drift.

A disc is painted in the middle of the mask, or of the picture when there is none; then the whole
picture is re-rendered at the size asked: a little zoomed, shifted and recoloured, and compressed.
What was done is kept, exactly, for the test to hold the result against.
"""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from bridge.geometry import Affine, Box, Size

Bytes = npt.NDArray[np.uint8]

# Recognisable, and different from one variant to the next.
COLORS = ((214, 40, 160), (30, 170, 60), (40, 90, 220), (230, 150, 20))


@dataclass(frozen=True, slots=True)
class Drift:
    """zoom about the middle; shift in answer pixels; gain and lift per channel in 0..255 steps."""

    zoom: float = 1.004
    shift: tuple[float, float] = (2.4, -1.6)
    gain: tuple[float, float, float] = (1.03, 1.0, 0.97)
    lift: tuple[float, float, float] = (2.0, 0.0, -1.0)


NONE = Drift(1.0, (0.0, 0.0), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))


@dataclass(frozen=True, slots=True)
class Made:
    """One answer and the truth about it.

    edited: (H, W, 3) at the size that was sent, before any drift. changed: (H, W), where it
    differs from what was sent. moved: from pixels of `edited` to pixels of `answer`.
    """

    sent: Bytes
    edited: Bytes
    changed: npt.NDArray[np.bool_]
    moved: Affine
    answer: Bytes
    color: tuple[int, int, int]


class Model:
    """Keeps every answer it made, oldest first, in `made`."""

    def __init__(self, drift: Drift | None = None) -> None:
        self.drift = drift or Drift()
        self.made: list[Made] = []
        self._colors = itertools.cycle(COLORS)

    def edit(
        self,
        picture: Bytes,
        size: Size,
        mask: npt.NDArray[np.bool_] | None = None,
        references: tuple[Bytes, ...] = (),
    ) -> Made:
        """picture: (H, W, 3). mask: (H, W), true = repaint. The disc takes the mean colour of
        the first reference when there is one."""
        color = _mean(references[0]) if references else next(self._colors)
        changed = _disc(picture.shape[:2], mask)
        edited = picture.copy()
        edited[changed] = color
        moved = movement(Size(picture.shape[1], picture.shape[0]), size, self.drift)
        made = Made(picture, edited, changed, moved, self._render(edited, moved, size), color)
        self.made.append(made)
        return made

    def _render(self, edited: Bytes, moved: Affine, size: Size) -> Bytes:
        matrix = np.array(moved.for_indices())
        shape = (size.width, size.height)
        warped = cv2.warpAffine(
            edited, matrix, shape, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
        )
        every = np.arange(256, dtype=np.float32)[:, None]  # a table: pictures of 4K are many pixels
        recolored = every * _per_channel(self.drift.gain) + _per_channel(self.drift.lift)
        table = np.clip(np.rint(recolored), 0, 255).astype(np.uint8)
        answer: Bytes = np.asarray(cv2.LUT(warped, table[None]), np.uint8)
        return answer


def read(data: bytes) -> Bytes:
    """(H, W, 3). PIL.UnidentifiedImageError or OSError when the bytes hold no picture."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB")).copy()


def read_alpha(data: bytes) -> Bytes | None:
    """(H, W) of a picture with alpha, else None. Raises as `read` does."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.getchannel("A")).copy() if "A" in image.getbands() else None


def write(pixels: Bytes, media_type: str, *, quality: int = 92) -> bytes:
    """Encoded as "image/png", "image/jpeg" or "image/webp"."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, media_type.removeprefix("image/"), quality=quality)
    return buffer.getvalue()


def _disc(shape: tuple[int, ...], mask: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.bool_]:
    """A disc of a third of the shorter edge, inside the box of the mask and never outside it."""
    height, width = shape
    box = Box(0, 0, width, height)
    if mask is not None and mask.any():
        rows, columns = np.nonzero(mask.any(1))[0], np.nonzero(mask.any(0))[0]
        box = Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    radius = min(box.width, box.height) / 3
    y, x = np.ogrid[:height, :width]
    from_middle = np.hypot(
        x + 0.5 - (box.left + box.right) / 2, y + 0.5 - (box.top + box.bottom) / 2
    )
    disc: npt.NDArray[np.bool_] = from_middle <= radius
    return disc & mask if mask is not None else disc


def movement(sent: Size, asked: Size, drift: Drift) -> Affine:
    """The scale to the size asked, then the zoom about its middle and the shift."""
    (dx, dy), zoom = drift.shift, drift.zoom
    drifted = Affine(
        zoom, 0.0, asked.width / 2 * (1 - zoom) + dx, 0.0, zoom, asked.height / 2 * (1 - zoom) + dy
    )
    return Affine.between(Box.of(sent), asked).then(drifted)


def _per_channel(values: tuple[float, float, float]) -> npt.NDArray[np.float32]:
    return np.array(values, np.float32)


def _mean(pixels: Bytes) -> tuple[int, int, int]:
    red, green, blue = (round(value) for value in pixels.reshape(-1, 3).mean(0))
    return int(red), int(green), int(blue)
