"""What the artist, and the machine, do while a revision runs."""

from __future__ import annotations

import numpy as np
import pytest

from tests.hosts.gimp.artist import BACKGROUND, PATIENCE, array, layers, names, outside, seen
from tests.hosts.gimp.screen import Screen

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(600)]

KILL = """
import json, os, signal
from pathlib import Path
session = Path(os.environ['HOME']) / 'redraft' / 'session.json'
os.kill(json.loads(session.read_text())['pid'], signal.SIGKILL)
"""


def running(screen: Screen) -> None:
    screen.wait("'slowly' in hand.said()")


def test_another_picture_layer_and_selection_meanwhile_change_nothing(screen: Screen) -> None:
    screen.open()
    picture = seen(screen.gimp)
    screen.ask("slow", "2 s")
    running(screen)
    screen.gimp.do(
        "hand.select(img, (0, 0, 20, 20))\n"
        "other = hand.add_layer(img, 'other', True, drawn=lambda w, h, *_: bytes(w * h * 4))"
    )
    screen.landed()
    assert names(screen.gimp) == ["other", "2 s · Slow", "Background"]
    after = seen(screen.gimp)
    assert np.array_equal(outside(after), outside(picture))
    assert not np.array_equal(after[40:70, 50:90], picture[40:70, 50:90])
    state = screen.gimp.do("result = hand.outside_state(img)")
    assert state[0] == ["other"]
    assert state[2] == [True, 0, 0, 20, 20]


def test_painting_meanwhile_stays_and_is_no_part_of_the_result(screen: Screen) -> None:
    screen.open()
    screen.ask("slow", "2 s")
    running(screen)
    screen.gimp.do("hand.fill(hand.layer(img, 'Background'), bytes(30), (70, 55, 5, 2))")
    screen.landed()
    assert not array(screen.gimp, BACKGROUND)[55:57, 70:75].any()
    patch = array(screen.gimp, "hand.layer(img, '2 s · Slow')", 4)
    assert patch[55:57, 70:75, :3].any()


def test_a_result_waits_until_the_stroke_is_over(screen: Screen) -> None:
    """The button of the mouse is held down over the canvas: the artist paints."""
    screen.open()
    screen.ask("slow", "1 s")
    running(screen)
    screen.gimp.do("hand.x('mousemove', 400, 300, 'mousedown', 1)")
    screen.wait("hand.window().round is not None and hand.window().round.landing")
    screen.gimp.do("hand.x('mousemove_relative', 15, 10)")
    assert len(layers(screen.gimp)) == 1
    screen.gimp.do("hand.release()")
    screen.landed()
    assert names(screen.gimp) == ["1 s · Slow", "Background"]


def test_a_picture_that_was_closed_gets_its_result_when_it_is_opened_again(screen: Screen) -> None:
    screen.open()
    screen.ask("slow", "1 s")
    running(screen)
    screen.gimp.do(
        "from gi.repository import Gio\n"
        "path = Gio.File.new_for_path(str(folder / 'kept.xcf'))\n"
        "hand.Gimp.file_save(hand.Gimp.RunMode.NONINTERACTIVE, img, path, None)\n"
        "hand.close(img.get_id())"
    )
    screen.wait("'was closed; the result waits' in hand.said()")
    screen.gimp.do(
        "img = hand.Gimp.file_load(hand.Gimp.RunMode.NONINTERACTIVE, path)\nhand.show(img)"
    )
    screen.call()
    screen.wait("hand.shown('action') and 'waiting' in hand.said()")
    screen.click("action")
    screen.landed()
    assert names(screen.gimp) == ["1 s · Slow", "Background"]


def test_a_layer_that_was_deleted_leaves_its_result_in_the_history(screen: Screen) -> None:
    screen.open()
    screen.gimp.do("other = hand.add_layer(img, 'other')")
    screen.wait("hand.window()._seen != ''")
    screen.ask("slow", "1 s")
    running(screen)
    screen.gimp.do("img.remove_layer(other)")
    screen.wait("'gone; the result waits' in hand.said()")
    assert names(screen.gimp) == ["Background"]
    assert screen.wait("hand.window().past.revisions")


def test_closing_the_window_is_safe_and_the_next_one_offers_the_result(screen: Screen) -> None:
    screen.open()
    screen.ask("slow", "1 s")
    running(screen)
    screen.close_window()
    screen.call()
    screen.wait("hand.shown('action') and 'waiting' in hand.said()")
    screen.click("action")
    screen.landed()
    assert names(screen.gimp) == ["1 s · Slow", "Background"]


def test_saving_meanwhile_harms_nothing(screen: Screen) -> None:
    screen.open()
    picture = seen(screen.gimp)
    screen.ask("slow", "1 s")
    running(screen)
    screen.gimp.do(
        "from gi.repository import Gio\n"
        "path = Gio.File.new_for_path(str(folder / 'saved.xcf'))\n"
        "hand.Gimp.file_save(hand.Gimp.RunMode.NONINTERACTIVE, img, path, None)"
    )
    screen.landed()
    assert len(layers(screen.gimp)) == 2
    assert np.array_equal(outside(seen(screen.gimp)), outside(picture))
    screen.gimp.do("img = hand.Gimp.file_load(hand.Gimp.RunMode.NONINTERACTIVE, path)")
    assert np.array_equal(seen(screen.gimp), picture)


def test_a_bridge_that_is_killed_meanwhile_is_started_again_and_finishes(screen: Screen) -> None:
    screen.open()
    screen.ask("slow", "3 s")
    running(screen)
    screen.ours.do(KILL)
    screen.landed()
    assert len(layers(screen.gimp)) == 2
    screen.gimp.until("len(img.get_layers()) == 2", PATIENCE)
