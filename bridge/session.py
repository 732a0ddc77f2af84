"""The file by which a plug-in finds the running bridge: address and token, for its owner only."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from bridge.wire import WIRE

FILE = "session.json"


@dataclass(frozen=True, slots=True)
class Session:
    url: str
    token: str
    pid: int
    wire: int = WIRE


def new_token() -> str:
    return secrets.token_urlsafe(32)


def announce(folder: Path, session: Session) -> Path:
    """Written beside and moved into place, so that a reader never sees half of it."""
    path = folder / FILE
    fresh = folder / f"{FILE}.{os.getpid()}"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(session), file)
    fresh.replace(path)
    return path


def withdraw(folder: Path, session: Session) -> None:
    """Removes the file if it is still ours."""
    if find(folder) == session:
        (folder / FILE).unlink(missing_ok=True)


def find(folder: Path) -> Session | None:
    """The announced session; None when there is none or it cannot be read."""
    try:
        found = json.loads((folder / FILE).read_text())
        return Session(**found)
    except (OSError, ValueError, TypeError):
        return None
