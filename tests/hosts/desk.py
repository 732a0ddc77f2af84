"""What of an artist's desk this machine itself must have: a keychain and a browser, from Debian."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

# What is looked for -> the package it is in.
DESK = {
    "dbus-run-session": "dbus",
    "gnome-keyring-daemon": "gnome-keyring",
    "firefox-esr": "firefox-esr",
}


def missing(*commands: str) -> list[str]:
    """Those that are not there; of all when none is named."""
    return [command for command in commands or DESK if shutil.which(command) is None]


def install_desk() -> None:
    """RuntimeError with the end of what apt said."""
    wanted = [DESK[command] for command in missing()]
    if not wanted:
        return
    install = ["apt-get", "install", "-y", "--no-install-recommends", *wanted]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        install, capture_output=True, text=True, check=False, env=environment, timeout=1800
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(install)}:\n{(done.stdout + done.stderr)[-3000:]}")


def require(*commands: str) -> None:
    """Skips the test loudly where they are not there; fails it where they must be."""
    lacking = missing(*commands)
    if lacking and os.environ.get("REDRAFT_REQUIRE_HOSTS") == "1":
        pytest.fail(f"{', '.join(lacking)} must be here; `make hosts` installs it")
    if lacking:
        pytest.skip(f"NOT TESTED with a real {', '.join(lacking)}: `make hosts` installs it")
