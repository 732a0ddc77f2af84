"""A real browser without a window, driven over Firefox's own remote control (Marionette).

Each message is its length in bytes, a colon, and JSON: [0, id, command, parameters] there and
[1, id, error, result] back.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import wait_for

START_SECONDS = 90.0
CALL_SECONDS = 60.0
# As the WebDriver standard names it.
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


@dataclass
class Browser:
    line: socket.socket
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def open(self, url: str) -> None:
        self._call("WebDriver:Navigate", url=url)

    def type(self, selector: str, text: str) -> None:
        self._call("WebDriver:ElementSendKeys", id=self._find(selector), text=text)

    def click(self, selector: str) -> None:
        """Returns when the page that the click leads to is there."""
        self._call("WebDriver:ElementClick", id=self._find(selector))

    def text(self, selector: str = "body") -> str:
        return str(self._call("WebDriver:GetElementText", id=self._find(selector))["value"])

    def source(self) -> str:
        return str(self._call("WebDriver:GetPageSource")["value"])

    def run(self, script: str) -> Any:
        """What `script` returns in the page."""
        return self._call("WebDriver:ExecuteScript", script=script, args=[])["value"]

    def screenshot(self, path: Path) -> None:
        shown = self._call("WebDriver:TakeScreenshot", full=False)
        path.write_bytes(base64.b64decode(shown["value"]))

    def _find(self, selector: str) -> str:
        found = self._call("WebDriver:FindElement", using="css selector", value=selector)
        return str(found["value"][ELEMENT])

    def _call(self, command: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        text = json.dumps([0, number, command, parameters]).encode()
        self.line.sendall(f"{len(text)}:".encode() + text)
        _, answered, error, result = self.hear()
        assert (answered, error) == (number, None), f"{command}: {error}"
        return dict(result or {})

    def hear(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            length += self._some(1)
        body, wanted = b"", int(length[:-1])
        while len(body) < wanted:
            body += self._some(wanted - len(body))
        return json.loads(body)

    def _some(self, most: int) -> bytes:
        piece = self.line.recv(most)
        assert piece, "the browser hung up"
        return piece


@contextmanager
def browsing(folder: Path) -> Iterator[Browser]:
    """folder: for its profile and home; nothing of the user's own is touched."""
    profile = folder / "profile"
    profile.mkdir()
    (profile / "user.js").write_text('user_pref("marionette.port", 0);\n')
    environment = {**os.environ, "HOME": str(folder), "MOZ_HEADLESS": "1"}
    command = ["firefox-esr", "--headless", "--marionette", "--no-remote", "--profile"]
    log = (folder / "browser.log").open("wb")
    process = subprocess.Popen(
        [*command, str(profile)], stdout=log, stderr=subprocess.STDOUT, env=environment
    )
    try:
        with socket.create_connection(("127.0.0.1", _port(process, profile)), CALL_SECONDS) as line:
            browser = Browser(line)
            browser.hear()  # it says first what it is
            browser._call("WebDriver:NewSession", strictFileInteractability=True)
            yield browser
    finally:
        process.terminate()
        process.wait(CALL_SECONDS)
        log.close()


def _port(process: subprocess.Popen[bytes], profile: Path) -> int:
    """The one it chose and wrote into its profile."""
    written = profile / "MarionetteActivePort"
    wait_for(lambda: process.poll() is not None or _read(written).isdigit(), START_SECONDS)
    assert process.poll() is None, (profile.parent / "browser.log").read_text()
    return int(_read(written))


def _read(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""
