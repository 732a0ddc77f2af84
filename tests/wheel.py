"""The suite against the built wheel, in an environment of its own: `make wheel`.

The tests are copied beside nothing else, so that `bridge` can only be the installed one. The real
hosts, the providers' own clients, fuzzing and faults have had their turn at the checkout and are
left out: how it is packed is nothing to them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
SHIPPED = ("bridge/", "redraft-")  # all that a wheel of ours may hold
LEFT_OUT = ("tests/hosts", "tests/sdk", "tests/fuzz", "tests/faults")
PLUGINS = ("krita_plugin", "gimp_plugin")


def main() -> int:
    """The exit code of the suite."""
    with tempfile.TemporaryDirectory(prefix="redraft-wheel-") as folder:
        room = Path(folder)
        wheel = build(room)
        check_contents(wheel)
        python = install(wheel, room / "environment")
        desk = lay_out(room / "desk")
        check_origin(python, desk)
        chosen = [f"--ignore={path}" for path in LEFT_OUT]
        words = [str(python), "-m", "pytest", "tests", *chosen, *sys.argv[1:]]
        return subprocess.run(words, cwd=desk, env=seeing(desk), check=False).returncode


def build(into: Path) -> Path:
    _pip("wheel", "--no-deps", "--wheel-dir", into, ROOT)
    (wheel,) = into.glob("redraft-*.whl")
    return wheel


def check_contents(wheel: Path) -> None:
    """SystemExit when something is in it that should not be, or a plug-in is not whole."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        strangers = sorted(name for name in names if not name.startswith(SHIPPED))
        missing = [
            name
            for plugin in PLUGINS
            for path in sorted((ROOT / plugin).rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
            for name in [f"bridge/plugins/{path.relative_to(ROOT).as_posix()}"]
            if name not in names or archive.read(name) != path.read_bytes()
        ]
    if strangers or missing:
        raise SystemExit(f"{wheel.name} holds {strangers} and misses {missing}.")


def install(wheel: Path, environment: Path) -> Path:
    """Its Python."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    group = f"{ROOT / 'pyproject.toml'}:test"
    _pip("--python", python, "install", f"{wheel}[styles]", "--group", group)
    return python


def lay_out(desk: Path) -> Path:
    """The tests and their settings, and what they look at of the checkout: never `bridge`."""
    skipped = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in ("tests", *PLUGINS):
        shutil.copytree(ROOT / name, desk / name, ignore=skipped)
    shutil.copy(ROOT / "pyproject.toml", desk)
    return desk


def check_origin(python: Path, desk: Path) -> None:
    """SystemExit when the tests would test anything but what was installed."""
    words = [str(python), "-c", "import bridge; print(bridge.__file__)"]
    done = subprocess.run(
        words, cwd=desk, env=seeing(desk), capture_output=True, text=True, check=True
    )
    found = Path(done.stdout.strip())
    print(f"testing {found}", flush=True)
    if python.parent.parent.resolve() not in found.resolve().parents:
        raise SystemExit("That is not the wheel.")


def seeing(desk: Path) -> dict[str, str]:
    """The environment variables; Python finds the tests, here and in every process they start."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "PYTHONPATH": str(desk)}


def _pip(*words: object) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--quiet", *map(str, words)], check=True)


if __name__ == "__main__":
    raise SystemExit(main())
