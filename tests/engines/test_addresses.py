"""Names of providers that lead into the artist's own network: no byte is sent there."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from bridge.engines.addresses import is_inside
from bridge.engines.base import KeyIn, Request, Send
from bridge.engines.send import Door
from bridge.errors import Unreachable
from bridge.geometry import Size
from tests.engines.asking import KEY
from tests.engines.table import TABLE
from tests.engines.test_send import BASE, PRICE, Done, Maker, ask

INSIDE = [
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fd00::1"),
    *("::ffff:192.168.1.1", "64:ff9b::10.0.0.1", "ff02::1"),
]
OUTSIDE = ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "198.18.0.7"]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_of_this_network_is_inside(address: str) -> None:
    assert is_inside(address)


@pytest.mark.parametrize("base", ["https://xn--bcher-kva.example", "https://b\u00fccher.example"])
@pytest.mark.parametrize("name", ["bfl", "fal", "openrouter"])
def test_the_artists_own_address_gets_the_key_however_it_is_written(name: str, base: str) -> None:
    engine = type(TABLE[name].engine())(base)
    step = next(engine.revise(TABLE[name].ask(size=Size(64, 36))))
    assert isinstance(step, Send)
    assert step.request.key is not None


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_of_the_world_is_not(address: str) -> None:
    assert not is_inside(address)


class Misled(Maker):
    """A hosted maker, one of whose names the name server of this machine leads to the loopback."""

    @property
    def hosts(self) -> tuple[str, ...]:
        return ("api.maker.example", "localhost")


class Housed(Misled):
    where = "own network"


@dataclass
class Device:
    """Something in the artist's network that answers whoever asks. heard: what came."""

    url: str
    heard: bytes = b""


@pytest.fixture
def device() -> Iterator[Device]:
    listening = socket.create_server(("127.0.0.1", 0))
    found = Device(f"http://localhost:{listening.getsockname()[1]}")

    def answer() -> None:
        line, _ = listening.accept()
        with line:
            found.heard = line.recv(1000)
            if found.heard:
                line.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nit")

    thread = threading.Thread(target=answer)
    thread.start()
    yield found
    with socket.create_connection(listening.getsockname()):  # if nobody else came
        thread.join(60)
    listening.close()


def paint(engine: Maker, url: str) -> Done:
    wanted = Request("POST", f"{url}/paint", json={"wish": "x"}, key=KeyIn("x-key"))
    return ask(None, wanted, usd=PRICE, engine=engine, transport=httpx.AsyncHTTPTransport())


def test_without_the_look_at_the_address_it_is_reached(device: Device) -> None:
    """The same name and the same device, for an engine that may be in the artist's network."""
    done = paint(Housed(BASE), device.url)
    assert done.response is not None
    assert device.heard.startswith(b"POST /paint")


def test_a_hosted_engine_sends_nothing_into_the_own_network(device: Device) -> None:
    done = paint(Misled(BASE), device.url)
    assert isinstance(done.refused, Unreachable)
    assert done.sentence.startswith("Maker is at localhost, but here that name leads to ")
    assert "nothing was sent" in done.sentence
    assert device.heard == b""
    assert done.pauses == []


def test_where_the_artist_set_the_base_the_loopback_is_reached(device: Device) -> None:
    engine = Misled(device.url)
    engine.elsewhere = True
    assert paint(engine, device.url).response is not None
    assert device.heard.startswith(b"POST /paint")


def test_a_proxy_of_the_artist_may_be_on_this_machine(
    device: Device, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{urlsplit(device.url).port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{urlsplit(device.url).port}")
    wanted = Request("POST", f"{BASE}/paint", json={"wish": "x"}, key=KeyIn("x-key"))

    async def run() -> None:
        async with Door(Maker(BASE), lambda: KEY, tmp_path, pause=lambda _: None) as door:
            await door.send(Send(wanted))

    with pytest.raises(Unreachable):  # what answers is no tunnel
        asyncio.run(run())
    assert device.heard.startswith(b"CONNECT api.maker.example:443")
