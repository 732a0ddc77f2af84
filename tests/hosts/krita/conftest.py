"""One start of each Krita serves every file here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulators.gemini import GeminiEmulator
from tests.emulators.ledger import Ledger
from tests.emulators.serve import serve
from tests.hosts.conftest import KRITAS, host_suite
from tests.hosts.krita.artist import wait
from tests.hosts.krita.start import krita as run_krita
from tests.hosts.running import Host
from tests.steps.polled import PolledServer


@pytest.fixture(scope="session")
def paid() -> Iterator[PolledServer]:
    """What the test engine Polled asks, for all of Krita's versions."""
    server = PolledServer()
    with serve(server) as url:
        server.url = url
        yield server


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


@pytest.fixture(scope="session", params=KRITAS)
def krita(
    request: pytest.FixtureRequest,
    wheel: Path,
    paid: PolledServer,
    gemini_at: tuple[GeminiEmulator, str],
) -> Iterator[Host]:
    keys = {
        "REDRAFT_BASE_TESTS_STEPS_POLLED": paid.url,
        "REDRAFT_KEY_POLLED": "planted-key",
        "REDRAFT_BASE_GEMINI": gemini_at[1],
        "REDRAFT_BASE_INTERACTIONS": gemini_at[1],
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    with run_krita(host_suite("krita", request.param, wheel), **keys) as host:
        yield host


@pytest.fixture(autouse=True)
def fresh(krita: Host) -> None:
    """What earlier tests opened is closed, the docker is in sight and has greeted the bridge."""
    krita.do("import hand\nhand.close_older()\nhand.show_docker()")
    wait(krita, "hand.docker().greeted and hand.course().round is None", 60)
