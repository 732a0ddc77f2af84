"""A disk that fills up while a paid answer is on its way: a small one, made for the purpose."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from bridge.files import ROOM
from tests.faults.account import account
from tests.faults.providers import mark, providers
from tests.faults.stand import PATIENCE_SECONDS, Stand, ask, canvas, end

DISK_BYTES = ROOM + 60_000_000
FILL = "fill"


def can_mount() -> bool:
    """Only root may."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


@contextmanager
def small_disk() -> Iterator[Path]:
    """An empty folder, for its owner only, on a disk of its own. Skipped where it may not be."""
    with tempfile.TemporaryDirectory(prefix="redraft-disk-") as name:
        where = Path(name)
        options = f"size={DISK_BYTES},mode=700"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", name], check=True)
        try:
            home = where / "home"
            home.mkdir(mode=0o700)
            yield home
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)


def fill(home: Path) -> None:
    """To the last byte."""
    handle = os.open(home.parent / FILL, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        while True:
            os.write(handle, b"\0" * 65536)
    except OSError:
        pass
    finally:
        os.close(handle)


def empty(home: Path) -> None:
    (home.parent / FILL).unlink()


def full_disk() -> dict[str, Any]:
    """What the artist is told, and what became of the money."""
    told: dict[str, Any] = {}
    with small_disk() as home, providers(("gemini",)) as (provider,):
        stand = Stand(home, provider.environment())
        pid = stand.start()
        try:
            assert stand.ready(pid), stand.complaints.read_text()
            with stand.caller() as bridge:
                provider.gate.clear()
                started = ask(bridge, provider.choice(f"{mark(1)} a red balloon"), canvas())
                assert started is not None
                _until(lambda: _state(bridge, started.id) == "sending")
                fill(home)
                provider.gate.set()
                _until(lambda: "full" in _variant(bridge, started.id)["note"])
                told["while it is full"] = _variant(bridge, started.id)["note"]
                plan = bridge.plan(canvas().plan(provider.choice("x")))
                request, parts = canvas().planned(provider.choice(f"{mark(2)} y"), plan)
                told["a new one"] = _refusal(bridge, request, parts)
                empty(home)
                _until(lambda: _state(bridge, started.id) == "composed")
                told["when there is room"] = _state(bridge, started.id)
        finally:
            end(pid)
            stand.close()
        found = account(home, [provider])
        told["charged"] = {name: len(usd) for name, usd in provider.ledger.charged.items()}
        told["sound"] = found.sound
    return told


def show_full_disk(report: dict[str, Any], console: Console) -> bool:
    if not can_mount():
        console.print("disk: not played, for only root may make a small disk")
        return True
    told = full_disk()
    for what, said in told.items():
        console.print(f"disk, {what}: {said}")
    report["disk"] = told
    return bool(told["sound"]) and told["charged"] == {mark(1): 1}


def _refusal(bridge: Any, request: Any, parts: Any) -> str:
    from bridge.caller import Refused

    try:
        reply = bridge.revise(request, parts)
    except Refused as refused:
        return refused.sentence
    return f"let in: {reply.id}"


def _variant(bridge: Any, revision: str) -> dict[str, Any]:
    found: dict[str, Any] = bridge.http.get(f"/v1/revisions/{revision}").json()["variants"][0]
    return found


def _state(bridge: Any, revision: str) -> str:
    return str(_variant(bridge, revision)["state"])


def _until(holds: Any) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.05)
