"""After the first result: one more, another edge, another wish, the shadow outside."""

from __future__ import annotations

import numpy as np
import pytest

from tests.hosts.gimp.artist import BOX, PATIENCE, layers, mask, names, seen
from tests.hosts.gimp.screen import Screen

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(600)]

TOP = "img.get_layers()[0]"
WIDE = (480, 360)
LANDSCAPE = """
img = hand.open_picture(480, 360, drawn=hand.landscape)
hand.select(img, (180, 120, 300, 240))
hand.show(img)
"""


def visible(screen: Screen) -> list[bool]:
    return [one[1] for one in layers(screen.gimp)]


def mask_of_top(screen: Screen) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    size = screen.gimp.do(f"result = [{TOP}.get_width(), {TOP}.get_height()]")
    return mask(screen.gimp, TOP, (size[0], size[1]))


def test_one_more_joins_the_variants_and_is_the_one_that_is_shown(screen: Screen) -> None:
    screen.open()
    screen.ask()
    screen.landed()
    first = screen.ours.do("result = id(hand.window().result)")
    screen.click("one_more")
    screen.wait("hand.settled() and len(hand.window().result.variants) == 2")
    assert screen.ours.do("result = id(hand.window().result)") == first
    assert names(screen.gimp)[2:] == ["Background"]
    screen.wait("hand.window().result.shown == 1 and hand.shown('variant_2')")
    assert sorted(visible(screen)[:2]) == [False, True]
    screen.click("variant_1")
    screen.wait("hand.window().result.shown == 0")
    screen.click("keep")
    screen.wait("hand.window().result is None")
    assert names(screen.gimp) == ["the negative · Known", "Background"]
    assert visible(screen) == [True, True]


def test_one_more_of_a_group_joins_the_group_and_is_one_undo_step(screen: Screen) -> None:
    screen.open()
    screen.ask("slow", "0 s\n1 s")
    screen.landed()
    assert [len(one[2]) for one in layers(screen.gimp)] == [2, 0]
    screen.click("one_more")
    screen.wait("hand.settled() and len(hand.window().result.variants) > 2")
    count = screen.ours.do("result = len(hand.window().result.variants)")
    assert [len(one[2]) for one in layers(screen.gimp)] == [count, 0]
    screen.gimp.do("hand.press('ctrl+z')")
    screen.gimp.until(f"len({TOP}.get_children()) == 2", PATIENCE)


def test_what_is_here_can_be_placed_before_the_rest_has_come(screen: Screen) -> None:
    screen.open()
    screen.ask("slow", "0 s\n60 s")
    screen.wait("hand.shown('action') and hand.text('action') == 'Place now'")
    screen.click("action")
    screen.gimp.until("len(img.get_layers()) == 2", PATIENCE)
    assert [len(one[2]) for one in layers(screen.gimp)] == [1, 0]
    screen.click("revise")
    screen.landed()


def test_a_shadow_outside_the_selection_is_offered_and_included_and_undone(screen: Screen) -> None:
    gimp = screen.gimp
    gimp.do(LANDSCAPE)
    screen.call()
    picture = seen(gimp, size=WIDE)
    screen.ask("shadow", "a red disc")
    screen.landed()
    below = np.s_[246:258, 220:260]
    first = seen(gimp, size=WIDE)
    assert np.array_equal(first[below], picture[below])
    screen.wait("hand.shown('action') and hand.text('action') == 'Include'")
    id = gimp.do(f"result = {TOP}.get_id()")
    screen.click("action")
    gimp.until(f"{TOP}.get_id() != {id}", PATIENCE)
    assert len(layers(gimp)) == 2
    darker = seen(gimp, size=WIDE)[below].astype(int) - picture[below].astype(int)
    assert darker[..., :3].mean() < -20
    screen.wait("not hand.shown('action')")
    gimp.do("hand.press('ctrl+z')")
    gimp.until(f"{TOP}.get_id() == {id}", PATIENCE)
    assert np.array_equal(seen(gimp, size=WIDE), first)
    screen.wait("hand.shown('action') and hand.text('action') == 'Include'")


def test_a_finished_layer_is_shown_as_another_kind_of_change_without_a_call(
    screen: Screen,
) -> None:
    gimp = screen.gimp
    gimp.do(LANDSCAPE)
    screen.call()
    screen.ask("drifting", "a red disc")
    screen.landed()
    id, local = gimp.do(f"result = {TOP}.get_id()"), mask_of_top(screen)
    screen.click("more")
    screen.wait("hand.shown('wish')")
    screen.ours.do("hand.choose('wish', 'style')")
    gimp.until(f"{TOP}.get_id() != {id}", PATIENCE)
    whole = mask_of_top(screen)
    assert (whole == 255).sum() > 2 * (local == 255).sum() > 0
    assert len(layers(gimp)) == 2
    asked = screen.ours.do(
        "path = '/v1/revisions?document=' + hand.window().result.target.id\n"
        "result = len(hand.window().client.get(path)['revisions'])"
    )
    assert asked == 1
    screen.ours.do("hand.choose('wish', '')")
    screen.click("more")


def test_a_finished_layer_meets_the_picture_with_another_edge_for_nothing(screen: Screen) -> None:
    screen.open()
    screen.ask()
    screen.landed()
    screen.click("more")
    screen.wait("hand.shown('apply')")
    id = screen.gimp.do(f"result = {TOP}.get_id()")
    screen.ours.do("hand.find('feather').set_text('0')")
    screen.click("apply")
    screen.gimp.until(f"{TOP}.get_id() != {id}", PATIENCE)
    assert set(np.unique(mask_of_top(screen))) <= {0, 255}
    screen.ours.do("hand.find('feather').set_text('')")
    screen.click("more")
    assert len(layers(screen.gimp)) == 2


def test_a_layer_that_is_empty_in_the_box_moves_the_source_and_a_drawn_one_moves_it_back(
    screen: Screen,
) -> None:
    screen.open(box=BOX)
    screen.wait("hand.find('source').get_active_id() == 'layer'")
    screen.gimp.do("empty = hand.add_empty_layer(img)")
    screen.wait("hand.find('source').get_active_id() == 'below'")
    screen.wait("hand.text('box') == 'Selection 60×50 · This layer and below'")
    screen.gimp.do("img.set_selected_layers([hand.layer(img, 'Background')])")
    screen.wait("hand.find('source').get_active_id() == 'layer'")
