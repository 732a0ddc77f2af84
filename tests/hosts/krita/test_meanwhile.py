"""What the artist, and the machine, do while a revision runs."""

from __future__ import annotations

import numpy as np
import pytest

from tests.hosts.krita.artist import array, landed, layers, opened, outside, revise, wait
from tests.hosts.running import Host

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(300)]


def test_another_document_and_another_selection_meanwhile_change_nothing(krita: Host) -> None:
    opened(krita)
    seen = array(krita, "doc")
    revise(krita, "slow", "1 s")
    krita.do("hand.select(doc, (0, 0, 20, 20))\nother = hand.open_document(name='other')")
    landed(krita)
    assert len(layers(krita, "other")) == 1
    assert len(layers(krita)) == 2
    krita.do("doc.refreshProjection()\ndoc.waitForDone()")
    assert np.array_equal(outside(array(krita, "doc")), outside(seen))


def test_cancelling_ends_the_round_and_adds_nothing(krita: Host) -> None:
    opened(krita)
    revise(krita, "slow", "60 s")
    wait(krita, "'slowly' in hand.said()")
    krita.do("hand.click('revise')")
    wait(krita, "hand.course().round is None")
    assert len(layers(krita)) == 1


def test_a_result_for_a_closed_picture_waits_until_it_is_opened_again(krita: Host) -> None:
    """It takes long enough to be closed before it is there."""
    opened(krita)
    krita.do("path = str(folder / 'kept.kra')\ndoc.saveAs(path)")
    revise(krita, "slow", "5 s")
    wait(krita, "hand.course().round is not None")
    krita.do("doc.waitForDone()\ndoc.save()\nhand.close(doc)")
    wait(krita, "'closed' in hand.said()")
    krita.do(
        "doc = hand.app.openDocument(path)\ndoc.setBatchmode(True)\nhand.window().addView(doc)"
    )
    wait(krita, "hand.find('action').isVisible() and 'waiting' in hand.said()")
    krita.do("hand.click('action')")
    landed(krita)
    assert layers(krita)[1][0] == "5 s · Slow"


def test_a_bridge_that_is_killed_meanwhile_is_started_again_and_finishes(krita: Host) -> None:
    opened(krita)
    revise(krita, "slow", "3 s")
    wait(krita, "'slowly' in hand.said()")
    krita.do(
        "import json, os, signal\nfrom pathlib import Path\n"
        "session = Path(os.environ['HOME']) / 'redraft' / 'session.json'\n"
        "os.kill(json.loads(session.read_text())['pid'], signal.SIGKILL)"
    )
    landed(krita)
    assert len(layers(krita)) == 2


def test_a_result_waits_until_the_stroke_is_over(krita: Host) -> None:
    """The button of the mouse is held down over the canvas: the artist paints."""
    opened(krita)
    revise(krita, "slow", "1 s")
    wait(krita, "hand.course().round is not None")
    at = krita.do("result = hand.middle_of_canvas()")
    krita.x("xdotool", "mousemove", *map(str, at), "mousedown", "1")
    try:
        wait(krita, "hand.course().round is not None and hand.course().round._timer.isActive()")
        krita.x("xdotool", "mousemove_relative", "15", "10")
        assert len(layers(krita)) == 1
    finally:
        krita.x("xdotool", "mouseup", "1")
    landed(krita)
    assert [one[0] for one in layers(krita)] == ["Background", "1 s · Slow"]


def test_saving_meanwhile_harms_nothing(krita: Host) -> None:
    opened(krita)
    seen = array(krita, "doc")
    krita.do("path = str(folder / 'saved.kra')\ndoc.saveAs(path)")
    revise(krita, "slow", "1 s")
    wait(krita, "hand.course().round is not None")
    assert krita.do("result = doc.save()")
    landed(krita)
    assert len(layers(krita)) == 2
    assert np.array_equal(outside(array(krita, "doc")), outside(seen))
    krita.do("saved = app.openDocument(path)\nsaved.setBatchmode(True)")
    assert np.array_equal(array(krita, "saved"), seen)
