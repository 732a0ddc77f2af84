"""How long an 8 s film of 1080p takes from the received bytes to frames on the canvas.

    python -m tests.bench.film [SECONDS]

The film is the emulator's; reading, placing and encoding are timed as the bridge does them.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from bridge.film.place import place
from bridge.film.quick import Quick, in_order
from bridge.film.reel import first_of, frames_of, read_reel
from bridge.geometry import Size
from bridge.pixels import unit
from bridge.png import write_png
from tests.emulators.films import FilmModel
from tests.film.studio import smooth

SIZE = Size(1920, 1080)


def main(seconds: float = 8.0) -> None:
    still = smooth(SIZE)
    film = FilmModel().animate(still, SIZE, seconds)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        path.write_bytes(film.film)
        print(f"{seconds:.0f} s of {SIZE}, {film.frames} frames, {len(film.film) / 1e6:.1f} MB")
        start = time.perf_counter()
        reel = read_reel(path)
        print(f"read whole: {time.perf_counter() - start:.1f} s")
        start = time.perf_counter()
        placing = place(unit(still), first_of(path), None)
        print(f"registered: {time.perf_counter() - start:.1f} s, error {placing.error:.2f} of 255")
        start, busy = time.perf_counter(), time.process_time()
        quick, size = Quick(placing, first_of(path)), 0
        for frame in in_order(quick.shown, frames_of(path)):
            size += len(write_png(frame, None, packed=False))
        spent, busy = time.perf_counter() - start, time.process_time() - busy
        each, cpu = 1000 * spent / reel.frames, 1000 * busy / reel.frames
        print(
            f"placed and encoded: {spent:.1f} s, {each:.0f} ms a frame, of which the machine "
            f"reckoned {cpu:.0f} ms; {size / 1e6:.0f} MB of PNG"
        )
        memory = SIZE.pixels * 4 * reel.frames / 1e9
        print(f"in a host, as 8-bit layers: {memory:.2f} GB")


if __name__ == "__main__":
    main(*(float(word) for word in sys.argv[1:]))
