"""What the artist, and the machine, do while a revision runs."""

from __future__ import annotations

import numpy as np
import pytest

from tests.hosts.krita.artist import array, landed, layers, opened, outside, revise, wait
from tests.hosts.running import Host

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(300)]

SOON = "8 s"  # until the answer comes: enough to press or open something before, on any machine


def test_another_document_and_another_selection_meanwhile_change_nothing(krita: Host) -> None:
    opened(krita)
    seen = array(krita, "doc")
    revise(krita, "slow", SOON)
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


def test_cancelling_before_it_was_sent_sends_nothing(krita: Host) -> None:
    """Both presses within one turn of Krita's events: not even the plan can be back by then."""
    opened(krita)
    krita.do("hand.choose('model', 'slow')\nhand.type_prompt('60 s')")
    wait(krita, "hand.planned('Slow')")
    krita.do("hand.click('revise')\nhand.click('revise')")
    wait(krita, "hand.course().round is None")
    assert krita.do("result = hand.said()") == ""
    assert krita.do("result = hand.find('revise').text()") == "Revise, free"
    assert len(layers(krita)) == 1


def test_a_result_for_a_closed_picture_waits_until_it_is_opened_again(krita: Host) -> None:
    """It takes long enough to be closed before it is there."""
    opened(krita)
    krita.do("path = str(folder / 'kept.kra')\ndoc.saveAs(path)")
    revise(krita, "slow", SOON)
    wait(krita, "hand.course().round is not None")
    krita.do("doc.waitForDone()\ndoc.save()\nhand.close(doc)")
    wait(krita, "'closed' in hand.said()")
    krita.do(
        "doc = hand.app.openDocument(path)\ndoc.setBatchmode(True)\nhand.window().addView(doc)"
    )
    wait(krita, "hand.find('action').isVisible() and 'waiting' in hand.said()")
    krita.do("hand.click('action')")
    landed(krita)
    assert layers(krita)[1][0] == f"{SOON} · Slow"


def test_a_bridge_that_is_killed_meanwhile_is_started_again_and_finishes(krita: Host) -> None:
    opened(krita)
    revise(krita, "slow", SOON)
    wait(krita, "'slowly' in hand.said()")
    krita.do(
        "import json, os, signal\nfrom pathlib import Path\n"
        "session = Path(os.environ['HOME']) / 'redraft' / 'session.json'\n"
        "os.kill(json.loads(session.read_text())['pid'], signal.SIGKILL)"
    )
    landed(krita)
    assert len(layers(krita)) == 2


def looked_at(krita: Host) -> None:
    """The answer is here, and five times it was not let in."""
    krita.do(
        "looks = []\nhand.course().round._timer.timeout.connect(lambda: looks.append(len(looks)))"
    )
    wait(krita, "len(looks) >= 5")


def test_a_result_waits_until_the_stroke_is_over(krita: Host) -> None:
    """The button of the mouse is held down over the canvas: the artist paints."""
    opened(krita)
    revise(krita, "slow", SOON)
    wait(krita, "hand.course().round is not None")
    at = krita.do("result = hand.middle_of_canvas()")
    krita.x("xdotool", "mousemove", *map(str, at), "mousedown", "1")
    try:
        looked_at(krita)
        krita.x("xdotool", "mousemove_relative", "15", "10")
        assert len(layers(krita)) == 1
    finally:
        krita.x("xdotool", "mouseup", "1")
    landed(krita)
    assert [one[0] for one in layers(krita)] == ["Background", f"{SOON} · Slow"]


def test_a_result_waits_until_an_open_tool_is_closed(krita: Host) -> None:
    """The transform tool holds the layer from the first look at its handles to Enter."""
    opened(krita)
    revise(krita, "slow", SOON)
    wait(krita, "hand.course().round is not None")
    at = krita.do("result = hand.middle_of_canvas()")
    krita.do("app.action('KisToolTransform').trigger()")
    try:
        krita.x("xdotool", "mousemove", *map(str, at))
        looked_at(krita)
        assert len(layers(krita)) == 1
    finally:
        krita.do("app.action('KritaShape/KisToolBrush').trigger()")
    landed(krita)
    assert [one[0] for one in layers(krita)] == ["Background", f"{SOON} · Slow"]


def test_saving_meanwhile_harms_nothing(krita: Host) -> None:
    opened(krita)
    seen = array(krita, "doc")
    krita.do("path = str(folder / 'saved.kra')\ndoc.saveAs(path)")
    revise(krita, "slow", SOON)
    wait(krita, "hand.course().round is not None")
    assert krita.do("result = doc.save()")
    landed(krita)
    assert len(layers(krita)) == 2
    assert np.array_equal(outside(array(krita, "doc")), outside(seen))
    krita.do("saved = app.openDocument(path)\nsaved.setBatchmode(True)")
    assert np.array_equal(array(krita, "saved"), seen)
