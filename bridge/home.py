"""The folder that holds everything Redraft writes: REDRAFT_HOME, else the user's data folder."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from bridge.errors import HomeTrouble

OURS = frozenset(
    {
        *("objects", "incoming", "arriving", "history.db", "history.db-wal", "history.db-shm"),
        *("lock", "bridge.log", "session.json"),
    }
)
VARIABLE = "REDRAFT_HOME"
DYING_SECONDS = 1.0  # a bridge that was just killed may hold its lock for a moment
LOOK_SECONDS = 0.1


def home_folder() -> Path:
    named = os.environ.get(VARIABLE, "")
    return Path(named) if named else Path(platformdirs.user_data_dir("redraft", appauthor=False))


def open_home(folder: Path) -> Path:
    """Makes the folder, for its owner only. HomeTrouble when it cannot be written or trusted."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name == "posix":
            _check_owners(folder)
            folder.chmod(0o700)
        probe = folder / ".writable"
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError as exc:
        raise HomeTrouble(
            f"The folder {folder} cannot be written ({exc.strerror}); free it or set REDRAFT_HOME."
        ) from exc
    return folder


def _check_owners(folder: Path) -> None:
    """Neither the folder, nor a link to it, nor anything in it may be another user's; what is

    ours to write into must lie here, not where a link leads.
    """
    for path in (folder, *folder.iterdir()):
        if {path.lstat().st_uid, folder.stat().st_uid} != {os.getuid()}:
            raise HomeTrouble(
                f"{path} belongs to another user; remove it or set REDRAFT_HOME to your own folder."
            )
        if path != folder and path.name in OURS and path.is_symlink():
            raise HomeTrouble(f"{path} is a link to somewhere else; put a real one in its place.")


def write_private(path: Path, text: str) -> None:
    """Written beside and moved into place, for its owner only. OSError when it cannot be."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    way = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(fresh, way, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def lock_home(folder: Path, served: Callable[[], bool] = lambda: False) -> FileLock:
    """Held by the one bridge that serves this folder. HomeTrouble when another holds it.

    served: whether a bridge answers there. Then it is not waited for, however soon it ends: who
    comes second leaves, and never begins to serve when the first is told to end.
    """
    lock = FileLock(folder / "lock", mode=0o600)
    until = time.monotonic() + DYING_SECONDS
    while True:
        last = time.monotonic() > until
        try:
            lock.acquire(timeout=LOOK_SECONDS)
        except Timeout as exc:
            if served() or last:
                raise HomeTrouble(f"Another bridge already serves {folder}; use that one.") from exc
        else:
            return lock
