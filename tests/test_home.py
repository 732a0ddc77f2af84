"""One bridge a home: who comes second leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from bridge.errors import HomeTrouble
from bridge.home import lock_home


@pytest.fixture
def held(home: Path) -> Iterator[FileLock]:
    """By somebody else."""
    lock = FileLock(home / "lock", mode=0o600)
    with lock.acquire(timeout=0):
        yield lock


def test_where_a_bridge_answers_the_second_leaves_though_the_first_ends_at_that_moment(
    home: Path, held: FileLock
) -> None:
    def served() -> bool:
        held.release()
        return True

    with pytest.raises(HomeTrouble, match="already serves"):
        lock_home(home, served)
    with lock_home(home):  # it is free
        pass


def test_a_bridge_that_was_killed_and_holds_its_lock_a_moment_longer_is_waited_for(
    home: Path, held: FileLock
) -> None:
    def served() -> bool:
        held.release()
        return False

    with lock_home(home, served) as mine:
        assert mine.lock_counter
