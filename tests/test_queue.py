"""Turns at a provider: what expires, then artists who look on, then batches."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.caller import Caller, call_bridge
from bridge.queue import BATCH, EXPIRING, LOOKED_AT, Queue
from bridge.wire import Choice
from tests.conftest import running_bridge, wait_for
from tests.emulators.serve import serve
from tests.revising import Canvas, noise
from tests.steps.polled import PolledServer

AT_ONCE = 4  # of a home that says nothing else
CHOICE = Choice(model="polled", prompt="a hat")


def test_the_order_is_by_urgency_then_by_what_expires_first_then_by_who_came_first() -> None:
    queue = Queue(1)
    first = queue.take(BATCH)
    waiting = {
        "a batch": queue.take(BATCH),
        "an artist": queue.take(LOOKED_AT),
        "another artist": queue.take(LOOKED_AT),
        "late": queue.take(EXPIRING, 200.0),
        "soon": queue.take(EXPIRING, 100.0),
    }
    order, going = [], first
    while waiting:
        queue.leave(going)
        ((name, going),) = [(name, turn) for name, turn in waiting.items() if turn.has_come]
        order.append(name)
        del waiting[name]
    assert order == ["soon", "late", "an artist", "another artist", "a batch"]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PolledServer]:
    polled = PolledServer()
    monkeypatch.setenv("REDRAFT_KEY_POLLED", "key-of-the-test")
    with serve(polled) as url:
        monkeypatch.setenv("REDRAFT_BASE_TESTS_STEPS_POLLED", url)
        yield polled


def asked(bridge: Caller, document: str, *, batch: bool) -> str:
    canvas = Canvas(noise(96, 64), id=document)
    plan = bridge.plan(canvas.plan(CHOICE))
    return bridge.revise(*canvas.revision(CHOICE, plan.box, batch=batch, agreed_home=plan.home)).id


def test_an_artist_goes_before_a_batch_that_was_asked_for_earlier(
    home: Path, server: PolledServer
) -> None:
    """One turn becomes free while all others are still being painted."""
    server.hold = True
    with running_bridge(home), call_bridge(home) as bridge:
        for number in range(AT_ONCE):
            asked(bridge, f"first-{number}", batch=True)
        wait_for(lambda: server.submitted == AT_ONCE)
        asked(bridge, "batch", batch=True)
        asked(bridge, "artist", batch=False)
        server.done.add("job1")
        wait_for(lambda: server.submitted == AT_ONCE + 1)
        with sqlite3.connect(home / "history.db") as db:
            left = [name for (name,) in db.execute("SELECT document FROM charge ORDER BY id")]
        assert left[AT_ONCE:] == ["artist"]
        server.hold = False
