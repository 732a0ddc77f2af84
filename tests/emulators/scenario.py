"""How a test tells an emulator to misbehave, and the ways that are the same for every provider.

    emulator.script.then("per_minute", "")     refuse the first request, serve the second

The names: moderation_in, moderation_out (refused before or after the work), soft_refusal (words
instead of a picture), thoughts (drafts before the answer), gone (the model is retired),
per_minute, per_day, no_credit, key, too_big, overload, error (a fault of the provider's),
bad_request, pending (slow to finish: polled again), failed (the job fails), expired (the job or
its link is gone), other_host (delivered from another host), off_host (delivered from a host that
is none of theirs), partial (fewer pictures than asked), truncated (half a picture),
wrong_type (bytes that are not what they say), not_json, slow, hang, cut (the body ends early).
"""

from __future__ import annotations

import asyncio
from collections import deque

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send


class Script:
    """What happens to the next paid requests, in order; well-behaved when it is empty."""

    def __init__(self, playable: frozenset[str]) -> None:
        self.playable = playable
        self.left: deque[str] = deque()

    def then(self, *troubles: str) -> None:
        """ "" means behave. ValueError for a trouble that this emulator does not play."""
        unknown = set(troubles) - self.playable - {""}
        if unknown:
            raise ValueError(f"plays {sorted(self.playable)}, not {sorted(unknown)}")
        self.left.extend(troubles)

    def next(self) -> str:
        return self.left.popleft() if self.left else ""


# The troubles that `in_transit` plays on any answer.
TRANSIT = frozenset({"slow", "hang", "cut"})


def in_transit(trouble: str, answer: Response) -> Response:
    """The answer as it travels: slowly, not at all, or cut in the middle."""
    kinds: dict[str, type[_Travelling]] = {"slow": Slow, "hang": Hang, "cut": Cut}
    kind = kinds.get(trouble)
    return kind(answer) if kind else answer


class _Travelling(Response):
    def __init__(self, answer: Response) -> None:
        super().__init__(status_code=answer.status_code)
        self.whole = bytes(answer.body)
        self.raw_headers = answer.raw_headers

    async def start(self, send: Send) -> None:
        start: Message = {"type": "http.response.start", "status": self.status_code}
        await send({**start, "headers": self.raw_headers})


class Slow(_Travelling):
    """In eight pieces with a pause between them."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.start(send)
        step = len(self.whole) // 8 + 1
        for at in range(0, len(self.whole), step):
            await asyncio.sleep(0.02)
            piece = self.whole[at : at + step]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


class Hang(_Travelling):
    """Nothing at all, until the caller gives up."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


class Cut(_Travelling):
    """The connection ends after half of the promised body."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.start(send)
        half = self.whole[: len(self.whole) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
