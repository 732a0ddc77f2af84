"""Provider keys: the OS keychain first, the environment next, a file only when told.

A key goes to its provider and nowhere else: never on the wire, in a log, a history or an error.
"""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

from bridge.errors import BadRequest, HomeTrouble, NotFound
from bridge.home import home_folder

SERVICE = "redraft"
FILE = "keys.json"
PATIENCE_SECONDS = 3.0  # for a keychain: a locked one may ask somebody who is not there


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
    if in_file:
        _write_file({**_file(), name: key.strip()})
        return f"The key for {name} is in a file that only you can read."
    if not _asked(lambda keyring: keyring.set_password(SERVICE, name, key.strip()) or True):
        raise HomeTrouble(
            f"There is no open keychain here. Use --file, or set {variable(name)} instead."
        )
    return f"The key for {name} is in the keychain."


def remove_key(name: str) -> str:
    """NotFound when there is none that can be removed."""
    found = False
    if _from_keychain(name):
        _asked(lambda keyring: keyring.delete_password(SERVICE, name))
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


def _from_keychain(name: str) -> str:
    found = _asked(lambda keyring: keyring.get_password(SERVICE, name))
    return found.strip() if isinstance(found, str) else ""


def _asked(question: Any) -> Any:
    """What the keychain said; None without one, and when it is locked or does not answer.

    Asked in a thread of its own: some keychains wait for a window that nobody sees.
    """
    answers: list[Any] = []

    def ask() -> None:
        import keyring
        from keyring.errors import KeyringError

        try:
            answers.append(question(keyring))
        except (KeyringError, RuntimeError, OSError):
            return

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PATIENCE_SECONDS)
    return answers[0] if answers else None


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
