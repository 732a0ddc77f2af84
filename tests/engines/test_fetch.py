"""What is paid for is fetched until it is there, and whole."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bridge.engines import encode, fetch
from bridge.engines.base import Request, Response, Send, Step, Wait
from bridge.errors import BridgeError
from bridge.geometry import Size
from tests.emulators.model import write
from tests.engines.asking import scene

PIXELS = scene(Size(64, 48))
WRITERS: dict[str, Callable[[], bytes]] = {
    "png": lambda: encode.png(PIXELS).data,
    "png with notes behind it": lambda: encode.png(PIXELS).data + b"notes" * 100,
    "16 bits": lambda: encode.png16(PIXELS).data,
    "jpeg": lambda: encode.jpeg(PIXELS).data,
    "webp": lambda: write((PIXELS * 255).astype("uint8"), "image/webp"),
}
WHOLE = encode.png(PIXELS).data
HALF = WHOLE[: len(WHOLE) // 2]
FILE = Request("GET", "https://delivery.example.com/file")


def given(
    steps: Generator[Step, Any, fetch.Fetched], answers: Sequence[Response]
) -> tuple[fetch.Fetched, list[Step]]:
    """What is fetched when these come one after the other, and every step that led to it."""
    coming, taken, reply = iter(answers), list[Step](), None
    try:
        while True:
            step = steps.send(reply)
            taken.append(step)
            reply = next(coming) if isinstance(step, Send) else None
    except StopIteration as end:
        return end.value, taken


def ok(body: bytes) -> Response:
    return Response(200, {}, body)


@pytest.mark.parametrize("kind", WRITERS)
def test_a_picture_is_known_to_be_whole(kind: str) -> None:
    data = WRITERS[kind]()
    assert encode.ends(data)
    assert not encode.ends(data[: len(data) // 3])


@pytest.mark.parametrize(
    "first", [ok(HALF), ok(b"<html>"), Response(404, {}), Response(403, {}), Response(500, {})]
)
def test_what_did_not_come_at_once_is_fetched_again(first: Response) -> None:
    found, taken = given(fetch.picture("A maker", FILE), [first, first, ok(WHOLE)])
    assert (found.raw, found.kind) == (WHOLE, "image/png")
    assert [step.seconds for step in taken if isinstance(step, Wait)] == [fetch.PAUSE_SECONDS] * 2
    assert all(step.usd == 0 for step in taken if isinstance(step, Send))


def test_half_a_picture_is_better_than_none() -> None:
    found, _ = given(fetch.picture("A maker", FILE), [ok(HALF), Response(404, {}), ok(b"<html>")])
    assert found.raw == HALF


def test_its_address_may_be_asked_for_each_time() -> None:
    asked = iter(("https://one.example.com", "https://two.example.com"))

    def where() -> Generator[Step, Any, Request]:
        yield Wait(0)
        return Request("GET", next(asked))

    _, taken = given(fetch.picture("A maker", where), [Response(404, {}), ok(WHOLE)])
    urls = [step.request.url for step in taken if isinstance(step, Send)]
    assert urls == ["https://one.example.com", "https://two.example.com"]


@pytest.mark.parametrize(
    ("last", "sentence"),
    [
        (Response(410, {}), "no longer hands it out"),
        (ok(b"<html>"), "not a picture. Try again; within a day that is free."),
    ],
)
def test_what_never_comes_is_said_and_known_to_be_charged(last: Response, sentence: str) -> None:
    steps = fetch.picture("A maker", FILE, "within a day that is free")
    with pytest.raises(BridgeError, match=sentence) as caught:
        given(steps, [last] * fetch.TRIES)
    assert getattr(caught.value, "charged", "") == "yes"


def test_a_film_goes_into_a_file_and_is_fetched_again_too(tmp_path: Path) -> None:
    film = tmp_path / "film"
    film.write_bytes(b"\x00\x00\x00\x20ftypisom")
    answers = [Response(404, {}), Response(200, {}, file=film)]
    found, taken = given(fetch.movie("A maker", FILE, pause_seconds=7), answers)
    assert (found.raw, found.kind) == (film, "video/mp4")
    assert [step.seconds for step in taken if isinstance(step, Wait)] == [7]
    assert {step.into for step in taken if isinstance(step, Send)} == {"file"}


def test_a_film_that_will_never_come_is_not_waited_for() -> None:
    steps = fetch.movie("A maker", FILE, 30, gone=lambda response: response.status == 410)
    with pytest.raises(BridgeError, match="no longer hands it out"):
        given(steps, [Response(410, {})])
