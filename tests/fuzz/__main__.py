"""Fuzzes what reads bytes from outside, for as long as it is told.

    python -m tests.fuzz [--seconds N] [--only PART,PART] [--mb N] [--json FILE]

Frames, .ora files, answers and colour profiles are made from whole ones by cutting, repeating and
changing bytes. Anything but an explained refusal is a find, and its traceback is printed. Memory is
bounded: what wants more breaks.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bridge.errors import BridgeError
from tests.bombs import limit_memory
from tests.fuzz.answering import ANSWERS
from tests.fuzz.targets import TARGETS
from tests.peak import peak_mb

MOST_MB = 1500  # of memory, at any time
HEAD = 512  # bytes in which most is said: changed as often as all others together


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", default="", help=", ".join(TARGETS | ANSWERS))
    parser.add_argument("--mb", type=int, default=MOST_MB, help="memory beyond the program's own")
    wanted = parser.parse_args(words)
    only = tuple(filter(None, wanted.only.split(",")))
    targets = {name: one for name, one in (TARGETS | ANSWERS).items() if not only or name in only}
    limit_memory(wanted.mb)
    report: dict[str, Any] = {"seed": wanted.seed}
    finds = 0
    for name, (whole, read) in targets.items():
        share = wanted.seconds / len(targets)
        told = fuzz(whole(), read, share, random.Random(wanted.seed))
        report[name] = told
        finds += len(told["finds"])
        print(
            f"{name}: {told['cases']} cases, {told['read']} read, {told['refused']} refused, "
            f"{len(told['finds'])} finds, slowest {told['slowest_s']:.2f} s"
        )
        print("\n".join(told["finds"]))
    report["peak_mb"] = peak_mb()
    print(f"peak memory {report['peak_mb']:.0f} MB, of {MOST_MB} allowed")
    if wanted.json:
        wanted.json.write_text(json.dumps(report, indent=1))
    return 1 if finds or report["peak_mb"] > MOST_MB else 0


def fuzz(
    whole: bytes, read: Callable[[bytes], object], seconds: float, dice: random.Random
) -> dict[str, Any]:
    told: dict[str, Any] = {"cases": 0, "read": 0, "refused": 0, "finds": [], "slowest_s": 0.0}
    over = time.monotonic() + seconds
    while time.monotonic() < over:
        spoilt = mutated(whole, dice)
        began = time.monotonic()
        told["cases"] += 1
        try:
            read(spoilt)
            told["read"] += 1
        except BridgeError:
            told["refused"] += 1
        except Exception:  # noqa: BLE001  # exactly this is looked for
            trace = traceback.format_exc()
            if trace not in told["finds"]:
                told["finds"].append(trace)
        told["slowest_s"] = max(told["slowest_s"], time.monotonic() - began)
    return told


def mutated(whole: bytes, dice: random.Random) -> bytes:
    """A few changes, most of them small, so that many get past the first check."""
    data = bytearray(whole)
    for _ in range(dice.choice((1, 1, 2, 4, 16))):
        at = dice.randrange(min(len(data), dice.choice((HEAD, len(data))))) if data else 0
        match dice.randrange(5):
            case 0 if data:
                data[at] = dice.randrange(256)
            case 1:
                del data[at : at + dice.choice((1, 2, 64, 4096))]
            case 2:
                data[at:at] = dice.randbytes(dice.choice((1, 4, 64)))
            case 3:
                data[at:at] = data[at : at + dice.choice((4, 64, 512))]
            case 4 if len(data) > at + 4:
                data[at : at + 4] = dice.choice((b"\0" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff"))
    return bytes(data)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
