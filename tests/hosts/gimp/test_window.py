"""The window beside the picture, by real keys and clicks."""

from __future__ import annotations

import numpy as np
import pytest

from tests.hosts.gimp.artist import BACKGROUND, PATIENCE, array, layers, names, outside, seen
from tests.hosts.gimp.screen import Screen

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(600)]


def test_three_clicks_give_a_layer_and_one_undo_takes_it_away(screen: Screen) -> None:
    screen.open()
    gimp = screen.gimp
    layer, picture = array(gimp, BACKGROUND), seen(gimp)
    before = gimp.do("result = hand.outside_state(img)")
    screen.ask()
    screen.landed()
    after = seen(gimp)
    assert names(gimp) == ["the negative · Known", "Background"]
    assert np.array_equal(array(gimp, BACKGROUND), layer)
    assert np.array_equal(outside(after), outside(picture))
    assert gimp.do("result = hand.outside_state(img)") == before
    gimp.do("hand.press('ctrl+z')")
    gimp.until("len(img.get_layers()) == 1", PATIENCE)
    assert np.array_equal(seen(gimp), picture)
    assert gimp.do("result = hand.outside_state(img)") == before
    gimp.do("hand.press('ctrl+y')")
    gimp.until("len(img.get_layers()) == 2", PATIENCE)
    assert np.array_equal(seen(gimp), after)


def test_a_group_of_variants_is_one_undo_step_too(screen: Screen) -> None:
    screen.open()
    screen.ask("looks", "warmer\nsepia")
    screen.landed()
    assert len(layers(screen.gimp)[0][2]) == 2
    screen.gimp.do("hand.press('ctrl+z')")
    screen.gimp.until("len(img.get_layers()) == 1", PATIENCE)


def test_an_undone_result_is_put_back_for_nothing(screen: Screen) -> None:
    screen.open()
    screen.ask()
    screen.landed()
    screen.gimp.do("hand.press('ctrl+z')")
    screen.wait("hand.shown('action') and 'undone' in hand.said()")
    screen.click("action")
    screen.gimp.until("len(img.get_layers()) == 2", PATIENCE)
    assert names(screen.gimp) == ["the negative · Known", "Background"]


def test_variants_are_flipped_by_click_and_by_key_and_keep_leaves_one(screen: Screen) -> None:
    screen.open()
    screen.ask("looks", "warmer\nsepia\nwarmer, brighter")
    screen.landed()

    def visible() -> list[bool]:
        return [one[1] for one in layers(screen.gimp)[0][2]]

    assert visible() == [True, False, False]
    screen.click("variant_2")
    screen.wait("hand.window().result.shown == 1")
    assert visible() == [False, True, False]
    screen.ours.do("hand.x('key', 'period')")
    screen.wait("hand.window().result.shown == 2")
    assert visible() == [False, False, True]
    screen.ours.do("hand.x('key', 'comma')")
    screen.wait("hand.window().result.shown == 1")
    screen.click("keep")
    screen.wait("hand.window().result is None")
    assert [one[0][0] for one in layers(screen.gimp)[0][2]] == ["2"]


def test_the_original_is_seen_while_the_button_is_held_and_undo_knows_nothing_of_it(
    screen: Screen,
) -> None:
    screen.open()
    picture = seen(screen.gimp)
    screen.ask()
    screen.landed()
    screen.ours.do("hand.hold('hold')")
    screen.gimp.until("not img.get_layers()[0].get_visible()", PATIENCE)
    assert np.array_equal(seen(screen.gimp), picture)
    screen.ours.do("hand.release()")
    screen.gimp.until("img.get_layers()[0].get_visible()", PATIENCE)
    screen.gimp.do("hand.press('ctrl+z')")
    screen.gimp.until("len(img.get_layers()) == 1", PATIENCE)


def test_again_goes_on_from_the_original_or_on_top_of_the_result(screen: Screen) -> None:
    screen.open()
    picture = seen(screen.gimp)
    screen.ask()
    screen.landed()
    screen.ours.do("hand.choose_item('again_menu', 'top')")
    screen.gimp.until("len(img.get_layers()) == 3", PATIENCE)
    screen.landed()
    twice = seen(screen.gimp)[40:70, 50:90]
    assert np.abs(twice.astype(int) - picture[40:70, 50:90].astype(int)).max() <= 1
    screen.click("again")
    screen.gimp.until("len(img.get_layers()) == 4", PATIENCE)


def test_a_refusal_is_a_sentence(screen: Screen) -> None:
    screen.open()
    screen.ask("failing")
    screen.wait("'other words' in hand.said()")
    assert len(layers(screen.gimp)) == 1


