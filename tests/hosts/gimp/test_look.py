"""The window to look at: it fits, every control says what it is, and it is photographed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.hosts.gimp.artist import layers
from tests.hosts.gimp.screen import Screen

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(600)]

WIDTH = 340
MEADOW = Path(__file__).parents[3] / "bridge" / "demo" / "meadow.jpg"


def photographed(screen: Screen, path: Path) -> None:
    """Our window alone, as it is on the screen."""
    name = f"{screen.gimp.inside}/{path.name}"
    screen.ours.do("hand.x('mousemove', 20, 980)")
    id = screen.ours.do("result = hand.window().gtk.get_window().get_xid()")
    screen.gimp.x("import", "-window", str(id), name)
    taken = screen.gimp.folder / path.name
    assert taken.stat().st_size > 5_000
    path.write_bytes(taken.read_bytes())


def test_every_control_has_a_tooltip(screen: Screen) -> None:
    screen.open()
    screen.ask()
    screen.landed()
    silent = screen.ours.do(
        "from gi.repository import Gtk\n"
        "kinds = (Gtk.Button, Gtk.ComboBox, Gtk.SpinButton, Gtk.TextView)\n"
        "shown = [w for w in hand.every_widget() if isinstance(w, kinds) and w.get_mapped()]\n"
        "result = [w.get_name() for w in shown if not w.get_tooltip_text()\n"
        "          and not w.get_ancestor(Gtk.ComboBox)]"
    )
    assert silent == []


def test_it_is_no_wider_than_a_dock(screen: Screen) -> None:
    screen.open()
    screen.ask("looks", "\n".join(["warmer", "sepia", "darker", "more contrast"] * 2))
    screen.landed()
    assert screen.ours.do("result = len(hand.find('numbers').get_children())") == 8 + 1
    assert screen.ours.do("result = hand.panel().get_preferred_width()[0]") <= WIDTH
    assert screen.ours.do("result = hand.window().gtk.get_size()[0]") <= WIDTH


def test_what_is_hidden_under_the_dots_and_a_helpers_fields_make_it_no_wider(
    screen: Screen, tmp_path: Path
) -> None:
    screen.open()
    screen.click("more")
    screen.wait("hand.shown('limit') and hand.shown('keys')")
    screen.wait("hand.is_in_view('keys') and hand.is_in_view('revise')")
    photographed(screen, tmp_path / "more.png")
    assert screen.ours.do("result = hand.window().gtk.get_size()[0]") == WIDTH
    screen.click("more")
    for helper in ("text", "look"):
        screen.click(f"helper_{helper}")
        photographed(screen, tmp_path / f"{helper}.png")
        assert screen.ours.do("result = hand.window().gtk.get_size()[0]") == WIDTH
    screen.click("helper_look")


def test_all_of_it_is_seen_without_scrolling(screen: Screen) -> None:
    screen.open()
    screen.ask("looks", "warmer\nsepia")
    screen.landed()
    screen.wait(
        "hand.panel().get_preferred_height_for_width(340)[1] <= hand.window().gtk.get_size()[1] + 1"
    )


def test_it_is_photographed_in_every_state(screen: Screen, tmp_path: Path) -> None:
    screen.gimp.do(
        "img = hand.open_picture(480, 360, drawn=hand.landscape)\n"
        "hand.select(img, (140, 130, 300, 280))\nhand.show(img)"
    )
    screen.call()
    screen.wait("hand.find('revise').is_sensitive()")
    photographed(screen, tmp_path / "open.png")
    screen.ask("slow", "60 s")
    screen.wait("'slowly' in hand.said()")
    photographed(screen, tmp_path / "running.png")
    screen.click("revise")
    screen.wait("hand.settled()")
    screen.ask("failing", "something")
    screen.wait("'other words' in hand.said()")
    photographed(screen, tmp_path / "failed.png")
    screen.ask("looks", "warmer\nsepia\nmore contrast")
    screen.landed()
    photographed(screen, tmp_path / "variants.png")
    screen.gimp.screenshot(tmp_path / "screen.png")
    assert len(list(tmp_path.glob("*.png"))) == 5


def test_a_fir_is_removed_from_a_photograph_and_both_are_photographed(
    screen: Screen, tmp_path: Path
) -> None:
    """The window and the whole screen, as an artist sees them; by a built-in engine."""
    if screen.is_open():  # what it was taken through before does not show in the next one
        screen.close_window()
    shutil.copy(MEADOW, screen.gimp.folder / "meadow.jpg")
    screen.gimp.do(
        "from gi.repository import Gio\n"
        "path = Gio.File.new_for_path(str(folder / 'meadow.jpg'))\n"
        "img = hand.Gimp.file_load(hand.Gimp.RunMode.NONINTERACTIVE, path)\n"
        "hand.select(img, (1300, 480, 1540, 900))\nhand.show(img)"
    )
    screen.call()
    screen.wait("hand.find('revise').is_sensitive()")
    screen.ours.do("hand.find('variants').set_value(3)")
    screen.ask("fill", "Remove the fir")
    screen.landed()
    assert [one[0][0] for one in layers(screen.gimp)[0][2]] == ["1", "2", "3"]
    photographed(screen, tmp_path / "meadow.png")
    screen.gimp.screenshot(tmp_path / "meadow-screen.png")
