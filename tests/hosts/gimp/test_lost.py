"""A bridge that is absent, killed, strange or started from a polluted host: said, then found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hosts.gimp.artist import layers
from tests.hosts.gimp.screen import Screen

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(600)]

CHANGES = """
import json, os, signal, sys
from pathlib import Path
session = Path(os.environ['HOME']) / 'redraft' / 'session.json'
setup = Path(sys.modules['redraft'].__file__).parent / 'bridge.json'
def kill():
    os.kill(json.loads(session.read_text())['pid'], signal.SIGKILL)
    session.unlink()
changed = globals().setdefault('changed', {})
def change(path, **how):
    changed[path] = path.read_text()
    path.write_text(json.dumps({**json.loads(changed[path]), **how}))
def restore():
    while changed:
        path, text = changed.popitem()
        path.write_text(text)
"""


@pytest.fixture
def open_screen(screen: Screen) -> Iterator[Screen]:
    """Whatever a test changes in the session and the command, it is undone."""
    screen.open()
    screen.ours.do(CHANGES)
    yield screen
    screen.ours.do("restore()")


def nudge(screen: Screen) -> None:
    """Something that makes the window ask the bridge."""
    screen.ours.do("hand.panel().wish.prompt.set_text('something else')")


def works(screen: Screen) -> None:
    screen.wait("hand.window().greeted")
    screen.ask()
    screen.landed()
    assert len(layers(screen.gimp)) == 2


def test_a_bridge_that_is_killed_is_started_again_from_a_polluted_host(open_screen: Screen) -> None:
    open_screen.ours.do(
        "kill()\nos.environ['PYTHONHOME'] = os.environ['LD_LIBRARY_PATH'] = '/nowhere'"
    )
    nudge(open_screen)
    open_screen.wait("hand.window().greeted and session.exists()")
    open_screen.ours.do("del os.environ['PYTHONHOME'], os.environ['LD_LIBRARY_PATH']")
    works(open_screen)


def test_an_absent_bridge_is_a_sentence_with_the_command_to_copy(open_screen: Screen) -> None:
    open_screen.ours.do("kill()\nchange(setup, command=['/gone/python', '-m', 'bridge'])")
    nudge(open_screen)
    open_screen.wait("'cannot be started from here' in hand.said() and hand.shown('action')")
    open_screen.click("action")
    open_screen.ours.do("from gi.repository import Gdk, Gtk")
    copied = "Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).wait_for_text()"
    open_screen.wait(f"{copied} == '/gone/python -m bridge'")
    open_screen.ours.do("restore()")
    works(open_screen)


@pytest.mark.parametrize(("version", "who"), [(2, "older"), (0, "newer")])
def test_another_wire_version_is_said_and_then_found_to_be_gone(
    open_screen: Screen, version: int, who: str
) -> None:
    open_screen.ours.do(f"change(session, wire={version})")
    nudge(open_screen)
    open_screen.wait(f"'This plug-in is {who}' in hand.said()")
    open_screen.ours.do("restore()")
    works(open_screen)


def test_a_wrong_token_is_said_and_the_right_one_works_again(open_screen: Screen) -> None:
    open_screen.ours.do("change(session, token='x' * 43)")
    nudge(open_screen)
    open_screen.wait("hand.said() and not hand.find('revise').is_sensitive()")
    open_screen.ours.do("restore()")
    works(open_screen)
