"""The one door to the network, at a real server that answers as told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope
from starlette.types import Send as SendMessage

from bridge.engines.base import Answer, Ask, Engine, Event, KeyIn, Ref, Request, Send, Steps, Where
from bridge.engines.base import Response as Answered
from bridge.engines.send import Door
from bridge.errors import BridgeError, KeyMissing, KeyWrong, Nonsense, UnknownFate, Unreachable
from tests.emulators.serve import serve
from tests.engines.asking import KEY, Reached, Switchboard

HERE = Path(__file__).parent
BASE = "https://api.maker.example"
PRICE = 0.05
DARK = "up to $0.05 may have been charged. Look at your account there before you ask again."
REFUSED_BEFORE_WORK = (400, 401, 402, 403, 404, 413, 422, 429)
PERHAPS_BEGUN = (500, 501, 502, 503, 504, 507, 520, 522, 524, 302, 307, 408, 409, 499)


class Maker(Engine):
    id = "maker"
    label = "Maker"
    where: ClassVar[Where] = "hosted"
    key_name = "maker"

    @property
    def hosts(self) -> tuple[str, ...]:
        return ("api.maker.example", "*.files.example")

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        yield from ()

    def decode(self, raw: bytes, media_type: str) -> Answer:
        raise NotImplementedError


class Neighbour(Maker):
    where = "own network"


Handler = Callable[[HttpRequest], Awaitable[Response]]


class Server:
    """`answers`: what it says, in order; the last one again and again."""

    def __init__(self, *answers: Response | Handler) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: SendMessage) -> None:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if not isinstance(answer, Response):
            answer = await answer(HttpRequest(scope, receive))
        await answer(scope, receive, send)


@dataclass
class Done:
    """What came of it: a response, the events, or the refusal."""

    response: Answered | None = None
    events: list[Event] = field(default_factory=list)
    refused: BridgeError | None = None
    pauses: list[float] = field(default_factory=list)
    reached: list[Reached] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        return self.refused.sentence if self.refused else ""


def ask(
    server: Server | None,
    request: Request | None = None,
    *,
    usd: float = 0.0,
    engine: Engine | None = None,
    key: str = KEY,
    stream: bool = False,
    into_file: Path | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    **limits: Any,
) -> Done:
    """One step through the door; `server` None: nobody listens, or `transport` leads elsewhere."""
    done = Done()
    wanted = request or Request("POST", f"{BASE}/paint", json={"wish": "x"}, key=KeyIn("x-key"))

    async def run(url: str) -> None:
        lines = transport or Switchboard(url, done.reached, limits.get("silence", 60.0))
        door = Door(
            engine or Maker(BASE),
            lambda: key,
            into_file or Path(),
            transport=lines,
            pause=done.pauses.append,
            **limits,
        )
        async with door:
            if stream:
                event = await door.listen(wanted, usd)
                while event is not None:
                    done.events.append(event)
                    event = await door.next_event()
            else:
                done.response = await door.send(
                    Send(wanted, usd, "file" if into_file else "memory")
                )

    try:
        if server is None:
            asyncio.run(run("http://127.0.0.1:9"))  # the port of "discard": nobody is there
        else:
            with serve(server) as url:
                asyncio.run(run(url))
    except BridgeError as exc:
        done.refused = exc
    return done


GET = Request("GET", f"{BASE}/look", key=KeyIn("x-key"))


# --- what may be repeated ------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("status", PERHAPS_BEGUN)
def test_a_paid_request_that_may_have_begun_is_never_sent_twice(status: int, stream: bool) -> None:
    server = Server(Response("{}", status))
    done = ask(server, usd=PRICE, stream=stream)
    assert isinstance(done.refused, UnknownFate)
    assert done.sentence == f"Maker was asked, but it answered {status}; {DARK}"
    assert server.asked == 1


@pytest.mark.parametrize("status", REFUSED_BEFORE_WORK)
def test_what_was_refused_before_work_comes_back_to_the_engine(status: int) -> None:
    server = Server(Response("why", status))
    done = ask(server, usd=PRICE)
    assert done.response is not None
    assert (done.response.status, done.response.body, server.asked) == (status, b"why", 1)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("usd", [0.0, PRICE])
def test_a_full_queue_is_waited_for_as_long_as_it_says(usd: float, stream: bool) -> None:
    full = Response("full", 429, {"retry-after": "7"})
    server = Server(full, full, PlainTextResponse("data: done\n\n"))
    done = ask(server, usd=usd, stream=stream)
    assert done.refused is None
    assert (done.pauses, server.asked) == ([7.0, 7.0], 3)


@pytest.mark.parametrize("after", ["121", "Wed, 25 Nov 2026 07:28:00 GMT", ""])
def test_a_queue_that_is_full_for_long_or_for_unknown_time_is_not_waited_for(after: str) -> None:
    server = Server(Response("full", 429, {"retry-after": after} if after else None))
    done = ask(server, usd=PRICE)
    assert done.response is not None
    assert (done.response.status, done.pauses, server.asked) == (429, [], 1)


def test_patience_ends() -> None:
    server = Server(Response("full", 429, {"retry-after": "50"}))
    done = ask(server, usd=PRICE)
    assert (done.pauses, server.asked) == ([50.0, 50.0], 3)


def test_a_free_question_is_repeated_after_a_fault() -> None:
    server = Server(Response(b"", 502), Response(b"", 503), PlainTextResponse("at last"))
    done = ask(server, GET)
    assert done.response is not None
    assert (done.response.body, server.asked) == (b"at last", 3)


@pytest.mark.parametrize("usd", [0.0, PRICE])
def test_a_connection_that_was_never_made_is_tried_again_and_then_said(usd: float) -> None:
    done = ask(None, usd=usd)
    assert isinstance(done.refused, Unreachable)
    assert done.refused.charged == "no"
    assert done.sentence == "Maker did not answer. Check the network."
    assert done.pauses == [1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize("stream", [False, True])
def test_a_cut_answer_to_a_paid_request_is_of_unknown_fate(stream: bool) -> None:
    async def pieces() -> Any:
        yield b"event: preview\ndata: 1\n\n"
        yield b"event: done\ndata: "

    headers = {"content-length": "1000", "content-type": "text/event-stream"}
    server = Server(StreamingResponse(pieces(), headers=headers))
    try:
        done = ask(server, usd=PRICE, stream=stream)
    except ExceptionGroup:  # the server notices that it promised more
        pytest.fail("the server must be allowed to break off")
    assert isinstance(done.refused, UnknownFate)
    assert server.asked == 1
    assert [event.name for event in done.events] == (["preview"] if stream else [])


@pytest.mark.parametrize("stream", [False, True])
def test_silence_ends(stream: bool) -> None:
    async def silent(request: HttpRequest) -> Response:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        return Response()

    server = Server(silent)
    done = ask(server, usd=PRICE, stream=stream, silence=0.3)
    assert isinstance(done.refused, UnknownFate)
    assert done.sentence == f"Maker was asked, but no answer came; {DARK}"
    assert server.asked == 1


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_that_never_ends_meets_the_deadline(stream: bool) -> None:
    async def drops() -> Any:
        while True:
            yield b": still here\n\n"
            await asyncio.sleep(0.05)

    done = ask(Server(StreamingResponse(drops())), usd=PRICE, stream=stream, deadline=0.5)
    assert isinstance(done.refused, UnknownFate)
    assert done.events == []


# --- how much is taken ---------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [False, True])
def test_more_than_the_cap_is_not_taken(stream: bool) -> None:
    async def flood() -> Any:
        for _ in range(200):
            yield b"x" * 1_000_000

    done = ask(Server(StreamingResponse(flood())), usd=PRICE, stream=stream, memory_cap=2_000_000)
    assert isinstance(done.refused, Nonsense)
    assert done.sentence == "Maker sent more than 2 MB, which was not taken. Try another model."
    assert done.events == []


def test_a_packed_answer_is_measured_unpacked() -> None:
    import gzip

    bomb = gzip.compress(bytes(5_000_000))
    server = Server(Response(bomb, headers={"content-encoding": "gzip"}))
    done = ask(server, GET, memory_cap=1_000_000)
    assert isinstance(done.refused, Nonsense)


def test_a_file_that_is_too_big_is_removed(tmp_path: Path) -> None:
    server = Server(PlainTextResponse("x" * 2_000_000))
    folder = tmp_path / "incoming"
    folder.mkdir()
    done = ask(server, GET, into_file=folder, file_cap=1_000_000)
    assert isinstance(done.refused, Nonsense)
    assert list(folder.iterdir()) == []


def test_a_file_is_written_as_it_came(tmp_path: Path) -> None:
    done = ask(Server(PlainTextResponse("x" * 2_000_000)), GET, into_file=tmp_path)
    assert done.response is not None
    assert done.response.file is not None
    assert done.response.file.read_bytes() == b"x" * 2_000_000


# --- where it may go -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "engine"),
    [
        ("https://evil.example/paint", Maker(BASE)),
        ("https://api.maker.example@evil.example/paint", Maker(BASE)),
        ("https://api.maker.example.evil.example/paint", Maker(BASE)),
        ("https://files.example/paint", Maker(BASE)),
        ("https://evilfiles.example/paint", Maker(BASE)),
        ("http://127.0.0.1:8188/paint", Maker(BASE)),
        ("https://169.254.169.254/latest/meta-data", Maker(BASE)),
        ("file:///etc/passwd", Maker(BASE)),
        ("http://api.maker.example/paint", Maker(BASE)),
        ("ftp://api.maker.example/paint", Neighbour("http://192.168.1.5:8188")),
    ],
)
def test_an_address_that_is_not_the_makers_is_not_asked(url: str, engine: Engine) -> None:
    server = Server(PlainTextResponse("never"))
    done = ask(server, Request("GET", url, key=KeyIn("x-key")), engine=engine)
    assert isinstance(done.refused, Nonsense)
    assert (server.asked, done.reached) == (0, [])


@pytest.mark.parametrize(
    ("url", "engine"),
    [
        ("https://eu1.files.example/picture", Maker(BASE)),
        ("https://api.maker.example:8443/paint", Maker(BASE)),
        ("http://127.0.0.1:8080/v1/paint", Maker("http://127.0.0.1:8080/v1")),
        ("http://192.168.1.5:8188/paint", Neighbour("http://192.168.1.5:8188")),
    ],
)
def test_an_address_of_the_makers_or_of_the_artists_choice_is_asked(
    url: str, engine: Engine
) -> None:
    done = ask(Server(PlainTextResponse("yes")), Request("GET", url), engine=engine)
    assert done.response is not None
    assert done.response.body == b"yes"


def moved(to: str, status: int = 302) -> Response:
    return Response(status_code=status, headers={"location": to})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_without_the_key(status: int) -> None:
    server = Server(moved("https://eu1.files.example/picture", status), PlainTextResponse("it"))
    done = ask(server, GET)
    assert done.response is not None
    assert done.response.body == b"it"
    assert [(one.host, KEY in str(one.headers)) for one in done.reached] == [
        ("api.maker.example", True),
        ("eu1.files.example", False),
    ]


def test_on_its_own_host_a_redirect_keeps_the_key() -> None:
    done = ask(Server(moved("/elsewhere"), PlainTextResponse("it")), GET)
    assert [(one.path, KEY in str(one.headers)) for one in done.reached] == [
        ("/look", True),
        ("/elsewhere", True),
    ]


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "http://api.maker.example/look", "http://127.0.0.1:631/"]
)
def test_a_redirect_that_leads_away_is_not_followed(to: str) -> None:
    done = ask(Server(moved(to)), GET)
    assert isinstance(done.refused, Nonsense)
    assert len(done.reached) == 1


@pytest.mark.parametrize("to", ["https://[", "https://api.maker.example:door/", "https://xn--/"])
def test_a_redirect_to_what_is_no_address_is_refused_in_a_sentence(to: str) -> None:
    done = ask(Server(*[moved(to)] * 5), GET)
    assert isinstance(done.refused, Nonsense | Unreachable)
    assert {one.host for one in done.reached} == {"api.maker.example"}


def test_a_redirect_with_the_key_in_its_address_is_not_followed() -> None:
    done = ask(Server(moved(f"https://eu1.files.example/?key={KEY}")), GET)
    assert done.sentence == "Maker pointed to an address that holds your key; not followed."
    assert len(done.reached) == 1


def test_redirects_in_a_circle_end() -> None:
    done = ask(Server(moved("/look")), GET)
    assert done.sentence == "Maker redirected more than 5 times. Try again later."


def test_a_host_that_cannot_prove_who_it_is_gets_nothing() -> None:
    with Untrusted() as untrusted:
        done = ask(
            None,
            Request("POST", f"{untrusted.url}/paint", json={"wish": "x"}, key=KeyIn("x-key")),
            usd=PRICE,
            engine=Maker(untrusted.url),
            transport=httpx.AsyncHTTPTransport(),
        )
        assert isinstance(done.refused, Unreachable)
        assert done.sentence == (
            "Maker could not prove who it is; nothing was sent. Check the network."
        )
        assert done.pauses == []
        assert untrusted.heard == b""


class Untrusted:
    """A TLS server whose certificate nobody signed. `heard`: what came through, decrypted."""

    def __init__(self) -> None:
        self.heard = b""

    def __enter__(self) -> Untrusted:
        import socket
        import threading

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(HERE / "untrusted.pem")
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(30)  # whom nobody asks must not wait for ever
        self.url = f"https://127.0.0.1:{self._listening.getsockname()[1]}"

        def serve_once() -> None:
            try:
                plain, _ = self._listening.accept()
            except TimeoutError:
                return
            with plain:
                try:
                    with context.wrap_socket(plain, server_side=True) as safe:
                        self.heard = safe.recv(1000)
                except (ssl.SSLError, OSError):
                    return

        self._thread = threading.Thread(target=serve_once)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._thread.join(60)
        self._listening.close()


# --- the key -------------------------------------------------------------------------------------


def test_without_a_key_nothing_is_sent() -> None:
    server = Server(PlainTextResponse("never"))
    done = ask(server, usd=PRICE, key=" ")
    assert isinstance(done.refused, KeyMissing)
    assert server.asked == 0


@pytest.mark.parametrize("key", ["sk-one\nsk-two", "“sk-quoted”", "sk-\x00"])
def test_what_can_be_no_key_is_not_sent_and_not_quoted(key: str) -> None:
    server = Server(PlainTextResponse("never"))
    done = ask(server, usd=PRICE, key=key)
    assert isinstance(done.refused, KeyWrong)
    assert key not in done.sentence
    assert server.asked == 0


def test_a_key_that_is_quoted_to_us_is_hidden_from_the_engine() -> None:
    said = f'{{"error": "Incorrect API key provided: {KEY}."}}'
    done = ask(Server(Response(said, 401, {"x-echo": f"Bearer {KEY}"})), usd=PRICE)
    assert done.response is not None
    assert b"provided: (key)." in done.response.body
    assert KEY not in str(done.response.headers)


def test_a_key_that_comes_in_two_pieces_is_hidden_from_the_engine() -> None:
    async def pieces() -> Any:
        yield f"event: error\ndata: your key {KEY[:9]}".encode()
        await asyncio.sleep(0.05)
        yield f"{KEY[9:]} is wrong\n\n".encode()

    done = ask(Server(StreamingResponse(pieces())), usd=PRICE, stream=True)
    assert done.events == [Event("error", b"your key (key) is wrong")]


# --- streams -------------------------------------------------------------------------------------


def test_events_are_read_wherever_the_stream_is_cut() -> None:
    told = (
        "event: a\r\ndata: ä1\r\ndata: 2\r\n\r\n: a comment\n\nid: 4\ndata:3\n\nevent: b\ndata: 4"
    )

    async def letters() -> Any:
        for byte in told.encode():
            yield bytes([byte])

    done = ask(Server(StreamingResponse(letters())), usd=PRICE, stream=True)
    assert done.events == [Event("a", "ä1\n2".encode()), Event("", b"3"), Event("b", b"4")]


def test_a_refused_stream_is_an_event_with_its_status() -> None:
    done = ask(Server(Response("why", 400)), usd=PRICE, stream=True)
    assert done.events == [Event("http_error", b"400 why")]
