"""The demo: the main job on the bundled photograph, by one command."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np

from bridge.demo import FIR, FOREST, PHOTOGRAPH
from bridge.open import open_photo
from bridge.png import read_png
from bridge.session import find
from tests.conftest import wait_for

MEGAPIXELS = (1.5, 3.0)  # of the bundled photograph


def test_the_demo_revises_twice_and_leaves_the_rest(home: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "bridge", "demo", str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    session = find(home)
    assert session is not None
    os.kill(session.pid, signal.SIGTERM)  # else it would stay for its idle minute
    before, after = open_photo(PHOTOGRAPH), open_photo(tmp_path / "demo" / "meadow.ora")
    assert MEGAPIXELS[0] <= before.size.pixels / 1e6 <= MEGAPIXELS[1]

    with zipfile.ZipFile(tmp_path / "demo" / "meadow.ora") as archive:
        under, _ = read_png(archive.read("data/photograph.png"), "photograph")
        groups = re.findall(r'<stack name="([^"]+)"', archive.read("stack.xml").decode())
    assert np.array_equal(under, before.pixels)
    assert groups == ["Warmer, a little more contrast", "Remove the fir"]

    left, top, width, height = map(int, FIR.split(","))
    asked = np.asarray(cv2.imread(str(FOREST), cv2.IMREAD_GRAYSCALE)) > 0
    asked[top : top + height, left : left + width] = True
    changed = (after.pixels != before.pixels).any(axis=2)
    assert not changed[~asked].any()
    assert changed[asked].mean() > 0.9

    paths = re.findall(r": (/.+)$", done.stdout, re.MULTILINE)
    assert [Path(path).is_file() for path in paths] == [True, True]
    assert len(re.findall(r"^-> .+: \d+\.\d s$", done.stdout, re.MULTILINE)) == 3
    wait_for(lambda: find(home) is None)
