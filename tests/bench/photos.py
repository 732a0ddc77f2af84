"""Fetches the real photographs that the fidelity kit works on: `make bench-photos`.

They come out of three Debian packages, by apt's own client and without installing anything, and
stay in the machine's cache together with the packages' copyright files, which name each picture's
author and licence (CC0, CC BY, CC BY-SA or GPL). Nothing of them is part of this repository.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.fidelity.pictures import HOME, REPORTING, TUNING

PACKAGES = ("lomiri-wallpapers-16.04", "mate-backgrounds", "plasma-workspace-wallpapers")
SHELVES = (
    "usr/share/backgrounds",
    "usr/share/backgrounds/mate/nature",
    "usr/share/backgrounds/mate/abstract",
    "usr/share/wallpapers",
)


def main() -> int:
    wanted = [name for name in TUNING + REPORTING if not (HOME / name).is_file()]
    if not wanted:
        print(f"All {len(TUNING + REPORTING)} photographs are in {HOME}.")
        return 0
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        print("This machine has no apt-get and dpkg; the pictures of scikit-image stand in.")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        unpacked = _unpacked(Path(folder))
        missing = [name for name in wanted if not _kept(unpacked, name)]
    print(f"{len(wanted) - len(missing)} photographs put into {HOME}.")
    if missing:
        print("Not found in the packages: " + ", ".join(missing))
    return 1 if missing else 0


def _unpacked(folder: Path) -> Path:
    """The packages' files below one folder; a package that cannot be had is said, not hidden."""
    goal = folder / "files"
    goal.mkdir()
    for package in PACKAGES:
        got = subprocess.run(
            ["apt-get", "download", package], cwd=folder, capture_output=True, text=True
        )
        if got.returncode:
            print(f"{package} could not be had: {got.stderr.strip()}", file=sys.stderr)
            continue
        for archive in folder.glob(f"{package}_*.deb"):
            subprocess.run(["dpkg", "-x", str(archive), str(goal)], check=True)
        _attributed(goal, package)
    return goal


def _attributed(unpacked: Path, package: str) -> None:
    """Who made the pictures stays beside them."""
    HOME.mkdir(parents=True, exist_ok=True)
    told = unpacked / "usr/share/doc" / package / "copyright"
    if told.is_file():
        shutil.copyfile(told, HOME / f"{package}.copyright")


def _kept(unpacked: Path, name: str) -> bool:
    for shelf in SHELVES:
        found = unpacked / shelf / name
        if found.is_file():
            goal = HOME / name
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(found, goal)
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
