"""Of which homes of models the artist has read what goes where: told.json in Redraft's folder."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from bridge.errors import HomeTrouble
from bridge.home import write_private

FILE = "told.json"


class Told:
    """All calls may come from any thread."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = threading.Lock()

    def homes(self) -> frozenset[str]:
        """None when the file is missing or damaged: being told once more does no harm."""
        try:
            found = json.loads(self._path.read_bytes())
            return frozenset(str(home) for home in found)
        except (OSError, ValueError, TypeError):
            return frozenset()

    def add(self, home: str) -> None:
        """HomeTrouble when it cannot be kept."""
        with self._lock:
            try:
                write_private(self._path, json.dumps(sorted({*self.homes(), home})))
            except OSError as exc:
                raise HomeTrouble(f"{self._path} cannot be written; free some room.") from exc
