"""What goes with the wish: areas that no revision may touch, and the edge of the result."""

from __future__ import annotations

import numpy as np
import pytest

from tests.hosts.gimp.artist import BOX, PATIENCE, layers, mask, outside, revise, seen
from tests.hosts.gimp.screen import Screen

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(600)]

SPARED = (50, 40, 70, 60)


def test_protected_areas_are_touched_by_no_revision_nor_by_a_script_after_saving(
    screen: Screen,
) -> None:
    screen.open(box=SPARED)
    picture = seen(screen.gimp)
    screen.wait("hand.text('box') == 'Selection 20×20'")
    screen.ours.do("hand.choose_item('protect', 'selection')")
    screen.wait("'✓' in hand.find('protect').get_label()")
    screen.gimp.do(f"hand.select(img, {BOX!r})")
    screen.wait("hand.text('box') == 'Selection 60×50'")
    screen.ask()
    screen.landed()
    spared = np.s_[SPARED[1] : SPARED[3], SPARED[0] : SPARED[2]]
    after = seen(screen.gimp)
    assert np.array_equal(after[spared], picture[spared])
    assert np.array_equal(outside(after), outside(picture))
    assert not np.array_equal(after[70:75, 80:90], picture[70:75, 80:90])
    screen.gimp.do(
        "from gi.repository import Gio\n"
        "img.remove_layer(img.get_layers()[0])\n"
        "path = Gio.File.new_for_path(str(folder / 'guarded.xcf'))\n"
        "hand.Gimp.file_save(hand.Gimp.RunMode.NONINTERACTIVE, img, path, None)\n"
        "img = hand.Gimp.file_load(hand.Gimp.RunMode.NONINTERACTIVE, path)"
    )
    revise(screen.gimp)
    assert np.array_equal(seen(screen.gimp)[spared], picture[spared])


def test_what_is_protected_is_shown_as_the_selection_and_can_be_lifted(screen: Screen) -> None:
    screen.open(box=SPARED)
    screen.wait("hand.text('box') == 'Selection 20×20'")
    assert not screen.ours.do("result = hand.find('protect').item('lift').is_sensitive()")
    screen.ours.do("hand.choose_item('protect', 'selection')")
    screen.gimp.do("hand.select(img, (60, 50, 90, 55))")
    screen.wait("hand.text('box') == 'Selection 30×5'")
    screen.ours.do("hand.choose_item('protect', 'selection')")
    before = screen.gimp.do("result = hand.outside_state(img)")
    screen.ours.do("hand.choose_item('protect', 'show')")
    screen.wait("hand.text('box') == 'Selection 40×20'")
    state = screen.gimp.do("result = hand.outside_state(img)")
    assert state[:2] == before[:2]
    assert screen.gimp.do("result = img.get_channels()") == []
    screen.ours.do("hand.choose_item('protect', 'lift')")
    screen.wait("hand.find('protect').get_label() == '+ protect'")


def test_the_edge_of_the_result_is_as_soft_as_it_was_asked_for(screen: Screen) -> None:
    screen.open()
    screen.click("more")
    screen.wait("hand.shown('feather')")
    screen.ours.do("hand.find('feather').set_text('0')")
    screen.ask()
    screen.landed()
    hard = mask(screen.gimp, size=screen.gimp.do(SIZE_OF))
    screen.gimp.do("hand.press('ctrl+z')")
    screen.gimp.until("len(img.get_layers()) == 1", PATIENCE)
    screen.ours.do("hand.find('feather').set_text('12')")
    screen.ask()
    screen.landed()
    soft = mask(screen.gimp, size=screen.gimp.do(SIZE_OF))
    assert set(np.unique(hard)) <= {0, 255}
    assert len(np.unique(soft)) > 8
    screen.ours.do("hand.find('feather').set_text('')")
    screen.click("more")
    screen.wait("not hand.shown('feather')")
    assert len(layers(screen.gimp)) == 2


SIZE_OF = "one = img.get_layers()[0]\nresult = [one.get_width(), one.get_height()]"
