"""A minute of the fault kit: a few deaths of every kind, over engines of every kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.kills import kills_at_every_transition, random_kills
from tests.faults.providers import lanes, providers

# One answers at once, one by a reference, one by a stream of events.
SAMPLE = ("gemini", "bfl", "openai")
MOMENTS = ("after sending", "before submitted", "after put")


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir(mode=0o700)
    return folder


@pytest.mark.timeout(600)
def test_nothing_is_lost_or_paid_twice_by_dying_at_any_moment(empty: Path) -> None:
    with providers(SAMPLE, slowest=0.2) as there:
        killed = random_kills(empty, lanes(there, 2), 5, seed=5, say=print)
    assert killed.account is not None
    assert killed.account.sound, killed.account
    assert sum(line.asked for line in killed.account.lines.values()) >= 5


@pytest.mark.timeout(600)
def test_nothing_is_lost_or_paid_twice_by_dying_at_a_transition(empty: Path) -> None:
    with providers(SAMPLE) as there:
        killed = kills_at_every_transition(empty, lanes(there, 2), print, MOMENTS)
    assert killed.account is not None
    assert killed.account.sound, killed.account
    # Only one of the three has a reference to submit.
    assert killed.died_in == {"after sending": 3, "before submitted": 1, "after put": 3}
    # Whoever died with the whole answer in its hands asked nothing.
    assert all(line.delivered >= 1 for line in killed.account.lines.values())
