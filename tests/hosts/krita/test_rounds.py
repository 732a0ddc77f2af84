"""After the first result: one more, again on top, other edges, the history, several pictures."""

from __future__ import annotations

import numpy as np
import pytest

from tests.hosts.krita.artist import array, landed, layers, opened, outside, revise, wait
from tests.hosts.running import Host

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(300)]


def names(krita: Host) -> list[str]:
    return [one[0] for one in layers(krita)]


# With another edge: a layer is in the picture a moment before it is the one that is shown.
SHOWN = "(front := hand.course(doc).result.front()).before and hand.is_shown(front.layer)"

# Of the selection: how much of it the layer in front shows.
SHARE = """
front = hand.course(doc).result.front().layer
node = next(one for one in doc.topLevelNodes() if one.uniqueId().toString() == front)
shown = bytes(node.projectionPixelData(180, 120, 120, 120))[3::4]
result = sum(shown) / len(shown) / 255
"""


def grow_by_eight(krita: Host) -> None:
    krita.do("hand.find('more').setChecked(True)\nhand.find('grow').setValue(8)")
    wait(krita, "hand.find('apply').isVisible() and hand.find('apply').isEnabled()")
    krita.do("hand.click('apply')")
    wait(krita, SHOWN)


def test_one_more_joins_the_variants_and_can_be_flipped_to(krita: Host) -> None:
    opened(krita)
    revise(krita)
    landed(krita)
    krita.do("hand.click('one_more')")
    wait(krita, "hand.find('variant_2') and hand.has_landed(doc)")
    stack = layers(krita)
    assert [one[0] for one in stack] == ["Background", *["the negative · Known"] * 2]
    assert sorted(one[2] for one in stack[1:]) == [False, True]
    krita.do("hand.click('variant_1')")
    assert [one[2] for one in layers(krita)[1:]] == [one[2] for one in stack[:0:-1]]
    krita.do("hand.click('keep')")
    assert len(layers(krita)) == 2


def test_again_on_top_goes_on_from_the_result(krita: Host) -> None:
    """The negative of the negative is the picture."""
    opened(krita)
    seen = array(krita, "doc")
    revise(krita)
    landed(krita)
    assert not np.array_equal(array(krita, "doc"), seen)
    krita.do("hand.act_in_menu('again', 'again_on_top')")
    wait(krita, "len(hand.layers(doc)) == 3 and hand.has_landed(doc)")
    krita.do("doc.refreshProjection()\ndoc.waitForDone()")
    inside = np.s_[40:70, 50:90]  # away from the edge, where results fade in
    assert np.array_equal(array(krita, "doc")[inside], seen[inside])
    assert np.array_equal(outside(array(krita, "doc")), outside(seen))


def test_again_from_the_original_says_the_whole_chain_of_wishes(krita: Host) -> None:
    opened(krita)
    revise(krita)
    landed(krita)
    krita.do("hand.choose('model', 'heard')\nhand.type_prompt('warmer')")
    wait(krita, "hand.planned('Heard')")
    krita.do("hand.click('again')")
    wait(krita, "'Heard the negative, then warmer' in hand.said()")


def test_what_is_in_can_be_placed_before_the_rest_and_the_rest_joins_it(krita: Host) -> None:
    opened(krita)
    revise(krita, "slow", "0 s\n30 s")
    wait(krita, "hand.find('action').text() == 'Place now'")
    assert len(layers(krita)) == 1
    krita.do("hand.click('action')")
    wait(krita, "len(hand.layers(doc)) == 2")
    assert [one[0] for one in layers(krita)[1][3]] == ["1 · Slow"]
    krita.do("hand.click('revise')")  # it cancels
    landed(krita)
    assert len(layers(krita)[1][3]) == 1


def test_an_earlier_result_is_placed_again_from_the_history(krita: Host) -> None:
    opened(krita)
    revise(krita)
    landed(krita)
    krita.do("hand.click('keep')\nkept = hand.by_name(doc, 'the negative · Known')\nkept.remove()")
    assert len(layers(krita)) == 1
    menu = "hand.find('history').menu()"
    krita.do(f"{menu}.aboutToShow.emit()")
    wait(krita, f"{menu}.actions() and {menu}.actions()[0].isEnabled()")
    krita.do(f"{menu}.actions()[0].trigger()")
    landed(krita)
    assert names(krita) == ["Background", "the negative · Known"]


