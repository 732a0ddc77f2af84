"""`redraft` again and again in a process that has started already: its own code, no new wait."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

from bridge.cli import main


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    out: str
    err: str


def redraft(words: list[str]) -> Ended:
    """Not for two threads at once: it writes to what the whole process has for its output."""
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["redraft", *words]
    code: object = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code
    return Ended(code if isinstance(code, int) else 0, out.getvalue(), err.getvalue())
