"""Other pictures that show what is meant: layers, files, the clipboard, kept with the picture."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hosts.gimp.screen import Screen

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(600)]

RED = "lambda w, h, *_: b'\\xff\\x00\\x00\\xff' * (w * h)"
GREEN = """
from gi.repository import Gdk, GdkPixbuf, Gtk
green = GdkPixbuf.Pixbuf.new(GdkPixbuf.Colorspace.RGB, False, 8, 90, 60)
green.fill(0x00ff00ff)
Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).set_image(green)
"""
BLUE = """
from gi.repository import Gio
blue = hand.open_picture(40, 30, drawn=lambda w, h, *_: b'\\x00\\x00\\xff' * (w * h))
path = Gio.File.new_for_path(str(folder / 'blue.png'))
hand.Gimp.file_save(hand.Gimp.RunMode.NONINTERACTIVE, blue, path, None)
blue.delete()
result = str(folder / 'blue.png')
"""
LATER = "from gi.repository import GLib\nGLib.idle_add(hand.choose_reference, 'file')"


def chosen(screen: Screen, count: int) -> None:
    screen.wait(f"hand.find('reference').get_label() == '✓ reference {count}'")


def add_red_layer(screen: Screen) -> str:
    """Above the one to revise, which stays the selected one; its place among the references."""
    tattoo = screen.gimp.do(
        f"red = hand.add_layer(img, 'red', True, (50, 40), (5, 5), drawn={RED})\n"
        "img.set_selected_layers([hand.layer(img, 'Background')])\nresult = red.get_tattoo()"
    )
    return f"layer {tattoo}"


@pytest.mark.parametrize("how", [{}, {"precision": "FLOAT_LINEAR"}, {"gray": True}], ids=str)
def test_layers_files_and_the_clipboard_are_references(screen: Screen, how: dict[str, Any]) -> None:
    """Each in the picture's own precision and profile, whatever that is."""
    screen.open(**how)
    blue = screen.gimp.do(BLUE)
    if how:
        picked = []
    else:
        picked = ["ff0000"]
        screen.ours.do(f"hand.choose_reference({add_red_layer(screen)!r})")
    screen.ours.do(f"{GREEN}\nhand.choose_reference('clipboard')")
    screen.ours.do(LATER)
    screen.wait("hand.chooser() is not None")
    screen.ours.do(f"hand.answer({blue!r})")
    chosen(screen, len(picked) + 2)
    screen.ask("heard", "like this")
    screen.wait("'Heard like this' in hand.said() and hand.settled()")
    shown = [one[:6] for one in screen.ours.do("result = hand.said()").split("Shown ")[1:]]
    if how.get("gray"):  # as light as the colour was: GIMP's versions weigh them alike, nearly
        assert [(one[:2] == one[2:4] == one[4:], int(one[:2], 16) // 64) for one in shown] == [
            (True, 3), (True, 1),
        ]  # fmt: skip
    else:
        assert shown == [*picked, "00ff00", "0000ff"]


def test_the_menu_of_references_is_opened_and_used_by_the_mouse_and_the_keyboard(
    screen: Screen,
) -> None:
    screen.open()
    screen.ours.do("hand.choose('model', 'heard')")
    screen.wait("hand.planned('Heard')")
    screen.click("reference")
    screen.wait("hand.find('reference').get_popup().get_mapped()")
    rows = screen.ours.do(
        "result = [one.get_label() for one in hand.find('reference').get_popup().get_children()]"
    )
    assert rows == [
        "A layer", "A picture from a file …", "What is in the clipboard", "Keep with this picture",
    ]  # fmt: skip
    screen.ours.do("hand.x('key', 'Down', 'Right', 'Return')")
    chosen(screen, 1)
    assert screen.ours.do("result = [one.name for one in hand.window().beside.references]") == [
        "Background"
    ]


def test_a_reference_too_many_is_said_before_anything_is_sent(screen: Screen) -> None:
    screen.open()
    screen.ours.do("hand.choose('model', 'known')")
    id = add_red_layer(screen)
    for _ in range(3):
        screen.ours.do(f"hand.choose_reference({id!r})")
    screen.wait("'takes 2 references' in hand.said() and not hand.find('revise').is_sensitive()")
    screen.ours.do("hand.choose_reference('drop 0')")
    chosen(screen, 2)
    screen.wait("hand.planned('Known') and not hand.said()")


def test_an_empty_clipboard_and_a_reference_that_is_gone_are_sentences(screen: Screen) -> None:
    screen.open()
    screen.ours.do("hand.choose('model', 'known')")
    screen.wait("hand.planned('Known')")  # a plan that is on its way may have something to say, too
    screen.wait("hand.copied_text('no picture')")
    screen.ours.do("hand.choose_reference('clipboard')")
    screen.wait("'no picture in the clipboard' in hand.said()")
    screen.ours.do(f"hand.choose_reference({add_red_layer(screen)!r})")
    screen.gimp.do("img.remove_layer(red)")
    screen.ask("heard", "like this")
    screen.wait("'“red” is gone; take it off the list' in hand.said() and hand.settled()")


def test_references_are_kept_with_the_picture_when_the_artist_says_so(screen: Screen) -> None:
    screen.open()
    screen.ours.do(f"hand.choose_reference({add_red_layer(screen)!r})")
    screen.ours.do("hand.choose_reference('pin')")
    screen.gimp.do(
        "from gi.repository import Gio\n"
        "path = Gio.File.new_for_path(str(folder / 'pinned.xcf'))\n"
        "hand.Gimp.file_save(hand.Gimp.RunMode.NONINTERACTIVE, img, path, None)\n"
        "img = hand.Gimp.file_load(hand.Gimp.RunMode.NONINTERACTIVE, path)\nhand.show(img)"
    )
    screen.call()
    chosen(screen, 1)
    screen.ask("heard", "like this")
    screen.wait("'Shown ff0000' in hand.said() and hand.settled()")
