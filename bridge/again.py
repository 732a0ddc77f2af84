"""What asking for a variant once more would be: free from what is there, or paid anew."""

from __future__ import annotations

import json
import math
import time
from typing import Literal

from bridge.history import VariantRow
from bridge.pieces import SOME_TILES

Way = Literal["", "answer", "reference", "anew"]
Cost = Literal["", "free", "paid"]

ENDED = frozenset({"failed", "cancelled", "asking"})
# After these the provider may still hand out what it made; after others it said that it will not.
LOOK_AGAIN = frozenset(
    {
        *("unknown_fate", "unreachable", "too_many", "busy", "key_missing", "key_wrong"),
        *("nonsense", "home_trouble", "error"),
    }
)
DAMAGED = "nonsense"  # an answer that is here and cannot be read will not be read better


def way_again(row: VariantRow, *, anew: bool = False) -> Way:
    """From the saved answer, from the provider's reference, or as a new request; "" = not now.

    Of a picture in tiles, anew is what is still missing.
    """
    if row.state not in ENDED:
        return ""
    code = json.loads(row.error)["code"] if row.error else ""
    if row.answer and row.media_type != SOME_TILES and code != DAMAGED and not anew:
        return "answer"
    if row.ref and code in LOOK_AGAIN and (row.until or math.inf) > time.time() and not anew:
        return "reference"
    return "anew"


def forgotten(row: VariantRow) -> tuple[str, ...]:
    """What is not true any more of a variant that is asked for anew; tiles that came stay."""
    always = ("ref", "until", "error")
    return always if row.media_type == SOME_TILES else (*always, "answer", "media_type", "usd")


def cost_again(row: VariantRow) -> Cost:
    way = way_again(row)
    if way == "anew":
        return "paid" if row.usd_told > 0 else "free"
    return "free" if way else ""


def cost_of_cancelling(row: VariantRow) -> Cost:
    """free: it was not sent, or is free; paid: it was sent, and the answer will be kept."""
    if row.state == "queued" and not row.ref:
        return "free"
    if row.state in ("queued", "sending", "submitted"):
        return "paid" if row.usd_told > 0 else "free"
    return ""