def test_cancelling_ends_the_round_and_adds_nothing(screen: Screen) -> None:
    screen.open()
    screen.ask("slow", "60 s")
    screen.wait("'slowly' in hand.said()")
    screen.click("revise")
    screen.wait("hand.settled()")
    assert len(layers(screen.gimp)) == 1


def test_what_must_stay_and_how_far_are_told_to_the_model(screen: Screen) -> None:
    screen.open()
    screen.ours.do("for id in ('palette', 'identity'):\n    hand.choose_item('keep_what', id)")
    screen.click("helper_replace")
    screen.click("far_touch")
    screen.ask("heard", "a red hat")
    screen.wait("'a red hat | replace | touch | palette+identity | None' in hand.said()")
    screen.click("helper_replace")
    screen.ours.do("for id in ('palette', 'identity'):\n    hand.choose_item('keep_what', id)")


def test_calling_from_another_picture_switches_the_one_window(screen: Screen) -> None:
    screen.open(name="Background")
    pid = screen.ours.do("import os\nresult = os.getpid()")
    screen.gimp.do("first = img")
    screen.open(width=90, height=70, box=(10, 10, 50, 40))
    assert screen.ours.do("import os\nresult = os.getpid()") == pid
    screen.wait("hand.text('box') == 'Selection 40×30' and hand.shown('thumb')")
    assert screen.ours.do("result = hand.window().gtk.is_active()")
    screen.ask()
    screen.landed()
    assert len(layers(screen.gimp)) == 2
    assert len(layers(screen.gimp, "first")) == 1


def test_a_new_selection_and_a_hidden_layer_are_seen_without_asking(screen: Screen) -> None:
    screen.open()
    screen.wait("hand.text('box') == 'Selection 60×50'")
    screen.gimp.do("hand.select(img, (0, 0, 20, 10))")
    screen.wait("hand.text('box') == 'Selection 20×10'")
    screen.gimp.do("img.get_layers()[0].set_visible(False)")
    screen.wait("'is hidden' in hand.text('warning') and not hand.find('revise').is_sensitive()")


def test_history_puts_an_earlier_result_into_the_picture_again(screen: Screen) -> None:
    screen.open()
    screen.ask()
    screen.landed()
    screen.gimp.do("img.remove_layer(img.get_layers()[0])")
    screen.wait("hand.window().past.revisions")
    screen.call("ctrl+alt+h")
    screen.wait("hand.find('history').get_popup().get_visible()")
    screen.ours.do("hand.x('key', 'Return')")  # the newest is chosen already
    screen.gimp.until("len(img.get_layers()) == 2", PATIENCE)
    assert names(screen.gimp) == ["the negative · Known", "Background"]


def test_a_layer_of_ours_as_the_selected_one_moves_the_source_and_can_be_made_again(
    screen: Screen,
) -> None:
    screen.open()
    screen.ask("known", "1 s")
    screen.landed()
    screen.click("keep")
    screen.gimp.do("img.set_selected_layers([hand.layer(img, '1 s · Known')])")
    screen.wait("hand.find('source').get_active_id() == 'below'")
    screen.ours.do("hand.choose('model', 'slow')")
    again = "hand.shown('action') and 'Again' in hand.text('action')"
    screen.wait(again)
    # Whatever took it away: it is offered for as long as nothing else is said.
    screen.ours.do("hand.window().course.say('')")
    screen.wait(again)
    screen.click("action")
    screen.gimp.until("len(img.get_layers()) == 3", PATIENCE)
    assert names(screen.gimp) == ["1 s · Slow", "1 s · Known", "Background"]
    screen.gimp.do("img.set_selected_layers([hand.layer(img, 'Background')])")
    screen.wait("hand.find('source').get_active_id() == 'layer'")


def test_repeat_asks_for_the_same_as_the_window_did_last(screen: Screen) -> None:
    screen.open()
    screen.ask()
    screen.landed()
    screen.gimp.do(
        "procedure = hand.Gimp.get_pdb().lookup_procedure('redraft-revise')\n"
        "config = procedure.create_config()\nconfig.set_property('image', img)\n"
        "config.set_core_object_array('drawables', [hand.layer(img, 'Background')])\n"
        "config.set_property('run-mode', hand.Gimp.RunMode.WITH_LAST_VALS)\n"
        "values = procedure.run(config)",
        60,
    )
    assert names(screen.gimp)[0] == "the negative · Known"
    assert len(layers(screen.gimp)) == 3
