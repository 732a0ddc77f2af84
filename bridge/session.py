"""The file by which a plug-in finds the running bridge: address and token, for its owner only."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from bridge.wire import WIRE

FILE = "session.json"
LOOPBACK = "http://127.0.0.1:"


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
    """The announced session; None when there is none, or it cannot be read or trusted:

    a file that others may write, or an address that is not on the loopback, is none of ours.
    """
    try:
        handle = os.open(folder / FILE, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(handle, encoding="utf-8") as file:
            if os.name == "posix" and not _ours(os.fstat(file.fileno())):
                return None
            session = Session(**json.load(file))
        return session if session.url.startswith(LOOPBACK) else None
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def _ours(found: os.stat_result) -> bool:
    return found.st_uid == os.getuid() and not found.st_mode & 0o077
