"""What was made and is paid for, fetched from where it lies: one loop for every engine.

A file may not be there yet, its address may be stale, and it may come in pieces: each is tried
again, with a fresh address where the engine asks for one each time.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bridge.engines import encode, film, refusals
from bridge.engines.base import Progress, Request, Response, Step, Wait, send
from bridge.errors import BridgeError

TRIES = 3
PAUSE_SECONDS = 1.0
Where = Request | Callable[[], Generator[Step, Any, Request]]  # one address, or asked for each time


@dataclass(frozen=True, slots=True)
class Fetched:
    """raw: a picture's bytes, a film's file. kind: its media type, by what it holds."""

    raw: bytes | Path
    kind: str


def picture(
    label: str, where: Where, free: str = "the finished picture is fetched anew, which is free"
) -> Generator[Step, Any, Fetched]:
    """A picture. free: what becomes of another try, in the artist's words.

    EngineError or Nonsense, both charged, when it does not come.
    """
    half = None
    for number in range(TRIES):
        response = yield from _asked(where, number, PAUSE_SECONDS, "memory")
        kind = encode.sniff(response.body) if response.status == 200 else None
        if kind and encode.ends(response.body):
            return Fetched(response.body, kind)
        half = Fetched(response.body, kind) if kind else half
    if half:
        return half  # more did not come: whether it can be opened is seen when it is
    raise _not_there(response, label, refusals.not_a_picture(label, free))


def movie(
    label: str,
    where: Where,
    tries: int = TRIES,
    pause_seconds: float = film.POLL_SECONDS,
    gone: Callable[[Response], bool] = lambda _: False,
) -> Generator[Step, Any, Fetched]:
    """A film, into a file. gone: whether an answer says that it will never come.

    EngineError or Nonsense, both charged, when it does not come.
    """
    for number in range(tries):
        response = yield from _asked(where, number, pause_seconds, "file")
        kind = film.sniff(response.file) if response.status == 200 and response.file else None
        if kind and response.file:
            return Fetched(response.file, kind)
        if gone(response):
            break
    raise _not_there(response, label, film.not_a_film(label))


def _asked(
    where: Where, number: int, pause_seconds: float, into: Literal["memory", "file"]
) -> Generator[Step, Any, Response]:
    if number:
        yield Progress(note="being delivered")
        yield Wait(pause_seconds)
    request = where if isinstance(where, Request) else (yield from where())
    response = yield from send(request, into=into)
    return response


def _not_there(response: Response, label: str, wrong: BridgeError) -> BridgeError:
    return wrong if response.status == 200 else refusals.expired(label)
