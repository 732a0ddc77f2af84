"""What every emulated provider has: a key, a ledger, a script, a model, and what it was sent."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import Message, Receive, Scope, Send

from tests.emulators.ledger import Ledger
from tests.emulators.model import Model
from tests.emulators.scenario import Script

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came."""

    method: str
    path: str
    query: str
    headers: dict[str, str]  # names in lower case
    body: bytes


class Kept(dict[str, T]):
    """What it made, by name; asked for anything else, it answers 404."""

    def __missing__(self, name: str) -> T:
        raise HTTPException(404, "Not Found")


class Emulator:
    """An ASGI app. `key` is the only one it takes; `seen` holds every request, oldest first.

    quotes_the_key: every refusal ends with the key that it was sent, as some makers' do. held: what
    is pending stays so.
    """

    troubles: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, key: str = "key-of-the-test", model: Model | None = None) -> None:
        self.key = key
        self.model = model or Model()
        self.ledger = Ledger()
        self.script = Script(self.troubles)
        self.seen: list[Seen] = []
        self.quotes_the_key = False
        self.held = False
        self.delisted: set[str] = set()  # models it no longer lists
        self._numbers = itertools.count(1)
        self._app = Starlette(routes=self.routes())

    def let_go(self) -> None:
        """Of what it was sent and painted: hundreds of large pictures fill the memory."""
        self.seen.clear()
        self.model.made.clear()

    def routes(self) -> Sequence[BaseRoute]:
        raise NotImplementedError

    def new_id(self, prefix: str = "") -> str:
        return f"{prefix}{next(self._numbers):06d}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, again = await _whole_body(receive)
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        query = scope["query_string"].decode()
        self.seen.append(Seen(scope["method"], scope["path"], query, headers, body))
        await self._app(scope, again, self._quoting(send) if self.quotes_the_key else send)

    def _quoting(self, send: Send) -> Send:
        """Puts the key behind the first word of every message in a refusal."""
        told = rb'"\1": "Key ' + self.key.encode() + b": "

        async def quoted(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [one for one in message["headers"] if one[0] != b"content-length"]
                message = {**message, "headers": [*headers, (b"x-key", self.key.encode())]}
            elif message["type"] == "http.response.body":
                body = re.sub(rb'"(message|detail)": ?"', told, message.get("body", b""))
                message = {**message, "body": body}
            await send(message)

        return quoted


async def _whole_body(receive: Receive) -> tuple[bytes, Receive]:
    """The body, and a receive that gives it once more before it goes on as before."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return first.pop() if first else await receive()

    return body, again
