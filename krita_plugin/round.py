"""One round: from the press of the button to layers in the picture, whatever happens meanwhile."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from .canvas import Arrived, Canvas, Obstacle, Target
from .client import Client, Lost, Refused
from .qt import QtCore, QtWidgets
from .worker import Courier

LAND_MS = 150  # between two looks whether a layer may land
LOST_SECONDS = 1.0
FINDS = 60  # of a lost bridge, before the round is left to the history


class Round(QtCore.QObject):
    """Signals carry what the panel shows; the round itself knows no widget."""

    state = QtCore.pyqtSignal(object)  # the revision as the bridge tells it
    landed = QtCore.pyqtSignal(object, object)  # ids of the layers by variant, the revision
    failed = QtCore.pyqtSignal(str)  # a sentence

    def __init__(self, canvas: Canvas, client: Client, courier: Courier, target: Target) -> None:
        super().__init__()
        self.canvas, self.client, self.courier, self.target = canvas, client, courier, target
        self.revision: dict[str, Any] = {}
        self._layers: list[Arrived] = []
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(LAND_MS)
        self._timer.timeout.connect(self._land)

    # --- out -----------------------------------------------------------------------------------

    def start(self, choice: Mapping[str, Any], more: Mapping[str, Any]) -> None:
        """more: edge, seed and parent of the revision."""
        asked: dict[str, Any] = {"document": self.target.document(), "choice": dict(choice)}
        if self.target.selection:
            asked["selection"] = area(self.target.selection)
        self.courier.work(
            lambda: self.client.post("/v1/plan", asked),
            lambda plan: self._send(plan, {**asked, **more}),
            self._fail,
        )

    def _send(self, plan: Mapping[str, Any], message: dict[str, Any]) -> None:
        if not plan["usable"]:
            self.failed.emit(plan["why_not"])
            return
        box = plan["box"]
        try:
            infos, parts = self.canvas.export(
                self.target, (box["left"], box["top"], box["right"], box["bottom"])
            )
        except Obstacle as exc:
            self.failed.emit(str(exc))
            return
        choice = {**message["choice"], "model": plan["model"]}
        told = {"box": box, "source": self.target.source, "max_usd": plan["usd"]}
        revision = {**message, **told, "choice": choice, "parts": infos}

        def send_and_follow() -> list[Arrived]:
            started = self.client.send(revision, parts)
            return self._follow(started)

        self.courier.work(send_and_follow, self._arrive, self._fail)

    def attach(self, revision: Mapping[str, Any]) -> None:
        """Goes on with a revision that an earlier round left behind."""
        self.courier.work(lambda: self._follow(revision), self._arrive, self._fail)

    def fetch(self, revision: Mapping[str, Any]) -> None:
        """The layers of a revision that is settled, once more."""
        self._tell(dict(revision))
        good = ("composed", "delivered")
        done = [one["number"] for one in revision["variants"] if one["state"] in good]
        id = revision["id"]
        self.courier.work(
            lambda: [Arrived(*self.client.layer(id, number)) for number in done],
            self._arrive,
            self._fail,
        )

    def cancel(self) -> None:
        if self.revision:
            path = f"/v1/revisions/{self.revision['id']}"
            self.courier.work(lambda: self.client.delete(path), lambda _: None, self._fail)

    # --- in the background -----------------------------------------------------------------------

    def _follow(self, started: Mapping[str, Any]) -> list[Arrived]:
        """Until all is settled; a bridge that is lost meanwhile is found again."""
        last: Mapping[str, Any] = started
        self.courier.hand(self._tell, last)
        for _ in range(FINDS):
            try:
                for last in self.client.follow(started["id"]):
                    self.courier.hand(self._tell, last)
                if last["settled"]:
                    break
            except Lost:
                time.sleep(LOST_SECONDS)
        else:
            raise Lost("Redraft was lost; the result waits in the history once it is back.")
        done = [one["number"] for one in last["variants"] if one["state"] == "composed"]
        return [Arrived(*self.client.layer(started["id"], number)) for number in done]

    def _deliver(self) -> None:
        id = self.revision["id"]
        for layer in self._layers:
            self.client.post(f"/v1/revisions/{id}/variants/{layer.header['variant']}/delivered")

    # --- on the main thread ----------------------------------------------------------------------

    def _tell(self, revision: dict[str, Any]) -> None:
        self.revision = revision
        self.state.emit(revision)

    def _fail(self, exc: Refused | Lost) -> None:
        command = f"  {exc.command}" if isinstance(exc, Lost) and exc.command else ""
        self.failed.emit(exc.sentence + command)

    def _arrive(self, layers: list[Arrived]) -> None:
        self._layers = layers
        if layers:
            self._timer.start()
            self._land()
        else:
            self.landed.emit({}, self.revision)

    def _land(self) -> None:
        """Never while the artist draws or has a tool open."""
        try:
            if self._drawing() or not self.canvas.ready(self.target):
                return
            self._timer.stop()
            ids = self.canvas.place(self.target, self._layers)
        except Obstacle as exc:
            self._timer.stop()
            self.failed.emit(str(exc))
            return
        self.courier.work(self._deliver, lambda _: None, self._fail)
        numbers = [layer.header["variant"] for layer in self._layers]
        self.landed.emit(dict(zip(numbers, ids, strict=True)), self.revision)

    def _drawing(self) -> bool:
        pressed = QtWidgets.QApplication.mouseButtons()
        return bool(pressed != QtCore.Qt.MouseButton.NoButton)


def area(box: tuple[int, int, int, int]) -> dict[str, int]:
    return dict(zip(("left", "top", "right", "bottom"), box, strict=True))
