"""What the history holds, as the messages a plug-in reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bridge.errors import BridgeError, EngineError
from bridge.history import History, VariantRow
from bridge.wire import SETTLED, Fault, OfferReply, RevisionReply, VariantReply


@dataclass
class Live:
    """What is known of a running variant beyond the disk; lost with the process, and may be."""

    fraction: float | None = None
    note: str = ""
    preview: bytes | None = None


def revision_reply(history: History, revision: str, live: Callable[[int], Live]) -> RevisionReply:
    row = history.revision(revision)
    variants = history.variants(revision)
    return RevisionReply(
        id=row.id,
        document=row.document,
        created=row.created,
        settled=all(variant.state in SETTLED for variant in variants),
        title=row.title,
        prompt=row.prompt,
        model=row.model,
        label=row.label,
        usd=sum(variant.charged for variant in variants),
        document_usd=history.totals(row.document).picture,
        variants=tuple(_variant(variant, live(variant.number)) for variant in variants),
    )


def fault_of(exc: BridgeError) -> Fault:
    charged = exc.charged if isinstance(exc, EngineError) else "no"
    return Fault(code=exc.code, sentence=exc.sentence, charged=charged)


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
            "offer": OfferReply(sentence=offer) if offer else None,
            "usd": row.charged,
            "usd_reported": row.usd is not None,
            "seed": row.seed,
            "error": json.loads(row.error) if row.error else None,
        }
    )
