"""Provider keys: the OS keychain first, the environment next, a file only when told.

A key goes to its provider and nowhere else: never on the wire, in a log, a history or an error.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.errors import BadRequest, HomeTrouble, NotFound
from bridge.home import home_folder

SERVICE = "redraft"
FILE = "keys.json"
PATIENCE_SECONDS = 3.0  # for a keychain: a locked one may ask somebody who is not there
UNLOCK_SECONDS = 30.0  # when the artist sets a key: somebody is there to answer its window
FRESH_SECONDS = 5.0  # for which what a keychain said is believed


def key_of(name: str) -> str:
    """The key kept under `name`; "" when there is none."""
    return _from_keychain(name) or _from_environment(name) or _file().get(name, "")


def where_of(name: str) -> str:
    """Where the key was found: keychain, environment or file; "" when there is none."""
    if _from_keychain(name):
        return "keychain"
    if _from_environment(name):
        return "environment"
    return "file" if _file().get(name) else ""


def set_key(name: str, key: str, *, in_file: bool = False) -> str:
    """Keeps it; returns a sentence that says where. HomeTrouble when there is no keychain."""
    if not key.strip() or not key.isprintable() or not key.isascii():
        raise BadRequest("That is no key: it is empty or has characters no key has. Copy it again.")
    forget_answers()
    if in_file:
        _write_file({**_file(), name: key.strip()})
        return f"The key for {name} is in a file that only you can read."
    asked = _ask(lambda keyring: keyring.set_password(SERVICE, name, key.strip()), UNLOCK_SECONDS)
    if asked.trouble or _from_keychain(name) != key.strip():
        raise HomeTrouble(
            f"There is no open keychain here. Use --file, or set {variable(name)} instead."
        )
    return f"The key for {name} is in the keychain."


def keychain_open() -> bool:
    """Whether a key could be kept in a keychain; asks it, and waits no longer than for a key."""
    return not _ask(lambda keyring: keyring.get_password(SERVICE, "nothing")).trouble and _real()


def remove_key(name: str) -> str:
    """NotFound when there is none that can be removed."""
    forget_answers()
    found = False
    if _from_keychain(name):
        _ask(lambda keyring: keyring.delete_password(SERVICE, name), UNLOCK_SECONDS)
        forget_answers()
        found = True
    kept = _file()
    if kept.pop(name, None) is not None:
        _write_file(kept)
        found = True
    if not found:
        raise NotFound(f"No key for {name} is kept here.")
    return f"The key for {name} is forgotten."


def variable(name: str) -> str:
    """The environment variable that may hold it, such as REDRAFT_KEY_BFL."""
    return f"REDRAFT_KEY_{name.upper()}"


def _from_environment(name: str) -> str:
    return os.environ.get(variable(name), "").strip()


@dataclass
class _Memory:
    """What a keychain said of late, so that greeting a host does not ask it for every model."""

    keys: dict[str, tuple[float, str]]
    waiting: threading.Thread | None = None  # for a keychain that did not answer in time


_memory = _Memory({})


def forget_answers() -> None:
    _memory.keys.clear()


def _from_keychain(name: str) -> str:
    now = time.monotonic()
    said = _memory.keys.get(name)
    if said is not None and now - said[0] < FRESH_SECONDS:
        return said[1]
    if _memory.waiting is not None and _memory.waiting.is_alive():
        return ""
    asked = _ask(lambda keyring: keyring.get_password(SERVICE, name))
    if asked.trouble == "silent":
        return ""
    found = asked.answer.strip() if isinstance(asked.answer, str) else ""
    _memory.keys[name] = (time.monotonic(), found)
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """trouble: "" (it answered), "none" (there is no open one) or "silent" (no answer in time)."""

    answer: Any = None
    trouble: str = "silent"


def _ask(question: Callable[[Any], Any], seconds: float = PATIENCE_SECONDS) -> _Asked:
    """Asked in a thread of its own: a locked keychain may wait for a window that nobody sees."""
    asked: list[_Asked] = []

    def ask() -> None:
        import keyring
        from keyring.errors import KeyringError

        try:
            asked.append(_Asked(question(keyring), ""))
        except (KeyringError, RuntimeError, OSError):
            asked.append(_Asked(None, "none"))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if asked:
        return asked[0]
    _memory.waiting = thread
    return _Asked()


def _real() -> bool:
    """Whether what answers keeps anything: the backend of a bare machine swallows keys."""
    import keyring

    return float(keyring.get_keyring().priority) > 0


def _path() -> Path:
    return home_folder() / FILE


def _file() -> dict[str, str]:
    try:
        kept = json.loads(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(key) for name, key in kept.items()} if isinstance(kept, dict) else {}


def _write_file(keys: dict[str, str]) -> None:
    path, fresh = _path(), _path().with_suffix(".new")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(keys, file)
    fresh.replace(path)
