"""The one door to the network: hosts, keys, redirects, deadlines, caps and repeats.

What was paid is never sent twice by itself. A request is repeated only when the failure proves
that nothing was charged: the connection was never made, the provider said so by a status it
lists as refused before work, or the request was free. Anything else is of unknown fate.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from bridge.engines.arriving import Arriving
from bridge.engines.base import Engine, Event, Request, Response
from bridge.engines.base import Send as SendStep
from bridge.errors import KeyMissing, Nonsense, UnknownFate, Unreachable

CONNECT_SECONDS = 15.0
SILENCE_SECONDS = 240.0  # between two bytes; image models answer after up to two minutes
DEADLINE_SECONDS = 900.0
MEMORY_CAP = 200_000_000  # bytes of one answer held in memory
FILE_CAP = 4_000_000_000  # bytes of one answer written to a file
REDIRECTS = 5
REPEATS = 4  # of a request that cost nothing
PATIENCE_SECONDS = 120.0  # the longest a provider may make us wait before we ask the artist
FATE_UNKNOWN = frozenset({500, 502, 503, 504, 520, 522, 524})


@dataclass
class Door:
    """Opens for one engine. `key` reads its key when it is needed, and only then."""

    engine: Engine
    key: Callable[[], str]
    folder: Path  # where answers sent into a file are written
    transport: httpx.AsyncBaseTransport | None = None
    pause: Callable[[float], object] = asyncio.sleep
    arriving: Arriving | None = None  # where the answer to a paid request is kept as it comes
    replayed: Response | None = None  # such an answer, found after a crash: read, not asked for
    _stream: AsyncGenerator[Event, None] | None = field(default=None, repr=False)
    _closing: contextlib.AsyncExitStack = field(
        default_factory=contextlib.AsyncExitStack, repr=False
    )

    async def __aenter__(self) -> Door:
        timeout = httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)
        client = httpx.AsyncClient(
            transport=self.transport, timeout=timeout, follow_redirects=False, trust_env=True
        )
        self._client = await self._closing.enter_async_context(client)
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._stream is not None:
            await self._stream.aclose()
        await self._closing.aclose()

    async def send(self, step: SendStep) -> Response:
        """Every status comes back, but those that leave a paid request in the dark.

        Unreachable: nothing was sent. UnknownFate: it was, and no answer came.
        """
        if step.usd and self.replayed is not None:
            return self._again(step.usd)
        waited = 0.0
        for attempt in range(REPEATS + 1):
            try:
                response = await asyncio.wait_for(self._once(step), DEADLINE_SECONDS)
            except (httpx.ConnectError, httpx.ConnectTimeout) as exc:
                if attempt == REPEATS:
                    raise Unreachable(self._say("did not answer. Check the network.")) from exc
            except (httpx.TransportError, TimeoutError) as exc:
                if step.usd:
                    raise self._in_the_dark(step.usd, "no answer came") from exc
                if attempt == REPEATS:
                    raise Unreachable(self._say("broke off. Try again.")) from exc
            else:
                pause = self._may_repeat(response, step.usd)
                if pause is None or attempt == REPEATS or waited + pause > PATIENCE_SECONDS:
                    if step.usd and self._dark(response):
                        raise self._in_the_dark(step.usd, f"it answered {response.status}")
                    return response
                waited += pause
                await self.rest(pause)
                continue
            await self.rest(min(2.0**attempt, 8.0))
        raise AssertionError("unreachable")

    async def listen(self, request: Request, usd: float) -> Event | None:
        """Opens a stream of server-sent events and returns the first one."""
        self._stream = self._events(request, usd)
        return await self.next_event()

    def _again(self, usd: float) -> Response:
        """The answer that an earlier bridge had in its hands: once, for it was one request."""
        response, self.replayed = self.replayed, Response(0, {})
        assert response is not None
        if response.status == 0:
            raise self._in_the_dark(usd, "its answer led to another request")
        if self._dark(response):
            raise self._in_the_dark(usd, f"it answered {response.status}")
        return response

    async def next_event(self) -> Event | None:
        if self._stream is None:
            return None
        return await anext(self._stream, None)

    # --- one request --------------------------------------------------------------------

    async def _once(self, step: SendStep) -> Response:
        async with self._opened(step.request) as reply:
            headers = {name.lower(): value for name, value in reply.headers.items()}
            copy = self.arriving if step.usd else None
            if step.into == "file" and reply.status_code == 200:
                file = self.folder / f"answer-{uuid.uuid4().hex}"
                await self._into(reply, file)
                return Response(reply.status_code, headers, file=file)
            return Response(reply.status_code, headers, body=await self._body(reply, copy))

    @contextlib.asynccontextmanager
    async def _opened(self, request: Request) -> AsyncIterator[httpx.Response]:
        """Follows redirects by hand: only to allowed hosts, the key never to another one."""
        url, method = request.url, request.method
        home = urlsplit(url).netloc
        for _ in range(REDIRECTS + 1):
            self._check(url)
            built = self._build(request, method, url, with_key=urlsplit(url).netloc == home)
            reply = await self._client.send(built, stream=True)
            try:
                target = reply.headers.get("location")
                if not (300 <= reply.status_code < 400 and target and method in ("GET", "HEAD")):
                    yield reply
                    return
                url = urljoin(url, target)
            finally:
                await reply.aclose()
        raise Nonsense(self._say(f"redirected more than {REDIRECTS} times. Try again later."))

    def _build(self, request: Request, method: str, url: str, *, with_key: bool) -> httpx.Request:
        headers = dict(request.headers)
        if request.key is not None and with_key:
            headers[request.key.header] = request.key.form.format(self._key())
        files = [
            (part.name, (part.filename or None, part.content, part.media_type or None))
            for part in request.form
        ]
        json = request.json if request.json is not None else None
        return self._client.build_request(
            method,
            url,
            headers=headers,
            json=json,
            content=request.content or None,
            files=files or None,
        )

    def _key(self) -> str:
        key = self.key()
        if not key:
            raise KeyMissing(f"{self.engine.label} needs a key; add one, then press Revise again.")
        return key

    async def _body(self, reply: httpx.Response, copy: Arriving | None = None) -> bytes:
        body = bytearray()
        async for piece in self._pieces(reply, copy):
            body += piece
        return bytes(body)

    async def _pieces(self, reply: httpx.Response, copy: Arriving | None) -> AsyncIterator[bytes]:
        if copy is not None:
            headers = {name.lower(): value for name, value in reply.headers.items()}
            copy.begin(reply.status_code, headers)
        size = 0
        async for piece in reply.aiter_bytes():
            size += len(piece)
            if size > MEMORY_CAP:
                raise Nonsense(self._say(f"sent more than {MEMORY_CAP} bytes."), charged="yes")
            if copy is not None:
                copy.add(piece)
            yield piece
        if copy is not None:
            await asyncio.to_thread(copy.whole)

    async def _into(self, reply: httpx.Response, file: Path) -> None:
        size = 0
        with file.open("wb") as out:
            async for piece in reply.aiter_bytes():
                size += len(piece)
                if size > FILE_CAP:
                    raise Nonsense(self._say(f"sent more than {FILE_CAP} bytes."), charged="yes")
                out.write(piece)

    async def _events(self, request: Request, usd: float) -> AsyncGenerator[Event, None]:
        copy = self.arriving if usd else None
        try:
            if usd and self.replayed is not None:
                kept = self._again(usd)
                if kept.status != 200:
                    yield Event("http_error", str(kept.status).encode() + b" " + kept.body)
                    return
                async for event in _parse_events(_lines(_once_more(kept.body))):
                    yield event
                return
            async with self._opened(request) as reply:
                if reply.status_code != 200:
                    status = str(reply.status_code).encode()
                    if usd and self._dark(Response(reply.status_code, {})):
                        raise self._in_the_dark(usd, f"it answered {reply.status_code}")
                    yield Event("http_error", status + b" " + await self._body(reply, copy))
                    return
                async for event in _parse_events(_lines(self._pieces(reply, copy))):
                    yield event
        except (httpx.ConnectError, httpx.ConnectTimeout) as exc:
            raise Unreachable(self._say("did not answer. Check the network.")) from exc
        except httpx.TransportError as exc:
            if usd:
                raise self._in_the_dark(usd, "the answer broke off") from exc
            raise Unreachable(self._say("broke off. Try again.")) from exc

    # --- what may be repeated, where it may go ---------------------------------------------

    def _may_repeat(self, response: Response, usd: float) -> float | None:
        if response.status in self.engine.before_work:
            return self.engine.patience(response)
        if not usd and response.status in FATE_UNKNOWN and not response.body:
            return 2.0
        return None

    def _dark(self, response: Response) -> bool:
        return response.status in FATE_UNKNOWN and response.status not in self.engine.before_work

    def _in_the_dark(self, usd: float, what: str) -> UnknownFate:
        return UnknownFate(
            self._say(
                f"was asked, but {what}; up to ${usd:.2f} may have been charged. "
                "Look at your account there before you ask again."
            )
        )

    def _check(self, url: str) -> None:
        """Nonsense when an address leaves the engine's hosts or the encrypted network."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        own = urlsplit(self.engine.base).hostname or ""
        if host != own and not any(_matches(host, allowed) for allowed in self.engine.hosts):
            raise Nonsense(self._say("pointed to an address that is not its own; not followed."))
        plain_allowed = self.engine.where != "hosted" or _is_loopback(host)
        if parts.scheme != "https" and not (parts.scheme == "http" and plain_allowed):
            raise Nonsense(self._say("pointed to an unencrypted address; not followed."))

    async def rest(self, seconds: float) -> None:
        waiting = self.pause(seconds)
        if asyncio.iscoroutine(waiting):
            await waiting

    def _say(self, what: str) -> str:
        return f"{self.engine.label} {what}"


def _matches(host: str, allowed: str) -> bool:
    if allowed.startswith("*."):
        return host.endswith(allowed[1:])
    return host == allowed


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _once_more(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """Lines of UTF-8, without their ends; what follows the last end is a line, too."""
    rest = bytearray()  # a picture may be one line of many pieces
    async for piece in pieces:
        first, *others = piece.split(b"\n")
        rest += first
        for other in others:
            yield rest.removesuffix(b"\r").decode(errors="replace")
            rest = bytearray(other)
    if rest:
        yield rest.decode(errors="replace")


async def _parse_events(lines: AsyncIterator[str]) -> AsyncIterator[Event]:
    """Server-sent events as the HTML standard describes them."""
    name = ""
    data: list[str] = []
    async for line in lines:
        if not line:
            if data:
                yield Event(name, "\n".join(data).encode())
            name, data = "", []
            continue
        key, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if key == "event":
            name = value
        elif key == "data":
            data.append(value)
    if data:
        yield Event(name, "\n".join(data).encode())
