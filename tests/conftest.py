"""A home of its own for every test, and a real bridge where one is wanted."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bridge.caller import Caller, call_bridge, find_running, serve_command
from tests.cut import cut, hold_back
from tests.emulators.serve import serve
from tests.steps.polled import PolledServer

CATALOG = Path(__file__).parent / "steps" / "catalog.toml"
PATIENCE_SECONDS = 60.0
IDLE_SECONDS = 7200  # longer than the suite, which ends the bridge itself; the hosts take a while


def pytest_configure() -> None:
    if os.environ.get("REDRAFT_CUT") and not cut():
        raise pytest.UsageError("REDRAFT_CUT needs Linux, root, and the right to make a network.")
    hold_back()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """REDRAFT_HOME, with the test engines in the artist's own catalogue."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    shutil.copy(CATALOG, folder / "catalog.toml")
    monkeypatch.setenv("REDRAFT_HOME", str(folder))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return folder


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PolledServer]:
    """What the paid engine Polled asks, for bridges that are started after it."""
    polled = PolledServer()
    with serve(polled) as url:
        monkeypatch.setenv("REDRAFT_BASE_TESTS_STEPS_POLLED", url)
        monkeypatch.setenv("REDRAFT_KEY_POLLED", "planted-key")
        yield polled


@contextmanager
def running_bridge(home: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A bridge of its own process that has announced itself; ended when the block is left."""
    command = [*serve_command(IDLE_SECONDS), "--home", str(home), *words]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        wait_for(lambda: process.poll() is not None or find_running(home) is not None)
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_SECONDS)


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shared-home")
    folder.chmod(0o700)
    shutil.copy(CATALOG, folder / "catalog.toml")
    return folder


@pytest.fixture(scope="session")
def shared_bridge(shared_home: Path) -> Iterator[Caller]:
    """One real bridge for all tests that leave it as it was."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        with running_bridge(shared_home), call_bridge(shared_home) as caller:
            yield caller


def wait_for(condition: object, seconds: float = PATIENCE_SECONDS) -> None:
    """Until `condition()` is true. AssertionError when it never is."""
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)
