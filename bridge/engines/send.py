"""The one door to the network: hosts, keys, redirects, deadlines, caps and repeats.

What was paid is never sent twice by itself. A request is repeated only when the failure proves
that nothing was charged: the connection was never made, the provider said so by a status it
lists as refused before work, or the request was free. Anything else is of unknown fate.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import ssl
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import httpx

from bridge.engines.addresses import address, is_loopback, joined, watch
from bridge.engines.arriving import Arriving
from bridge.engines.base import Engine, Event, Request, Response
from bridge.engines.base import Send as SendStep
from bridge.engines.events import read_events
from bridge.engines.trust import believed
from bridge.errors import KeyMissing, KeyWrong, Nonsense, UnknownFate, Unreachable

CONNECT_SECONDS = 15.0
SILENCE_SECONDS = 240.0  # between two bytes; image models answer after up to two minutes
DEADLINE_SECONDS = 900.0
MEMORY_CAP = 200_000_000  # bytes of one answer held in memory
FILE_CAP = 4_000_000_000  # bytes of one answer written to a file
# Once, and so that a piece unpacks to a thousandfold at most: others have no such end.
PACKED = ("gzip", "deflate")
REDIRECTS = 5
REPEATS = 4  # of a request that cost nothing
PATIENCE_SECONDS = 120.0  # the longest a provider may make us wait before we ask the artist
BROKEN_PAUSE_SECONDS = 2.0  # before a free request that met a fault is repeated
# Below 500, and yet it may have begun: timeout, conflict, too early, closed by a proxy.
BEGUN_PERHAPS = frozenset({408, 409, 425, 499})
# The request never reached anybody who could begin.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
# The last of an address that it redirects to and that no language writes.
BROKEN_OFF = (httpx.TransportError, TimeoutError, UnicodeError)
LEAST_KEY = 8  # characters; what is shorter is no key, and may occur by chance
HIDDEN = b"(key)"  # stands wherever somebody quotes the key to us


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
    silence: float = SILENCE_SECONDS
    deadline: float = DEADLINE_SECONDS
    memory_cap: int = MEMORY_CAP
    file_cap: int = FILE_CAP
    _used_key: str = field(default="", repr=False)
    _stream: AsyncGenerator[Event, None] | None = field(default=None, repr=False)
    _closing: contextlib.AsyncExitStack = field(
        default_factory=contextlib.AsyncExitStack, repr=False
    )

    async def __aenter__(self) -> Door:
        timeout = httpx.Timeout(self.silence, connect=min(CONNECT_SECONDS, self.silence))
        client = httpx.AsyncClient(
            transport=self.transport,
            verify=await asyncio.to_thread(believed),
            timeout=timeout,
            follow_redirects=False,
            trust_env=True,
            headers={"accept-encoding": ", ".join(PACKED)},
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
        return await self._asked(step.usd, lambda: self._once(step))

    async def listen(self, request: Request, usd: float) -> Event | None:
        """Opens a stream of server-sent events, by the rules of `send`; returns the first one.

        A status other than 200 is an event "http_error": the status, a space, the body.
        """
        again = usd > 0 and self.replayed is not None
        if again:
            response = self._again(usd)
        else:
            response = await self._asked(usd, lambda: self._open(request, paid=usd > 0))
        if response.status != 200:
            status = str(response.status).encode()
            return Event("http_error", status + b" " + response.body)
        pieces = _once_more(response.body) if again else self._opened_stream
        self._stream = self._events(pieces, usd)
        return await self.next_event()

    async def next_event(self) -> Event | None:
        if self._stream is None:
            return None
        return await anext(self._stream, None)

    def _again(self, usd: float) -> Response:
        """The answer that an earlier bridge had in its hands: once, for it was one request."""
        response, self.replayed = self.replayed, Response(0, {})
        assert response is not None
        if response.status == 0:
            raise self._in_the_dark(usd, "its answer led to another request")
        if self._dark(response.status):
            raise self._in_the_dark(usd, f"it answered {response.status}")
        return response

    async def _asked(self, usd: float, once: Callable[[], Awaitable[Response]]) -> Response:
        """What `once` brings, asked again for as long as that is free."""
        waited = 0.0
        for attempt in range(REPEATS + 1):
            try:
                response = await asyncio.wait_for(once(), self.deadline)
            except NEVER_SENT as exc:
                if _is_of_the_certificate(exc):
                    raise Unreachable(
                        self._say("could not prove who it is; nothing was sent. Check the network.")
                    ) from exc
                if attempt == REPEATS:
                    raise Unreachable(self._say("did not answer. Check the network.")) from exc
            except BROKEN_OFF as exc:
                if usd:
                    raise self._in_the_dark(usd, "no answer came") from exc
                if attempt == REPEATS:
                    raise Unreachable(self._say("broke off. Try again.")) from exc
            else:
                pause = self._may_repeat(response, usd)
                if pause is None or attempt == REPEATS or waited + pause > PATIENCE_SECONDS:
                    if usd and self._dark(response.status):
                        raise self._in_the_dark(usd, f"it answered {response.status}")
                    return response
                waited += pause
                await self.rest(pause)
                continue
            await self.rest(min(2.0**attempt, 8.0))
        raise AssertionError("unreachable")

    # --- one request --------------------------------------------------------------------

    async def _once(self, step: SendStep) -> Response:
        async with self._opened(step.request) as reply:
            if step.into == "file" and reply.status_code == 200:
                file = self.folder / f"answer-{uuid.uuid4().hex}"
                await self._into(reply, file)
                return Response(200, self._headers(reply), file=file)
            return await self._whole(reply, self.arriving if step.usd else None)

    async def _open(self, request: Request, *, paid: bool) -> Response:
        """A stream comes without its body, which lies in `_opened_stream`."""
        copy = self.arriving if paid else None
        async with contextlib.AsyncExitStack() as opening:
            reply = await opening.enter_async_context(self._opened(request))
            if reply.status_code != 200:
                return await self._whole(reply, copy)
            until = asyncio.get_running_loop().time() + self.deadline
            self._opened_stream = self._pieces(reply, copy, until)
            self._closing.push_async_exit(opening.pop_all())
            return Response(200, self._headers(reply))

    async def _whole(self, reply: httpx.Response, copy: Arriving | None) -> Response:
        body = bytearray()
        async for piece in self._pieces(reply, copy):
            body += piece
        return Response(reply.status_code, self._headers(reply), bytes(body))

    @contextlib.asynccontextmanager
    async def _opened(self, request: Request) -> AsyncIterator[httpx.Response]:
        """Follows redirects by hand: only to allowed hosts, the key never to another one."""
        method = request.method
        home = url = self._checked(address(request.url))
        for _ in range(REDIRECTS + 1):
            built = self._build(request, method, url, with_key=url.netloc == home.netloc)
            reply = await self._client.send(built, stream=True)
            try:
                target = reply.headers.get("location")
                if not (300 <= reply.status_code < 400 and target and method in ("GET", "HEAD")):
                    yield reply
                    return
                url = self._checked(joined(url, target))
            finally:
                await reply.aclose()
        raise Nonsense(self._say(f"redirected more than {REDIRECTS} times. Try again later."))

    def _build(
        self, request: Request, method: str, url: httpx.URL, *, with_key: bool
    ) -> httpx.Request:
        headers = dict(request.headers)
        if request.key is not None and with_key:
            headers[request.key.header] = request.key.form.format(self._key())
        inside = self._may_be_inside(url.host)
        extensions = {} if inside else {"trace": watch(url.host, self.engine.label)}
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
            extensions=extensions,
        )

    def _may_be_inside(self, host: str) -> bool:
        """Whether it may be on this machine or in its network: where the artist said so."""
        if self.engine.where != "hosted":
            return True
        base = self.engine.host
        return host == base and (self.engine.elsewhere or is_loopback(base))

    def _key(self) -> str:
        key = self.key().strip()
        if not key:
            raise KeyMissing(f"{self.engine.label} needs a key; add one, then press Revise again.")
        if not (key.isascii() and key.isprintable()):
            raise KeyWrong(
                f"The key for {self.engine.label} has characters that no key has. Copy it again."
            )
        self._used_key = key
        return key

    def _headers(self, reply: httpx.Response) -> dict[str, str]:
        return {
            name.lower(): self._hidden(value.encode()).decode()
            for name, value in reply.headers.items()
        }

    def _hidden(self, data: bytes) -> bytes:
        if len(self._used_key) < LEAST_KEY:
            return data
        return data.replace(self._used_key.encode(), HIDDEN)

    async def _pieces(
        self, reply: httpx.Response, copy: Arriving | None, until: float = math.inf
    ) -> AsyncGenerator[bytes, None]:
        """The body as it comes. TimeoutError at `until`, by the loop's clock."""
        if copy is not None:
            copy.begin(reply.status_code, self._headers(reply))
        async for piece in self._without_key(self._at_most(reply, self.memory_cap, until)):
            if copy is not None:
                copy.add(piece)
            yield piece
        if copy is not None:
            await asyncio.to_thread(copy.whole)

    async def _into(self, reply: httpx.Response, file: Path) -> None:
        """What is only half there is removed."""
        try:
            with file.open("wb") as out:
                async for piece in self._at_most(reply, self.file_cap):
                    out.write(piece)
        except BaseException:
            file.unlink(missing_ok=True)
            raise

    async def _at_most(
        self, reply: httpx.Response, cap: int, until: float = math.inf
    ) -> AsyncGenerator[bytes, None]:
        """Nonsense when there are more bytes than `cap`."""
        packed = reply.headers.get("content-encoding", "").strip().lower()
        if packed not in ("", "identity", *PACKED):
            said = "packed its answer in a way that nobody asked for; it was not opened. Ask again."
            raise Nonsense(self._say(said), charged="unknown")
        size, pieces = 0, reply.aiter_bytes()
        while True:
            async with asyncio.timeout_at(None if math.isinf(until) else until):
                piece = await anext(pieces, None)
            if piece is None:
                return
            size += len(piece)
            if size > cap:
                said = f"sent more than {cap / 1e6:.0f} MB, which was not taken. Try another model."
                raise Nonsense(self._say(said), charged="unknown")
            yield piece

    async def _without_key(self, pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
        """Providers quote a key they do not accept; nobody behind this door shall read it."""
        held = b""
        async for piece in pieces:
            ready = self._hidden(held + piece)
            held = _begun(ready, self._used_key.encode())
            if len(held) < len(ready):
                yield ready[: len(ready) - len(held)]
        if held:
            yield held

    async def _events(
        self, pieces: AsyncIterator[bytes], usd: float
    ) -> AsyncGenerator[Event, None]:
        try:
            async for event in read_events(pieces):
                yield event
        except (httpx.TransportError, TimeoutError) as exc:
            if usd:
                raise self._in_the_dark(usd, "the answer broke off") from exc
            raise Unreachable(self._say("broke off. Try again.")) from exc

    # --- what may be repeated, where it may go ---------------------------------------------

    def _may_repeat(self, response: Response, usd: float) -> float | None:
        """Seconds until it may be asked again; None when it may not."""
        if response.status in self.engine.before_work:
            return self.engine.patience(response)
        if not usd and response.status >= 500 and not response.body:
            return BROKEN_PAUSE_SECONDS
        return None

    def _dark(self, status: int) -> bool:
        """Whether work may have begun: anything that is no answer and no listed refusal."""
        begun = 300 <= status < 400 or status >= 500 or status in BEGUN_PERHAPS
        return begun and status not in self.engine.before_work

    def _in_the_dark(self, usd: float, what: str) -> UnknownFate:
        most = math.ceil(round(usd * 100, 6)) / 100  # never less than the price
        return UnknownFate(
            self._say(
                f"was asked, but {what}; up to ${most:.2f} may have been charged. "
                "Look at your account there before you ask again."
            )
        )

    def _checked(self, url: httpx.URL | None) -> httpx.URL:
        """Nonsense when it is none, or leaves the engine's hosts or the encrypted network."""
        if url is None:
            raise Nonsense(self._say("pointed to an address that is none; not followed."))
        host = url.host
        if host != self.engine.host and not any(
            _matches(host, allowed) for allowed in self.engine.hosts
        ):
            raise Nonsense(self._say("pointed to an address that is not its own; not followed."))
        plain_allowed = self.engine.where != "hosted" or is_loopback(host)
        if url.scheme != "https" and not (url.scheme == "http" and plain_allowed):
            raise Nonsense(self._say("pointed to an unencrypted address; not followed."))
        if len(self._used_key) >= LEAST_KEY and self._used_key in unquote(str(url)):
            raise Nonsense(self._say("pointed to an address that holds your key; not followed."))
        return url

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


def _is_of_the_certificate(exc: BaseException | None) -> bool:
    while exc is not None:
        if isinstance(exc, ssl.SSLError):
            return True
        exc = exc.__cause__ or exc.__context__
    return False


def _begun(data: bytes, key: bytes) -> bytes:
    """The end of `data` with which the key may begin; b"" when there is none."""
    for length in range(min(len(data), len(key) - 1), 0, -1):
        if data.endswith(key[:length]):
            return key[:length]
    return b""


async def _once_more(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body
