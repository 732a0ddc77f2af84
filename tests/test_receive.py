"""A frame is judged by its length and header; what is refused is never read."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bridge.caller import Caller, call_bridge
from bridge.frame import MAGIC
from bridge.session import find
from bridge.wire import Choice
from tests.conftest import running_bridge
from tests.revising import Canvas, noise

MEGABYTE = 1_000_000


def frame(header: object, body: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return MAGIC + struct.pack("<I", len(text)) + text + body


def revision(**more: object) -> dict[str, object]:
    canvas = Canvas(noise(100, 80))
    box = canvas.plan(Choice(model="known")).document
    request = {
        "document": {"id": "d", "width": box.width, "height": box.height},
        "box": {"left": 0, "top": 0, "right": 100, "bottom": 80},
        "choice": {"model": "known", "prompt": "x"},
        "parts": [
            {
                "name": "source",
                "kind": "pixels",
                "bytes": 24000,
                "width": 100,
                "height": 80,
                "format": {"model": "rgb", "depth": "u8", "alpha": False},
            }
        ],
    }
    return {"revision": request | more}


def refusal(bridge: Caller, content: bytes) -> tuple[int, str]:
    response = bridge.http.post("/v1/revisions", content=content)
    return response.status_code, str(response.json()["error"]["sentence"])


def part(**more: object) -> dict[str, object]:
    (source,) = revision()["revision"]["parts"]  # type: ignore[index]
    return {**source, **more}


BODY = bytes(24000)
FRAMES = {
    "no frame": (b"hello", 400, "not a Redraft frame"),
    "empty": (b"", 400, "0 of 0 bytes"),
    "cut in the header": (frame(revision())[:40], 400, "Only 40 of 40 bytes"),
    "header no JSON": (MAGIC + struct.pack("<I", 4) + b"nope", 400, "cannot be used"),
    "header too long": (MAGIC + struct.pack("<I", 2**31) + b"{", 413, "header has 2147483648"),
    "body too short": (frame(revision(), BODY[:-1]), 400, "add up to"),
    "body too long": (frame(revision(), BODY + b"x"), 400, "add up to"),
    "unknown field": (frame(revision(surprise=1), BODY), 400, "surprise"),
    "no source": (frame(revision(parts=[])), 400, "source is missing"),
    "two sources": (frame(revision(parts=[part(), part()]), BODY * 2), 400, "the same name"),
    "an unknown part": (frame(revision(parts=[part(name="other")]), BODY), 400, "part other"),
    "wrong size": (frame(revision(parts=[part(width=99)]), BODY), 400, "needs 23760 bytes"),
    "no format": (frame(revision(parts=[part(format=None)]), BODY), 400, "states no format"),
    "empty box": (
        frame(revision(box={"left": 5, "top": 0, "right": 5, "bottom": 80}), BODY),
        400,
        "is empty",
    ),
    "other box": (
        frame(revision(box={"left": 1, "top": 0, "right": 101, "bottom": 80}), BODY),
        400,
        "not the planned one",
    ),
    "selection without its mask": (
        frame(revision(selection={"left": 1, "top": 1, "right": 9, "bottom": 9}), BODY),
        400,
        "part selection is missing",
    ),
    "unknown model": (frame(revision(choice={"model": "knwn"}), BODY), 404, "Did you mean known"),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_bad_frame_is_a_sentence(shared_bridge: Caller, name: str) -> None:
    content, status, sentence = FRAMES[name]
    found = refusal(shared_bridge, content)
    assert found[0] == status
    assert sentence in found[1]


def test_a_good_frame_is_taken(shared_bridge: Caller) -> None:
    assert shared_bridge.http.post("/v1/revisions", content=frame(revision(), BODY)).is_success


def peak_bytes(process: int) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


HUGE = 3 * 20000 * 16000  # bytes
HUGE_FRAME = frame(
    revision(
        parts=[part(bytes=HUGE, width=20000, height=16000)],
        box={"left": 0, "top": 0, "right": 20000, "bottom": 16000},
        document={"id": "d", "width": 9, "height": 9},
    )
)
# How much is announced, what it begins with, and what is said: the pixels never come to be read.
POURED = {
    "beyond what is taken": (3_000_000_000, HUGE_FRAME, b"413"),
    "not what the header adds up to": (HUGE, HUGE_FRAME, b"400"),
    "a box beyond its document": (len(HUGE_FRAME) + HUGE, HUGE_FRAME, b"400"),
    "no frame at all": (HUGE, bytes(MEGABYTE), b"400"),
}


def poured(home: Path, announced: int, start: bytes) -> bytes:
    """The first line of the answer, after as much was sent as the bridge takes, up to 100 MB."""
    session = find(home)
    assert session is not None
    host = urlsplit(session.url).netloc
    name, _, port = host.partition(":")
    with socket.create_connection((name, int(port))) as connection:
        head = (
            f"POST /v1/revisions HTTP/1.1\r\nHost: {host}\r\n"
            f"Authorization: Bearer {session.token}\r\nContent-Length: {announced}\r\n\r\n"
        )
        connection.sendall(head.encode() + start)
        answer = connection.recv(65536)
        with contextlib.suppress(OSError):  # it hung up, as it may
            for _ in range(100):
                connection.sendall(bytes(MEGABYTE))
    return answer.split(b"\r\n")[0]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's own accounting")
def test_what_is_refused_is_not_kept_in_memory(home: Path) -> None:
    canvas = Canvas(noise(100, 80))
    choice = Choice(model="known", prompt="the negative")
    with running_bridge(home) as process, call_bridge(home) as bridge:
        taken = bridge.revise(*canvas.planned(choice, bridge.plan(canvas.plan(choice))))
        *_, _ = bridge.follow(taken.id)  # by now every library is loaded
        before = peak_bytes(process.pid)
        for announced, start, status in POURED.values():
            assert status in poured(home, announced, start)
            assert peak_bytes(process.pid) - before < 32 * MEGABYTE
