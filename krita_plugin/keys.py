"""Keys are given on a page of the bridge, in the artist's own browser: here nobody sees one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .client import Client
from .panel import Panel
from .qt import QtCore, QtGui
from .worker import Courier

LOOKS = 5  # between two questions whether a key has been given


class Keys:
    """docker: what asks for the plan again and says what stands in the way."""

    def __init__(self, client: Client, courier: Courier, panel: Panel, docker: Any) -> None:
        self.client, self.courier, self.panel, self.docker = client, courier, panel, docker
        self._looks = 0  # since a page was opened; 0: none is
        panel.more.key.connect(self.open)

    def open(self, name: str) -> None:
        """The page of one field for the key of this name, through a one-time link."""
        self.courier.work(
            lambda: self.client.address(self.client.post(f"/v1/keys/{name}/page")["path"]),
            self._show,
            lambda exc: self.docker.course.say(exc.sentence),
        )

    def look(self) -> None:
        """Back from the page, the models are as the new key makes them; all else as it was."""
        if self._looks:
            self._looks += 1
            if self._looks % LOOKS == 0:
                self.courier.work(lambda: self.client.get("/v1/hello"), self._greet, lambda _: None)

    def _show(self, address: str) -> None:
        self._looks = 1
        QtGui.QDesktopServices.openUrl(QtCore.QUrl(address))

    def _greet(self, hello: Mapping[str, Any]) -> None:
        before = {id for id, one in self.panel.model.models.items() if one["usable"]}
        if {one["id"] for one in hello["models"] if one["usable"]} - before:
            self._looks = 0
            self.panel.greet(hello)
            self.docker.plan()
