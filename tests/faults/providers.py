"""Every hosted engine's emulator, each on a port of its own, with a ledger that knows who asked."""

from __future__ import annotations

import asyncio
import random
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.types import Receive, Scope, Send

from bridge.wire import Choice, FilmChoice
from tests.emulators.emulator import Emulator
from tests.emulators.fal import FalEmulator
from tests.emulators.ledger import Ledger
from tests.emulators.serve import serve
from tests.engines.table import TABLE
from tests.engines.told import Row

KEY = "key-of-the-test"
GATE_SECONDS = 0.02
MARK = re.compile(rb"mark-[0-9]{6}")
_asking: ContextVar[str] = ContextVar("asking", default="")


def mark(number: int) -> str:
    """What a prompt begins with, so that every request that carries it can be told apart."""
    return f"mark-{number:06d}"


class Counting(Ledger):
    """charged: USD by mark, one entry for each charge."""

    def __init__(self) -> None:
        super().__init__()
        self.charged: dict[str, list[float]] = {}

    def charge(self, model: str, usd: float, request_id: str) -> None:
        super().charge(model, usd, request_id)
        self.charged.setdefault(_asking.get(), []).append(usd)


@dataclass
class Provider:
    """An emulator with pauses before its answers; `gate` holds all of them back when cleared."""

    name: str
    row: Row
    emulator: Emulator
    slowest: float = 0.0  # seconds
    url: str = ""
    gate: threading.Event = field(default_factory=threading.Event)
    dice: random.Random = field(default_factory=lambda: random.Random(0))

    def __post_init__(self) -> None:
        self.ledger = Counting()
        self.emulator.ledger = self.ledger
        self.gate.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more, messages = b"", True, []
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return  # whoever asked died before all of it was here: nothing is begun
            messages.append(message)
            body += message.get("body", b"")
            more = message.get("more_body", False)

        async def again() -> dict[str, object]:
            return dict(messages.pop(0)) if messages else dict(await receive())

        found = MARK.search(body)
        _asking.set(found.group().decode() if found else "")
        await asyncio.sleep(self.dice.uniform(0, self.slowest))
        while not self.gate.is_set():
            await asyncio.sleep(GATE_SECONDS)
        await self.emulator(scope, again, send)

    def choice(self, prompt: str) -> Choice:
        """As the row asks: of a film the shortest."""
        row, film = self.row, self.row.known.film
        seconds = min(film.seconds) if film else None
        return Choice(
            model=row.model,
            route=row.engine().id,
            prompt=prompt,
            tier=row.tier if film else "",
            film=FilmChoice(seconds=seconds) if film else None,
        )

    def environment(self, url: str = "") -> dict[str, str]:
        """What sends a bridge here, or to `url`, which stands in between."""
        engine = self.row.engine()
        path = urlsplit(engine.base).path
        return {
            f"REDRAFT_BASE_{engine.id.upper()}": f"{url or self.url}{path}",
            f"REDRAFT_KEY_{engine.key_name.upper()}": KEY,
        }


@contextmanager
def providers(names: tuple[str, ...] = (), slowest: float = 0.0) -> Iterator[list[Provider]]:
    """Those named, else all that have an emulator in the table of engines."""
    with ExitStack() as stack:
        found = []
        for name, row in TABLE.items():
            if row.emulator is None or (names and name not in names):
                continue
            provider = Provider(name, row, row.emulator(), slowest)
            provider.url = stack.enter_context(serve(provider))
            if isinstance(provider.emulator, FalEmulator):
                provider.emulator.here = provider.url
            found.append(provider)
        yield found


def lanes(there: Sequence[Provider], most: int) -> list[list[Provider]]:
    """Dealt out among homes: one home asks one engine at one address. `most`: homes, unless there

    are more ways than that to ask one engine.
    """
    found: list[list[Provider]] = [[] for _ in range(min(most, len(there)))]
    for provider in there:
        engine = provider.row.engine().id
        free = [lane for lane in found if engine not in {one.row.engine().id for one in lane}]
        if not free:
            found.append([])
            free = found[-1:]
        min(free, key=len).append(provider)
    return found
