"""Makes one environment per pinned official client, in `.venv-sdk/<name>-<major>`.

    python -m tests.sdk.build [NAME ...]

The clients contradict each other and Redraft needs none of them, so each lives alone. An
environment that was built from the same requirement file is left as it is.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parents[1] / ".venv-sdk"
BUILT_FROM = "built-from.txt"  # a copy of the requirement file, written when all is installed


def main(wanted: list[str]) -> None:
    for requirements in sorted((HERE / "requirements").glob("*.txt")):
        if not wanted or requirements.stem in wanted:
            build(requirements)


def build(requirements: Path) -> None:
    """CalledProcessError when the client cannot be installed."""
    place = ENVIRONMENTS / requirements.stem
    mark = place / BUILT_FROM
    text = requirements.read_text()
    if mark.exists() and mark.read_text() == text:
        print(f"{requirements.stem}: ready")
        return
    print(f"{requirements.stem}: building", flush=True)
    venv.create(place, clear=True, with_pip=True)
    subprocess.run(
        [place / "bin" / "python", "-m", "pip", "install", "-q", "-r", requirements], check=True
    )
    mark.write_text(text)


if __name__ == "__main__":
    main(sys.argv[1:])
