"""The main job on a real photograph with the built-in engines: one removal, one look.

`meadow.jpg` and its licence: see ATTRIBUTION.md beside this file.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from bridge.by_file import Wanted, revise_file
from bridge.home import home_folder
from bridge.open import open_photo
from bridge.wire import Choice, EdgeChoice

HERE = Path(__file__).parent
PHOTOGRAPH = HERE / "meadow.jpg"
FIR = "1300,480,240,420"  # the dark tree on the right: X,Y,W,H
FOREST = HERE / "forest.png"
SHOWN_WIDTH = 960  # px of each half of the before/after picture
QUALITY = 90


def run_demo(into: Path) -> None:
    """Writes meadow.ora and before-after.jpg into `into`; prints where, and what took how long."""
    into.mkdir(parents=True, exist_ok=True)
    painting, pair = into / "meadow.ora", into / "before-after.jpg"
    fir = Choice(model="fill", prompt="Remove the fir")
    golden = Choice(model="looks", prompt="Warmer, a little more contrast")
    _timed("remove the fir", lambda: _revise(PHOTOGRAPH, painting, fir, FIR))
    _timed("golden forest", lambda: _revise(painting, painting, golden, mask=FOREST))
    _timed("before and after", lambda: _side_by_side(painting, pair))
    print(f"\nThe layers: {painting.resolve()}\nBefore and after: {pair.resolve()}")


def _revise(
    photo: Path, out: Path, choice: Choice, select: str = "", mask: Path | None = None
) -> None:
    wanted = Wanted(
        photo=photo,
        out=out,
        select=select,
        mask=mask,
        references=(),
        choice=choice,
        edge=EdgeChoice(),
        seed=None,
        max_price=0.0,
        dry_run=False,
        force=True,
        as_json=False,
    )
    code = revise_file(wanted, home_folder())
    if code:
        raise SystemExit(code)


def _side_by_side(painting: Path, pair: Path) -> None:
    after = Image.fromarray(open_photo(painting).pixels)
    with Image.open(PHOTOGRAPH) as photograph:
        before = photograph.convert("RGB")
    height = round(SHOWN_WIDTH * before.height / before.width)
    shown = Image.new("RGB", (2 * SHOWN_WIDTH, height))
    for number, picture in enumerate((before, after)):
        shown.paste(picture.resize((SHOWN_WIDTH, height)), (number * SHOWN_WIDTH, 0))
    shown.save(pair, quality=QUALITY)


def _timed(stage: str, work: Callable[[], None]) -> None:
    started = time.monotonic()
    work()
    print(f"-> {stage}: {time.monotonic() - started:.1f} s\n")
