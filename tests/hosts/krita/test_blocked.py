"""How long Krita's main thread stands still for us, beside the usual practice and the bare host.

Prints figures and asserts none: they are this machine's. `pytest -s` shows them.
"""

from __future__ import annotations

import pytest

from tests.hosts.krita.artist import landed, layers, revise
from tests.hosts.running import Host

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(300)]

LARGE = """
doc = app.createDocument(6000, 4000, 'large', 'RGBA', 'U8', '', 300.0)
doc.setBatchmode(True)
hand.window().addView(doc)
import os
row = bytearray(os.urandom(6000 * 4))
row[3::4] = bytes([255]) * 6000
row = bytes(row)
doc.topLevelNodes()[0].setPixelData(row * 4000, 0, 0, 6000, 4000)
doc.refreshProjection()
doc.waitForDone()
hand.select(doc, (2000, 1500, 3000, 2500))
"""
WATCH = """
canvas = hand.docker().canvas_of_krita
watch = hand.Watch()
watch.time(canvas, 'export')
watch.time(canvas, 'place')
"""
BARE = """
watch.stop()
box = hand.docker().planned()['box']
at = (box['left'], box['top'], box['right'] - box['left'], box['bottom'] - box['top'])
pixels = at[2] * at[3]
def read():
    bytes(doc.topLevelNodes()[0].pixelData(*at))
    bytes(doc.selection().pixelData(*at))
def add():
    layer, edge = doc.createNode('bare', 'paintlayer'), krita.Selection()
    layer.setPixelData(b'\\x80' * (4 * pixels), *at)
    edge.setPixelData(b'\\xff' * pixels, *at)
    mask = doc.createTransparencyMask('edge')
    mask.setSelection(edge)
    layer.addChildNode(mask, None)
    doc.rootNode().addChildNode(layer, doc.topLevelNodes()[0])
def png():
    doc.exportImage(str(folder / 'usual.png'), krita.InfoObject())
bare = {'read': hand.seconds(read), 'add': hand.seconds(add)}
doc.waitForDone()
result = {**watch.calls, **bare, 'png': hand.seconds(png), 'longest': max(watch.gaps)}
result['box'] = f'{at[2]}x{at[3]}'
"""


def test_the_main_thread_stands_still_hardly_longer_than_the_bare_host_needs(krita: Host) -> None:
    krita.do(LARGE)
    krita.do(WATCH)
    revise(krita)
    landed(krita)
    found = krita.do(BARE)
    version = krita.do("result = app.version()")
    print(f"\nKrita {version}, 6000x4000, selection 1000x1000: seconds the main thread stood still")
    print(f"  {'':58} ours   bare")
    for what, ours, bare in (
        (f"export of the box of {found['box']}; bare reading of it", "export", "read"),
        ("import; bare adding of such a layer with a mask", "place", "add"),
        ("longest of all, redrawing included; whole picture to PNG", "longest", "png"),
    ):
        print(f"  {what:58} {found[ours]:.3f}  {found[bare]:.3f}")
    total = found["export"] + found["place"]
    print(f"  {'both together; whole picture to PNG, the usual practice':58} {total:.3f}  ", end="")
    print(f"{found['png']:.3f}")
    assert len(layers(krita)) == 3
    assert min(found[name] for name in ("export", "place", "read", "add", "png", "longest")) > 0
