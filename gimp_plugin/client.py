"""The plug-in's way to the bridge: finds it, starts it, talks to it. Nothing here blocks a host

if it is called, as it must be, off the host's main thread.

Byte for byte the same in every plug-in; needs nothing but Python.
"""

from __future__ import annotations

import http.client
import json
import os
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

WIRE = 1
MAGIC = b"REDRAFT\x01"
START_SECONDS = 30.0
CALL_SECONDS = 60.0
DRAWN_SECONDS = 1800.0  # a film may be drawn anew before its first byte comes
PIECE_BYTES = 1 << 20
QUIET_SECONDS = 60.0  # the bridge says every few seconds that nothing happened; longer is a loss
POLL_SECONDS = 0.1
# What a host sets for itself and must not reach another program.
HOST_VARIABLES = (
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "DYLD_",
    "PYTHON",
    "QT_",
    "QML",
    "GI_TYPELIB_PATH",
    "GTK_",
    "GDK_PIXBUF",
    "GEGL_",
    "BABL_",
    "APPDIR",
    "APPIMAGE",
)
OLDER = "This plug-in is older than Redraft; run “redraft install” again, then restart."
NEWER = "This plug-in is newer than the Redraft that runs; stop that one, or update it."


class Refused(Exception):
    """The bridge said no, in a sentence for the artist. `fault` is the whole of what it said."""

    def __init__(self, fault: Mapping[str, Any]) -> None:
        super().__init__(str(fault.get("sentence", "The bridge gave no reason.")))
        self.sentence = str(self)
        self.fault = dict(fault)


