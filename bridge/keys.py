"""Provider keys: the OS keychain first, the environment next. Never on the wire or in a log."""

from __future__ import annotations

import os

SERVICE = "redraft"


def key_of(name: str) -> str:
    """The key kept under `name`; "" when there is none."""
    return _from_keychain(name) or os.environ.get(variable(name), "").strip()


def variable(name: str) -> str:
    """The environment variable that may hold it, such as REDRAFT_KEY_BFL."""
    return f"REDRAFT_KEY_{name.upper()}"


def _from_keychain(name: str) -> str:
    """A machine without a keychain, or with a locked one, simply has no key there."""
    import keyring
    from keyring.errors import KeyringError

    try:
        return (keyring.get_password(SERVICE, name) or "").strip()
    except KeyringError:
        return ""
