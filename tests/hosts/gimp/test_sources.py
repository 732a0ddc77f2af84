"""What is sent and what is covered: layers of every kind, size and place, and making one again."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.clean import clean
from tests.hosts.gimp.artist import (
    BOX,
    PATCH,
    area,
    array,
    layers,
    mask,
    names,
    opened,
    outside,
    refusal,
    revise,
    seen,
)
from tests.hosts.running import Host

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(600)]

RED = "lambda w, h, c, depth, alpha: bytes([255, 0, 0, 255] if alpha else [255, 0, 0]) * (w * h)"


def add(gimp: Host, name: str, **how: object) -> None:
    """A red layer on top, which becomes the selected one."""
    gimp.do(f"top = hand.add_layer(img, {name!r}, drawn={RED}, **{how!r})")


def choose(gimp: Host, name: str) -> None:
    gimp.do(f"img.set_selected_layers([hand.layer(img, {name!r})])")


def test_what_lies_above_the_source_is_neither_sent_nor_covered(console: Host) -> None:
    opened(console)
    picture = seen(console)
    add(console, "top")
    choose(console, "Background")
    revise(console, source="below")
    assert names(console) == ["top", "the negative · Known", "Background"]
    assert np.array_equal(array(console, PATCH, 4)[..., :3], 255 - picture[..., :3])


def test_the_visible_picture_is_covered_on_top(console: Host) -> None:
    opened(console)
    add(console, "top")
    choose(console, "Background")
    revise(console, source="visible")
    assert names(console) == ["the negative · Known", "top", "Background"]
    assert (array(console, PATCH, 4)[..., :3] == (0, 255, 255)).all()


@pytest.mark.parametrize(
    ("size", "offsets"),
    [((80, 60), (30, 20)), ((200, 150), (-20, -10)), ((120, 90), (-40, 50)), ((60, 50), (130, 90))],
    ids=["smaller", "larger", "partly left of the canvas", "partly right of it"],
)
def test_a_layer_of_any_size_and_place_is_sourced_and_covered(
    console: Host, size: tuple[int, int], offsets: tuple[int, int]
) -> None:
    """Where the layer is, there is its negative; where it is not, nothing changes."""
    box = (20, 25, 150, 110)
    console.do(
        f"img = hand.open_picture(layer={size!r}, offsets={offsets!r})\nhand.select(img, {box!r})"
    )
    layer = array(console, "img.get_layers()[0]", 3, size=size)
    picture = seen(console)
    revise(console)
    after = seen(console)
    assert np.array_equal(outside(after, box), outside(picture, box))
    rows, columns = np.mgrid[0:120, 0:160]
    in_box = (columns >= box[0]) & (columns < box[2]) & (rows >= box[1]) & (rows < box[3])
    x, y = columns - offsets[0], rows - offsets[1]
    there = in_box & (x >= 0) & (x < size[0]) & (y >= 0) & (y < size[1])
    assert there.any()
    full = mask_in_picture(console) == 255
    assert full[there].mean() > 0.5  # the edge is soft inwards
    both = there & full
    assert np.array_equal(after[both][:, :3], 255 - layer[y[both], x[both]])
    assert np.array_equal(after[in_box & ~there], picture[in_box & ~there])


def mask_in_picture(console: Host) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    left, top, right, bottom = area(console)
    whole = np.zeros((120, 160), np.uint8)
    whole[top:bottom, left:right] = mask(console, size=(right - left, bottom - top))
    return whole


def test_a_layer_mask_of_the_source_is_seen_by_the_model_and_stays_as_it_is(console: Host) -> None:
    """Its right half is hidden: that half is transparent, and the result leaves it so."""
    opened(console)
    console.do(
        "base = hand.layer(img, 'Background')\n"
        "hidden = base.create_mask(hand.Gimp.AddMaskType.WHITE)\n"
        "hand.fill(hidden, b'\\x00' * (80 * 120), (80, 0, 80, 120))\nbase.add_mask(hidden)"
    )
    picture = seen(console)
    before = console.do("result = hand.mask(base)")
    revise(console)
    assert console.do("result = hand.mask(base)") == before
    after = seen(console)
    assert np.array_equal(after[:, 80:], picture[:, 80:])
    assert np.array_equal(outside(after), outside(picture))
    assert np.array_equal(after[40:70, 50:75, :3], 255 - picture[40:70, 50:75, :3])
    patch = array(console, PATCH, 4)
    assert not patch[40:70, 85:95, 3].any()


def test_editing_the_mask_of_a_layer_revises_the_layer(console: Host) -> None:
    opened(console)
    console.do(
        "base = hand.layer(img, 'Background')\n"
        "base.add_mask(base.create_mask(hand.Gimp.AddMaskType.WHITE))\nbase.set_edit_mask(True)"
    )
    console.do("names = hand.revise(img, drawables=[base.get_mask()])", 60)
    assert names(console) == ["the negative · Known", "Background"]
    assert console.do("result = base.get_edit_mask()")


MADE = {
    "group": (
        "one = hand.Gimp.GroupLayer.new(img, 'one')\nimg.insert_layer(one, None, 0)\n"
        f"hand.add_layer(img, 'red', True, drawn={RED}, parent=one)"
    ),
    "text": (
        "one = hand.Gimp.TextLayer.new(img, 'MMMM', hand.Gimp.context_get_font(), 60,"
        " hand.Gimp.Unit.pixel())\nimg.insert_layer(one, None, 0)\none.set_name('one')\n"
        "one.set_offsets(20, 20)"
    ),
    "in a group": (
        "group = hand.Gimp.GroupLayer.new(img, 'group')\nimg.insert_layer(group, None, 0)\n"
        f"one = hand.add_layer(img, 'one', True, drawn={RED}, parent=group)"
    ),
}


@pytest.mark.parametrize("kind", MADE)
def test_layers_of_every_kind_can_be_revised(console: Host, kind: str) -> None:
    opened(console)
    console.do(f"{MADE[kind]}\nimg.set_selected_layers([one])")
    picture = seen(console)
    revise(console)
    wanted = ["the negative · Known", "one"]
    (top, *_) = layers(console)
    found = [one[0] for one in (top[2] if kind == "in a group" else layers(console))]
    assert found[:2] == wanted
    after = seen(console)
    assert np.array_equal(outside(after), outside(picture))
    if kind != "text":
        assert (after[40:70, 50:90, :3] == (0, 255, 255)).all()
    else:
        assert not np.array_equal(after[30:80, 40:100], picture[30:80, 40:100])


def test_what_is_transparent_stays_transparent(console: Host) -> None:
    opened(console, box=None)
    console.do(
        "lines = hand.add_layer(img, 'lines', True, drawn=lambda w, h, *_: bytes(w * h * 4))\n"
        f"hand.fill(lines, bytes([0, 0, 0, 255]) * 160, (50, 50, 40, 4))\nhand.select(img, {BOX!r})"
    )
    revise(console)
    left, top, right, bottom = area(console)
    patch = array(console, PATCH, 4, size=(right - left, bottom - top))
    assert not patch[: 48 - top, :, 3].any()
    assert (patch[50 - top : 54 - top, 50 - left : 90 - left, 3] == 255).all()


@pytest.mark.parametrize(
    ("obstacle", "sentence"),
    [
        ("img.get_layers()[0].set_visible(False)", "“Background” is hidden; show it first."),
        ("img.get_layers()[0].set_lock_content(True)", "“Background” is locked; unlock it first."),
        (
            "img.convert_indexed(hand.Gimp.ConvertDitherType.NONE,"
            " hand.Gimp.ConvertPaletteType.GENERATE, 16, False, False, '')",
            "This picture is indexed; choose Image ▸ Mode ▸ RGB first.",
        ),
    ],
)
def test_a_layer_that_cannot_be_revised_is_refused_by_name(
    console: Host, obstacle: str, sentence: str
) -> None:
    opened(console)
    console.do(obstacle)
    assert sentence in refusal(console)
    assert len(layers(console)) == 1


def test_an_empty_layer_several_layers_and_a_channel_are_refused_by_name(console: Host) -> None:
    opened(console)
    console.do("empty = hand.add_empty_layer(img)")
    assert "“empty” is empty here" in refusal(console)
    console.do("img.set_selected_layers(img.get_layers())")
    assert "Several layers are selected" in refusal(console)
    console.do(
        "channel = hand.Gimp.Channel.new(img, 'ink', 160, 120, 50.0, hand.Gegl.Color.new('red'))\n"
        "img.insert_channel(channel, None, 0)\n"
        "said = hand.refusal(lambda: hand.revise(img, drawables=[channel]))\nresult = said",
        60,
    )
    assert "“ink” is a channel" in console.do("result = said")


def test_selected_channels_stay_selected(console: Host) -> None:
    opened(console)
    console.do(
        "channel = hand.Gimp.Channel.new(img, 'ink', 160, 120, 50.0, hand.Gegl.Color.new('red'))\n"
        "img.insert_channel(channel, None, 0)\nimg.set_selected_channels([channel])\n"
        "before = hand.outside_state(img)\n"
        "hand.revise(img, drawables=[hand.layer(img, 'Background')])",
        60,
    )
    assert console.do("result = hand.outside_state(img) == before")
    assert console.do("result = before[1]") == ["ink"]


def test_a_saved_layer_is_made_again_with_another_model_without_itself(console: Host) -> None:
    opened(console)
    picture = seen(console).astype(int)
    revise(console, prompt="1 s")
    console.do(
        "from gi.repository import Gio\n"
        "path = Gio.File.new_for_path(str(folder / 'again.xcf'))\n"
        "hand.Gimp.file_save(hand.Gimp.RunMode.NONINTERACTIVE, img, path, None)\nimg.delete()\n"
        "img = hand.Gimp.file_load(hand.Gimp.RunMode.NONINTERACTIVE, path)\n"
        "hand.Gimp.Selection.none(img)\n"
        "hand.call('redraft-revise-again', img, [hand.layer(img, '1 s · Known')], model='slow')",
        60,
    )
    assert names(console) == ["1 s · Slow", "1 s · Known", "Background"]
    again = array(console, "hand.layer(img, '1 s · Slow')", 4).astype(int)
    assert np.abs(again[..., :3] - picture[..., :3] / 2).max() <= 1
    shown = mask(console, "hand.layer(img, '1 s · Slow')")
    assert shown[55, 70] == 255
    assert not outside(shown).any()


def test_a_copy_for_delivery_tells_nothing_and_shows_the_same(console: Host) -> None:
    opened(console)
    revise(console, prompt="a secret wish")
    shown = seen(console)
    save = "hand.Gimp.file_save(hand.Gimp.RunMode.NONINTERACTIVE, img, path, None)\n"
    load = "img = hand.Gimp.file_load(hand.Gimp.RunMode.NONINTERACTIVE, path)\n"
    console.do(
        "from gi.repository import Gio\n"
        f"path = Gio.File.new_for_path(str(folder / 'told.xcf'))\n{save}img.delete()",
        60,
    )
    told, cleaned = console.folder / "told.xcf", console.folder / "clean.xcf"
    assert b"a secret wish" in told.read_bytes()
    found = clean(told, cleaned)
    assert (found.notes, found.renamed) == (2, 1)
    assert b"secret" not in cleaned.read_bytes()
    assert b"redraft" not in cleaned.read_bytes()
    console.do(f"path = Gio.File.new_for_path(str(folder / 'clean.xcf'))\n{load}", 60)
    assert [name.strip() for name in names(console)] == ["Layer 1", "Background"]
    assert np.array_equal(seen(console), shown)
    notes = "result = [list(one.get_parasite_list()) for one in (img, *img.get_layers())]"
    assert not any("redraft" in name for one in console.do(notes) for name in one)


def test_a_layer_whose_origin_is_gone_cannot_be_made_again(console: Host) -> None:
    opened(console)
    revise(console)
    said = console.do(
        "img.remove_layer(hand.layer(img, 'Background'))\n"
        "result = hand.refusal(lambda: hand.call('redraft-revise-again', img,"
        " [img.get_layers()[0]]))",
        60,
    )
    assert "The layer that this was made from is gone" in said
