"""Starts bridges, asks them as a host does, and kills them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from bridge.caller import Caller
from bridge.errors import BridgeError
from bridge.session import find
from bridge.wire import Choice, RevisionReply
from tests.revising import Canvas, noise, rectangle

PATIENCE_SECONDS = 120.0
DYING_SECONDS = 20.0  # for a process whose line was cut
LOOK_SECONDS = 0.01


class Stand:
    """One home; bridges over it, one after the other. environment: what they are told."""

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self.home = home
        self.environment = {
            **environment,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "REDRAFT_HOME": str(home),
        }
        self.complaints = home.with_name(f"{home.name}.stderr")
        self._stderr = self.complaints.open("ab")
        self._starter = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.subject"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env={**os.environ, **self.environment},
            text=True,
        )
        assert self._said() == "ready"

    def close(self) -> None:
        assert self._starter.stdin is not None
        self._starter.stdin.close()
        self._starter.wait(PATIENCE_SECONDS)
        assert self._starter.stdout is not None
        self._starter.stdout.close()
        self._stderr.close()

    def start(self, die: str = "", **more: Any) -> int:
        """The process number of a bridge that has begun to start."""
        assert self._starter.stdin is not None
        print(
            json.dumps({"home": str(self.home), "die": die, **more}),
            file=self._starter.stdin,
            flush=True,
        )
        return int(self._said())

    def ready(self, pid: int) -> bool:
        """Whether it came to announce itself; False when it died before."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            session = find(self.home)
            if session is not None and session.pid == pid:
                return True
            if not alive(pid):
                return False
            time.sleep(LOOK_SECONDS)
        raise AssertionError("the bridge neither started nor died")

    @contextmanager
    def caller(self, seconds: float = PATIENCE_SECONDS) -> Iterator[Caller]:
        session = find(self.home)
        assert session is not None
        headers = {"authorization": f"Bearer {session.token}"}
        with httpx.Client(
            base_url=session.url, headers=headers, timeout=seconds, trust_env=False
        ) as http:
            yield Caller(http)

    def _said(self) -> str:
        assert self._starter.stdout is not None
        return self._starter.stdout.readline().strip()


def alive(pid: int) -> bool:
    """Until the last thread of a process is gone, what it held is held."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def gone(pid: int, seconds: float = DYING_SECONDS) -> bool:
    """Whether it ends by itself within so long."""
    deadline = time.monotonic() + seconds
    while alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_SECONDS)
    return True


def end(pid: int, signum: int = signal.SIGKILL) -> None:
    """Returns when it is gone, and with it what it held."""
    if alive(pid):
        os.kill(pid, signum)
    assert gone(pid, PATIENCE_SECONDS), "a process that was ended is still there"


def canvas(document: str = "document-of-the-kit", seed: int = 1) -> Canvas:
    """Small, so that composing takes next to no time and dying is likely everywhere."""
    pixels = noise(160, 120, seed=seed)
    return Canvas(pixels, selection=rectangle(160, 120, (60, 40, 110, 90)), id=document)


def ask(bridge: Caller, choice: Choice, where: Canvas) -> RevisionReply | None:
    """None when the bridge died over it, or refused."""
    try:
        plan = bridge.plan(where.plan(choice))
        return bridge.revise(*where.planned(choice, plan))
    except (httpx.HTTPError, BridgeError):
        return None
