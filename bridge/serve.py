"""The running bridge: one per home, on the loopback, found by its session file."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache, partial
from logging.handlers import RotatingFileHandler
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge.app import create_app
from bridge.catalog import Catalog, load
from bridge.choose import Chooser
from bridge.engines.find import find_engine
from bridge.errors import HomeTrouble
from bridge.guard import Guard
from bridge.history import History
from bridge.home import lock_home, open_home
from bridge.jobs import Jobs
from bridge.key_page import Pages
from bridge.keys import key_of
from bridge.live import LiveFile
from bridge.patience import Impatient
from bridge.providers import Providers
from bridge.routes.keys import has_pass
from bridge.session import Session, announce, new_token, withdraw
from bridge.told import Told

log = logging.getLogger("redraft.serve")

HOST = "127.0.0.1"
LOG_BYTES = 1_000_000
IDLE_CHECK_SECONDS = 1.0
GRACE_SECONDS = 2  # for open connections when the bridge ends


def serve(
    home: Path,
    port: int = 0,
    idle_seconds: float | None = None,
    jobs_of: Callable[[Path], Jobs] | None = None,
) -> None:
    """Serves until it is stopped, or until nothing has happened for `idle_seconds`.

    jobs_of: what is done over the home, instead of the usual.

    HomeTrouble when the home cannot be used or another bridge serves it, or the port is taken.
    """
    folder = open_home(home)
    with lock_home(folder, partial(_answers, folder)):
        _keep_log(folder)
        listener = _listen(port)
        session = Session(_url(listener), new_token(), os.getpid())
        jobs = (jobs_of or make_jobs)(folder)
        try:
            _run(folder, session, jobs, listener, idle_seconds)
        finally:
            withdraw(folder, session)
            jobs.history.close()


def _answers(folder: Path) -> bool:
    """Whether another bridge serves the folder already."""
    from bridge.caller import find_running  # with the HTTP client, only when the lock is held

    return find_running(folder) is not None


def make_jobs(folder: Path) -> Jobs:
    """Everything a bridge does, over one home."""
    catalog = open_catalog(folder)
    chooser, history = make_chooser(catalog, folder), History(folder)
    return Jobs(
        history=history,
        catalog=catalog,
        chooser=chooser,
        engine_of=partial(find_engine, bases=catalog.bases),
        key_of=key_of,
        told=Told(folder),
        providers=Providers(chooser, key_of, LiveFile(folder), history.files.incoming),
    )


def open_catalog(folder: Path) -> Catalog:
    """The built-in catalogue, with the artist's own file over it when there is one."""
    own = folder / "catalog.toml"
    return load(own if own.exists() else None)


def make_chooser(catalog: Catalog, folder: Path) -> Chooser:
    answers = LiveFile(folder).read
    engine_of = cache(partial(find_engine, bases=catalog.bases))
    return Chooser(catalog, engine_of, lambda name: bool(key_of(name)), answers=answers)


def _run(
    folder: Path, session: Session, jobs: Jobs, listener: socket.socket, idle: float | None
) -> None:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await jobs.resume()
        announce(folder, session)  # what connects from now on waits in the listener's queue
        tidying = asyncio.create_task(_keep_room(jobs.history))
        yield
        tidying.cancel()
        await asyncio.wait([tidying])  # a look that has begun is not cut
        await jobs.stop()

    host = session.url.removeprefix("http://")
    pages = Pages()
    app = create_app(jobs, lifespan, pages)
    watch = Watch(app)
    server = uvicorn.Server(
        uvicorn.Config(
            Guard(watch, session.token, lambda: frozenset({host}), partial(has_pass, pages)),
            log_config=None,
            access_log=False,
            server_header=False,
            http=Impatient,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )

    async def run() -> None:
        await _warm(app)
        gc.freeze()  # what is there now stays; looking through it again would take the loop's time
        ending = asyncio.create_task(_end_when_idle(server, watch, jobs, idle)) if idle else None
        await server.serve(sockets=[listener])
        if ending:
            ending.cancel()

    for signum in (signal.SIGINT, signal.SIGTERM):
        # The server raises again what ended it, once it has ended: that must not skip our own end.
        signal.signal(signum, lambda *_: None)
    asyncio.run(run())


async def _warm(app: FastAPI) -> None:
    """FastAPI puts much off until the first request, then does it in one go: here nobody waits."""

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        pass

    asked = {"method": "GET", "path": "/", "query_string": b"", "headers": []}
    await app({"type": "http", **asked}, receive, send)


@dataclass
class Watch:
    """Plain ASGI: knows when somebody last asked for something, and how many are being served."""

    app: ASGIApp
    last: float = 0.0
    open: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.open += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.open -= 1
            self.last = time.monotonic()


async def _end_when_idle(server: uvicorn.Server, watch: Watch, jobs: Jobs, idle: float) -> None:
    watch.last = time.monotonic()
    while not server.should_exit:
        await asyncio.sleep(min(IDLE_CHECK_SECONDS, idle))
        if watch.open or jobs.busy:
            watch.last = time.monotonic()
        elif time.monotonic() - watch.last >= idle:
            server.should_exit = True


async def _keep_room(history: History) -> None:
    """What the history may take is looked at for as long as the bridge runs."""
    from bridge.room import LOOK_SECONDS, make_room

    def look() -> None:
        if history.room() is not None:
            make_room(history)

    while True:
        looking = asyncio.create_task(asyncio.to_thread(look))
        try:
            await asyncio.shield(looking)
        except HomeTrouble as exc:
            log.warning("no room was made: %s", exc.sentence)
        except asyncio.CancelledError:
            await asyncio.wait([looking])
            raise
        await asyncio.sleep(LOOK_SECONDS)


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    if os.name == "posix":  # elsewhere the option would let a second program take the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except OSError as exc:
        listener.close()
        raise HomeTrouble(
            f"Port {port} cannot be used ({exc.strerror}); name another, or 0 for any."
        ) from exc
    return listener


def _url(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


class OneLine(logging.Formatter):
    """What somebody sent cannot begin a line of its own, nor turn a terminal's colours."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # its own name
        line = super().formatMessage(record)
        return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line)


def _keep_log(folder: Path) -> None:
    """bridge.log in the home: what went wrong, for its owner only; never a key, never a prompt."""
    path = folder / "bridge.log"
    path.touch(mode=0o600)
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
