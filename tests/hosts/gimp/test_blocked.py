"""How long GIMP is kept busy by us, beside the usual practice and the bare host.

Prints figures and asserts none: they are this machine's. `pytest -s` shows them.
"""

from __future__ import annotations

import pytest

from tests.hosts.gimp.artist import layers
from tests.hosts.gimp.screen import Screen

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(600)]

NOISE = "lambda w, h, c, depth, alpha: __import__('os').urandom(w * c) * h"
WATCH = """
import time
canvas, calls = hand.window().canvas, {}
def timed(name):
    call = getattr(canvas, name)
    def measured(*arguments):
        start = time.perf_counter()
        try:
            return call(*arguments)
        finally:
            calls[name] = time.perf_counter() - start
    setattr(canvas, name, measured)
timed('export')
timed('place')
"""
BARE = """
import time
from gi.repository import Gio
def seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
def read():
    base = hand.layer(img, 'Background')
    rect = hand.rectangle(2000, 1500, 1000, 1000)
    base.get_buffer().get(rect, 1.0, None, hand.Gegl.AbyssPolicy.NONE)
def add():
    bare = hand.add_layer(img, 'bare', True, (1000, 1000), (2000, 1500),
                          drawn=lambda *_: b'\\x80' * 4_000_000)
    mask = bare.create_mask(hand.Gimp.AddMaskType.WHITE)
    hand.fill(mask, b'\\xff' * 1_000_000)
    bare.add_mask(mask)
    hand.Gimp.displays_flush()
def png():
    file = Gio.File.new_for_path(str(folder / 'usual.png'))
    hand.Gimp.file_save(hand.Gimp.RunMode.NONINTERACTIVE, img, file, None)
result = {'read': seconds(read), 'add': seconds(add), 'png': seconds(png)}
"""


def test_gimp_is_kept_busy_hardly_longer_than_the_bare_host_needs(screen: Screen) -> None:
    screen.gimp.do("hand.Gimp.context_set_antialias(True)")
    screen.gimp.do(
        f"img = hand.open_picture(6000, 4000, drawn={NOISE})\n"
        "hand.select(img, (2000, 1500, 3000, 2500))\nhand.show(img)",
        120,
    )
    screen.call()
    screen.ours.do(WATCH)
    screen.ask()
    screen.landed()
    ours = screen.ours.do("result = calls")
    screen.ours.do("del canvas.export, canvas.place")
    bare = screen.gimp.do(BARE, 120)
    version = screen.gimp.do("result = hand.Gimp.version()")
    print(f"\nGIMP {version}, 6000x4000, selection 1000x1000: seconds that GIMP was kept busy")
    for what, one, other in (
        ("export; bare read of such a box", ours["export"], bare["read"]),
        ("import; bare adding of such a layer", ours["place"], bare["add"]),
        ("both; the usual practice, whole picture to PNG", sum(ours.values()), bare["png"]),
    ):
        print(f"  {what:58} {one:.3f}  {other:.3f}")
    assert len(layers(screen.gimp)) == 3
