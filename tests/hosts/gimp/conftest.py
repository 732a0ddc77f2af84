"""One start of each GIMP without a screen serves the matrix, one with a screen the window."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulators.fal import FalEmulator
from tests.hosts.conftest import GIMPS, host_suite
from tests.hosts.gimp.screen import Screen
from tests.hosts.gimp.start import gimp as run_gimp
from tests.hosts.running import Host

# Of our processes, or of our files: the run's own folder has such a name, too.
OURS_SAID = re.compile(r"redraft\.py|\(redraft|plug-ins/redraft/")


@pytest.fixture(scope="session", params=GIMPS)
def console(request: pytest.FixtureRequest, wheel: Path, known: dict[str, str]) -> Iterator[Host]:
    """gimp-console, where a test's code runs in a batch."""
    suite = host_suite("gimp", request.param, wheel)
    with run_gimp(suite, "gimp-console -i", **known) as host:
        yield host


@pytest.fixture(scope="session", params=GIMPS)
def gui(
    request: pytest.FixtureRequest,
    wheel: Path,
    known: dict[str, str],
    fal_at: tuple[FalEmulator, str],
) -> Iterator[Screen]:
    """fal is where the test is; its key is not there yet."""
    known = {**known, "REDRAFT_BASE_FAL": fal_at[1]}
    with run_gimp(host_suite("gimp", request.param, wheel), "gimp", **known) as host:
        yield Screen(host, Host(host.chroot, f"{host.inside}/window", host.process))


@pytest.fixture
def screen(gui: Screen) -> Iterator[Screen]:
    """Whatever a test leaves open is closed, and no mouse button and no choice stays.

    Nor may we have said anything on GIMP's console.
    """
    before = len(gui.gimp.log())
    yield gui
    gui.gimp.do("hand.release()")
    if gui.is_open():
        gui.ours.do("hand.put_back()")
    gui.gimp.do("hand.close_pictures()")
    said = [line for line in gui.gimp.log()[before:].splitlines() if OURS_SAID.search(line)]
    assert said == []
