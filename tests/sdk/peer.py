"""Runs a provider's own client, in an environment of its own, against an emulator."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.build import BUILT_FROM, ENVIRONMENTS

PEERS = Path(__file__).parent / "peers"
PATIENCE_SECONDS = 100


def peer(environment: str, script: str, url: str, folder: Path) -> dict[str, Any]:
    """What `script` printed, as JSON. `folder` holds the pictures it reads and writes.

    Skips, or fails when REDRAFT_REQUIRE_SDK is set, where `make sdk` did not make `environment`.
    """
    place = ENVIRONMENTS / environment
    if not (place / BUILT_FROM).exists():
        _missing(environment)
    done = subprocess.run(
        [place / "bin" / "python", "-I", PEERS / script, url, folder],
        env={"PATH": os.environ["PATH"], "NO_PROXY": "*"},
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _missing(environment: str) -> None:
    reason = f"{environment} is not there; type `make sdk` to be held against the official client"
    if os.environ.get("REDRAFT_REQUIRE_SDK"):
        pytest.fail(reason)
    pytest.skip(reason)
