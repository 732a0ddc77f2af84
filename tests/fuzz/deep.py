"""Lets atheris look for bytes that lead where none led before.

    python tests/fuzz/deep.py TARGET SECONDS

Runs in the fuzzers' environment, with ours behind it on the path. Ends with another code than 0 at
the first find, which it prints with its traceback. guided.py runs it for every target.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["bridge"]):
    from bridge.errors import BridgeError
    from tests.fuzz.answering import ANSWERS
    from tests.fuzz.targets import TARGETS

LONGEST = 200_000  # bytes
SLOW_SECONDS = 20
MOST_MB = 2000


def main(name: str, seconds: str, seed: str) -> None:
    """seed: "0" for another one each time."""
    whole, read = (TARGETS | ANSWERS)[name]
    example = whole()

    def one(data: bytes) -> None:
        with contextlib.suppress(BridgeError):
            read(data)

    with tempfile.TemporaryDirectory(prefix="redraft-fuzz-") as folder:
        os.chdir(folder)  # where it would leave what it found
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        (corpus / "whole").write_bytes(example)
        limits = [f"-max_total_time={seconds}", f"-max_len={max(LONGEST, len(example))}"]
        limits += [f"-timeout={SLOW_SECONDS}", f"-rss_limit_mb={MOST_MB}", f"-seed={seed}"]
        limits += ["-print_final_stats=1", "-verbosity=0"]
        atheris.Setup([sys.argv[0], *limits, str(corpus)], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
