"""What the history holds, as the messages a plug-in reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bridge.again import cost_again, cost_of_cancelling
from bridge.errors import BridgeError, EngineError
from bridge.history import History, VariantRow
from bridge.money import money
from bridge.spending import SpendingLimits, confirm_of
from bridge.wire import (
    SETTLED,
    UNSUCCESSFUL,
    Fault,
    Instead,
    OfferReply,
    RevisionReply,
    VariantReply,
)


@dataclass
class Live:
    """What is known of a running variant beyond the disk; lost with the process, and may be."""

    fraction: float | None = None
    note: str = ""
    preview: bytes | None = None
    on_the_line: bool = False  # paid and unanswered: nothing would find its answer again


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
        document_usd=history.totals(row.document).picture,
        variants=shown,
        passes=row.passes,
        parent=row.parent,
        instead=_instead(shown, history.limits()) if settled else None,
    )


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
            "note": live.note,
            "line": recipe.get("report", {}).get("line", ""),
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
