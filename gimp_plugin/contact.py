"""Whether the bridge is there: greeted once, and sought again when it is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .client import Client, Lost, Refused

if TYPE_CHECKING:
    from .worker import Courier

STARTING = "Starting Redraft …"


class Contact:
    """came: its greeting. trouble: a sentence about a bridge that cannot be reached, and a command

    that would start it or ""; two "" when it is there again. said: what was said of it since.
    """

    def __init__(
        self,
        client: Client,
        courier: Courier,
        came: Callable[[Mapping[str, Any]], None],
        trouble: Callable[[str, str], None],
    ) -> None:
        self.client, self.courier, self.came, self.trouble = client, courier, came, trouble
        self.greeted = self._seeking = False
        self.said: set[str] = set()

    def seek(self) -> None:
        """Finds it, or starts it; what was said of it stays until then."""
        if self._seeking:
            return
        self._seeking = True
        if not self.said:
            self._say(STARTING, "")
        self.courier.work(lambda: self.client.get("/v1/hello"), self._came, self._not_there)

    def failed(self, exc: Refused | Lost) -> None:
        """A call did; of a bridge that is lost the next look finds another."""
        if isinstance(exc, Lost):
            self.greeted = False
        self._say(exc.sentence, "")

    def found(self) -> None:
        """What was said of the lost bridge is no longer true."""
        if self.said:
            self.trouble("", "")
            self.said = set()

    def _came(self, hello: Mapping[str, Any]) -> None:
        self.greeted, self._seeking = True, False
        self.found()
        self.came(hello)

    def _not_there(self, exc: Refused | Lost) -> None:
        self._seeking = False
        self._say(exc.sentence, exc.command if isinstance(exc, Lost) else "")

    def _say(self, sentence: str, command: str) -> None:
        self.said.add(sentence)
        self.trouble(sentence, command)
