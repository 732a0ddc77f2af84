"""A host that runs: on a screen of its own, in its suite, doing what a test says.

The host's own Python executes what `do` hands over, on the host's main thread; the driver beside
this file takes it from a folder and puts the answer there.
"""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.hosts.chroot import Chroot

SCREEN = "1600x1000x24"
START_SECONDS = 240.0
DO_SECONDS = 60.0

# Screen, window manager and session bus, then the host; all of it ends with the host.
START = """
set -e
mkdir -p -m 0700 "$XDG_RUNTIME_DIR" "$HOME"
Xvfb -displayfd 3 -screen 0 {screen} -nolisten tcp 3>"$RUN/display" 2>"$RUN/xvfb.log" &
while [ ! -s "$RUN/display" ]; do sleep 0.05; done
export DISPLAY=":$(cat "$RUN/display")"
openbox >"$RUN/openbox.log" 2>&1 &
exec dbus-run-session -- {host} >"$RUN/host.log" 2>&1
"""


class HostBroke(AssertionError):
    """What a test handed over raised in the host; the message is the traceback there."""


@dataclass
class Host:
    """inside: the run's folder as the host sees it."""

    chroot: Chroot
    inside: str
    process: subprocess.Popen[bytes]
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def folder(self) -> Path:
        """The run's folder as this machine sees it; whatever lies there, both can read."""
        return Path(f"{self.chroot.root}{self.inside}")

    def do(self, code: str, seconds: float = DO_SECONDS) -> Any:
        """Runs `code` in the host; what it leaves in `result` comes back (it must be JSON)."""
        name = f"{next(self._numbers):06d}"
        fresh = self.folder / f"{name}.new"
        fresh.write_text(code, "utf-8")
        fresh.rename(self.folder / f"{name}.py")
        answer = self.folder / f"{name}.json"
        deadline = time.monotonic() + seconds
        while not answer.exists():
            if self.process.poll() is not None:
                raise HostBroke(f"the host ended:\n{self.log()[-3000:]}")
            if time.monotonic() > deadline:
                raise HostBroke(f"no answer within {seconds:.0f} s:\n{self.log()[-3000:]}")
            time.sleep(0.01)
        found = json.loads(answer.read_text("utf-8"))
        if "error" in found:
            raise HostBroke(found["error"])
        return found["result"]

    def until(self, expression: str, seconds: float = DO_SECONDS) -> Any:
        """The value of `expression` in the host, as soon as it is true."""
        deadline = time.monotonic() + seconds
        while True:
            value = self.do(f"result = {expression}")
            if value:
                return value
            if time.monotonic() > deadline:
                raise HostBroke(f"never came true: {expression}\n{self.log()[-3000:]}")
            time.sleep(0.05)

    def x(self, *words: str) -> str:
        """A program on the host's screen, such as xdotool."""
        display = f":{(self.folder / 'display').read_text().strip()}"
        return self.chroot.run(list(words), {"DISPLAY": display}, timeout=60).stdout

    def screenshot(self, path: Path) -> Path:
        name = f"{self.inside}/{uuid.uuid4().hex}.png"
        self.x("import", "-window", "root", name)
        shutil.move(f"{self.chroot.root}{name}", path)
        return path

    def log(self) -> str:
        path = self.folder / "host.log"
        return path.read_text(errors="replace") if path.exists() else ""


@contextmanager
def running(chroot: Chroot, command: str, prepare: Any, **environment: str) -> Iterator[Host]:
    """prepare(home): puts files into the host's home folder before it starts."""
    inside = f"/tmp/redraft-{uuid.uuid4().hex[:8]}"
    folder = Path(f"{chroot.root}{inside}")
    home = folder / "home"
    home.mkdir(parents=True)
    folder.chmod(0o700)
    prepare(home)
    variables = {
        "HOME": f"{inside}/home",
        "RUN": inside,
        "XDG_RUNTIME_DIR": f"{inside}/runtime",
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "NO_AT_BRIDGE": "1",
        **environment,
    }
    script = START.format(screen=SCREEN, host=command)
    process = subprocess.Popen(
        chroot.command(["bash", "-c", script], variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    host = Host(chroot, inside, process)
    try:
        host.do("result = True", START_SECONDS)
        yield host
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)
