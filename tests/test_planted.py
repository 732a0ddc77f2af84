"""A key from wherever it is kept goes to its maker, and is nowhere else afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bridge.png import write_png
from tests.emulators.serve import serve
from tests.hosts import desk
from tests.revising import noise
from tests.steps.polled import PolledServer

KEY = "sk-planted-0123456789abcdef"
REDRAFT = f"{sys.executable} -P -m bridge"
KEEP = f'{sys.executable} -c \'from bridge.keys import set_key; set_key("polled", "{KEY}", %s)\''
OPEN_KEYRING = "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null"
PLACES = {
    "keychain": (["dbus-run-session", "--", "sh", "-c"], f"{OPEN_KEYRING} && {KEEP % ''}"),
    "file": (["sh", "-c"], KEEP % "in_file=True"),
}


@pytest.fixture
def server() -> Iterator[tuple[PolledServer, str]]:
    polled = PolledServer()
    with serve(polled) as url:
        yield polled, url


@pytest.mark.parametrize("place", PLACES)
def test_a_key_is_found_where_it_is_kept_and_written_nowhere_else(
    tmp_path: Path, home: Path, server: tuple[PolledServer, str], place: str
) -> None:
    polled, url = server
    if place == "keychain":
        desk.require("dbus-run-session", "gnome-keyring-daemon")
    photo = tmp_path / "photo.png"
    photo.write_bytes(write_png(noise(96, 64), None))
    revise = f"{REDRAFT} revise {photo} --model polled --prompt x --agree --json -o {tmp_path}"
    shell, keep = PLACES[place]
    script = f"{keep} && {REDRAFT} keys list && {revise}/a.ora && {revise}/b.png"
    user = tmp_path / "user"
    user.mkdir(mode=0o700)
    environment = os.environ | {"HOME": str(user), "XDG_RUNTIME_DIR": str(user)}
    environment |= {"REDRAFT_BASE_TESTS_STEPS_POLLED": url, "REDRAFT_HOME": str(home)}
    environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
    if place == "keychain":
        environment.pop("PYTHON_KEYRING_BACKEND", None)
    try:
        done = subprocess.run(
            [*shell, script], capture_output=True, text=True, check=False, env=environment
        )
    finally:
        with suppress(OSError, ValueError):
            os.kill(json.loads((home / "session.json").read_text())["pid"], signal.SIGTERM)
    assert done.returncode == 0, done.stderr
    assert f"{'polled':12} {place}" in done.stdout
    assert polled.keys == {f"Bearer {KEY}"}
    assert KEY not in done.stdout + done.stderr
    written = [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_symlink()]
    assert {tmp_path / "a.ora", tmp_path / "b.png", home / "history.db"} <= set(written)
    holding = [path for path in written if KEY.encode() in path.read_bytes()]
    if place == "file":
        (only,) = holding
        assert only.stat().st_mode & 0o777 == 0o600
        assert polled.submitted == 2
    else:
        assert holding == []
