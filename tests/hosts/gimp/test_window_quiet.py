"""After all that the files before this one took the window through: no word on GIMP's console."""

from __future__ import annotations

import re

import pytest

from tests.hosts.gimp.screen import Screen

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(600)]

# Of our processes, or of our files: the run's own folder has such a name, too.
OURS_SAID = re.compile(r"redraft\.py|\(redraft|plug-ins/redraft/")


def test_the_window_says_nothing_on_the_console(screen: Screen) -> None:
    screen.open()
    screen.ask()
    screen.landed()
    assert [line for line in screen.gimp.log().splitlines() if OURS_SAID.search(line)] == []
