"""Kills at random moments and at every named transition."""

from __future__ import annotations

import math
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bridge.errors import BridgeError
from tests.faults.account import Account, account
from tests.faults.providers import Provider, mark
from tests.faults.stand import Stand, alive, ask, canvas, end, gone
from tests.faults.subject import POINTS

# Seconds after the last revision was asked for: many deaths come early, some when all is done.
LONGEST_LIVES = (1.0, 4.0)
SETTLE_SECONDS = 300.0
OF_A_LANE = 100_000  # numbers for marks
Say = Callable[[str], None]
Lane = Sequence[Provider]


@dataclass
class Killed:
    """died_in: the state of everything unsettled at the moment of a death, counted."""

    kills: int = 0
    died_in: Counter[str] = field(default_factory=Counter)
    account: Account | None = None

    def __add__(self, other: Killed) -> Killed:
        assert self.account is not None
        assert other.account is not None
        account = self.account + other.account
        return Killed(self.kills + other.kills, self.died_in + other.died_in, account)


def random_kills(
    folder: Path,
    lanes: Sequence[Lane],
    kills: int,
    seed: int,
    say: Say,
    minutes: float = math.inf,
) -> Killed:
    """Shared out among the lanes, each with a home of its own, all at the same time.

    They end after so many kills or minutes, whichever comes first.
    """
    over = time.monotonic() + minutes * 60

    def of(home: Path, number: int) -> Killed:
        share = kills // len(lanes) + (number < kills % len(lanes))
        dice, marks = random.Random(f"{seed}/{number}"), _marks(number)
        return _killed_at_random(home, lanes[number], share, dice, marks, over, say)

    return _beside_each_other(folder, lanes, of)


def kills_at_every_transition(
    folder: Path, lanes: Sequence[Lane], say: Say, points: Sequence[str] = POINTS
) -> Killed:
    """Each engine dies at each named moment; the next bridge takes up what is left."""

    def of(home: Path, number: int) -> Killed:
        return _killed_at_transitions(home, lanes[number], _marks(number), points, say)

    return _beside_each_other(folder, lanes, of)


def _beside_each_other(
    folder: Path, lanes: Sequence[Lane], of: Callable[[Path, int], Killed]
) -> Killed:
    def one(number: int) -> Killed:
        home = folder / f"home-{number}"
        home.mkdir(mode=0o700)
        return of(home, number)

    with ThreadPoolExecutor(len(lanes)) as pool:
        first, *others = pool.map(one, range(len(lanes)))
    return sum(others, start=first)


def _marks(lane: int) -> Iterator[str]:
    return (mark(number) for number in range(lane * OF_A_LANE + 1, (lane + 1) * OF_A_LANE))


def _killed_at_random(
    home: Path,
    lane: Lane,
    kills: int,
    dice: random.Random,
    marks: Iterator[str],
    over: float,
    say: Say,
) -> Killed:
    """One home through all deaths; each bridge gets two new revisions and what others left."""
    killed, stand = Killed(), _stand(home, lane)
    try:
        for turn in range(kills):
            if time.monotonic() > over:
                break
            pid = stand.start()
            if stand.ready(pid):
                with stand.caller(20.0) as bridge:
                    for count in range(2):
                        provider = lane[(2 * turn + count) % len(lane)]
                        ask(bridge, provider.choice(f"{next(marks)} a red balloon"), canvas())
                life = dice.uniform(0, dice.choice(LONGEST_LIVES))
                time.sleep(life)  # the moment of death is the experiment
            end(pid)
            killed.kills += 1
            killed.died_in.update(_unsettled(home))
            if (turn + 1) % 25 == 0:
                say(f"{home.name}, {turn + 1} kills; unsettled: {dict(killed.died_in)}")
        settle(stand)
    finally:
        stand.close()
    killed.account = account(home, lane)
    return killed


def _killed_at_transitions(
    home: Path, lane: Lane, marks: Iterator[str], points: Sequence[str], say: Say
) -> Killed:
    killed, stand = Killed(), _stand(home, lane)
    try:
        for point in points:
            for provider in lane:
                pid = stand.start(die=point)
                if not stand.ready(pid) or _dies(stand, pid, provider, next(marks)):
                    killed.kills += 1
                    killed.died_in.update([point])
                end(pid)
            settle(stand)
            say(f"{home.name}, {point}: {len(lane)} engines")
    finally:
        stand.close()
    killed.account = account(home, lane)
    return killed


def settle(stand: Stand) -> None:
    """A last bridge that is left alone until everything has ended, and delivers it."""
    pid = stand.start()
    assert stand.ready(pid), stand.complaints.read_text()
    deadline = time.monotonic() + SETTLE_SECONDS
    while _unsettled(stand.home):
        assert time.monotonic() < deadline, f"still unsettled: {_unsettled(stand.home)}"
        assert alive(pid), "the last bridge died by itself"
        time.sleep(0.05)
    with stand.caller() as bridge:
        for revision, number in _composed(stand.home):
            bridge.layer(revision, number)
            bridge.delivered(revision, number)
    end(pid)


def _dies(stand: Stand, pid: int, provider: Provider, marked: str) -> bool:
    """One revision from asking to delivered; whether the bridge dies on the way."""
    with stand.caller() as bridge:
        started = ask(bridge, provider.choice(f"{marked} a red balloon"), canvas())
        try:
            if started is not None:
                *_, last = bridge.follow(started.id)
                for variant in last.variants:
                    if variant.state == "composed":
                        bridge.delivered(started.id, variant.number)
                return False
        except (httpx.HTTPError, BridgeError, ValueError):
            pass  # its line is cut a moment before the process is gone
    return gone(pid)


def _stand(home: Path, providers: Sequence[Provider]) -> Stand:
    environment: dict[str, str] = {}
    for provider in providers:
        environment |= provider.environment()
    return Stand(home, environment)


def _unsettled(home: Path) -> Counter[str]:
    return Counter(
        state
        for (state,) in _rows(
            home,
            "SELECT state FROM variant WHERE state IN "
            "('queued', 'sending', 'submitted', 'received')",
        )
    )


def _composed(home: Path) -> list[tuple[str, int]]:
    found = _rows(home, "SELECT revision, number FROM variant WHERE state = 'composed'")
    return [(str(revision), int(number)) for revision, number in found]


def _rows(home: Path, query: str) -> list[tuple[Any, ...]]:
    """Read as any program may read it, beside a bridge or after its death."""
    if not (home / "history.db").exists():
        return []
    db = sqlite3.connect(home / "history.db", timeout=30)
    try:
        return list(db.execute(query))
    except sqlite3.OperationalError:  # its tables are not made yet
        return []
    finally:
        db.close()
