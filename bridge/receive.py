"""A frame on its way in: judged by its length and its header before its pixels are read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from fastapi import Request

from bridge.errors import BadRequest, TooBig
from bridge.frame import MAGIC, cut_parts, header_length
from bridge.wire import MAX_FRAME, FrameHeader, RevisionRequest, read_message

if TYPE_CHECKING:  # brings the image libraries, which are loaded when first needed
    from bridge.admit import Admission

PREFIX = len(MAGIC) + 4

Consider = Callable[[RevisionRequest], "Awaitable[Admission]"]


async def receive_revision(
    request: Request, consider: Consider
) -> tuple[RevisionRequest, Admission, dict[str, bytes]]:
    """The revision, what was decided of it by its header, and its parts.

    Refuses as soon as the length, the header or the decision allows.
    """
    announced = _announced(request)
    body = bytearray()
    let_in: tuple[RevisionRequest, Admission] | None = None
    async for chunk in request.stream():
        body += chunk
        if len(body) > announced:
            raise BadRequest("More bytes came than were announced; send the frame again.")
        if let_in is None and _has_header(body):
            revision = read_header(bytes(body), announced).revision
            let_in = revision, await consider(revision)
    if body and let_in is None:
        header_length(bytes(body[:PREFIX]))  # says so when it is no frame at all
    if let_in is None or len(body) < announced:
        raise BadRequest(f"Only {len(body)} of {announced} bytes came; send the whole frame again.")
    at = PREFIX + header_length(bytes(body[:PREFIX]))
    return *let_in, cut_parts(let_in[0].parts, memoryview(body)[at:])


def read_header(start: bytes, announced: int) -> FrameHeader:
    """Checks a frame by its header alone. `announced`: its Content-Length in bytes."""
    length = header_length(start)
    header = read_message(FrameHeader, start[PREFIX : PREFIX + length])
    total = PREFIX + length + sum(part.bytes for part in header.revision.parts)
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
