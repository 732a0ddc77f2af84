"""A real bridge whose fal is the emulator, and what the command line makes with it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from bridge.geometry import Size
from tests.conftest import running_bridge
from tests.emulators.fal import FalEmulator
from tests.emulators.model import Bytes, write
from tests.emulators.serve import serve
from tests.engines.asking import KEY, scene

SIZE = Size(640, 360)
PATIENCE_SECONDS = 110


@dataclass
class Studio:
    """still: what photo.png shows, uint8 (H, W, 3)."""

    there: FalEmulator
    home: Path
    folder: Path
    still: Bytes

    def animate(self, out: str, *words: str) -> subprocess.CompletedProcess[str]:
        """`redraft animate photo.png -o out …`, with a model that is quick to emulate."""
        named = ["--model", "omni-1.1", "--size", "360p", "--seconds", "3"]
        return self.redraft(
            "animate", "photo.png", "-o", out, "--prompt", "it turns", *named, *words
        )

    def redraft(self, *words: str) -> subprocess.CompletedProcess[str]:
        agree = ["--agree"] if words[0] == "animate" else []
        return subprocess.run(
            [sys.executable, "-P", "-m", "bridge", *words, *agree, "--home", str(self.home)],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            env=dict(os.environ),
            check=False,
        )

    @property
    def film(self) -> bytes:
        return self.there.films.filmed[-1].film


@contextmanager
def studio(folder: Path) -> Iterator[Studio]:
    """Without a bridge; `running` starts one."""
    home = folder / "studio"
    home.mkdir(mode=0o700)
    still = smooth(SIZE)
    (folder / "photo.png").write_bytes(write(still, "image/png"))
    there = FalEmulator()
    with serve(there) as url, pytest.MonkeyPatch.context() as patch:
        there.here = url
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        patch.setenv("REDRAFT_KEY_FAL", KEY)
        patch.setenv("REDRAFT_BASE_FAL", url)
        patch.setenv("NO_PROXY", "*")
        yield Studio(there, home, folder, still)


@contextmanager
def running(made: Studio) -> Iterator[Studio]:
    with running_bridge(made.home):
        yield made


def smooth(size: Size) -> Bytes:
    """Something to hold on to, in quiet colours and without edges that a film codec would smear:

    uint8 (H, W, 3).
    """
    import cv2

    blurred = cv2.GaussianBlur(scene(size), (0, 0), 3)
    pixels: Bytes = np.rint(np.asarray(blurred) * 110 + 70).astype(np.uint8)
    return pixels
