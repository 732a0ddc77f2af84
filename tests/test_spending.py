"""What was spent, and limits that hold before anything leaves."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bridge import spending
from bridge.errors import OverLimit
from bridge.history import History
from bridge.replies import Live, revision_reply
from bridge.schema import FIRST, SCHEMA
from bridge.spending import Purchase, SpendingLimits
from tests.engines.command import redraft

REVISION = {
    "document": "picture",
    "document_name": "",
    "parent": "",
    "passes": 1,
    "model": "flux-2-pro",
    "label": "FLUX.2 Pro",
    "title": "a hat",
    "prompt": "a hat",
    "request": "{}",
    "plan": "{}",
    "provider": "bfl",
}
VARIANT = {"usd_told": 0.05, "prompt": "a hat", "edge": "{}"}


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    kept = History(tmp_path)
    yield kept
    kept.close()


def bought(history: History, count: int = 1, **more: object) -> str:
    """A revision of `count` variants, each of which has left and is on its way."""
    revision = history.add({**REVISION, **more}, {}, [VARIANT] * count)
    for number in range(1, count + 1):
        history.move(revision, number, "sending")
    return revision


def test_what_is_on_its_way_counts_as_spent(history: History) -> None:
    bought(history, 2)
    totals = history.totals("picture")
    assert (totals.picture, totals.day, totals.month) == pytest.approx((0.1, 0.1, 0.1))
    assert totals.providers == pytest.approx({"bfl": 0.1})
    assert history.totals("another").picture == 0


@pytest.mark.parametrize(
    ("fate", "usd"), [("free", 0.0), ("charged", 0.05), ("unknown", 0.05), (None, 0.05)]
)
def test_what_failed_counts_by_what_is_known_of_the_money(
    history: History, fate: spending.Fate | None, usd: float
) -> None:
    revision = bought(history)
    history.move(revision, 1, "failed", fate=fate)
    assert history.totals("picture").picture == pytest.approx(usd)
    assert history.variant(revision, 1).charged == pytest.approx(usd)


def test_a_reported_price_replaces_the_one_that_was_told(history: History) -> None:
    revision = bought(history)
    history.move(revision, 1, "received", fate="charged", usd=0.031)
    assert history.totals().day == pytest.approx(0.031)


def test_sums_say_how_much_of_them_no_maker_has_reported(history: History) -> None:
    reported, told = bought(history), bought(history)
    history.move(reported, 1, "received", fate="charged", usd=0.031)
    history.move(told, 1, "received", fate="charged")
    totals = history.totals("picture")
    found = totals.picture_told, totals.day_told, totals.month_told
    assert found == pytest.approx((0.05, 0.05, 0.05))
    assert history.totals("another").picture_told == 0
    assert revision_reply(history, told, lambda *_: Live()).document_cost == "about $0.081"


def test_the_command_line_tells_what_was_told_from_what_was_reported(
    history: History, tmp_path: Path
) -> None:
    reported = bought(history)
    history.move(reported, 1, "received", fate="charged", usd=0.031)
    spend = ["history", "spend", "--document", "picture", "--home", str(tmp_path)]
    assert "this picture  $0.031\n" in redraft(spend).out
    history.move(bought(history), 1, "received", fate="charged")
    out = redraft(spend).out
    assert "this picture  about $0.081\n" in out
    assert "no maker has reported $0.05" in out


def test_an_answer_that_was_paid_stays_paid_when_it_cannot_be_used(history: History) -> None:
    revision = bought(history)
    history.move(revision, 1, "received", fate="charged")
    history.move(revision, 1, "failed", fate="free")
    assert history.totals().day == pytest.approx(0.05)


def test_asking_once_more_is_a_charge_of_its_own(history: History) -> None:
    revision = bought(history)
    history.move(revision, 1, "asking", fate="unknown")
    history.move(revision, 1, "queued")
    history.move(revision, 1, "sending")
    history.move(revision, 1, "received", fate="charged")
    assert history.variant(revision, 1).charged == pytest.approx(0.1)


def test_the_same_request_sent_again_after_a_refusal_is_one_charge(history: History) -> None:
    revision = bought(history)
    history.move(revision, 1, "sending")
    assert history.variant(revision, 1).charged == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (SpendingLimits(picture=0.14), "for this picture it would pass your limit of $0.14"),
        (SpendingLimits(day=0.14), "for today"),
        (SpendingLimits(month=0.14), "for this month it"),
        (SpendingLimits(providers={"bfl": 0.14}), "this month at Black Forest Labs"),
    ],
)
def test_a_limit_is_said_before_anything_is_let_in(
    history: History, limits: SpendingLimits, said: str
) -> None:
    bought(history, 2)
    wanted = Purchase("picture", "bfl", 0.05, "Black Forest Labs")
    history.check_limits(wanted)
    history.set_limits(limits)
    assert history.limits() == limits
    with pytest.raises(OverLimit, match=re.escape(said)):
        history.check_limits(wanted)


def test_what_waits_counts_before_it_is_let_in(history: History) -> None:
    history.set_limits(SpendingLimits(day=0.1))
    history.add(REVISION, {}, [VARIANT])
    history.check_limits(Purchase("picture", "bfl", 0.05))
    history.add(REVISION, {}, [VARIANT])
    with pytest.raises(OverLimit):
        history.check_limits(Purchase("picture", "bfl", 0.05))


def test_a_limit_holds_at_the_moment_of_sending(history: History) -> None:
    revision = history.add(REVISION, {}, [VARIANT] * 2)
    history.set_limits(SpendingLimits(day=0.06))
    history.move(revision, 1, "sending")
    with pytest.raises(OverLimit):
        history.move(revision, 2, "sending")
    assert history.variant(revision, 2).state == "queued"


def test_free_work_passes_any_limit(history: History) -> None:
    bought(history)
    history.set_limits(SpendingLimits(day=0.0, month=0.0, picture=0.0))
    history.check_limits(Purchase("picture", "here", 0.0))


def test_days_and_months_are_those_of_this_machines_clock(history: History) -> None:
    bought(history)
    noon = datetime(2026, 3, 31, 12).timestamp()
    with sqlite3.connect(history.files.objects.parent / "history.db") as db:
        db.execute("UPDATE charge SET moment = ?", (noon,))
        same_day = spending.totals(db, "", datetime(2026, 3, 31, 23, 59).timestamp())
        next_day = spending.totals(db, "", datetime(2026, 4, 1, 0, 1).timestamp())
        clock_set_back = spending.totals(db, "", datetime(2026, 3, 30, 9).timestamp())
    db.close()
    assert (same_day.day, same_day.month) == pytest.approx((0.05, 0.05))
    assert (next_day.day, next_day.month) == (0, 0)
    assert clock_set_back.day == pytest.approx(0.05)  # what is dated ahead of the clock counts


def test_an_older_history_is_taken_up_whole_with_what_it_cost(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with sqlite3.connect(path) as db:
        db.executescript(f"{FIRST} PRAGMA user_version = 1;")
        row = {k: v for k, v in REVISION.items() if k != "provider"}
        columns = ", ".join(["id", "created", *row])
        marks = ", ".join("?" * (len(row) + 2))
        db.execute(f"INSERT INTO revision ({columns}) VALUES ({marks})", ("r1", 1.0, *row.values()))
        db.executemany(
            "INSERT INTO variant (revision, number, state, changed, usd_told, prompt, edge, usd) "
            "VALUES ('r1', ?, ?, 1.0, 0.05, '', '{}', ?)",
            [(1, "delivered", 0.03), (2, "asking", None), (3, "failed", None)],
        )
    db.close()
    history = History(tmp_path)
    try:
        assert history.revision("r1").title == "a hat"
        assert [row.charged for row in history.variants("r1")] == pytest.approx([0.03, 0.05, 0])
        assert history.totals("picture").picture == pytest.approx(0.08)
    finally:
        history.close()
    copy = tmp_path / f"history.db.before-{SCHEMA}"
    assert copy.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(copy) as db:
        assert db.execute("SELECT count(*) FROM variant").fetchone() == (3,)
    db.close()
