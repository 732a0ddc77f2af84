"""The durable state machine: every variant from queued to delivered, across deaths of the bridge.

    queued -> sending -> submitted(reference) -> received(raw answer) -> composed -> delivered
    or failed, cancelled, asking (sent and perhaps paid, and no answer: the artist decides)

A transition is on the disk before its effect is relied on. Composing is repeatable from the raw
answer for nothing. `sending` is left only by an answer: a bridge that dies there reads the answer
again if it had it whole, and asks if it had not.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from bridge.again import forgotten, way_again
from bridge.asking import Asking
from bridge.bells import Bells
from bridge.catalog import HERE, Catalog
from bridge.choose import Chooser
from bridge.ending import Ending, in_the_dark, mistaken
from bridge.engines.base import Engine
from bridge.errors import BridgeError, Conflict, NotFound
from bridge.estimate import Elsewhere
from bridge.history import History, RevisionRow, VariantRow
from bridge.providers import Providers
from bridge.queue import BATCH, EXPIRING, LOOKED_AT, Queue, Turn
from bridge.record import surely
from bridge.replies import Live, live_of, revision_reply
from bridge.spending import Purchase
from bridge.stop import stop_there
from bridge.told import Told
from bridge.wire import EdgeChoice, RevisionReply, RevisionRequest

if TYPE_CHECKING:  # these bring the image libraries and the HTTP client, loaded when first needed
    import httpx

    from bridge.admit import Admission, Opened
    from bridge.film.shown import ShownFilm
    from bridge.rerun import Rerun

log = logging.getLogger("redraft.jobs")

LOCAL_AT_ONCE = 2  # variants computed on this machine at the same time
FETCHED_AT_ONCE = 8  # jobs of one provider that are only polled and fetched
HEAVY_AT_ONCE = 2  # pictures encoded, decoded or composed at the same time
STOP_SECONDS = 5.0  # for what runs when the bridge ends
PAID_STOP_SECONDS = 15.0  # for an answer on the line, which nothing would find again
LIVE_KEPT = 256  # variants whose last preview is still at hand

Key = tuple[str, int]
T = TypeVar("T")


@dataclass
class Jobs:
    history: History
    catalog: Catalog
    chooser: Chooser
    engine_of: Callable[[str], Engine]
    key_of: Callable[[str], str]
    told: Told
    providers: Providers
    transport: httpx.AsyncBaseTransport | None = None
    pause: Callable[[float], object] = asyncio.sleep  # between two looks at a provider
    _tasks: dict[Key, asyncio.Task[None]] = field(default_factory=dict)
    _live: dict[Key, Live] = field(default_factory=dict)
    _bells: Bells = field(default_factory=Bells)
    _queues: dict[tuple[str, bool], Queue] = field(default_factory=dict)
    _heavy: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(HEAVY_AT_ONCE, "redraft-heavy")
    )

    # --- from the outside -------------------------------------------------------------------

    async def resume(self) -> None:
        """Takes up what an earlier bridge left: fetches what expires first, composes, or asks."""
        rows = await asyncio.to_thread(self.history.unsettled)
        sending = [self._asking.arriving(row).path for row in rows if row.state == "sending"]
        await asyncio.to_thread(self.history.files.sweep, sending)
        for row in rows:
            kept = await asyncio.to_thread(self.history.revision, row.revision)
            if row.state == "sending" and self._asking.arriving(row).kept() is None:
                await self._end(row, in_the_dark(row, kept))
            else:
                self._start(row, kept)

    async def consider(self, request: RevisionRequest) -> Admission:
        """Judges a revision by its header. Unsupported, BadRequest, Conflict: it is refused."""

        def considered() -> Admission:
            from bridge.admit import consider  # what takes long to load is loaded off the loop

            return consider(self.history, self.chooser, self.told, request)

        return await asyncio.to_thread(considered)

    async def submit(
        self, request: RevisionRequest, admission: Admission, parts: Mapping[str, bytes]
    ) -> str:
        """Keeps the revision, starts its variants, returns its id."""
        from bridge.admit import keep

        revision = await self._heavily(partial(keep, self.history, request, admission, parts))
        kept = await asyncio.to_thread(self.history.revision, revision)
        for row in await asyncio.to_thread(self.history.variants, revision):
            self._start(row, kept)
        return revision

    async def cancel(self, revision: str) -> None:
        """Stops what has cost nothing; asks the provider to stop the rest and keeps its answer."""
        for row in await asyncio.to_thread(self.history.variants, revision):
            task = self._tasks.get((revision, row.number))
            if task is None:
                continue
            self._live[revision, row.number].stopping = True
            if row.ref:
                await self._cancel_there(row)
            if row.usd_told <= 0 or (row.state == "queued" and await self._withdrawn(row)):
                task.cancel()
                await asyncio.wait([task])
        self._tell(revision)

    async def again(self, revision: str, number: int, *, anew: bool = False) -> None:
        """By hand, after failed, cancelled or asking: from the raw answer or the provider's

        reference when there is one, which is free; else, or with `anew`, by a new request.
        Conflict while it runs; OverLimit when a limit forbids what it would cost.
        """
        await self._ended((revision, number))
        row = await asyncio.to_thread(self.history.variant, revision, number)
        kept = await asyncio.to_thread(self.history.revision, revision)
        match way_again(row, anew=anew):
            case "answer":
                await self._put(row, "received", error=None)
            case "reference":
                await self._put(row, "queued", error=None)
            case "anew":
                cost = Purchase(kept.document, kept.provider, row.usd_told)
                await asyncio.to_thread(self.history.check_limits, cost)
                await self._put(row, "queued", **dict.fromkeys(forgotten(row)))
            case _:
                raise Conflict(f"A variant that is {row.state} cannot be asked for again.")
        self._start(await asyncio.to_thread(self.history.variant, revision, number), kept)

    async def instead(self, revision: str, wanted: Elsewhere) -> str:
        """What failed, asked of another model with the same pixels; returns the new revision."""

        def other() -> Rerun:
            from bridge.rerun import elsewhere

            return elsewhere(self.history, self.chooser, self.told, revision, wanted)

        rerun = await asyncio.to_thread(other)
        return await self.submit(rerun.request, rerun.admission, rerun.parts)

    async def finish(self, revision: str, number: int, wanted: Elsewhere) -> str:
        """A variant painted out by a model of detail; returns the new revision."""

        def making() -> Rerun:
            from bridge.draft import finished

            return finished(self.history, self.chooser, self.told, revision, number, wanted)

        rerun = await self._heavily(making)
        return await self.submit(rerun.request, rerun.admission, rerun.parts)

    async def give_up(self, revision: str, number: int) -> None:
        """The artist's answer to asking: treat it as lost."""
        await asyncio.to_thread(self.history.move, revision, number, "failed", only_from="asking")
        self._tell(revision)

    async def recompose(self, revision: str, number: int, edge: EdgeChoice) -> None:
        """Another edge from the saved answer; nothing is paid. Conflict when there is none."""
        row = await asyncio.to_thread(self.history.variant, revision, number)
        if not row.answer:
            raise Conflict("This variant has no answer yet; wait for it, then change its edge.")
        await self._compose(revision, number, edge)

    async def delivered(self, revision: str, number: int) -> None:
        await asyncio.to_thread(self.history.move, revision, number, "delivered")
        self._tell(revision)

    @property
    def busy(self) -> bool:
        return bool(self._tasks)

    async def stop(self) -> None:
        """Ends what runs here; what a provider has goes on there and is found again.

        An answer that is on the line is waited for a while: nothing would find it again.
        """
        on_the_line = []
        for key, task in list(self._tasks.items()):
            if self._live[key].on_the_line:
                on_the_line.append(task)
            else:
                task.cancel("stop")
        if on_the_line:
            await asyncio.wait(on_the_line, timeout=PAID_STOP_SECONDS)
        for task in self._tasks.values():
            task.cancel("stop")
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=STOP_SECONDS)
        self._heavy.shutdown(wait=False, cancel_futures=True)

    # --- what the artist sees -----------------------------------------------------------------

    def reply(self, revision: str) -> RevisionReply:
        """Waits for no writer; yet not for the event loop, for it reads the disk."""
        return revision_reply(self.history, revision, self._seen)

    async def look(self, revision: str) -> RevisionReply:
        return await asyncio.to_thread(self.reply, revision)

    def preview(self, revision: str, number: int) -> bytes | None:
        return self._seen(revision, number).preview

    def changes(self, revision: str) -> AsyncIterator[RevisionReply | None]:
        """The state now, then after every change, until all is settled; None when all is quiet."""
        return self._bells.changes(revision, self.look)

    def _seen(self, revision: str, number: int) -> Live:
        return self._live.get((revision, number)) or Live()

    # --- one variant ----------------------------------------------------------------------------

    def _start(self, row: VariantRow, kept: RevisionRow) -> None:
        """Its turn is taken at once, so that turns come in the order in which it was asked."""
        key = (row.revision, row.number)
        if key in self._tasks:
            return
        queue = self._queue(kept.provider, fetched=row.ref is not None)
        if row.ref is not None:
            turn = queue.take(EXPIRING, row.until or 0.0)
        else:
            turn = queue.take(BATCH if kept.batch else LOOKED_AT)
        self._live[key] = live_of(row, kept, self.catalog)
        task = asyncio.create_task(self._run(row, kept, queue, turn), name=f"{key[0]}/{key[1]}")
        self._tasks[key] = task
        task.add_done_callback(lambda _: self._over(key, queue, turn))

    def _over(self, key: Key, queue: Queue, turn: Turn) -> None:
        queue.leave(turn)
        self._tasks.pop(key, None)
        for old in [old for old in self._live if old not in self._tasks][:-LIVE_KEPT]:
            del self._live[old]

    async def _run(self, row: VariantRow, kept: RevisionRow, queue: Queue, turn: Turn) -> None:
        """The outer edge of one variant: whatever happens, it ends in a stated way."""
        try:
            if row.state != "received":
                await turn.come()
                await self._ask(row, kept)
            queue.leave(turn)
            await self._compose_to_the_end(row)
        except asyncio.CancelledError as exc:
            if "stop" in exc.args:
                raise
            await self._end(row, None)
        except BridgeError as exc:
            await self._end(row, exc)
        except Exception:  # a bug: kept with its traceback, said in a sentence
            log.exception("variant %s of %s", row.number, row.revision)
            await self._end(row, mistaken())
        await asyncio.to_thread(self._asking.arriving(row).forget)

    async def _ask(self, row: VariantRow, kept: RevisionRow) -> None:
        live = self._live[row.revision, row.number]
        await self._asking.ask(row, kept, live, lambda: self._tell(row.revision))

    @property
    def _asking(self) -> Asking:
        of_all = self.history, self.catalog, self.engine_of, self.key_of, self._heavy
        return Asking(*of_all, self.transport, self.pause)

    async def _compose_to_the_end(self, row: VariantRow) -> None:
        """What was only cancelled is composed all the same: the answer is here, and it is free."""
        composing = asyncio.ensure_future(self._compose(row.revision, row.number, None))
        try:
            await asyncio.shield(composing)
        except asyncio.CancelledError as exc:
            if "stop" in exc.args:
                raise
            await composing

    async def _compose(self, revision: str, number: int, edge: EdgeChoice | None) -> None:
        await self._heavily(partial(self._compose_now, revision, number, edge))
        self._tell(revision)

    def _compose_now(self, revision: str, number: int, edge: EdgeChoice | None) -> None:
        from bridge.finish import finish

        row = self.history.variant(revision, number)
        if edge is not None:
            row = replace(row, edge=edge.model_dump_json())
        opened = self._opened(row)
        finish(self.history, row, opened, self.engine_of(opened.engine))

    def film(self, revision: str, number: int) -> ShownFilm:
        """A finished film, to be looked at. Conflict while there is none."""
        from bridge.film.shown import shown

        row = self.history.variant(revision, number)
        return shown(self.history, row, self._opened(row))

    def _opened(self, row: VariantRow) -> Opened:
        from bridge.admit import open_variant

        return open_variant(self.history, self.catalog, row)

    async def _heavily(self, act: Callable[[], T]) -> T:
        """In one of the few threads for pictures; what is only looked up waits for none of it."""
        return await asyncio.get_running_loop().run_in_executor(self._heavy, act)

    # --- how it ends ----------------------------------------------------------------------------

    async def _end(self, row: VariantRow, exc: BridgeError | None) -> None:
        """None: the artist stopped it before it cost anything."""
        ending = Ending(self.history, self.chooser, row)
        try:
            await surely(lambda: ending.put(exc), lambda sentence: self._complain(row, sentence))
        except (Conflict, NotFound):  # it has ended otherwise, or was removed
            log.info("variant %s of %s has ended otherwise", row.number, row.revision)
        self._tell(row.revision)

    def _complain(self, row: VariantRow, sentence: str) -> None:
        self._live.setdefault((row.revision, row.number), Live()).note = sentence
        self._tell(row.revision)

    async def _withdrawn(self, row: VariantRow) -> bool:
        """Whether it was stopped before it left. The disk decides between the two."""
        if row.ref:
            return False
        try:
            await self._put(row, "cancelled", only_from="queued")
        except Conflict:
            return False
        return True

    async def _put(self, row: VariantRow, state: str, **changes: Any) -> None:
        move = partial(self.history.move, row.revision, row.number, state, **changes)
        await asyncio.to_thread(move)

    async def _ended(self, key: Key) -> None:
        """Waits for a task whose last state is on the disk already."""
        task = self._tasks.get(key)
        row = await asyncio.to_thread(self.history.variant, *key)
        if task is not None and way_again(row):
            await asyncio.wait([task])

    # --- the provider's side -------------------------------------------------------------------

    def _queue(self, provider: str, *, fetched: bool) -> Queue:
        home = self.catalog.homes.get(provider)
        at_once = FETCHED_AT_ONCE if fetched else home.at_once if home else 1
        at_once = LOCAL_AT_ONCE if provider == HERE else at_once
        return self._queues.setdefault((provider, fetched), Queue(at_once))

    async def _cancel_there(self, row: VariantRow) -> None:
        from bridge.admit import routed

        kept = await asyncio.to_thread(self.history.revision, row.revision)
        engine = self.engine_of(routed(self.catalog, kept).engine)
        async with self._asking.door(engine) as door:
            await stop_there(self.history, engine, door, row)

    def _tell(self, revision: str) -> None:
        self._bells.ring(revision)
