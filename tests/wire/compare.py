"""Requests of ours against requests of the official clients, field by field.

The recordings hold what a client really sent; their answers were made up by the recorder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.emulators.emulator import Seen
from tests.emulators.multipart import fields
from tests.engines.asking import KEY

HERE = Path(__file__).parent
Fields = dict[str, str]
# Of the connection, not of the request.
OF_THE_CONNECTION = {
    *("host", "content-length", "connection", "accept-encoding", "x-forwarded-proto"),
}
# By these a client names itself and its machine. We name Redraft to nobody.
OF_THE_CLIENT = ("user-agent", "x-goog-api-client", "x-stainless-")
PICTURE, WORDS = "<picture>", "<words>"
NAME = re.compile(r'name="([^"]*)"')


def recorded(name: str, exchange: int = 0) -> Fields:
    """The request of one exchange in a recording."""
    request = json.loads((HERE / f"{name}.json").read_text())["exchanges"][exchange]["request"]
    told = request["headers"]
    pairs = told.items() if isinstance(told, dict) else told
    headers = {header.lower(): value for header, value in pairs}
    found = _of_headers(request["method"], request["path"], headers)
    body = request["body"]
    if isinstance(body, dict) and "parts" in body:
        return {**found, **_of_recorded_parts(body["parts"])}
    return {**found, **dict(_of_json(body))}


def sent(seen: Seen) -> Fields:
    """A request that an emulator was sent."""
    query = f"?{seen.query}" if seen.query else ""
    headers = {name: value.replace(KEY, "PLACEHOLDER") for name, value in seen.headers.items()}
    found = _of_headers(seen.method, seen.path + query, headers)
    kind = headers.get("content-type", "")
    if kind.startswith("multipart/"):
        for part in fields(kind, seen.body):
            name = _free_name(f"body.{part.name}", found)
            found[name] = PICTURE if part.filename else _value(part.name, part.content.decode())
        return found
    return {**found, **dict(_of_json(json.loads(seen.body) if seen.body else None))}


def check(ours: Fields, theirs: Fields, reasons: Mapping[str, tuple[str, str]]) -> None:
    """AssertionError unless they differ exactly as `reasons` says: by field, how and why."""
    assert all(why for _, why in reasons.values())
    assert differences(ours, theirs) == {name: how for name, (how, _) in reasons.items()}


def differences(ours: Fields, theirs: Fields) -> dict[str, str]:
    """By field: how the two differ."""
    found = {}
    for name in sorted(ours.keys() | theirs.keys()):
        our, their = ours.get(name), theirs.get(name)
        if our is None:
            found[name] = f"without {their}"
        elif their is None:
            found[name] = f"with {our}"
        elif our != their:
            found[name] = f"{our}, not {their}"
    return found


def _of_headers(method: str, path: str, headers: Mapping[str, str]) -> Fields:
    told = {
        name: value
        for name, value in headers.items()
        if name not in OF_THE_CONNECTION and not name.startswith(OF_THE_CLIENT)
    }
    return {
        "method": method,
        "path": path,
        **{f"header.{name}": _of_header(name, value) for name, value in told.items()},
    }


def _of_header(name: str, value: str) -> str:
    return "<id>" if name.endswith("-request-id") else value.partition("; boundary=")[0]


def _of_recorded_parts(parts: list[dict[str, Any]]) -> Fields:
    found: Fields = {}
    for part in parts:
        named = NAME.search(part["header_lines"][0])
        assert named is not None
        name = _free_name(f"body.{named[1]}", found)
        found[name] = _value(named[1], part["text"]) if "text" in part else PICTURE
    return found


def _free_name(name: str, found: Fields) -> str:
    """A field that comes again is numbered."""
    count = sum(other.partition("#")[0] == name for other in found)
    return f"{name}#{count + 1}" if count else name


def _of_json(value: Any, at: str = "body") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _of_json(item, f"{at}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _of_json(item, f"{at}.{index}")
    elif value is not None:
        yield at, _value(at.rpartition(".")[2], value)


def _value(name: str, value: object) -> str:
    """What no two requests share is named instead."""
    if name in ("text", "prompt"):
        return WORDS
    if name in ("data", "bytesBase64Encoded", "image", "mask") or name.startswith("input_image"):
        return PICTURE
    if str(value).startswith(("data:image/", "https://example.com/")):
        return PICTURE
    return str(value)
