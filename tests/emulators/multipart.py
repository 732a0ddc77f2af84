"""Reads a multipart/form-data body by hand, so that nothing is forgiven."""

from __future__ import annotations

import re
from dataclasses import dataclass

DISPOSITION = re.compile(r'form-data; name="([^"]*)"(?:; filename="([^"]*)")?')


@dataclass(frozen=True, slots=True)
class Field:
    """filename and media_type are "" where the part has none."""

    name: str
    content: bytes
    filename: str = ""
    media_type: str = ""


def fields(content_type: str, body: bytes) -> list[Field]:
    """In the order they came. ValueError when this is no multipart body."""
    kind, _, boundary = content_type.partition("; boundary=")
    if kind != "multipart/form-data" or not boundary:
        raise ValueError(f"not a multipart body: {content_type}")
    first, *middle, last = body.split(b"--" + boundary.encode())
    if first or last.strip() != b"--" or not middle:
        raise ValueError("the boundary is not kept")
    return [_field(part) for part in middle]


def _field(part: bytes) -> Field:
    head, gap, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    if not gap or not content.endswith(b"\r\n"):
        raise ValueError("a part is cut off")
    lines = [line.partition(": ") for line in head.decode().split("\r\n")]
    headers = {name.lower(): value for name, _, value in lines}
    found = DISPOSITION.fullmatch(headers.get("content-disposition", ""))
    if found is None:
        raise ValueError("a part has no name")
    content = content.removesuffix(b"\r\n")
    return Field(found[1], content, found[2] or "", headers.get("content-type", ""))
