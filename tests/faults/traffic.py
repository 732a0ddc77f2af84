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
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from tests.emulators.fal import FalEmulator
from tests.faults.account import account
from tests.faults.providers import Provider, mark, providers
from tests.faults.stand import Stand, ask, canvas, end

Fault = Literal["swallow", "drop", "delay", "truncate", "duplicate", "corrupt"]
Where = Literal["paid", "fetch"]
FAULTS: tuple[Fault, ...] = ("swallow", "drop", "delay", "truncate", "duplicate", "corrupt")
PLACES: tuple[Where, ...] = ("paid", "fetch")
DELAY_SECONDS = 1.0
LATER = "composed"  # at once, or by itself a moment later

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
    engine: str
    fault: Fault
    where: Where
    outcome: str
    charges: int
    played: bool  # whether the request it is about came at all

    @property
    def as_stated(self) -> bool:
        return not self.played or self.outcome in STATED[self.fault, self.where]


def matrix(folder: Path, names: tuple[str, ...] = ()) -> Iterator[Cell]:
    """Every fault in both places, for every engine, through a real bridge."""
    number = iter(range(700_001, 10**6))
    with providers(names) as there:
        for provider in there:
            home = folder / f"traffic-{provider.name}"
            home.mkdir(mode=0o700)
            with proxied(provider.url) as proxy:
                if isinstance(provider.emulator, FalEmulator):
                    provider.emulator.here = proxy.url
                stand = Stand(home, provider.environment(proxy.url))
                pid = stand.start()
                assert stand.ready(pid), stand.complaints.read_text()
                try:
                    for fault in FAULTS:
                        for where in PLACES:
                            proxy.arm(fault, where)
                            yield _cell(stand, provider, proxy, mark(next(number)))
                finally:
                    end(pid)
                    stand.close()
            found = account(home, [provider])
            assert found.sound, (found.lines, found.damaged)


def _cell(stand: Stand, provider: Provider, proxy: Proxy, marked: str) -> Cell:
    assert proxy.fault is not None
    with stand.caller() as bridge:
        started = ask(bridge, provider.choice(f"{marked} a red balloon"), canvas())
        assert started is not None, "refused before anything was sent"
        *_, last = bridge.follow(started.id)
    variant = last.variants[0]
    outcome: str = variant.state
    if variant.state == "failed" and variant.error is not None:
        outcome = f"failed {variant.error.charged}"
    charges = len(provider.ledger.charged.get(marked, []))
    return Cell(provider.name, proxy.fault, proxy.where, outcome, charges, bool(proxy.done))


def show_matrix(folder: Path, report: dict[str, Any], console: Console) -> bool:
    cells = list(matrix(folder))
    columns = [f"{fault}, {where}" for where in PLACES for fault in FAULTS]
    table = Table("engine", *columns, title="traffic: fault x engine", title_justify="left")
    for engine in dict.fromkeys(cell.engine for cell in cells):
        row = {f"{c.fault}, {c.where}": _shown(c) for c in cells if c.engine == engine}
        table.add_row(engine, *(row[column] for column in columns))
    console.print(table)
    console.print("- = this engine sends no such request; ! = not as stated")
    report["traffic"] = [{**vars(cell), "as_stated": cell.as_stated} for cell in cells]
    return all(cell.as_stated and cell.charges <= 1 for cell in cells)


def _shown(cell: Cell) -> str:
    return f"{cell.outcome}{'' if cell.as_stated else ' !'}" if cell.played else "-"
