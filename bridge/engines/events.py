"""Server-sent events as the HTML standard describes them; lines end in LF or CR LF."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

from bridge.engines.base import Event


async def read_events(pieces: AsyncIterator[bytes]) -> AsyncGenerator[Event, None]:
    """pieces: the stream as it comes, cut anywhere."""
    name = b""
    data: list[bytes] = []
    async for line in _lines(pieces):
        if not line:
            if data:
                yield _event(name, data)
            name, data = b"", []
            continue
        key, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if key == b"event":
            name = value
        elif key == b"data":
            data.append(value)
    if data:
        yield _event(name, data)


def _event(name: bytes, data: list[bytes]) -> Event:
    return Event(name.decode(errors="replace"), b"\n".join(data))


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    rest = bytearray()
    async for piece in pieces:
        start = len(rest)  # what came before holds no end of a line
        rest += piece
        while (end := rest.find(b"\n", start)) >= 0:
            yield bytes(rest[:end]).removesuffix(b"\r")
            del rest[: end + 1]
            start = 0
    if rest:
        yield bytes(rest)
