"""Drives an engine's steps: does what each says, commits before it goes on.

The record is told of everything that must survive us before the next step is taken: that a paid
request is about to leave, that the provider has the job, that the answer is here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from bridge.engines import child
from bridge.engines.base import (
    Listen,
    Next,
    Progress,
    Received,
    Ref,
    Send,
    Step,
    Steps,
    Submitted,
    Wait,
    Work,
)
from bridge.errors import Nonsense

if TYPE_CHECKING:  # it brings the HTTP client, which is loaded when something is sent
    from bridge.engines.send import Door

T = TypeVar("T")


class Record(Protocol):
    """What must be kept. Each call returns when it is on the disk."""

    async def sending(self, usd: float) -> None: ...
    async def submitted(self, ref: Ref) -> None: ...
    async def received(self, answer: Received) -> None: ...
    def progress(self, step: Progress) -> None: ...


async def drive(steps: Steps, door: Door, record: Record, heavy: Executor | None = None) -> None:
    """Until the answer is received. Nonsense when the steps end without one.

    heavy: where the engine works between two steps, for it encodes and decodes pictures there.
    """
    received = False
    reply: Any = None
    try:
        while (step := await _next(steps, reply, heavy)) is not None:
            reply = await _do(step, door, record)
            received = received or isinstance(step, Received)
    finally:
        steps.close()
    if not received:
        raise Nonsense(f"{door.engine.label} ended without an answer. Try again.")


async def drive_quietly(steps: Steps, door: Door) -> None:
    """For steps that keep nothing, such as those that cancel a job."""
    reply: Any = None
    while True:
        try:
            step = steps.send(reply)
        except StopIteration:
            return
        reply = await door.send(step) if isinstance(step, Send) else None


async def answered(steps: Generator[Step, Any, T], door: Door) -> T:
    """What free steps that only send come to."""
    reply: Any = None
    while True:
        try:
            step = steps.send(reply)
        except StopIteration as end:
            found: T = end.value
            return found
        assert isinstance(step, Send)
        reply = await door.send(step)


async def _next(steps: Steps, reply: Any, heavy: Executor | None) -> Step | None:
    """None when the steps have ended. Cancelled, it still waits until the engine pauses."""
    working = asyncio.get_running_loop().run_in_executor(heavy, _advanced, steps, reply)
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        raise


def _advanced(steps: Steps, reply: Any) -> Step | None:
    try:
        return steps.send(reply)
    except StopIteration:
        return None


async def _do(step: Step, door: Door, record: Record) -> Any:
    match step:
        case Send():
            if step.usd:
                await record.sending(step.usd)
            return await door.send(step)
        case Listen():
            if step.usd:
                await record.sending(step.usd)
            return await door.listen(step.request, step.usd)
        case Next():
            return await door.next_event()
        case Wait():
            await door.rest(step.seconds)
        case Work():
            return await child.run(step)
        case Progress():
            record.progress(step)
        case Submitted():
            await record.submitted(step.ref)
        case Received():
            await record.received(step)
    return None
