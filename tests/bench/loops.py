"""How well a film meets its own end, and how still a cinemagraph stands, from picture to file.

    python -m tests.bench.loops

A real bridge animates a picture by the emulator of fal, through the command line; what it wrote is
read back. The seam of a loop is the step from its last frame to its first, in 8-bit steps, beside
the largest step between neighbours; motion is the mean of the largest hundredth of differences.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image, ImageSequence

from bridge.film.loop import measured, seam_of
from bridge.film.reel import frames_of
from bridge.pixels import Native
from tests.film.studio import SIZE, Studio, running, studio

MOVING = (160, 90, 320, 180)  # left, top, width, height
SELECT = ",".join(str(edge) for edge in MOVING)
# A model that can be told to end where it began, and one that cannot.
LOOPS = {
    "told where to end": ["--model", "omni-1.1", "--size", "360p"],
    "not told where to end": ["--model", "sora-2", "--route", "fal", "--seconds", "4"],
}


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        studio(Path(folder)) as built,
        running(built) as made,
    ):
        for name, words in LOOPS.items():
            _loop(made, name, words)
        _cinemagraph(made)


def _loop(made: Studio, name: str, words: list[str]) -> None:
    out = f"{name}.mp4"
    _ran(made, out, "--loop", *words)
    received = made.folder / "received.mp4"
    received.write_bytes(made.film)
    written = measured(frames_of(made.folder / out))
    print(f"a loop by a model that is {name}")
    print(f"  as received: {seam_of(measured(frames_of(received)))}")
    print(f"  as written:  {seam_of(written)}, {len(written)} frames")
    print(f"  its seam is {'no' if seam_of(written).holds else 'A'} larger step than a usual one")


def _cinemagraph(made: Studio) -> None:
    words = ["--cinemagraph", "--select", SELECT, "--model", "omni-1.1", "--size", "360p"]
    left, top, width, height = MOVING
    fixed = np.ones((SIZE.height, SIZE.width), bool)
    fixed[top : top + height, left : left + width] = False
    still = made.still[fixed]
    for out in ("frames", "film.webp", "film.mp4"):
        _ran(made, out, *words)
        shown = [frame[fixed].astype(int) for frame in _frames(made.folder / out)]
        same = sum(bool((one == still).all()) for one in shown)
        off = max(float(np.abs(one - still).mean()) for one in shown)
        flicker = [np.abs(b - a) for a, b in pairwise(shown)]
        print(
            f"a cinemagraph as {out}: {same} of {len(shown)} frames are the still where nothing "
            f"moves; there, of 255: mean difference up to {off:.2f}, from frame to frame up to "
            f"{max(float(one.mean()) for one in flicker):.2f} in the mean, "
            f"{max(int(one.max()) for one in flicker)} anywhere"
        )


def _frames(out: Path) -> Iterable[Native]:
    if out.is_dir():
        return [np.asarray(Image.open(path)) for path in sorted(out.glob("*.png"))]
    if out.suffix == ".mp4":
        return frames_of(out)
    with Image.open(out) as film:
        return [np.asarray(one.convert("RGB")) for one in ImageSequence.Iterator(film)]


def _ran(made: Studio, out: str, *words: str) -> None:
    done = made.redraft("animate", "photo.png", "-o", out, "--prompt", "it turns", *words)
    assert done.returncode == 0, done.stderr


if __name__ == "__main__":
    main()
