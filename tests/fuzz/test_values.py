"""Answers with one value that no provider means: read, or refused in a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bridge.errors import BridgeError
from tests.fuzz.answering import ANSWERS, EVERYTHING, play

OK, BAD = b"\0", b"\4"  # 200 and 400, as `play` reads them
HERE = "here"
VALUES = (
    *('"https://["', '"https://a:b/"', '"https://xn--/"', '"\\u0000"', '"\\ud800"', '"\u00b2"'),
    *("9" * 400, "1e999", "NaN", "-1", "[]"),
)


def places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Of everything that holds nothing else."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*at, key))
    else:
        yield at


def put(at: tuple[str | int, ...], raw: str) -> bytes:
    answer = json.loads(json.dumps(EVERYTHING))
    holder = answer
    for key in at[:-1]:
        holder = holder[key]
    holder[at[-1]] = HERE
    return json.dumps(answer).replace(f'"{HERE}"', raw).encode()


BODIES = [
    (status, put(at, raw))
    for at in places(EVERYTHING)
    for status in (OK, BAD)
    if status == OK or at[0] in ("error", "detail")
    for raw in VALUES
]


@pytest.mark.parametrize("name", ANSWERS)
def test_a_value_that_nobody_means_is_refused_in_a_sentence(name: str) -> None:
    for status, body in BODIES:
        said = _said(name, status + body)
        assert said.isprintable(), body


def _said(name: str, data: bytes) -> str:
    try:
        play(name, data)
    except BridgeError as refusal:
        return str(refusal)
    return ""
