"""Selections of every kind, and what stands in a revision's way."""

from __future__ import annotations

import numpy as np
import pytest

from tests.hosts.krita.artist import BOX, array, landed, layers, opened, outside, revise, wait
from tests.hosts.running import Host

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(300)]


@pytest.mark.parametrize(
    "box", [(77, 60, 78, 61), (-20, -10, 30, 25), (140, 100, 200, 150), (0, 0, 160, 120)]
)
def test_selections_of_any_size_and_place_work(krita: Host, box: tuple[int, ...]) -> None:
    krita.do(f"doc = hand.open_document()\nhand.select(doc, {box!r})")
    seen = array(krita, "doc")
    revise(krita)
    landed(krita)
    after = array(krita, "doc")
    inside = np.zeros((120, 160), bool)
    inside[max(box[1], 0) : box[3], max(box[0], 0) : box[2]] = True
    assert np.array_equal(after[~inside], seen[~inside])
    assert not np.array_equal(after[inside], seen[inside])


def test_a_soft_selection_stays_soft(krita: Host) -> None:
    krita.do(
        "doc = hand.open_document()\n"
        "rows = bytes(min(255, 4 * x) for y in range(50) for x in range(60))\n"
        f"hand.select(doc, {BOX!r}, rows)"
    )
    seen = array(krita, "doc")
    revise(krita)
    landed(krita)
    after = array(krita, "doc")
    assert np.array_equal(outside(after), outside(seen))
    change = np.abs(after[55, 40:100, :3].astype(int) - seen[55, 40:100, :3].astype(int)).sum(
        axis=1
    )
    full = np.abs(255 - 2 * seen[55, 40:100, :3].astype(int)).sum(axis=1)
    share = change[5:50] / np.maximum(full[5:50], 1)
    assert share[:5].mean() < 0.2
    assert share[-5:].mean() > 0.5


def test_without_a_selection_the_whole_layer_is_revised(krita: Host) -> None:
    krita.do("doc = hand.open_document()")
    seen = array(krita, "doc")
    revise(krita)
    landed(krita)
    assert np.array_equal(array(krita, "doc")[..., :3], 255 - seen[..., :3])


def test_what_is_transparent_stays_transparent(krita: Host) -> None:
    krita.do(
        "doc = hand.open_document()\n"
        "line = doc.createNode('lines', 'paintlayer')\n"
        "line.setPixelData(bytes([0, 0, 0, 255]) * (40 * 4), 50, 50, 40, 4)\n"
        "doc.rootNode().addChildNode(line, doc.topLevelNodes()[0])\ndoc.setActiveNode(line)\n"
        f"doc.waitForDone()\nhand.select(doc, {BOX!r})"
    )
    revise(krita)
    landed(krita)
    patch = array(krita, "hand.by_name(doc, 'the negative · Known')")
    assert not patch[:48, :, 3].any()
    assert (patch[50:54, 50:90, 3] == 255).all()


@pytest.mark.parametrize(
    ("obstacle", "sentence"),
    [
        ("doc.topLevelNodes()[0].setVisible(False)", "is hidden"),
        ("doc.topLevelNodes()[0].setLocked(True)", "is locked"),
    ],
)
def test_a_layer_that_cannot_be_revised_is_said(krita: Host, obstacle: str, sentence: str) -> None:
    opened(krita)
    krita.do(f"{obstacle}\nhand.docker()._seen = ''")
    wait(krita, f"{sentence!r} in hand.find('box').text()")
    assert not krita.do("result = hand.find('revise').isEnabled()")


def test_a_selection_outside_the_picture_is_said(krita: Host) -> None:
    krita.do("doc = hand.open_document()\nhand.select(doc, (200, 150, 240, 180))")
    wait(krita, "'lies outside the picture' in hand.find('box').text()")
    assert not krita.do("result = hand.find('revise').isEnabled()")


EMPTY = """
empty = doc.createNode('empty', 'paintlayer')
doc.rootNode().addChildNode(empty, doc.topLevelNodes()[0])
doc.setActiveNode(empty)
"""


def test_an_empty_layer_is_revised_with_what_lies_below_it(krita: Host) -> None:
    """The choice moves where the artist sees it, and back; against it, the layer is said empty."""
    opened(krita)
    krita.do(EMPTY)
    wait(krita, "hand.find('source').currentData() == 'below'")
    seen = array(krita, "doc")
    revise(krita)
    landed(krita)
    assert [one[0] for one in layers(krita)] == ["Background", "empty", "the negative · Known"]
    middle = array(krita, "doc")[55, 70, :3].astype(int)
    assert np.array_equal(middle, 255 - seen[55, 70, :3].astype(int))
    krita.do("hand.choose('source', 'layer')")
    revise(krita)
    wait(krita, "'is empty here; choose' in hand.said()")
    wait(
        krita,
        "[doc.setActiveNode(doc.topLevelNodes()[0]),"
        " hand.find('source').currentData() == 'layer'][-1]",
    )


def test_a_layer_that_is_empty_only_in_the_selection_moves_the_source_too(krita: Host) -> None:
    opened(krita)
    krita.do(f"{EMPTY}\nempty.setPixelData(bytes([0, 0, 255, 255]) * 20, 0, 0, 5, 4)")
    krita.do("doc.refreshProjection()\ndoc.waitForDone()\nhand.docker()._seen = ''")
    wait(krita, "hand.find('source').currentData() == 'below'")
    krita.do("hand.select(doc, (0, 0, 50, 50))")
    wait(krita, "hand.find('source').currentData() == 'layer'")


def test_nothing_in_the_layer_and_nothing_beneath_is_said(krita: Host) -> None:
    opened(krita)
    krita.do(
        "ground = doc.topLevelNodes()[0]\n"
        "ground.setPixelData(bytes(160 * 120 * 4), 0, 0, 160, 120)\n"
        f"doc.refreshProjection()\ndoc.waitForDone()\n{EMPTY}"
    )
    wait(krita, "hand.find('source').currentData() == 'below'")
    revise(krita)
    wait(krita, "'so is what lies beneath' in hand.said()")
    assert len(layers(krita)) == 2


def test_a_refusal_of_the_model_is_a_sentence(krita: Host) -> None:
    opened(krita)
    revise(krita, "failing")
    wait(krita, "'other words' in hand.said()")
    assert len(layers(krita)) == 1


def test_a_selection_of_several_rotated_parts_is_followed(krita: Host) -> None:
    """Two diamonds; between them nothing changes."""
    krita.do(
        "doc = hand.open_document()\n"
        "parts = ((60, 60), (110, 60))\n"
        "inside = lambda x, y: any(abs(x - a) + abs(y - b) < 18 for a, b in parts)\n"
        "rows = bytes(255 * inside(x, y) for y in range(120) for x in range(160))\n"
        "hand.select(doc, (0, 0, 160, 120), rows)"
    )
    seen = array(krita, "doc")
    revise(krita)
    landed(krita)
    after = array(krita, "doc")
    rows, columns = np.mgrid[0:120, 0:160]
    parts = [abs(columns - x) + abs(rows - 60) < 18 for x in (60, 110)]
    inside = parts[0] | parts[1]
    assert np.array_equal(after[~inside], seen[~inside])
    for x in (60, 110):
        assert np.array_equal(after[60, x, :3], 255 - seen[60, x, :3])
