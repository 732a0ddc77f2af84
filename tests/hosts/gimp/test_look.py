"""The window to look at: it is photographed in every state."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hosts.gimp.screen import Screen

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(600)]


def photographed(screen: Screen, path: Path) -> None:
    """Our window alone, as it is on the screen."""
    name = f"{screen.gimp.inside}/{path.name}"
    screen.ours.do("hand.x('mousemove', 20, 980)")
    id = screen.ours.do("result = hand.window().gtk.get_window().get_xid()")
    screen.gimp.x("import", "-window", str(id), name)
    taken = screen.gimp.folder / path.name
    assert taken.stat().st_size > 5_000
    path.write_bytes(taken.read_bytes())


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
