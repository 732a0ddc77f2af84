"""A frame on its way in: judged by its length and its header before its pixels are read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from fastapi import Request

from bridge.errors import BadRequest, TooBig
from bridge.frame import MAGIC, cut_parts, header_length, view_parts
from bridge.wire import MAX_FRAME, FrameHeader, M, PartInfo, RevisionRequest, read_message

if TYPE_CHECKING:  # brings the image libraries, which are loaded when first needed
    from bridge.admit import Admission
    from bridge.film.retouch import RetouchHeader

PREFIX = len(MAGIC) + 4

Consider = Callable[[RevisionRequest], "Awaitable[Admission]"]
T = TypeVar("T")


async def receive_revision(
    request: Request, consider: Consider
) -> tuple[RevisionRequest, Admission, dict[str, bytes]]:
    """The revision, what was decided of it by its header, and its parts.

    Refuses as soon as the length, the header or the decision allows.
    """

    async def judge(start: bytes, announced: int) -> tuple[RevisionRequest, Admission]:
        revision = read_header(start, announced).revision
        return revision, await consider(revision)

    (revision, admission), body = await _received(request, judge)
    return revision, admission, cut_parts(revision.parts, body)


async def receive_retouch(request: Request) -> tuple[RetouchHeader, dict[str, memoryview]]:
    """Frames of a film: their header, and views of what came, by name."""
    from bridge.film.retouch import RetouchHeader

    async def judge(start: bytes, announced: int) -> RetouchHeader:
        return _read_header(RetouchHeader, start, announced, lambda header: header.parts)

    header, body = await _received(request, judge)
    return header, view_parts(header.parts, body)


async def _received(
    request: Request, judge: Callable[[bytes, int], Awaitable[T]]
) -> tuple[T, memoryview]:
    """What was judged by the header, and what follows it."""
    announced = _announced(request)
    body = bytearray()
    judged: tuple[T] | None = None
    async for chunk in request.stream():
        body += chunk
        if len(body) > announced:
            raise BadRequest("More bytes came than were announced; send the frame again.")
        if judged is None and _has_header(body):
            judged = (await judge(bytes(body), announced),)
    if body and judged is None:
        header_length(bytes(body[:PREFIX]))  # says so when it is no frame at all
    if judged is None or len(body) < announced:
        raise BadRequest(f"Only {len(body)} of {announced} bytes came; send the whole frame again.")
    return judged[0], memoryview(body)[PREFIX + header_length(bytes(body[:PREFIX])) :]


def read_header(start: bytes, announced: int) -> FrameHeader:
    """Checks a frame by its header alone. `announced`: its Content-Length in bytes."""
    return _read_header(FrameHeader, start, announced, lambda header: header.revision.parts)


def _read_header(
    kind: type[M], start: bytes, announced: int, parts: Callable[[M], Sequence[PartInfo]]
) -> M:
    length = header_length(start)
    header = read_message(kind, start[PREFIX : PREFIX + length])
    total = PREFIX + length + sum(part.bytes for part in parts(header))
    if total != announced:
        raise BadRequest(
            f"The message announces {announced} bytes, its parts add up to {total}; send all parts."
        )
    return header


def _announced(request: Request) -> int:
    text = request.headers.get("content-length", "")
    if not text.isdigit():
        raise BadRequest("A frame needs a Content-Length; send it whole, not in chunks.")
    if int(text) > MAX_FRAME:
        raise TooBig(f"The message has {text[:20]} bytes; at most {MAX_FRAME} are taken.")
    return int(text)


def _has_header(body: bytearray) -> bool:
    return len(body) >= PREFIX and len(body) >= PREFIX + header_length(bytes(body[:PREFIX]))
