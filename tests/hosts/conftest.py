"""The real hosts, one start for each version of each test file.

    def test_something(krita: Host) -> None:       # once in each of Krita 5.2, 5.3, 6.0
        krita.do("result = app.version()")

Without root or without the suites that `make hosts` builds these tests are skipped, loudly; with
REDRAFT_REQUIRE_HOSTS=1 they fail instead.

A test that fails is run a second time, for a host's own threads, windows and focus are not ours to
order; it is named as RERUN at the end, with what failed, and is a defect to be looked into.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.emulators.fal import FalEmulator
from tests.emulators.gemini import GeminiEmulator
from tests.emulators.ledger import Ledger
from tests.emulators.serve import serve
from tests.hosts.build import built
from tests.hosts.chroot import Chroot
from tests.hosts.install import build_wheel, install, suite_of
from tests.steps.polled import PolledServer

HERE = Path(__file__).parent
REQUIRED = os.environ.get("REDRAFT_REQUIRE_HOSTS") == "1"
KRITAS = ("5.2", "5.3", "6.0")
GIMPS = ("3.0", "3.2")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def paid() -> Iterator[PolledServer]:
    """What the test engine Polled asks, for all hosts."""
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


@pytest.fixture(scope="session")
def fal_at() -> Iterator[tuple[FalEmulator, str]]:
    """Who makes films, once its key is there, and where it is."""
    emulator = FalEmulator()
    with serve(emulator) as url:
        emulator.here = url
        yield emulator, url


@pytest.fixture(scope="session")
def known(paid: PolledServer, gemini_at: tuple[GeminiEmulator, str]) -> dict[str, str]:
    """What the bridges that hosts start are to know."""
    return {
        "REDRAFT_BASE_TESTS_STEPS_POLLED": paid.url,
        "REDRAFT_KEY_POLLED": "planted-key",
        "REDRAFT_BASE_GEMINI": gemini_at[1],
        "REDRAFT_BASE_INTERACTIONS": gemini_at[1],
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }


@cache
def _installed(host: str, version: str, wheel: Path) -> Chroot:
    return install(suite_of(host, version), wheel)


def host_suite(host: str, version: str, wheel: Path) -> Chroot:
    """The suite with our wheel in it; skips or fails the test when it is not there."""
    missing = _missing(host, version)
    if missing and REQUIRED:
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    return _installed(host, version, wheel)


def _missing(host: str, version: str) -> str:
    if os.name != "posix" or os.geteuid() != 0:
        return f"NOT TESTED in the real {host} {version}: that needs root and `make hosts`"
    versions = built(suite_of(host, version))
    if versions is None:
        return f"NOT TESTED in the real {host} {version}: `make hosts` builds it"
    if not versions[host].startswith(f"{version}."):
        return f"the suite has {host} {versions[host]}, these tests name {version}"
    return ""
