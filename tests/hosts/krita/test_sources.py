"""What is sent and what is covered: layers of every kind, and making a layer of ours again."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from bridge.clean import clean
from tests.hosts.krita.artist import BACKGROUND, PATCH, array, landed, layers, opened, revise, wait
from tests.hosts.running import Host

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(300)]

RED = bytes([0, 0, 255, 255])
TOP_LAYER = """
top = doc.createNode('top', 'paintlayer')
top.setPixelData(bytes([0, 0, 255, 255]) * (160 * 120), 0, 0, 160, 120)
doc.rootNode().addChildNode(top, doc.topLevelNodes()[-1])
doc.refreshProjection()
doc.waitForDone()
"""

AGAIN = "hand.find('action').isVisible() and 'Again' in hand.find('action').text()"


def activate(krita: Host, name: str, source: str = "layer") -> None:
    """Until the docker shows it: Krita itself makes a new layer the active one a moment later."""
    chosen = f"hand.find('source').currentData() == {source!r} and doc.activeNode() == node"
    wait(
        krita,
        f"[node := hand.by_name(doc, {name!r}), doc.setActiveNode(node), {chosen}][-1]",
    )


def test_what_lies_above_the_source_is_neither_sent_nor_covered(krita: Host) -> None:
    opened(krita)
    krita.do(TOP_LAYER)
    wait(krita, "doc.activeNode().name() == 'top'")
    activate(krita, "Background")
    seen = array(krita, BACKGROUND)
    krita.do("hand.choose('source', 'below')")
    revise(krita)
    landed(krita)
    krita.do("hand.choose('source', 'layer')")
    assert [one[0] for one in layers(krita)] == ["Background", "the negative · Known", "top"]
    assert np.array_equal(array(krita, PATCH)[..., :3], 255 - seen[..., :3])


def test_the_visible_picture_is_covered_on_top(krita: Host) -> None:
    opened(krita)
    krita.do(TOP_LAYER)
    wait(krita, "doc.activeNode().name() == 'top'")
    activate(krita, "Background")
    krita.do("hand.choose('source', 'visible')")
    revise(krita)
    landed(krita)
    krita.do("hand.choose('source', 'layer')")
    assert [one[0] for one in layers(krita)] == ["Background", "top", "the negative · Known"]
    assert (array(krita, PATCH)[..., :3] == (255, 255, 0)).all()


@pytest.mark.parametrize(
    ("kind", "made"),
    [
        ("group", "one = doc.createGroupLayer('one')\none.addChildNode(red(), None)"),
        ("clone", "one = doc.createCloneLayer('one', doc.topLevelNodes()[0])"),
        (
            "fill",
            "colour = krita.InfoObject()\ncolour.setProperty('color', '<!DOCTYPE color>"
            '<color channeldepth="U8"><RGB r="1" g="0" b="0" '
            'space="sRGB-elle-V2-srgbtrc.icc"/></color>\')\n'
            "everything = krita.Selection()\neverything.select(0, 0, 160, 120, 255)\n"
            "one = doc.createFillLayer('one', 'color', colour, everything)",
        ),
        ("vector", "one = doc.createVectorLayer('one')"),
        (
            "file",
            "from redraft.qt import QtGui\n"
            "picture = QtGui.QImage(160, 120, QtGui.QImage.Format.Format_RGB32)\n"
            "picture.fill(QtGui.QColor(255, 0, 0))\npicture.save(str(folder / 'red.png'))\n"
            "one = doc.createFileLayer('one', str(folder / 'red.png'), 'None')",
        ),
    ],
)
def test_layers_of_every_kind_can_be_revised(krita: Host, kind: str, made: str) -> None:
    opened(krita)
    krita.do(
        "def red():\n"
        "    made = doc.createNode('red', 'paintlayer')\n"
        "    made.setPixelData(bytes([0, 0, 255, 255]) * (160 * 120), 0, 0, 160, 120)\n"
        "    return made\n"
        f"{made}\n"
        "doc.rootNode().addChildNode(one, doc.topLevelNodes()[0])\n"
        "if one.type() == 'vectorlayer':\n"
        '    one.addShapesFromSvg(\'<svg width="200pt" height="200pt">'
        '<rect width="200" height="200" fill="#ff0000"/></svg>\')\n'
        "doc.refreshProjection()\ndoc.waitForDone()"
    )
    wait(krita, "doc.activeNode().name() == 'one'")
    if kind != "clone":
        wait(krita, f"bytes(one.projectionPixelData(70, 55, 1, 1)) == {RED!r}")
    seen = array(krita, "doc")
    revise(krita)
    landed(krita)
    assert [one[0] for one in layers(krita)] == ["Background", "one", "the negative · Known"]
    middle = array(krita, PATCH)[55, 70, :3].astype(int)
    assert np.array_equal(middle, 255 - seen[55, 70, :3].astype(int))


def test_a_layer_of_ours_as_the_active_one_moves_the_source_visibly(krita: Host) -> None:
    opened(krita)
    revise(krita)
    landed(krita)
    wait(krita, "doc.activeNode().name() == 'Background'")
    activate(krita, "the negative · Known", "below")
    activate(krita, "Background", "layer")


def test_a_saved_layer_is_made_again_with_another_model_without_itself(krita: Host) -> None:
    opened(krita)
    seen = array(krita, BACKGROUND).astype(int)
    revise(krita, "known", "1 s")
    landed(krita)
    krita.do(
        "path = str(folder / 'again.kra')\ndoc.saveAs(path)\nhand.close(doc)\n"
        "doc = app.openDocument(path)\ndoc.setBatchmode(True)\nhand.window().addView(doc)"
    )
    activate(krita, "1 s · Known", "below")
    krita.do("hand.choose('model', 'slow')")
    wait(krita, AGAIN)
    krita.do(
        "hand.course().say('')"
    )  # whatever took it away: it is offered for as long as it can be
    wait(krita, AGAIN)
    krita.do("hand.click('action')")
    landed(krita)
    assert [one[0] for one in layers(krita)] == ["Background", "1 s · Known", "1 s · Slow"]
    again = array(krita, "hand.by_name(doc, '1 s · Slow')").astype(int)
    assert np.abs(again[..., :3] - seen[..., :3] / 2).max() <= 1
    coverage = array(krita, "hand.by_name(doc, '1 s · Slow')")[..., 3]
    assert coverage.any()


def test_a_copy_for_delivery_tells_nothing_and_shows_the_same(krita: Host) -> None:
    opened(krita)
    revise(krita, "known", "a secret wish")
    landed(krita)
    shown = array(krita, "doc")
    krita.do("path = str(folder / 'told.kra')\ndoc.saveAs(path)")
    told = krita.folder / "told.kra"
    assert "a secret wish" in everything_in(told)
    found = clean(told, krita.folder / "clean.kra")
    assert (found.notes, found.renamed) == (2, 1)
    assert not re.search("secret|redraft", everything_in(krita.folder / "clean.kra"))
    krita.do(
        "hand.close(doc)\ndoc = app.openDocument(str(folder / 'clean.kra'))\n"
        "doc.setBatchmode(True)\nhand.window().addView(doc)\nnotes = doc.annotationTypes()"
    )
    assert [one[0] for one in layers(krita)] == ["Background", "Layer 1"]
    assert not krita.do("result = [one for one in notes if 'redraft' in one]")
    assert np.array_equal(array(krita, "doc"), shown)


def everything_in(picture: Path) -> str:
    with zipfile.ZipFile(picture) as archive:
        return "".join(f"{name} {archive.read(name)!r}" for name in archive.namelist())


def test_what_must_stay_is_told_to_the_model(krita: Host) -> None:
    opened(krita)
    revise(krita, "heard", "a red hat")
    wait(krita, "hand.said() == 'Heard a red hat |  |  |  | None.'")
    krita.do(
        "for one in hand.panel().extras.keep_menu.actions():\n"
        "    if one.data() in ('palette', 'identity'):\n        one.trigger()"
    )
    krita.do("hand.click('helper_replace')")
    revise(krita, "heard", "a red hat")
    wait(krita, "'a red hat | replace | clear | palette+identity | None' in hand.said()")
    krita.do(
        "hand.click('helper_replace')\n"
        "for one in hand.panel().extras.keep_menu.actions():\n    one.setChecked(False)"
    )
