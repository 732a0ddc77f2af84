"""Many at once: clients that each ask for several revisions, through one bridge.

    python -m tests.faults.crowd [--clients 8] [--each 8] [--engines bfl,fal]

Prints how many were delivered, whether each client's requests left in the order in which it asked,
how long a revision took, the peak of memory, and how long the event loop was away, beside how long
a thread that only sleeps was kept away by the machine.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.faults.providers import Provider, mark, providers
from tests.faults.stand import Stand, ask, canvas, end


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.crowd")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--each", type=int, default=8)
    parser.add_argument("--engines", default="bfl,fal")
    wanted = parser.parse_args(words)
    with (
        tempfile.TemporaryDirectory(prefix="redraft-crowd-") as folder,
        providers(tuple(wanted.engines.split(","))) as there,
    ):
        told = crowd(Path(folder), there, wanted.clients, wanted.each)
    print(json.dumps(told, indent=1))
    return 0 if told["delivered"] == told["asked"] and told["in_order"] else 1


def crowd(folder: Path, there: list[Provider], clients: int, each: int) -> dict[str, Any]:
    home, watch = folder / "home", folder / "watch.json"
    home.mkdir(mode=0o700)
    environment: dict[str, str] = {}
    for provider in there:
        environment |= provider.environment()
    stand = Stand(home, environment)
    pid = stand.start(watch=str(watch))
    assert stand.ready(pid), stand.complaints.read_text()
    took: list[float] = []
    try:
        threads = [
            threading.Thread(target=client, args=(stand, there, number, each, took))
            for number in range(clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seen = json.loads(watch.read_text())
    finally:
        end(pid)
        stand.close()
    took.sort()
    return {
        "asked": clients * each,
        "delivered": len(took),
        "in_order": _in_order(home),
        "median_s": took[len(took) // 2] if took else None,
        "worst_s": took[-1] if took else None,
        "event_loop": seen,
    }


def client(stand: Stand, there: list[Provider], number: int, each: int, took: list[float]) -> None:
    """Asks for all of its revisions one after the other, then takes each in that order."""
    provider = there[number % len(there)]
    where = canvas(f"document-{number}", seed=number)
    with stand.caller(600.0) as bridge:
        asked = []
        for count in range(each):
            prompt = f"{mark(number * 1000 + count)} a red balloon"
            asked.append((time.monotonic(), ask(bridge, provider.choice(prompt), where)))
        for began, started in asked:
            if started is None:
                continue
            *_, last = bridge.follow(started.id)
            if last.variants[0].state == "composed":
                bridge.layer(started.id, 1)
                bridge.delivered(started.id, 1)
                took.append(time.monotonic() - began)


def _in_order(home: Path) -> bool:
    """Of each document: what was asked for first left first."""
    db = sqlite3.connect(home / "history.db")
    try:
        left = db.execute(
            "SELECT c.document, r.rowid FROM charge c JOIN revision r ON r.id = c.revision "
            "ORDER BY c.id"
        ).fetchall()
    finally:
        db.close()
    last: dict[str, int] = {}
    for document, row in left:
        if row < last.get(document, 0):
            return False
        last[document] = row
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
