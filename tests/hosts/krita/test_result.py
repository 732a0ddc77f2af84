"""A revision's result within the real Krita: its place, its pixels, its layers."""

from __future__ import annotations

import numpy as np
import pytest

from tests.hosts.krita.artist import (
    PATCH,
    array,
    landed,
    layers,
    opened,
    outside,
    revise,
    wait,
)
from tests.hosts.running import Host

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(300)]


def test_three_clicks_give_a_layer_with_a_mask_and_nothing_else_changes(krita: Host) -> None:
    opened(krita)
    layer, seen = array(krita, "doc.topLevelNodes()[0]"), array(krita, "doc")
    revise(krita)
    landed(krita)
    stack = layers(krita)
    assert [one[0] for one in stack] == ["Background", "the negative · Known"]
    assert [one[:2] for one in stack[1][3]] == [["edge", "transparencymask"]]
    assert np.array_equal(array(krita, "doc.topLevelNodes()[0]"), layer)
    assert np.array_equal(outside(array(krita, "doc")), outside(seen))
    inside = array(krita, "doc")[55, 70, :3].astype(int)
    assert np.array_equal(inside, 255 - seen[55, 70, :3].astype(int))


def test_one_undo_takes_it_away_and_redo_brings_it_back(krita: Host) -> None:
    opened(krita)
    seen = array(krita, "doc")
    revise(krita)
    landed(krita)
    after = array(krita, "doc")
    krita.do("app.action('edit_undo').trigger()\ndoc.waitForDone()")
    wait(krita, "len(hand.layers(doc)) == 1")
    krita.do("doc.refreshProjection()\ndoc.waitForDone()")
    assert np.array_equal(array(krita, "doc"), seen)
    krita.do("app.action('edit_redo').trigger()\ndoc.waitForDone()")
    wait(krita, "len(hand.layers(doc)) == 2")
    krita.do("doc.refreshProjection()\ndoc.waitForDone()")
    assert np.array_equal(array(krita, "doc"), after)


def test_an_undone_result_is_put_back_for_nothing(krita: Host) -> None:
    opened(krita)
    revise(krita)
    landed(krita)
    krita.do("app.action('edit_undo').trigger()\ndoc.waitForDone()")
    wait(krita, "hand.find('action').isVisible() and hand.find('action').text()")
    krita.do("hand.click('action')")
    landed(krita)
    assert len(layers(krita)) == 2


def test_active_layer_and_selection_stay(krita: Host) -> None:
    opened(krita)
    revise(krita)
    landed(krita)
    wait(krita, "doc.activeNode().name() == 'Background'")
    assert krita.do("s = doc.selection()\nresult = [s.x(), s.y(), s.width(), s.height()]") == [
        40,
        30,
        60,
        50,
    ]


def test_painting_white_in_the_mask_reveals_the_models_own_pixels(krita: Host) -> None:
    opened(krita)
    seen = array(krita, "doc")
    revise(krita)
    landed(krita)
    krita.do(
        f"mask = {PATCH}.childNodes()[0]\n"
        "mask.setPixelData(b'\\xff' * 100, 5, 5, 10, 10)\n"
        "doc.refreshProjection()\ndoc.waitForDone()"
    )
    assert np.array_equal(array(krita, "doc")[8, 8, :3], 255 - seen[8, 8, :3])


def test_several_lines_are_a_group_with_the_first_shown_and_keep_leaves_one(krita: Host) -> None:
    opened(krita)
    revise(krita, "looks", "warmer\nsepia")
    landed(krita)
    (_, group) = layers(krita)
    assert group[0] == "warmer"
    assert [(one[0][0], one[2]) for one in reversed(group[3])] == [("1", True), ("2", False)]
    krita.do("hand.click('variant_2')")
    (_, group) = layers(krita)
    assert [(one[0][0], one[2]) for one in reversed(group[3])] == [("1", False), ("2", True)]
    krita.do("hand.click('keep')")
    (_, group) = layers(krita)
    assert [one[0][0] for one in group[3]] == ["2"]


def test_an_answer_that_drifted_lands_in_its_place(krita: Host) -> None:
    """The red disc that the model painted in the middle of the selection is found there."""
    krita.do(
        "doc = hand.open_document(480, 360, drawn=hand.landscape)\n"
        "hand.select(doc, (180, 120, 300, 240))"
    )
    revise(krita, "drifting", "a red disc")
    landed(krita)
    patch = array(krita, "hand.by_name(doc, 'a red disc · Drifting')", size=(480, 360)).astype(int)
    red = (patch[..., 2] > 150) & (patch[..., 0] < 60) & (patch[..., 1] < 60)
    red[:120], red[240:], red[:, :180], red[:, 300:] = False, False, False, False
    rows, columns = np.nonzero(red)
    assert rows.size > 1000
    assert abs(columns.mean() - 239.5) <= 0.5
    assert abs(rows.mean() - 179.5) <= 0.5