def test_the_edge_of_a_result_is_changed_for_nothing_and_in_one_step(krita: Host) -> None:
    opened(krita)
    seen = array(krita, "doc")
    revise(krita)
    landed(krita)
    first = array(krita, "doc")
    assert np.array_equal(outside(first), outside(seen))
    grow_by_eight(krita)
    assert len(layers(krita)) == 3
    krita.do("hand.find('grow').setValue(0)\nhand.find('more').setChecked(False)")
    krita.do("doc.refreshProjection()\ndoc.waitForDone()")
    changed = np.any(array(krita, "doc") != seen, axis=-1)
    assert changed[26, 70]
    krita.do("app.action('edit_undo').trigger()\ndoc.waitForDone()")
    wait(krita, "len(hand.layers(doc)) == 2 and hand.layers(doc)[1][2]")
    krita.do("doc.refreshProjection()\ndoc.waitForDone()")
    assert np.array_equal(array(krita, "doc"), first)


def test_an_undone_edge_is_the_one_that_is_remembered(krita: Host) -> None:
    opened(krita)
    krita.do("hand.find('grow').setValue(0)")  # whatever a test before it left there
    revise(krita)
    landed(krita)
    grow_by_eight(krita)
    assert krita.do("result = hand.course(doc).result.front().edge['grow_px']") == 8
    krita.do("hand.find('grow').setValue(0)\nhand.find('more').setChecked(False)")
    krita.do("doc.waitForDone()\napp.action('edit_undo').trigger()\ndoc.waitForDone()")
    wait(krita, "not hand.course(doc).result.front().before")
    assert krita.do("result = hand.course(doc).result.front().edge['grow_px']") == 0


def test_what_kind_of_change_it_is_can_be_said_of_the_finished_layer(krita: Host) -> None:
    """A red disc where nothing else was changed; shown as a style, all that was painted shows."""
    krita.do(
        "doc = hand.open_document(480, 360, drawn=hand.landscape)\n"
        "hand.select(doc, (180, 120, 300, 240))"
    )
    revise(krita, "drifting", "a red disc")
    landed(krita)
    krita.do("doc.waitForDone()\nhand.find('more').setChecked(True)")
    before = krita.do(SHARE)
    krita.do("hand.pick('wish', 'style')")
    wait(krita, SHOWN)
    krita.do("doc.waitForDone()")
    assert krita.do(SHARE) > before + 0.3
    assert krita.do("result = hand.find('wish').currentData()") == "style"
    krita.do("app.action('edit_undo').trigger()\ndoc.waitForDone()")
    wait(krita, "hand.find('wish').currentData() == ''")
    krita.do("hand.find('more').setChecked(False)")


def test_a_shadow_outside_the_selection_is_offered_and_included(krita: Host) -> None:
    krita.do(
        "doc = hand.open_document(480, 360, drawn=hand.landscape)\n"
        "hand.select(doc, (180, 120, 300, 240))"
    )
    size = (480, 360)
    seen = array(krita, "doc", size=size)
    revise(krita, "shadow", "a red disc")
    landed(krita)
    below = np.s_[246:258, 220:260]
    assert np.array_equal(array(krita, "doc", size=size)[below], seen[below])
    wait(krita, "hand.find('action').isVisible() and hand.find('action').text() == 'Include'")
    krita.do("hand.click('action')")
    wait(krita, SHOWN)
    assert len(layers(krita)) == 3
    krita.do("doc.refreshProjection()\ndoc.waitForDone()")
    darker = array(krita, "doc", size=size)[below].astype(int) - seen[below].astype(int)
    assert darker[..., :3].mean() < -20


def test_every_picture_has_its_own_result(krita: Host) -> None:
    opened(krita)
    revise(krita)
    landed(krita)
    krita.do("other = hand.open_document(name='other')")
    wait(krita, "not hand.find('keep').isVisible()")
    krita.do("hand.bring(doc)")
    wait(krita, "hand.find('keep').isVisible()")
    krita.do("hand.click('keep')")
    assert names(krita) == ["Background", "the negative · Known"]
    assert len(layers(krita, "other")) == 1
