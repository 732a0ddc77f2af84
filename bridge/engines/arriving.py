"""The answer to a paid request, on the disk while it arrives.

A bridge that is killed with an answer in its hands finds it there and reads it again, instead of
asking whether it was paid. The file: a line of JSON (status, headers), then the body as it came.
It has its own name once it is whole, and that name with ".part" until then.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bridge.engines.base import Response

log = logging.getLogger("redraft.arriving")

EVENT_ENDS = (b"\n\n", b"\r\n\r\n")


@dataclass
class Arriving:
    """`path`: where the whole answer lies. Its writing gives up in silence when the disk is full:

    the answer is in memory, too, and goes on from there.
    """

    path: Path
    _file: BinaryIO | None = None

    @property
    def part(self) -> Path:
        return self.path.with_name(f"{self.path.name}.part")

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        try:
            self.close()
            self.forget()
            handle = os.open(self.part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(handle, "wb", buffering=0)
            self.add(json.dumps([status, dict(headers)]).encode() + b"\n")
        except OSError as exc:
            self._give_up(exc)

    def add(self, piece: bytes) -> None:
        try:
            if self._file is not None:
                self._file.write(piece)
        except OSError as exc:
            self._give_up(exc)

    def whole(self) -> None:
        """It is all there; on the disk when this returns."""
        try:
            if self._file is not None:
                os.fsync(self._file.fileno())
                self.part.replace(self.path)
        except OSError as exc:
            self._give_up(exc)
        self.close()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)
        self.part.unlink(missing_ok=True)

    def kept(self) -> Response | None:
        """A whole answer, or of a stream of events those that are whole; None when neither."""
        for path in (self.path, self.part):
            try:
                head, _, body = path.read_bytes().partition(b"\n")
                status, headers = json.loads(head)
            except (OSError, ValueError, TypeError):
                continue
            if path == self.path:
                return Response(int(status), headers, body)
            if "text/event-stream" in headers.get("content-type", ""):
                ends = [body.rfind(end) + len(end) for end in EVENT_ENDS if end in body]
                return Response(int(status), headers, body[: max(ends)]) if ends else None
        return None

    def _give_up(self, exc: OSError) -> None:
        log.warning("an answer is not kept while it arrives: %s", exc.strerror)
        self.close()
