"""One start of each GIMP without a screen serves the matrix, one with a screen the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulators.gemini import GeminiEmulator
from tests.emulators.ledger import Ledger
from tests.emulators.serve import serve
from tests.hosts.conftest import GIMPS, host_suite
from tests.hosts.gimp.screen import Screen
from tests.hosts.gimp.start import gimp as run_gimp
from tests.hosts.running import Host
from tests.steps.polled import PolledServer


@pytest.fixture(scope="session")
def paid_at() -> Iterator[tuple[PolledServer, str]]:
    """What the test engine Polled asks, and where it is served."""
    server = PolledServer()
    with serve(server) as url:
        yield server, url


@pytest.fixture
def paid(paid_at: tuple[PolledServer, str]) -> PolledServer:
    return paid_at[0]


@pytest.fixture(scope="session")
def gemini_at() -> Iterator[tuple[GeminiEmulator, str]]:
    """A provider, and where its API is."""
    emulator = GeminiEmulator()
    with serve(emulator) as url:
        yield emulator, f"{url}/v1beta"


@pytest.fixture
def gemini(gemini_at: tuple[GeminiEmulator, str]) -> GeminiEmulator:
    """With a ledger that is empty."""
    emulator, _ = gemini_at
    emulator.ledger = Ledger()
    return emulator


@pytest.fixture(scope="session")
def known(
    paid_at: tuple[PolledServer, str], gemini_at: tuple[GeminiEmulator, str]
) -> dict[str, str]:
    """What the bridges that GIMP starts are to know."""
    return {
        "REDRAFT_BASE_TESTS_STEPS_POLLED": paid_at[1],
        "REDRAFT_KEY_POLLED": "planted-key",
        "REDRAFT_BASE_GEMINI": gemini_at[1],
        "REDRAFT_BASE_INTERACTIONS": gemini_at[1],
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }


@pytest.fixture(scope="session", params=GIMPS)
def console(request: pytest.FixtureRequest, wheel: Path, known: dict[str, str]) -> Iterator[Host]:
    """gimp-console, where a test's code runs in a batch."""
    suite = host_suite("gimp", request.param, wheel)
    with run_gimp(suite, "gimp-console -i", **known) as host:
        yield host


@pytest.fixture(scope="session", params=GIMPS)
def gui(request: pytest.FixtureRequest, wheel: Path, known: dict[str, str]) -> Iterator[Screen]:
    with run_gimp(host_suite("gimp", request.param, wheel), "gimp", **known) as host:
        yield Screen(host, Host(host.chroot, f"{host.inside}/window", host.process))


@pytest.fixture
def screen(gui: Screen) -> Iterator[Screen]:
    """Whatever a test leaves open is closed, and no mouse button and no choice stays."""
    yield gui
    gui.gimp.do("hand.release()")
    if gui.is_open():
        gui.ours.do("hand.put_back()")
    gui.gimp.do("hand.close_pictures()")
