"""Spoils what travels between the bridge and a provider: one fault, once, in one place.

A proxy reads each request whole, fetches the whole answer, and then does to it what is wanted:

    swallow    the request does not arrive, and nothing comes back
    drop       the request arrives, the connection ends without a byte
    delay      the answer comes a second late
    truncate   the connection ends after half of the answer
    duplicate  the answer comes twice
    corrupt    bytes in its second half are changed

paid: the request that is charged. fetch: the first one after it, which is free.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from bridge.caller import Caller
from bridge.wire import RevisionReply, VariantReply
from tests.emulators.fal import FalEmulator
from tests.faults.account import Account, account
from tests.faults.providers import Provider, mark, providers
from tests.faults.stand import LOOK_SECONDS, Stand, ask, canvas, end

Fault = Literal["swallow", "drop", "delay", "truncate", "duplicate", "corrupt"]
Where = Literal["paid", "fetch"]
FAULTS: tuple[Fault, ...] = ("swallow", "drop", "delay", "truncate", "duplicate", "corrupt")
PLACES: tuple[Where, ...] = ("paid", "fetch")
DELAY_SECONDS = 1.0
CELL_SECONDS = 90.0  # after which a revision that has not ended is shown as it stands
AT_ONCE = 3  # engines
OF_AN_ENGINE = 1000  # numbers for marks
LATER = "composed"  # at once, or by itself a moment later
ASK_ONCE = frozenset({"gemini", "openai", "openrouter"})  # the answer is all there is
Say = Callable[[str], None]

# How each fault may end. An answer that arrives spoilt was paid for: it is never asked for again
# by itself, and the artist is told that it may have been charged. By a reference that is held
# everything is fetched again, for nothing.
STATED: dict[tuple[Fault, Where], frozenset[str]] = {
    ("swallow", "paid"): frozenset({"asking"}),  # from here it looks as if it had arrived
    ("drop", "paid"): frozenset({"asking"}),
    ("delay", "paid"): frozenset({LATER}),
    ("truncate", "paid"): frozenset({"asking"}),
    ("duplicate", "paid"): frozenset({LATER}),
    ("corrupt", "paid"): frozenset({LATER, "failed unknown", "failed yes", "asking"}),
    ("swallow", "fetch"): frozenset({LATER}),
    ("drop", "fetch"): frozenset({LATER}),
    ("delay", "fetch"): frozenset({LATER}),
    ("truncate", "fetch"): frozenset({LATER}),
    ("duplicate", "fetch"): frozenset({LATER}),
    ("corrupt", "fetch"): frozenset({LATER, "failed unknown", "failed yes", "asking"}),
}


@dataclass
class Proxy:
    """Between the bridge and `target`. fault: done once, at the next request of its place."""

    target: str
    fault: Fault | None = None
    where: Where = "paid"
    url: str = ""
    done: int = 0
    _paid_seen: bool = field(default=False, repr=False)

    def arm(self, fault: Fault, where: Where) -> None:
        self.fault, self.where, self.done, self._paid_seen = fault, where, 0, False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            request = await _read_request(reader)
            fault = self._fault_for(request)
            if fault != "swallow":
                answer = await self._fetch(request)
                for piece in await _spoilt(answer, fault):
                    writer.write(piece)
                    await writer.drain()
        writer.close()

    def _fault_for(self, request: bytes) -> Fault | None:
        paid = b"mark-" in request
        here = paid if self.where == "paid" else self._paid_seen and not paid
        self._paid_seen |= paid
        if self.fault is None or not here or self.done:
            return None
        self.done += 1
        return self.fault

    async def _fetch(self, request: bytes) -> bytes:
        there = urlsplit(self.target)
        reader, writer = await asyncio.open_connection(there.hostname, there.port)
        head, _, body = request.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection")]
        writer.write(b"\r\n".join([*lines, b"connection: close"]) + b"\r\n\r\n" + body)
        await writer.drain()
        answer = await reader.read()
        writer.close()
        return answer


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    """Every body that our engines send states its length, or comes in chunks."""
    head = await reader.readuntil(b"\r\n\r\n")
    fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
    if b"chunked" in fields.get(b"transfer-encoding", b""):
        return head + await reader.readuntil(b"\r\n0\r\n\r\n")
    return head + await reader.readexactly(int(fields.get(b"content-length", b"0")))


async def _spoilt(answer: bytes, fault: Fault | None) -> list[bytes]:
    head, gap, body = answer.partition(b"\r\n\r\n")
    match fault:
        case "drop":
            return []
        case "delay":
            await asyncio.sleep(DELAY_SECONDS)
        case "truncate":
            return [head + gap + body[: len(body) // 2]]
        case "duplicate":
            return [answer, answer]
        case "corrupt":
            changed = bytearray(body)
            for at in range(len(body) // 2, len(body), 97):
                changed[at] ^= 0x15
            return [head + gap + bytes(changed)]
    return [answer]


@contextmanager
def proxied(target: str) -> Iterator[Proxy]:
    """On a loopback port and in a thread of its own."""
    proxy, ready, loop = Proxy(target), threading.Event(), asyncio.new_event_loop()

    async def run() -> None:
        server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, limit=2**27)
        proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        async with server:
            with contextlib.suppress(asyncio.CancelledError):
                await server.serve_forever()

    task = loop.create_task(run())
    thread = threading.Thread(target=lambda: loop.run_until_complete(task))
    thread.start()
    ready.wait(30)
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(30)
        loop.close()


@dataclass(frozen=True)
class Cell:
    """charges: by the emulator's ledger. played: whether the request it is about came at all."""

    engine: str
    fault: Fault
    where: Where
    outcome: str
    charges: int
    played: bool

    @property
    def as_stated(self) -> bool:
        if not self.played:
            return self.where == "fetch" and self.engine in ASK_ONCE
        return self.outcome in STATED[self.fault, self.where]


