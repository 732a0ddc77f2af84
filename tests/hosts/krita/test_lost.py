"""A bridge that is absent, killed, strange or started from a polluted host: said, then found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hosts.krita.artist import landed, layers, opened, revise, wait
from tests.hosts.running import Host

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(300)]

CHANGES = """
import json, os, signal, sys
from pathlib import Path
session = Path(os.environ['HOME']) / 'redraft' / 'session.json'
setup = Path(sys.modules['redraft'].__file__).parent / 'bridge.json'
def kill():
    os.kill(json.loads(session.read_text())['pid'], signal.SIGKILL)
    session.unlink()
changed = {}
def change(path, **how):
    changed[path] = path.read_text()
    path.write_text(json.dumps({**json.loads(changed[path]), **how}))
def restore():
    while changed:
        path, text = changed.popitem()
        path.write_text(text)
"""


@pytest.fixture(autouse=True)
def as_before(krita: Host) -> Iterator[None]:
    """Whatever a test changes in the session and the command, it is undone."""
    krita.do(CHANGES)
    yield
    krita.do("restore()")


def nudge(krita: Host) -> None:
    """Something that makes the docker ask the bridge."""
    krita.do("hand.type_prompt('something else')")


def works(krita: Host) -> None:
    wait(krita, "hand.docker().greeted")
    revise(krita)
    landed(krita)
    assert len(layers(krita)) == 2


def test_a_bridge_that_is_killed_is_started_again_from_a_polluted_host(krita: Host) -> None:
    opened(krita)
    krita.do("kill()\nos.environ['PYTHONHOME'] = os.environ['LD_LIBRARY_PATH'] = '/nowhere'")
    nudge(krita)
    works(krita)
    krita.do("del os.environ['PYTHONHOME'], os.environ['LD_LIBRARY_PATH']")


def test_an_absent_bridge_is_a_sentence_with_the_command_to_copy(krita: Host) -> None:
    opened(krita)
    krita.do("kill()\nchange(setup, command=['/gone/python', '-m', 'bridge'])")
    nudge(krita)
    wait(krita, "'cannot be started from here' in hand.said()")
    wait(krita, "hand.find('action').isVisible()")
    krita.do("hand.click('action')")
    copied = "hand.QtWidgets.QApplication.clipboard().text()"
    assert krita.do(f"result = {copied}") == "/gone/python -m bridge"
    krita.do("restore()")
    works(krita)


@pytest.mark.parametrize(("version", "who"), [(2, "older"), (0, "newer")])
def test_another_wire_version_is_said_and_then_found_to_be_gone(
    krita: Host, version: int, who: str
) -> None:
    opened(krita)
    krita.do(f"change(session, wire={version})")
    nudge(krita)
    wait(krita, f"'This plug-in is {who}' in hand.said()")
    krita.do("restore()")
    works(krita)


def test_a_wrong_token_is_said_and_the_right_one_works_again(krita: Host) -> None:
    opened(krita)
    krita.do("change(session, token='x' * 43)")
    nudge(krita)
    wait(krita, "hand.said() and not hand.find('revise').isEnabled()")
    krita.do("restore()")
    nudge(krita)
    works(krita)
