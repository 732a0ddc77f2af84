"""What a provider has is stopped there, where it can be; that the artist said so is kept first.

So an answer that does not come is read as what it is, by another bridge, too.
"""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING

from bridge.engines.base import Engine
from bridge.errors import BridgeError, Conflict
from bridge.history import History, VariantRow, as_json
from bridge.runner import drive_quietly

if TYPE_CHECKING:  # it brings the HTTP client, which is loaded when something is sent
    from bridge.engines.send import Door

STOPPED = "stopped"  # beside what the engine put into its reference


async def stop_there(history: History, engine: Engine, door: Door, row: VariantRow) -> None:
    """row: submitted, or queued to be looked at again. Its answer, should it come, is kept."""
    ref = json.loads(row.ref or "{}")
    if type(engine).cancel is Engine.cancel:  # it has no way
        return
    if row.state == "submitted":
        marked, moment = as_json({**ref, STOPPED: True}), row.changed
        move = partial(history.move, row.revision, row.number, row.state, only_from=row.state)
        try:
            await asyncio.to_thread(move, ref=marked, changed=moment)
        except Conflict:  # it has ended meanwhile, or its answer is here
            return
    try:
        await drive_quietly(engine.cancel(ref), door)
    except BridgeError:
        if row.usd_told > 0:  # what costs nothing is given up all the same
            raise


def was_stopped(row: VariantRow) -> bool:
    return bool(json.loads(row.ref or "{}").get(STOPPED))