@dataclass(frozen=True)
class Row:
    """One engine under every fault. account: what its home and its ledger say afterwards."""

    cells: tuple[Cell, ...]
    account: Account


def matrix(folder: Path, say: Say, names: tuple[str, ...] = ()) -> list[Row]:
    """Every fault in both places, for every engine, each through a real bridge of its own."""
    with providers(names) as there, ThreadPoolExecutor(AT_ONCE) as pool:
        numbers = range(1, 10**6, OF_AN_ENGINE)
        return list(pool.map(lambda one, first: _row(folder, one, first, say), there, numbers))


def _row(folder: Path, provider: Provider, first: int, say: Say) -> Row:
    home = folder / f"traffic-{provider.name.replace(' ', '-').replace(',', '')}"
    home.mkdir(mode=0o700)
    cells: list[Cell] = []
    began = time.monotonic()
    with proxied(provider.url) as proxy:
        if isinstance(provider.emulator, FalEmulator):
            provider.emulator.here = proxy.url
        stand = Stand(home, provider.environment(proxy.url))
        pid = stand.start()
        try:
            assert stand.ready(pid), stand.complaints.read_text()
            for fault, where in itertools.product(FAULTS, PLACES):
                proxy.arm(fault, where)
                cells.append(_cell(stand, provider, proxy, mark(first + len(cells))))
        finally:
            end(pid)
            stand.close()
    say(f"{provider.name}: {len(cells)} cells in {time.monotonic() - began:.0f} s")
    return Row(tuple(cells), account(home, [provider]))


def _cell(stand: Stand, provider: Provider, proxy: Proxy, marked: str) -> Cell:
    assert proxy.fault is not None
    with stand.caller() as bridge:
        started = ask(bridge, provider.choice(f"{marked} a red balloon"), canvas())
        assert started is not None, "refused before anything was sent"
        variant = _settled(bridge, started.id)
    outcome: str = variant.state
    if variant.state == "failed" and variant.error is not None:
        outcome = f"failed {variant.error.charged}"
    charges = len(provider.ledger.charged.get(marked, []))
    return Cell(provider.name, proxy.fault, proxy.where, outcome, charges, bool(proxy.done))


def _settled(bridge: Caller, revision: str) -> VariantReply:
    """Its variant when it has ended, or as it still is after CELL_SECONDS."""
    over = time.monotonic() + CELL_SECONDS
    while True:
        found = bridge.http.get(f"/v1/revisions/{revision}").raise_for_status().content
        reply = RevisionReply.model_validate_json(found)
        if reply.settled or time.monotonic() > over:
            return reply.variants[0]
        time.sleep(LOOK_SECONDS)


def show_matrix(folder: Path, report: dict[str, Any], console: Console, say: Say) -> bool:
    rows = matrix(folder, say)
    cells = [cell for row in rows for cell in row.cells]
    columns = [f"{fault}, {where}" for where in PLACES for fault in FAULTS]
    table = Table("engine", *columns, title="traffic: fault x engine", title_justify="left")
    for row in rows:
        shown = {f"{c.fault}, {c.where}": _shown(c) for c in row.cells}
        table.add_row(row.cells[0].engine, *(shown[column] for column in columns))
    console.print(table)
    stated = sum(cell.as_stated for cell in cells)
    twice = sum(cell.charges > 1 for cell in cells)
    unsound = [row.cells[0].engine for row in rows if not row.account.sound]
    console.print("- = this engine asks once and fetches nothing; ! = not as stated")
    console.print(f"{len(cells)} cells, {stated} as stated, {twice} charged twice")
    console.print(f"money and files do not agree for: {', '.join(unsound) or 'none'}")
    report["traffic"] = [{**vars(cell), "as_stated": cell.as_stated} for cell in cells]
    return stated == len(cells) and not twice and not unsound


def _shown(cell: Cell) -> str:
    text = cell.outcome if cell.played else "-"
    return text if cell.as_stated else f"{text} !"
