"""Answers that are small on the line and large in memory."""

from __future__ import annotations

import gzip

import httpx
import pytest
from starlette.responses import Response

from bridge.errors import Nonsense
from tests.emulators.serve import serve
from tests.engines.test_send import PRICE, Server, ask

LARGE = 64_000_000


def packed(data: bytes, encoding: str) -> Response:
    return Response(data, headers={"content-encoding": encoding})


def twice() -> bytes:
    return gzip.compress(gzip.compress(bytes(LARGE)))


def test_packed_once_is_unpacked() -> None:
    done = ask(Server(packed(gzip.compress(b"a picture"), "gzip")), usd=PRICE)
    assert done.response is not None
    assert done.response.body == b"a picture"


def test_packed_twice_fills_the_memory_of_the_careless_at_one_stroke() -> None:
    assert len(twice()) < 1000
    with (
        serve(Server(packed(twice(), "gzip, gzip"))) as url,
        httpx.Client(trust_env=False) as client,
        client.stream("GET", url) as reply,
    ):
        assert max(len(piece) for piece in reply.iter_bytes()) == LARGE


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip,deflate", "br", "zstd", "of my own"])
def test_what_is_packed_as_nobody_asked_is_not_opened(encoding: str) -> None:
    done = ask(Server(packed(twice(), encoding)), usd=PRICE)
    assert isinstance(done.refused, Nonsense)
    assert done.refused.charged == "unknown"
    assert done.sentence == (
        "Maker packed its answer in a way that nobody asked for; it was not opened. Ask again."
    )


def test_what_unpacks_to_more_than_the_cap_is_not_taken() -> None:
    done = ask(Server(packed(gzip.compress(bytes(LARGE)), "gzip")), usd=PRICE, memory_cap=10**6)
    assert isinstance(done.refused, Nonsense)
    assert "sent more than 1 MB" in done.sentence
