"""What is read of a cost afterwards: its maker's word, or about what was told before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bridge.money import spent
from tests.conftest import running_bridge
from tests.emulators.model import write
from tests.emulators.serve import serve
from tests.revising import noise
from tests.steps.polled import PolledServer
from tests.steps.streamed import StreamedServer

REDRAFT = [sys.executable, "-P", "-m", "bridge"]


@pytest.mark.parametrize(
    ("usd", "reported", "read"),
    [(0.05, True, "$0.05"), (0.05, False, "about $0.05"), (0.0, False, "free")],
)
def test_an_estimate_is_called_one(usd: float, reported: bool, read: str) -> None:
    assert spent(usd, reported=reported) == read


@pytest.mark.parametrize(
    ("model", "server", "read"),
    [
        ("polled", PolledServer, "($0.05)"),  # it reports what it charged
        ("streamed", StreamedServer, "(about $0.01)"),
    ],
)
def test_the_command_line_says_which_it_is(
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    model: str,
    server: type[PolledServer | StreamedServer],
    read: str,
) -> None:
    photo, out = tmp_path / "photo.png", tmp_path / "out.png"
    photo.write_bytes(write(noise(300, 200), "image/png"))
    words = ["--model", model, "--prompt", "the same", "--agree", "-o", str(out)]
    with serve(server()) as url:
        monkeypatch.setenv(f"REDRAFT_BASE_TESTS_STEPS_{model.upper()}", url)
        monkeypatch.setenv("REDRAFT_KEY_POLLED", "planted-key")
        with running_bridge(home):
            done = said("revise", str(photo), *words)
            listed = said("history", "list")
    assert f"{out}  {read}" in done
    assert f", {read.strip('()')}" in listed


def said(*words: str) -> str:
    done = subprocess.run(
        [*REDRAFT, *words], capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
