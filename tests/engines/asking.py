"""Drives an engine through the real door to an emulator on a real server."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
from starlette.types import ASGIApp, Receive, Scope
from starlette.types import Send as SendMessage

from bridge.catalog import load
from bridge.engines.base import Ask, Engine, Motion, Progress, Received, Ref, Wish
from bridge.engines.send import Door
from bridge.geometry import Size
from bridge.pixels import Array
from bridge.runner import drive

KEY = "key-of-the-test"
USUAL = Size(512, 384)


@dataclass
class Kept:
    """What the runner committed, in `order`, and what it showed meanwhile."""

    order: list[str] = field(default_factory=list)
    told_usd: float = 0.0
    ref: Ref | None = None
    answer: Received | None = None
    shown: list[Progress] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    reached: list[Reached] = field(default_factory=list)
    content: bytes = b""  # of the answer, from memory or from the file it was sent into

    async def sending(self, usd: float) -> None:
        self.order.append("sending")
        self.told_usd += usd

    async def submitted(self, ref: Ref) -> None:
        self.order.append("submitted")
        self.ref = ref

    async def received(self, answer: Received) -> None:
        self.order.append("received")
        self.answer = answer
        raw = answer.raw
        self.content = raw if isinstance(raw, bytes) else await asyncio.to_thread(raw.read_bytes)

    def progress(self, step: Progress) -> None:
        self.shown.append(step)

    @property
    def raw(self) -> bytes:
        assert self.answer is not None
        return self.content


@dataclass(frozen=True)
class Reached:
    host: str
    path: str
    headers: dict[str, str]


class Switchboard(httpx.AsyncBaseTransport):
    """Every host leads to the emulator at `url`: real names, real bytes, one loopback port.

    silence: seconds between two bytes after which it gives up, instead of the door's minutes.
    """

    def __init__(self, url: str, reached: list[Reached], silence: float | None = None) -> None:
        self.url = httpx.URL(url)
        self.reached = reached
        self.silence = silence
        self.wire = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.reached.append(Reached(request.url.host, request.url.path, headers))
        timeout = dict(request.extensions["timeout"])
        if self.silence:
            timeout["read"] = self.silence
        told = {"x-forwarded-proto": request.url.scheme}  # for the addresses it names itself
        there = httpx.Request(
            request.method,
            request.url.copy_with(scheme="http", host=self.url.host, port=self.url.port),
            headers=[*request.headers.raw, *httpx.Headers(told).raw],
            stream=request.stream,
            extensions={**request.extensions, "timeout": timeout},
        )
        return await self.wire.handle_async_request(there)

    async def aclose(self) -> None:
        await self.wire.aclose()


class Stage:
    """An app whose server outlives it: `on` is who answers now."""

    on: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: SendMessage) -> None:
        await self.on(scope, receive, send)


def revise(
    engine: Engine,
    ask: Ask,
    url: str,
    *,
    ref: Ref | None = None,
    key: str = KEY,
    silence: float = 5.0,
    kept: Kept | None = None,
) -> Kept:
    """Through runner and door to the emulator at `url`; what it raises is what the artist reads.

    kept: filled as it goes, for a test that wants to know what was kept when it failed.
    """
    record = kept or Kept()

    async def run() -> None:
        lines = Switchboard(url, record.reached, silence)
        with tempfile.TemporaryDirectory() as folder:
            door = Door(
                engine, lambda: key, Path(folder), transport=lines, pause=record.pauses.append
            )
            async with door:
                await drive(engine.revise(ask, ref), door, record)

    asyncio.run(run())
    return record


def ask_of(
    model: str,
    *,
    prompt: str = "a red balloon",
    size: Size = USUAL,
    mask: Array | None = None,
    references: tuple[Array, ...] = (),
    seed: int | None = None,
    usd: float = 0.05,
    wish: Wish | None = None,
    by: str = "",
    motion: Motion | None = None,
) -> Ask:
    """What a revision with this row of the catalogue becomes; the picture has something to see.

    by: the route it is asked by, "" = its first.
    """
    catalog = load()
    row = catalog.model(model)
    row = row.by(by or row.engine)
    return Ask(
        model=row.routes[0].model,
        picture=scene(size),
        mask=mask,
        wish=wish or Wish(prompt),
        size=size,
        references=references,
        seed=seed,
        facts=catalog.facts(row),
        usd=usd,
        motion=motion,
    )


def scene(size: Size, seed: int = 5) -> Array:
    """float32 (H, W, 3): soft blotches in 8-bit steps, so that a PNG brings back every value."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (size.height // 16 + 1, size.width // 16 + 1, 3))
    blotches = np.kron(coarse, np.ones((16, 16, 1)))[: size.height, : size.width]
    return (blotches / 255).astype(np.float32)


def hole(size: Size, box: tuple[int, int, int, int]) -> Array:
    """float32 (H, W): 1 inside `box` (left, top, right, bottom)."""
    mask = np.zeros((size.height, size.width), np.float32)
    mask[box[1] : box[3], box[0] : box[2]] = 1
    return mask
