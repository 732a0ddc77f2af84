"""Our wheel in a host's own suite: its Python, an environment of its own, kept between runs."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.hosts.build import SUITES, Suite, cache_folder
from tests.hosts.chroot import Chroot

CHECKOUT = Path(__file__).parents[2]
# Of this checkout alone: several may test in the same suites at the same time.
MARK = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]
VENV = f"/opt/redraft-{MARK}"
TESTS = f"{VENV}-tests"  # the test engines, on the path of that environment


def suite_of(host: str, version: str) -> Suite:
    return next(suite for suite in SUITES if suite.hosts.get(host) == version)


def build_wheel(into: Path) -> Path:
    words = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(into)]
    subprocess.run([*words, str(CHECKOUT)], check=True)
    (wheel,) = into.glob("redraft-*.whl")
    return wheel


def install(suite: Suite, wheel: Path) -> Chroot:
    """The chroot with `wheel` and the test engines in VENV; seconds when only the wheel is new."""
    root = cache_folder() / suite.name
    variables, folders = _pip_setup()
    chroot = Chroot(root, {folder: Path(folder) for folder in folders}, variables)
    inside = root / f"{VENV}-wheel".lstrip("/") / wheel.name
    inside.parent.mkdir(exist_ok=True)
    shutil.copy(wheel, inside)
    python = f"{VENV}/bin/python"
    needs = (CHECKOUT / "pyproject.toml").read_bytes()
    wanted = hashlib.sha256(str(tomllib.loads(needs.decode())["project"]).encode()).hexdigest()
    stamp = root / VENV.lstrip("/") / "dependencies.sha256"
    install_one = [python, "-m", "pip", "install", "--quiet", "--force-reinstall"]
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(root / VENV.lstrip("/"), ignore_errors=True)
        chroot.run(["python3", "-m", "venv", VENV])
        chroot.run([*install_one, f"{VENV}-wheel/{wheel.name}"])
        stamp.write_text(wanted)
    else:
        chroot.run([*install_one, "--no-deps", f"{VENV}-wheel/{wheel.name}"])
    inside.unlink()
    _add_engines(root)
    return Chroot(root)


def _add_engines(root: Path) -> None:
    place = root / TESTS.lstrip("/")
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(CHECKOUT / "tests" / "steps", place / "tests" / "steps")
    (place / "tests" / "__init__.py").touch()
    (packages,) = (root / VENV.lstrip("/") / "lib").glob("python3*/site-packages")
    (packages / "redraft-tests.pth").write_text(TESTS + "\n")


def _pip_setup() -> tuple[dict[str, str], list[str]]:
    """How this machine's pip finds packages: as variables, and the folders and files they name."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    variables = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        option = name.rpartition(".")[2].upper().replace("-", "_")
        variables.setdefault(f"PIP_{option}", value.strip("'\""))
    named = " ".join(variables.values()).replace("file://", "").split()
    places = [Path(word) for word in named if word.startswith("/") and Path(word).exists()]
    # An index that is a folder links to files beside it.
    whole = {place.parent if place.name == "simple" else place for place in places}
    return variables, sorted(map(str, whole))
