"""The durable state machine: every variant from queued to delivered, across deaths of the bridge.

    queued -> sending -> submitted(reference) -> received(raw answer) -> composed -> delivered
    or failed, cancelled, asking (sent and perhaps paid, and no answer: the artist decides)

A transition is on the disk before its effect is relied on. Composing is repeatable from the raw
answer for nothing. `sending` is left only by an answer, so a bridge that dies there asks.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from bridge.catalog import Catalog
from bridge.choose import Chooser
from bridge.engines.base import Engine, Progress, Received, Ref
from bridge.engines.send import Door
from bridge.errors import BridgeError, Charged, Conflict, EngineError, UnknownFate
from bridge.history import History, VariantRow, as_json
from bridge.instead import instead_of
from bridge.replies import Live, fault_of, revision_reply, with_next
from bridge.runner import drive, drive_quietly
from bridge.spending import Fate
from bridge.told import Told
from bridge.wire import EdgeChoice, Fault, RevisionReply, RevisionRequest

if TYPE_CHECKING:  # these bring the image libraries, which are loaded when first needed
    from bridge.admit import Admission, Opened

log = logging.getLogger("redraft.jobs")

AT_ONCE_PER_ENGINE = 4
LOCAL_AT_ONCE = 2  # variants computed on this machine at the same time
QUIET_SECONDS = 10.0  # after which a listener is told that nothing happened
STOP_SECONDS = 5.0  # for what runs when the bridge ends
FATES: dict[Charged, Fate] = {"no": "free", "yes": "charged", "unknown": "unknown"}


@dataclass
class Jobs:
    history: History
    catalog: Catalog
    chooser: Chooser
    engine_of: Callable[[str], Engine]
    key_of: Callable[[str], str]
    told: Told
    transport: httpx.AsyncBaseTransport | None = None
    _tasks: dict[tuple[str, int], asyncio.Task[None]] = field(default_factory=dict)
    _live: dict[tuple[str, int], Live] = field(default_factory=lambda: defaultdict(Live))
    _listeners: dict[str, set[asyncio.Queue[None]]] = field(
        default_factory=lambda: defaultdict(set)
    )
    _gates: dict[str, asyncio.Semaphore] = field(default_factory=dict)

    # --- from the outside -------------------------------------------------------------------

    async def resume(self) -> None:
        """Takes up what an earlier bridge left: polls on, composes, or asks."""
        self.history.files.sweep()
        for row in await asyncio.to_thread(self.history.unsettled):
            if row.state == "sending":
                await self._leave_in_the_dark(row)
            else:
                self._start(row.revision, row.number)

    async def consider(self, request: RevisionRequest) -> Admission:
        """Judges a revision by its header. Unsupported, BadRequest, Conflict: it is refused."""
        from bridge.admit import consider

        return await asyncio.to_thread(consider, self.history, self.chooser, request)

    async def submit(
        self, request: RevisionRequest, admission: Admission, parts: Mapping[str, bytes]
    ) -> str:
        """Keeps the revision, starts its variants, returns its id."""
        from bridge.admit import keep

        revision = await asyncio.to_thread(keep, self.history, request, admission, parts)
        for row in self.history.variants(revision):
            self._start(revision, row.number)
        return revision

    async def cancel(self, revision: str) -> None:
        """Stops what has cost nothing; asks the provider to stop the rest and keeps its answer."""
        for row in await asyncio.to_thread(self.history.variants, revision):
            task = self._tasks.get((revision, row.number))
            paid = row.usd_told > 0 and row.state in ("sending", "submitted", "received")
            if task is not None and not paid:
                task.cancel()
                await asyncio.wait([task])
            elif paid and row.ref:
                await self._cancel_there(row)

    async def again(self, revision: str, number: int) -> None:
        """By hand, after failed, cancelled or asking: from the raw answer when it is there."""
        row = await asyncio.to_thread(self.history.variant, revision, number)
        state = "received" if row.answer else "queued"
        await asyncio.to_thread(self.history.move, revision, number, state, error=None)
        self._start(revision, number)

    async def instead(self, revision: str, model: str, max_usd: float) -> str:
        """What failed, asked of another model with the same pixels; returns the new revision."""
        from bridge.rerun import elsewhere

        rerun = await asyncio.to_thread(
            elsewhere, self.history, self.chooser, revision, model, max_usd
        )
        return await self.submit(rerun.request, rerun.admission, rerun.parts)

    async def give_up(self, revision: str, number: int) -> None:
        """The artist's answer to asking: treat it as lost."""
        await asyncio.to_thread(self.history.move, revision, number, "failed")
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
        """Ends what runs here; what a provider has goes on there and is found again."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel("stop")
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_SECONDS)

    # --- what the artist sees -----------------------------------------------------------------

    def reply(self, revision: str) -> RevisionReply:
        return revision_reply(self.history, revision, lambda number: self._live[revision, number])

    def preview(self, revision: str, number: int) -> bytes | None:
        return self._live[revision, number].preview

    async def changes(self, revision: str) -> AsyncIterator[RevisionReply | None]:
        """The state now, then after every change, until all is settled; None when all is quiet."""
        bell: asyncio.Queue[None] = asyncio.Queue()
        self._listeners[revision].add(bell)
        try:
            while True:
                reply = await asyncio.to_thread(self.reply, revision)
                yield reply
                if reply.settled:
                    return
                while not await _rung(bell):
                    yield None
        finally:
            self._listeners[revision].discard(bell)

    # --- one variant ----------------------------------------------------------------------------

    def _start(self, revision: str, number: int) -> None:
        key = (revision, number)
        if key in self._tasks:
            return
        task = asyncio.create_task(self._run(revision, number), name=f"{revision}/{number}")
        self._tasks[key] = task
        task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def _run(self, revision: str, number: int) -> None:
        """The outer edge of one variant: whatever happens, it ends in a stated way."""
        try:
            row = await asyncio.to_thread(self.history.variant, revision, number)
            if row.state != "received":
                await self._ask(row)
            await self._compose(revision, number, None)
        except asyncio.CancelledError as exc:
            if "stop" not in exc.args:
                await self._end(revision, number, "cancelled", None)
            raise
        except UnknownFate as exc:
            await self._end(revision, number, "asking", exc)
        except BridgeError as exc:
            await self._end(revision, number, "failed", exc)
        except Exception:  # a bug: kept with its traceback, said in a sentence
            log.exception("variant %s of %s", number, revision)
            said = BridgeError("Redraft made a mistake here; its log says more. Try again.")
            await self._end(revision, number, "failed", said)

    async def _ask(self, row: VariantRow) -> None:
        from bridge.revise import ask_for

        opened = await asyncio.to_thread(self._opened, row)
        engine = self.engine_of(opened.engine)
        ask = ask_for(opened.job, opened.request.choice, opened.order, opened.request.edge)
        ref: Ref | None = json.loads(row.ref) if row.ref else None
        async with self._gate(engine), self._door(engine) as door:
            await drive(engine.revise(ask, ref), door, _Committed(self, row))

    async def _compose(self, revision: str, number: int, edge: EdgeChoice | None) -> None:
        await asyncio.to_thread(self._compose_now, revision, number, edge)
        self._tell(revision)

    def _compose_now(self, revision: str, number: int, edge: EdgeChoice | None) -> None:
        from bridge.finish import finish

        row = self.history.variant(revision, number)
        if edge is not None:
            row = replace(row, edge=edge.model_dump_json())
        opened = self._opened(row)
        finish(self.history, row, opened, self.engine_of(opened.engine))

    def _opened(self, row: VariantRow) -> Opened:
        from bridge.admit import open_variant

        return open_variant(self.history, self.catalog, row)

    # --- the provider's side -------------------------------------------------------------------

    def _door(self, engine: Engine) -> Door:
        name = engine.key_name
        return Door(
            engine,
            key=lambda: self.key_of(name) if name else "",
            folder=self.history.files.incoming,
            transport=self.transport,
        )

    def _gate(self, engine: Engine) -> asyncio.Semaphore:
        at_once = LOCAL_AT_ONCE if engine.where == "this machine" else AT_ONCE_PER_ENGINE
        name = "this machine" if engine.where == "this machine" else engine.id
        return self._gates.setdefault(name, asyncio.Semaphore(at_once))

    async def _cancel_there(self, row: VariantRow) -> None:
        from bridge.admit import routed

        kept = self.history.revision(row.revision)
        engine = self.engine_of(routed(self.catalog, kept).engine)
        async with self._door(engine) as door:
            await drive_quietly(engine.cancel(json.loads(row.ref or "{}")), door)

    async def _leave_in_the_dark(self, row: VariantRow) -> None:
        said = UnknownFate(
            f"The bridge stopped while this was being sent; up to ${row.usd_told:.2f} may have "
            "been charged. Look at your account there before you ask again."
        )
        await self._end(row.revision, row.number, "asking", said)

    async def _end(self, revision: str, number: int, state: str, exc: BridgeError | None) -> None:
        await asyncio.to_thread(self._end_now, revision, number, state, exc)
        self._tell(revision)

    def _end_now(self, revision: str, number: int, state: str, exc: BridgeError | None) -> None:
        error = None if exc is None else self._fault(revision, number, exc).model_dump_json()
        fate = FATES[exc.charged] if isinstance(exc, EngineError) else None
        self.history.move(revision, number, state, fate=fate, error=error)

    def _fault(self, revision: str, number: int, exc: BridgeError) -> Fault:
        """With the next able model for this variant, when the model was what failed."""
        from bridge.admit import routed
        from bridge.rerun import need_of

        fault = fault_of(exc)
        if not isinstance(exc, EngineError):
            return fault
        try:
            kept, row = self.history.revision(revision), self.history.variant(revision, number)
            failed = routed(self.catalog, kept)
            other = instead_of(self.chooser, failed, fault.code, need_of(kept, (row,)))
        except BridgeError:  # a row that the catalogue no longer has: then nothing is offered
            return fault
        return with_next(fault, other)

    def _tell(self, revision: str) -> None:
        for bell in self._listeners[revision]:
            bell.put_nowait(None)


@dataclass(frozen=True)
class _Committed:
    """The runner's record of one variant: on the disk before the next step."""

    jobs: Jobs
    row: VariantRow

    async def sending(self, usd: float) -> None:
        await self._move("sending")

    async def submitted(self, ref: Ref) -> None:
        await self._move("submitted", ref=as_json(ref))

    async def received(self, answer: Received) -> None:
        files = self.jobs.history.files
        if isinstance(answer.raw, Path):
            name = await asyncio.to_thread(files.put_file, answer.raw)
        else:
            name = await asyncio.to_thread(files.put, answer.raw)
        changes: dict[str, Any] = {"answer": name, "media_type": answer.media_type}
        if answer.usd is not None:
            changes["usd"] = answer.usd
        if answer.seed is not None:
            changes["seed"] = answer.seed
        await self._move("received", fate="charged", **changes)

    def progress(self, step: Progress) -> None:
        live = self.jobs._live[self.row.revision, self.row.number]
        live.fraction = step.fraction if step.fraction is not None else live.fraction
        live.note = step.note or live.note
        live.preview = step.preview or live.preview
        self.jobs._tell(self.row.revision)

    async def _move(self, state: str, **changes: Any) -> None:
        row = self.row
        await asyncio.to_thread(self.jobs.history.move, row.revision, row.number, state, **changes)
        self.jobs._tell(row.revision)


async def _rung(bell: asyncio.Queue[None]) -> bool:
    """Whether it rang within a while; rings that came together count as one."""
    try:
        async with asyncio.timeout(QUIET_SECONDS):
            await bell.get()
    except TimeoutError:
        return False
    while not bell.empty():
        bell.get_nowait()
    return True