class Lost(Exception):
    """No bridge can be reached. `command`: what the artist may type to start one, or ""."""

    def __init__(self, sentence: str, command: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.command = command


class Client:
    """`folder`: the plug-in's own, where `redraft install` wrote bridge.json."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._starting = threading.Lock()

    # --- talking ----------------------------------------------------------------------------

    def get(self, path: str) -> dict[str, Any]:
        return self._json("GET", path, b"")

    def post(self, path: str, message: Mapping[str, Any] | None = None) -> dict[str, Any]:
        body = b"" if message is None else json.dumps(message).encode()
        return self._json("POST", path, body)

    def delete(self, path: str) -> dict[str, Any]:
        return self._json("DELETE", path, b"")

    def address(self, path: str) -> str:
        """Of a page of the bridge, for the artist's own browser."""
        return f"{self._session()['url']}{path}"

    def send(self, revision: Mapping[str, Any], parts: Mapping[str, bytes]) -> dict[str, Any]:
        """A revision with its pixels; `parts` in the order that the revision lists them."""
        start = framed({"revision": revision})
        return self._json("POST", "/v1/revisions", b"".join([start, *parts.values()]))

    def layer(self, revision: str, variant: int) -> tuple[dict[str, Any], dict[str, bytes]]:
        """The header of a finished layer, and its parts `patch` and `mask`."""
        frame = self._call("GET", f"/v1/revisions/{revision}/variants/{variant}/layer", b"")
        at = len(MAGIC) + 4
        if not frame.startswith(MAGIC):
            raise Lost(OLDER)
        (length,) = struct.unpack_from("<I", frame, len(MAGIC))
        header = json.loads(frame[at : at + length])
        at += length
        parts = {}
        for part in header["parts"]:
            parts[part["name"]] = frame[at : at + part["bytes"]]
            at += part["bytes"]
        return header, parts

    def download(self, path: str, to: Path, body: Iterable[bytes] = (), length: int = 0) -> None:
        """Into the file `to`, there whole or not at all. Refused when it can't be written.

        body: what is posted for it, of so many bytes; of none it is just fetched.
        """
        session = self._session()
        connection = self._connection(session, DRAWN_SECONDS)
        part = to.with_name(f"{to.name}.part")
        try:
            with _opened(part) as file:
                headers = self._headers(session)
                if length:
                    headers["Content-Length"] = str(length)
                _ask(connection, "POST" if length else "GET", path, body, headers)
                response = connection.getresponse()
                if response.status >= 400:
                    raise _refusal(response.read())
                while piece := response.read(PIECE_BYTES):
                    _write(file, piece)
            if response.length:  # of what was announced, what did not come
                raise http.client.IncompleteRead(b"", response.length)
            part.replace(to)
        except (OSError, http.client.HTTPException) as exc:
            raise Lost("The connection to Redraft was lost; try once more.") from exc
        finally:
            connection.close()
            part.unlink(missing_ok=True)

    def follow(self, revision: str) -> Iterator[dict[str, Any]]:
        """Every state of the revision until all of it is settled."""
        session = self._session()
        connection = self._connection(session, QUIET_SECONDS)
        try:
            path = f"/v1/revisions/{revision}/events"
            connection.request("GET", path, headers=self._headers(session))
            response = connection.getresponse()
            if response.status != 200:
                raise _refusal(response.read())
            while line := response.readline():
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])
        except (OSError, http.client.HTTPException) as exc:
            raise Lost("The connection to Redraft was lost; looking for it again.") from exc
        finally:
            connection.close()

    # --- one call ----------------------------------------------------------------------------

    def _json(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._call(method, path, body))
        return answer

    def _call(self, method: str, path: str, body: bytes) -> bytes:
        session = self._session()
        connection = self._connection(session, CALL_SECONDS)
        try:
            headers = self._headers(session)
            if body.startswith(b"{"):
                headers["Content-Type"] = "application/json"
            _ask(connection, method, path, body, headers)
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as exc:
            raise Lost("Redraft does not answer; looking for it again.") from exc
        finally:
            connection.close()
        if response.status >= 400:
            raise _refusal(content)
        return content

    def _connection(self, session: Mapping[str, Any], seconds: float) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(urlsplit(session["url"]).netloc, timeout=seconds)

    def _headers(self, session: Mapping[str, Any]) -> dict[str, str]:
        return {"Authorization": f"Bearer {session['token']}"}

    # --- finding and starting ----------------------------------------------------------------

    def _session(self) -> dict[str, Any]:
        """Of a bridge that answers, started if need be; Lost when there is none."""
        session = self._alive()
        if session is None:
            with self._starting:  # one of our threads starts it, the others wait for that
                session = self._alive() or self._start()
        if session["wire"] != WIRE:
            raise Lost(OLDER if session["wire"] > WIRE else NEWER)
        return session

    def _alive(self) -> dict[str, Any] | None:
        try:
            path = Path(self._setup()["home"]) / "session.json"
            session: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            connection = self._connection(session, 5.0)
            try:
                connection.request("GET", "/v1/alive")
                alive = connection.getresponse().status == 200
            finally:
                connection.close()
        except (OSError, ValueError, KeyError, http.client.HTTPException):
            return None
        return session if alive else None

    def _setup(self) -> dict[str, Any]:
        try:
            setup: dict[str, Any] = json.loads((self.folder / "bridge.json").read_text("utf-8"))
        except (OSError, ValueError) as exc:
            raise Lost("The plug-in is not set up; run “redraft install” again.") from exc
        return setup

    def _start(self) -> dict[str, Any]:
        command = [str(word) for word in self._setup()["command"]]
        with tempfile.TemporaryFile() as said:
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=said,
                    env=clean_environment(os.environ),
                    close_fds=True,
                    start_new_session=True,
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
            except OSError as exc:
                sentence = f"Redraft cannot be started from here ({exc.strerror}). Start it with:"
                raise Lost(sentence, _shown(command)) from exc
            deadline = time.monotonic() + START_SECONDS
            while time.monotonic() < deadline:
                session = self._alive()
                if session is not None:
                    return session
                if process.poll() not in (None, 7):  # 7: another bridge was faster; wait for that
                    said.seek(0)
                    lines = said.read().decode("utf-8", "replace").strip().splitlines()
                    raise Lost(
                        lines[-1] if lines else "Redraft ended at once. Start it with:",
                        _shown(command),
                    )
                time.sleep(POLL_SECONDS)
        raise Lost("Redraft did not start in time. Start it with:", _shown(command))


def _ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes | Iterable[bytes],
    headers: Mapping[str, str],
) -> None:
    """It may refuse before it has read all; then it says why, and that is to be read."""
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.request(method, path, body or None, headers)


def framed(header: Mapping[str, Any]) -> bytes:
    """What goes before the bytes of a frame's parts."""
    text = json.dumps(header).encode()
    return MAGIC + struct.pack("<I", len(text)) + text


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Without what the host has set for its own libraries."""
    return {
        name: value for name, value in environment.items() if not name.startswith(HOST_VARIABLES)
    }


def _shown(command: list[str]) -> str:
    if sys.platform == "win32":
        return subprocess.list2cmdline(command)
    import shlex

    return shlex.join(command)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("wb")
    except OSError as exc:
        raise _unwritable(path, exc) from exc


def _write(file: BinaryIO, piece: bytes) -> None:
    try:
        file.write(piece)
    except OSError as exc:
        raise _unwritable(Path(file.name), exc) from exc


def _unwritable(path: Path, exc: OSError) -> Refused:
    sentence = f"{path.parent} cannot be written to ({exc.strerror}); choose another folder."
    return Refused({"code": "unwritable", "sentence": sentence})


def _refusal(content: bytes) -> Refused:
    try:
        return Refused(json.loads(content)["error"])
    except (ValueError, KeyError, TypeError):
        return Refused({"code": "error", "sentence": "Redraft answered with something unreadable."})
