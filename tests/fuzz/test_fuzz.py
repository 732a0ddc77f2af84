"""A few seconds of the fuzzer over everything that reads bytes from outside."""

from __future__ import annotations

import random

import pytest

from tests.fuzz.__main__ import fuzz
from tests.fuzz.targets import TARGETS

SECONDS = 2.0


@pytest.mark.parametrize("name", TARGETS)
def test_broken_bytes_are_refused_in_a_sentence(name: str) -> None:
    whole, read = TARGETS[name]
    told = fuzz(whole(), read, SECONDS, random.Random(7))
    assert told["finds"] == []
    assert told["refused"] > 0


@pytest.mark.parametrize("name", TARGETS)
def test_the_whole_example_is_read(name: str) -> None:
    whole, read = TARGETS[name]
    assert read(whole()) is not None
