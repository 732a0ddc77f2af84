"""The parts all emulators stand on do what they say."""

from __future__ import annotations

import httpx
import numpy as np
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bridge.geometry import Size
from tests.emulators.emulator import Emulator
from tests.emulators.model import NONE, Model, read, write
from tests.emulators.scenario import TRANSIT, in_transit
from tests.emulators.serve import serve


class Echo(Emulator):
    troubles = TRANSIT

    def routes(self) -> list[BaseRoute]:
        return [Route("/echo", self.echo, methods=["POST"]), Route("/broken", self.broken)]

    async def echo(self, request: Request) -> Response:
        answer = PlainTextResponse(await request.body())
        return in_transit(self.script.next(), answer)

    async def broken(self, request: Request) -> Response:
        raise ZeroDivisionError


def test_a_served_app_answers_and_keeps_what_it_was_sent() -> None:
    echo = Echo()
    with serve(echo) as url:
        assert httpx.post(f"{url}/echo?x=1", content=b"hello").text == "hello"
    (seen,) = echo.seen
    assert (seen.method, seen.path, seen.query, seen.body) == ("POST", "/echo", "x=1", b"hello")


def test_what_the_app_raises_is_raised_at_the_end() -> None:
    with pytest.raises(ExceptionGroup) as caught, serve(Echo()) as url:
        assert httpx.get(f"{url}/broken").status_code == 500
    assert caught.group_contains(ZeroDivisionError)


def test_slow_arrives_whole() -> None:
    echo = Echo()
    echo.script.then("slow")
    with serve(echo) as url:
        assert httpx.post(f"{url}/echo", content=b"abcdefghijkl").text == "abcdefghijkl"


def test_cut_ends_in_the_middle() -> None:
    echo = Echo()
    echo.script.then("cut")
    with serve(echo) as url, pytest.raises(httpx.RemoteProtocolError):
        httpx.post(f"{url}/echo", content=b"abcdefghijkl")


def test_hang_answers_nothing() -> None:
    echo = Echo()
    echo.script.then("hang")
    with serve(echo) as url, pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{url}/echo", content=b"hello", timeout=0.2)


def test_a_trouble_that_is_not_played_is_an_error() -> None:
    with pytest.raises(ValueError, match="not \\['moderation_in'\\]"):
        Echo().script.then("moderation_in")


def test_without_drift_the_answer_is_the_edit() -> None:
    picture = np.full((48, 64, 3), 90, np.uint8)
    made = Model(NONE).edit(picture, Size(64, 48))
    np.testing.assert_array_equal(made.answer, made.edited)
    assert made.changed[24, 32]
    assert not made.changed[0, 0]


def test_the_edit_stays_inside_the_mask() -> None:
    mask = np.zeros((48, 64), bool)
    mask[4:10, 40:60] = True
    made = Model().edit(np.zeros((48, 64, 3), np.uint8), Size(64, 48), mask)
    assert made.changed.any()
    assert not (made.changed & ~mask).any()


def test_the_movement_says_where_a_point_went() -> None:
    picture = np.zeros((256, 256, 3), np.uint8)
    made = Model().edit(picture, Size(512, 512))
    x, y = made.moved(128, 128)
    assert (x, y) == pytest.approx((258.4, 254.4))
    light = made.answer.sum(2).astype(float)
    light[light < 30] = 0  # the recolouring lifts black a little
    rows, columns = np.indices(light.shape) + 0.5
    middle = (columns * light).sum() / light.sum(), (rows * light).sum() / light.sum()
    assert middle == pytest.approx((x, y), abs=0.05)


def test_what_is_written_can_be_read() -> None:
    picture = np.full((16, 16, 3), 77, np.uint8)
    np.testing.assert_array_equal(read(write(picture, "image/png")), picture)
