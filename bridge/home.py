"""The folder that holds everything Redraft writes: REDRAFT_HOME, else the user's data folder."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from bridge.errors import HomeTrouble


def home_folder() -> Path:
    named = os.environ.get("REDRAFT_HOME", "")
    return Path(named) if named else Path(platformdirs.user_data_dir("redraft", appauthor=False))


def open_home(folder: Path) -> Path:
    """Makes the folder, for its owner only. HomeTrouble when it cannot be written or trusted."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
        if os.name == "posix":
            if found.st_uid != os.getuid():
                raise HomeTrouble(
                    f"The folder {folder} belongs to another user; set REDRAFT_HOME to your own."
                )
            folder.chmod(0o700)
        probe = folder / ".writable"
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError as exc:
        raise HomeTrouble(
            f"The folder {folder} cannot be written ({exc.strerror}); free it or set REDRAFT_HOME."
        ) from exc
    return folder


def write_private(path: Path, text: str) -> None:
    """Written beside and moved into place, for its owner only. OSError when it cannot be."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    way = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(fresh, way, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def lock_home(folder: Path) -> FileLock:
    """Held by the one bridge that serves this folder. HomeTrouble when another holds it."""
    lock = FileLock(folder / "lock", mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout as exc:
        raise HomeTrouble(f"Another bridge already serves {folder}; use that one.") from exc
    return lock
