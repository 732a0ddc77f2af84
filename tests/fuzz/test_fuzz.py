"""A few seconds of the fuzzer over everything that reads bytes from outside."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest

from tests.fuzz.__main__ import fuzz
from tests.fuzz.answering import ANSWERS
from tests.fuzz.targets import NATIVE, TARGETS

SECONDS = 2.0
LITTLE_MB = 200
HERE = [name for name in TARGETS if name not in NATIVE]


@pytest.mark.parametrize("name", NATIVE)
def test_broken_profiles_are_refused_in_a_child_with_little_memory(name: str) -> None:
    """They are read by a library that could end the process."""
    words = ["--seconds", str(SECONDS), "--only", name, "--mb", str(LITTLE_MB)]
    command = [sys.executable, "-m", "tests.fuzz", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 finds" in done.stdout
    assert " 0 refused" not in done.stdout


@pytest.mark.parametrize("name", HERE)
def test_broken_bytes_are_refused_in_a_sentence(name: str) -> None:
    whole, read = TARGETS[name]
    told = fuzz(whole(), read, SECONDS, random.Random(7))
    assert told["finds"] == []
    assert told["refused"] > 0


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_that_nobody_would_give_are_refused_in_a_sentence(name: str) -> None:
    whole, read = ANSWERS[name]
    told = fuzz(whole(), read, SECONDS / 2, random.Random(7))
    assert told["finds"] == []
    assert told["refused"] > 0


@pytest.mark.parametrize("name", TARGETS)
def test_the_whole_example_is_read(name: str) -> None:
    whole, read = TARGETS[name]
    assert read(whole()) is not None
