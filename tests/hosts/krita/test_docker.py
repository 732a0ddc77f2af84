"""The docker to look at: it fits, every control says what it is, and it is photographed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.hosts.krita.artist import array, landed, layers, opened, revise, wait
from tests.hosts.running import Host

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(300)]

NARROW = 250
MEADOW = Path(__file__).parents[3] / "bridge" / "demo" / "meadow.jpg"
THEME = """
themes = app.action('theme_menu').menu().actions()
next(one for one in themes if one.text().replace('&', '') == '{name}').trigger()
"""


@pytest.fixture
def afloat(krita: Host) -> Iterator[Host]:
    """The docker beside the window, where all of it is seen."""
    krita.do("hand.docker().setFloating(True)\nhand.docker().move(1100, 40)")
    yield krita
    krita.do("hand.docker().setFloating(False)")


def photographed(krita: Host, path: Path, width: int = 300) -> None:
    krita.do(f"hand.docker().resize({width}, 640)")
    wait(krita, f"hand.docker().width() <= {width}")
    krita.do(f"hand.docker().grab().save(str(folder / '{path.name}'))")
    taken = krita.folder / path.name
    assert taken.stat().st_size > 5_000
    shutil.move(taken, path)


def test_every_control_has_a_tooltip(krita: Host) -> None:
    opened(krita)
    revise(krita)
    landed(krita)
    krita.do("hand.find('more').setChecked(True)")
    silent = krita.do(
        "from redraft.qt import QtWidgets as W\n"
        "kinds = (W.QAbstractButton, W.QComboBox, W.QAbstractSpinBox, W.QPlainTextEdit,"
        " W.QLineEdit)\n"
        "ours = [w for kind in kinds for w in hand.panel().findChildren(kind)]\n"
        "ours = [w for w in ours if w.isVisibleTo(hand.panel())]\n"
        "ours = [w for w in ours if not w.objectName().startswith('qt_')]\n"
        "result = [w.objectName() or w.text() for w in ours if not w.toolTip()]"
    )
    krita.do("hand.find('more').setChecked(False)")
    assert silent == []


def test_everything_fits_into_a_narrow_docker(krita: Host) -> None:
    opened(krita)
    revise(krita)
    landed(krita)
    assert krita.do("result = hand.panel().minimumSizeHint().width()") <= NARROW
    krita.do("hand.find('more').setChecked(True)")
    width = krita.do("result = hand.panel().minimumSizeHint().width()")
    krita.do("hand.find('more').setChecked(False)")
    assert width <= NARROW


def test_the_docker_is_photographed_in_every_state(afloat: Host, tmp_path: Path) -> None:
    krita = afloat
    opened(krita)
    photographed(krita, tmp_path / "fresh.png")
    revise(krita, "slow", "60 s")
    wait(krita, "'slowly' in hand.said()")
    photographed(krita, tmp_path / "running.png")
    krita.do("hand.click('revise')")
    wait(krita, "hand.course().round is None")
    revise(krita, "failing", "something")
    wait(krita, "'other words' in hand.said()")
    photographed(krita, tmp_path / "failed.png")
    revise(krita, "looks", "warmer\nsepia\npencil")
    landed(krita)
    photographed(krita, tmp_path / "variants.png")
    photographed(krita, tmp_path / "narrow.png", NARROW)
    krita.do("hand.find('more').setChecked(True)")
    photographed(krita, tmp_path / "more.png")
    krita.do("hand.find('more').setChecked(False)")
    assert len(list(tmp_path.glob("*.png"))) == 6


def test_a_tree_is_removed_from_a_photograph_and_both_are_photographed(
    afloat: Host, tmp_path: Path
) -> None:
    """The docker and the whole window, as an artist sees them; by a built-in engine."""
    krita = afloat
    shutil.copy(MEADOW, krita.folder / "meadow.jpg")
    krita.do(
        "doc = app.openDocument(str(folder / 'meadow.jpg'))\ndoc.setBatchmode(True)\n"
        "hand.window().addView(doc)\nhand.select(doc, (1300, 480, 1540, 900))"
    )
    revise(krita, "fill", "Remove the fir")
    wait(krita, "hand.has_landed(doc)", 120)
    assert [one[0] for one in layers(krita)][1].startswith("Remove the fir · Fill")
    photographed(krita, tmp_path / "meadow.png")
    taken = krita.screenshot(tmp_path / "window.png")
    assert taken.stat().st_size > 100_000


def test_a_light_theme_is_followed(afloat: Host, tmp_path: Path) -> None:
    krita = afloat
    opened(krita)
    krita.do(THEME.format(name="Krita bright"))
    photographed(krita, tmp_path / "light.png")
    lightness = "hand.panel().palette().color(hand.panel().backgroundRole()).lightness()"
    assert krita.do(f"result = {lightness}") > 128
    krita.do(THEME.format(name="Krita dark"))
    assert krita.do(f"result = {lightness}") < 128


def test_the_shortcuts_of_the_action_file_are_set(krita: Host) -> None:
    shortcuts = krita.do(
        "result = {a.objectName(): a.shortcut().toString() for a in app.actions()"
        " if a.objectName().startswith('redraft_')}"
    )
    assert len(shortcuts) == 8
    assert all(shortcuts.values())


def test_revise_and_keep_by_their_shortcuts(krita: Host) -> None:
    opened(krita)
    krita.do("hand.choose('model', 'known')\nhand.type_prompt('the negative')")
    wait(krita, "hand.planned('Known')")
    krita.do("hand.window().qwindow().activateWindow()\nhand.window().qwindow().setFocus()")
    krita.x("xdotool", "key", "ctrl+alt+r")
    landed(krita)
    krita.x("xdotool", "key", "ctrl+alt+k")
    wait(krita, "hand.course().result is None")
    assert len(layers(krita)) == 2


def test_the_other_shortcuts_flip_hide_and_cancel(krita: Host) -> None:
    def press(keys: str, shown: list[bool]) -> None:
        """shown: of the group, from the bottom, afterwards."""
        krita.do("hand.window().qwindow().activateWindow()\nhand.window().qwindow().setFocus()")
        krita.x("xdotool", "key", keys)
        wait(krita, f"[one[2] for one in hand.layers(doc)[1][3]] == {shown!r}")

    opened(krita)
    revise(krita, "looks", "warmer\nsepia")
    landed(krita)
    press("alt+period", [True, False])
    press("alt+comma", [False, True])
    press("alt+o", [False, False])
    press("alt+o", [False, True])
    revise(krita, "slow", "60 s")
    wait(krita, "'slowly' in hand.said()")
    krita.do("hand.window().qwindow().activateWindow()\nhand.window().qwindow().setFocus()")
    krita.x("xdotool", "key", "ctrl+alt+Escape")
    wait(krita, "hand.course().round is None")
    assert len(layers(krita)) == 2


def test_the_original_is_seen_for_as_long_as_its_button_is_held(krita: Host) -> None:
    opened(krita)
    seen = array(krita, "doc")
    revise(krita)
    landed(krita)
    krita.do("hand.QTest.mousePress(hand.find('hold'), hand.QtCore.Qt.MouseButton.LeftButton)")
    wait(krita, "not hand.layers(doc)[1][2]")
    krita.do("doc.refreshProjection()\ndoc.waitForDone()")
    assert np.array_equal(array(krita, "doc"), seen)
    krita.do("hand.QTest.mouseRelease(hand.find('hold'), hand.QtCore.Qt.MouseButton.LeftButton)")
    wait(krita, "hand.layers(doc)[1][2]")


def test_again_by_its_shortcut(krita: Host) -> None:
    opened(krita)
    revise(krita)
    landed(krita)
    krita.do("hand.window().qwindow().activateWindow()\nhand.window().qwindow().setFocus()")
    krita.x("xdotool", "key", "ctrl+alt+shift+r")
    wait(krita, "len(hand.layers(doc)) == 3 and hand.has_landed(doc)")


def test_a_shortcut_looks_closer_and_back(krita: Host) -> None:
    """At 100 % every pixel of the picture is one of the screen."""
    opened(krita, width=640, height=480)
    zoom = "hand.window().activeView().canvas().zoomLevel()"
    krita.do(f"hand.window().activeView().canvas().resetZoom()\nactual = {zoom}")
    krita.do("hand.window().activeView().canvas().setZoomLevel(0.25)")
    krita.do("hand.window().qwindow().activateWindow()\nhand.window().qwindow().setFocus()")
    krita.x("xdotool", "key", "alt+z")
    wait(krita, f"abs({zoom} / actual - 1) < 1e-6")
    krita.x("xdotool", "key", "alt+z")
    wait(krita, f"abs({zoom} / actual - 0.25) < 1e-6")


def test_a_model_that_the_artist_adds_shows_up(krita: Host) -> None:
    names = krita.do(
        "box = hand.find('model')\nresult = [box.itemText(i) for i in range(box.count())]"
    )
    assert {"Known", "Drifting", "Slow"} <= set(names)
