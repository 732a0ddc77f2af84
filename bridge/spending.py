"""What was spent, and the limits the artist set: per picture, day, month and provider.

Every paid request that leaves is a row from the moment before it leaves. What may have been
charged counts as charged until somebody says otherwise. Days and months are those of this
machine's clock.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from bridge.errors import OverLimit
from bridge.money import money
from bridge.wire import Message

Fate = Literal["open", "charged", "unknown", "free"]
Usd = Annotated[float, Field(ge=0, le=1_000_000)]

LIMITS = "spending_limits"  # the name of the setting
DUST = 1e-9  # USD: sums of floats are not exact


class SpendingLimits(Message):
    """USD; None = no limit. providers: for a month each, by the catalogue's homes.

    second_click: above this sum one revision is asked for twice.
    """

    picture: Usd | None = None
    day: Usd | None = None
    month: Usd | None = None
    providers: Mapping[str, Usd] = {}
    second_click: Usd | None = None


class Totals(Message):
    """USD so far. picture: 0 when no document was named; providers: this month.

    *_told: how much of it no maker has reported, so that it is as the artist was told before.
    """

    picture: float
    day: float
    month: float
    providers: dict[str, float]
    picture_told: float = 0.0
    day_told: float = 0.0
    month_told: float = 0.0


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is about to be paid for. where: the provider as the artist calls it."""

    document: str
    provider: str
    usd: float
    where: str = ""


def totals(db: sqlite3.Connection, document: str, now: float | None = None) -> Totals:
    day, month = _starts(time.time() if now is None else now)
    by_provider = db.execute(
        "SELECT provider, sum(usd) FROM charge WHERE fate != 'free' AND moment >= ? "
        "GROUP BY provider",
        (month,),
    )
    of_picture = _sums(db, "document = ?", document) if document else (0.0, 0.0)
    of_day, of_month = _sums(db, "moment >= ?", day), _sums(db, "moment >= ?", month)
    return Totals(
        picture=of_picture[0],
        day=of_day[0],
        month=of_month[0],
        providers={str(name): float(usd) for name, usd in by_provider if name},
        picture_told=of_picture[1],
        day_told=of_day[1],
        month_told=of_month[1],
    )


def limits(db: sqlite3.Connection) -> SpendingLimits:
    row = db.execute("SELECT value FROM setting WHERE name = ?", (LIMITS,)).fetchone()
    return SpendingLimits.model_validate_json(row[0]) if row else SpendingLimits()


def set_limits(db: sqlite3.Connection, wanted: SpendingLimits) -> None:
    db.execute(
        "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (LIMITS, wanted.model_dump_json()),
    )


def check(db: sqlite3.Connection, wanted: Purchase, *, waiting: bool = True) -> None:
    """OverLimit when this purchase would pass a limit. waiting: what is queued counts, too."""
    set_to = limits(db)
    if wanted.usd <= 0:
        return
    spent = totals(db, wanted.document)
    queued: Callable[..., float] = _queued if waiting else _nothing
    rows: list[tuple[str, float | None, float]] = [
        ("this picture", set_to.picture, spent.picture + queued(db, "document", wanted.document)),
        ("today", set_to.day, spent.day + queued(db)),
        ("this month", set_to.month, spent.month + queued(db)),
        (
            f"this month at {wanted.where or wanted.provider}",
            set_to.providers.get(wanted.provider),
            spent.providers.get(wanted.provider, 0.0) + queued(db, "provider", wanted.provider),
        ),
    ]
    for what, limit, so_far in rows:
        if limit is not None and so_far + wanted.usd > limit + DUST:
            raise OverLimit(
                f"This costs {money(wanted.usd)}; with ${so_far:.2f} spent or waiting for {what} "
                f"it would pass your limit of ${limit:.2f}. Raise the limit or choose less."
            )


def confirm_of(set_to: SpendingLimits, usd: float) -> str:
    """Why a second click is wanted before this is spent; "" when it is not."""
    most = set_to.second_click
    if most is None or usd <= most:
        return ""
    return f"This costs {money(usd)}, more than ${most:.2f}. Press again to spend it."


def begin(db: sqlite3.Connection, revision: str, number: int, usd: float) -> None:
    """Just before a paid request leaves. OverLimit: then it must not.

    A request that leaves once more for the same charge, after a refusal, is the same row.
    """
    row = db.execute(
        "SELECT document, provider, model FROM revision WHERE id = ?", (revision,)
    ).fetchone()
    document, provider, model = row
    if _open(db, revision, number) is not None:
        return
    check(db, Purchase(document, provider, usd), waiting=False)
    db.execute(
        "INSERT INTO charge (moment, revision, number, document, provider, model, usd, fate) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, 'open')",
        (time.time(), revision, number, document, provider, model, usd),
    )


def settle(
    db: sqlite3.Connection, revision: str, number: int, fate: Fate, usd: float | None
) -> None:
    """What became of the last charge of a variant. usd: as reported; None = as told.

    A charge that is settled is not made free again by a later failure.
    """
    row = db.execute(
        "SELECT id, fate FROM charge WHERE revision = ? AND number = ? ORDER BY id DESC LIMIT 1",
        (revision, number),
    ).fetchone()
    if row is None or (row[1] == "charged" and fate != "charged"):
        return
    db.execute(
        "UPDATE charge SET fate = ?, usd = coalesce(?, usd) WHERE id = ?", (fate, usd, row[0])
    )


def of_variant(db: sqlite3.Connection, revision: str, number: int) -> float:
    """USD this variant has cost in all its attempts, as far as is known."""
    return _sums(db, "revision = ? AND number = ?", revision, number)[0]


def _open(db: sqlite3.Connection, revision: str, number: int) -> int | None:
    row = db.execute(
        "SELECT id FROM charge WHERE revision = ? AND number = ? AND fate = 'open'",
        (revision, number),
    ).fetchone()
    return int(row[0]) if row else None


def _sums(db: sqlite3.Connection, where: str, *values: object) -> tuple[float, float]:
    """USD, and how much of it was charged for variants of which no maker has reported a cost."""
    reported = (
        "EXISTS (SELECT 1 FROM variant v WHERE v.revision = charge.revision "
        "AND v.number = charge.number AND v.usd IS NOT NULL)"
    )
    query = (
        f"SELECT coalesce(sum(usd), 0), coalesce(sum(CASE WHEN {reported} THEN 0 ELSE usd END), 0) "
        f"FROM charge WHERE fate != 'free' AND {where}"
    )
    usd, told = db.execute(query, values).fetchone()
    return float(usd), float(told)


def _queued(db: sqlite3.Connection, column: str = "", value: str = "") -> float:
    """USD of what was let in and has not left yet."""
    where = f"AND r.{column} = ?" if column else ""
    query = (
        "SELECT coalesce(sum(v.usd_told), 0) FROM variant v JOIN revision r ON r.id = v.revision "
        f"WHERE v.state = 'queued' AND v.ref IS NULL {where}"
    )
    return float(db.execute(query, (value,) if column else ()).fetchone()[0])


def _nothing(*_: object) -> float:
    return 0.0


def _starts(now: float) -> tuple[float, float]:
    """When the day and the month of `now` began, by this machine's clock."""
    today = datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return today.timestamp(), today.replace(day=1).timestamp()
