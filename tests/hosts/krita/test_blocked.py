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


FILM = """
import random, zipfile
from redraft.film import Cut, Film
from redraft.frames import Frames
from redraft.blank import blank
from redraft.result import Variant
WIDE, TALL, MANY = 1920, 1080, 192
doc = hand.open_document(WIDE, TALL, drawn=lambda *_: bytes(WIDE * TALL * 4))
film, cut = Film('', MANY, 24.0, 8.0, 0.0, 0, 0, WIDE, TALL, WIDE * TALL * 4), Cut(0, MANY)
random.seed(1)
noise = random.randbytes(WIDE * TALL)
shown = [(noise[at:] + noise[:at]) * 4 for at in range(8)]
canvas = hand.docker().canvas_of_krita
"""
BARE_FRAMES = """
bare = []
hidden = blank(app, krita.InfoObject, doc, range(MANY))
layer = hidden.topLevelNodes()[0]
def put(at):
    hidden.setCurrentTime(at)
    hidden.waitForDone()
    layer.setPixelData(shown[at % 8], 0, 0, WIDE, TALL)
def add():
    doc.rootNode().addChildNode(layer.duplicate(), doc.topLevelNodes()[0])
    doc.waitForDone()
bare = [hand.seconds(lambda: put(at)) for at in range(MANY)] + [hand.seconds(add)]
hidden.close()
doc.topLevelNodes()[-1].remove()
doc.waitForDone()
"""
OUR_FRAMES = """
class Bridge:
    def download(self, path, to):
        with zipfile.ZipFile(to, 'w') as archive:
            for at in range(MANY):
                archive.writestr(f'{at:05d}.bgra', shown[at % 8])
def held(name):
    whole = getattr(Frames, name)
    def timed(self, *more):
        start = hand.time.perf_counter()
        try:
            return whole(self, *more)
        finally:
            calls.append(hand.time.perf_counter() - start)
    return timed
calls, ended = [], []
Timed = type('Timed', (Frames,), {name: held(name) for name in ('_begin', '_came')})
docker = hand.docker()
target = canvas.note('layer', lasting=True)
front = Variant({'title': 'it turns'}, {'name': 'it turns'}, target.node)
watch = hand.Watch()
begun = hand.time.perf_counter()
frames = Timed(canvas, Bridge(), docker.courier, docker.course, docker.panel.words,
               lambda: ended.append(hand.time.perf_counter() - begun))
frames.bring(target, front, film, cut)
"""
FOUND_FRAMES = """
watch.stop()
made = doc.topLevelNodes()[-1]
result = {
    'bare': [max(bare), sum(bare)],
    'ours': [max(calls), sum(calls)],
    'longest': max(watch.gaps),
    'all': ended[0],
    'frames': sum(made.hasKeyframeAtTime(at) for at in range(MANY + 9)),
    'same': bytes(made.pixelDataAtTime(0, 0, WIDE, TALL, MANY - 1)) == shown[(MANY - 1) % 8],
}
doc.topLevelNodes()[-1].remove()
"""


def test_frames_of_a_film_come_in_while_the_artist_goes_on(krita: Host) -> None:
    krita.do(FILM)
    krita.do(BARE_FRAMES, 120)
    krita.do(OUR_FRAMES)
    krita.until("ended", 120)
    found = krita.do(FOUND_FRAMES)
    version = krita.do("result = app.version()")
    print(f"\nKrita {version}, 192 frames of 1920x1080: seconds the main thread stood still")
    print("                                                longest    sum")
    for what, name in (("the bare calls of the host", "bare"), ("ours", "ours")):
        longest, total = found[name]
        print(f"  {what:44} {longest:7.3f} {total:7.3f}")
    print(f"  longest of all, redrawing included           {found['longest']:7.3f}")
    print(f"  from the press to the last frame: {found['all']:.1f} s")
    assert (found["frames"], found["same"]) == (192, True)
