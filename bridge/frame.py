"""The frame that carries pixels between a host and the bridge.

One body: the magic `REDRAFT\\x01`, the length of a JSON header (u32, little endian), the header,
then the bytes of each part it lists, one after the other. Nothing else: so a frame can be refused
from its Content-Length and its header, before a pixel has been read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence

from bridge.errors import BadRequest, TooBig
from bridge.wire import LayerHeader, Message, PartInfo, read_message

MAGIC = b"REDRAFT\x01"
MAX_HEADER = 1_000_000  # bytes of JSON


def header_length(start: bytes) -> int:
    """The length of the JSON header, from the first 12 bytes of a frame."""
    if len(start) < len(MAGIC) + 4 or not start.startswith(MAGIC):
        raise BadRequest("The message is not a Redraft frame; update the plug-in.")
    (length,) = struct.unpack_from("<I", start, len(MAGIC))
    if length > MAX_HEADER:
        raise TooBig(f"The message's header has {length} bytes; at most {MAX_HEADER} are taken.")
    return int(length)


def write_frame(header: Message, parts: Mapping[str, bytes]) -> Iterator[bytes]:
    """The frame piece by piece, in the order of the header's parts."""
    text = header.model_dump_json().encode()
    yield MAGIC + struct.pack("<I", len(text)) + text
    yield from parts.values()


def cut_layer(frame: bytes) -> tuple[LayerHeader, dict[str, bytes]]:
    """A layer's header and the bytes of each of its parts, by name. BadRequest: they do not fit."""
    prefix = len(MAGIC) + 4
    end = prefix + header_length(frame[:prefix])
    header = read_message(LayerHeader, frame[prefix:end])
    return header, cut_parts(header.parts, memoryview(frame)[end:])


def cut_parts(infos: Sequence[PartInfo], body: bytes | memoryview) -> dict[str, bytes]:
    """`body`: all parts, one after the other. BadRequest when they do not add up to it."""
    return {name: bytes(part) for name, part in view_parts(infos, memoryview(body)).items()}


def view_parts(infos: Sequence[PartInfo], body: memoryview) -> dict[str, memoryview]:
    """As cut_parts, without a copy: of more than should lie in memory twice."""
    total = sum(info.bytes for info in infos)
    if total != len(body):
        raise BadRequest(f"The parts add up to {total} bytes, {len(body)} came; send all parts.")
    parts, at = {}, 0
    for info in infos:
        parts[info.name] = body[at : at + info.bytes]
        at += info.bytes
    return parts
