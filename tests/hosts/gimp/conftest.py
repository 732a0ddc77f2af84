"""One start of each GIMP without a screen serves the matrix, one with a screen the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulators.serve import serve
from tests.hosts.conftest import GIMPS, host_suite
from tests.hosts.gimp.screen import Screen
from tests.hosts.gimp.start import gimp as run_gimp
from tests.hosts.running import Host
from tests.steps.polled import PolledServer


@pytest.fixture(scope="session", params=GIMPS)
def console(request: pytest.FixtureRequest, wheel: Path) -> Iterator[Host]:
    """gimp-console, where a test's code runs in a batch."""
    with run_gimp(host_suite("gimp", request.param, wheel), "gimp-console -i") as host:
        yield host


@pytest.fixture(scope="session")
def paid_at() -> Iterator[tuple[PolledServer, str]]:
    """What the test engine Polled asks, and where it is served."""
    server = PolledServer()
    with serve(server) as url:
        yield server, url


@pytest.fixture
def paid(paid_at: tuple[PolledServer, str]) -> PolledServer:
    return paid_at[0]


@pytest.fixture(scope="session", params=GIMPS)
def gui(
    request: pytest.FixtureRequest, wheel: Path, paid_at: tuple[PolledServer, str]
) -> Iterator[Screen]:
    keys = {
        "REDRAFT_BASE_TESTS_STEPS_POLLED": paid_at[1],
        "REDRAFT_KEY_POLLED": "planted-key",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    with run_gimp(host_suite("gimp", request.param, wheel), "gimp", **keys) as host:
        yield Screen(host, Host(host.chroot, f"{host.inside}/window", host.process))


@pytest.fixture
def screen(gui: Screen) -> Iterator[Screen]:
    """Whatever a test leaves open is closed, and no mouse button stays down."""
    yield gui
    gui.gimp.do("hand.release()\nhand.close_pictures()")
