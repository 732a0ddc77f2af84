"""What the history holds, as the messages a plug-in reads."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bridge.again import cost_again, cost_of_cancelling
from bridge.catalog import Catalog
from bridge.errors import BridgeError, EngineError
from bridge.history import History, RevisionRow, VariantRow
from bridge.money import money, spent
from bridge.spending import SpendingLimits, Totals, confirm_of
from bridge.wire import (
    SETTLED,
    UNSUCCESSFUL,
    Fault,
    Instead,
    OfferReply,
    RevisionReply,
    VariantReply,
)

MINUTES_FROM = 120  # seconds from which minutes say enough


@dataclass
class Live:
    """What is known of a running variant beyond the disk; lost with the process, and may be.

    stopping: the artist wants no further tile. asked: Unix time since when its provider has it;
    None = not yet, or not known. usual_seconds: how long its model takes; 0 = not known.
    """

    fraction: float | None = None
    note: str = ""
    preview: bytes | None = None
    stopping: bool = False
    on_the_line: bool = False  # paid and unanswered: nothing would find its answer again
    asked: float | None = None
    usual_seconds: float = 0.0


def live_of(row: VariantRow, kept: RevisionRow, catalog: Catalog) -> Live:
    """As it is taken up: what a provider has, it has since that was written down."""
    known = [model for model in catalog.models if model.id == kept.model]
    usual = known[0].typical_seconds if known else 0.0
    return Live(asked=row.changed if row.state == "submitted" else None, usual_seconds=usual)


def note_of(state: str, live: Live, now: float) -> str:
    """What the provider says of it; how long that takes where it does not say how far it is."""
    if state != "submitted" or live.fraction is not None or live.asked is None:
        return live.note
    if not live.note or live.note.endswith("."):  # what stands in our own way is a sentence
        return live.note
    usual = f"; usually {_long(live.usual_seconds)}" if live.usual_seconds else ""
    return f"{live.note}, asked {_long(now - live.asked)} ago{usual}"


def revision_reply(
    history: History, revision: str, live: Callable[[str, int], Live]
) -> RevisionReply:
    row = history.revision(revision)
    variants = history.variants(revision)
    shown = tuple(_variant(variant, live(revision, variant.number)) for variant in variants)
    settled = all(variant.state in SETTLED for variant in variants)
    return RevisionReply(
        id=row.id,
        document=row.document,
        created=row.created,
        settled=settled,
        title=row.title,
        prompt=row.prompt,
        model=row.model,
        label=row.label,
        usd=sum(variant.charged for variant in variants),
        document_cost=_cost(history.totals(row.document)),
        variants=shown,
        passes=row.passes,
        parent=row.parent,
        instead=_instead(shown, history.limits()) if settled else None,
    )


def _cost(totals: Totals) -> str:
    return spent(totals.picture, reported=not totals.picture_told) if totals.picture else ""


def fault_of(exc: BridgeError) -> Fault:
    charged = exc.charged if isinstance(exc, EngineError) else "no"
    return Fault(code=exc.code, sentence=exc.sentence, charged=charged)


def with_next(fault: Fault, other: Instead | None) -> Fault:
    if other is None:
        return fault
    offered = {"next_model": other.model, "next_label": other.label, "next_usd": other.usd}
    return fault.model_copy(update=offered)


def _instead(variants: tuple[VariantReply, ...], limits: SpendingLimits) -> Instead | None:
    """Who could do everything that failed; the price is the same for each of them."""
    lost = [variant for variant in variants if variant.state in UNSUCCESSFUL]
    offers = [one.error for one in lost if one.error is not None and one.error.next_model]
    if not offers:
        return None
    first, usd = offers[0], round((offers[0].next_usd or 0.0) * len(lost), 6)
    return Instead(
        model=first.next_model,
        label=first.next_label,
        usd=usd,
        button=f"{first.next_label} instead, {money(usd)}",
        confirm=confirm_of(limits, usd),
    )


def _variant(row: VariantRow, live: Live) -> VariantReply:
    header: dict[str, Any] = json.loads(row.layer) if row.layer else {}
    recipe = header.get("recipe", {})
    offer = header.get("offer")
    return VariantReply.model_validate(
        {
            "number": row.number,
            "state": row.state,
            "name": header.get("name", ""),
            "fraction": live.fraction,
            "note": note_of(row.state, live, time.time()),
            "line": _report(row, recipe.get("report", {}).get("line", "")),
            "verdict": header.get("verdict", ""),
            "wish": recipe.get("wish", ""),
            "film": header.get("film"),
            "offer": OfferReply(sentence=offer) if offer else None,
            "usd": row.charged,
            "usd_reported": row.usd is not None,
            "seed": row.seed,
            "error": json.loads(row.error) if row.error else None,
            "cancel": cost_of_cancelling(row),
            "again": cost_again(row),
        }
    )


def _report(row: VariantRow, line: str) -> str:
    """With what it cost, where nobody but the price list says so."""
    if row.state not in ("composed", "delivered") or row.usd is not None or not row.charged:
        return line
    return f"{line} {money(row.charged)} as told: its maker reports no cost.".strip()


def _long(seconds: float) -> str:
    if seconds < MINUTES_FROM:
        return f"{max(0, round(seconds))} s"
    return f"{round(seconds / 60)} min"
