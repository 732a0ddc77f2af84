"""One round: from the press of the button to layers in the picture, whatever happens meanwhile."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from .canvas import Canvas
from .client import Client, Lost, Refused
from .kept import Reference
from .qt import QtCore, QtWidgets
from .sight import Obstacle
from .target import Arrived, Placed, Target
from .wanted import GOOD, agreement, plan_request, wants_a_click
from .worker import Courier

LAND_MS = 100  # between two looks whether a layer may land
LOST_SECONDS = 1.0
FINDS = 60  # of a lost bridge, before the round is left to the history


class Round(QtCore.QObject):
    """Signals carry what the panel shows; the round itself knows no widget.

    beside: what of the same result is in the picture already; it grows as layers land.
    """

    state = QtCore.pyqtSignal(object)  # the revision as the bridge tells it
    landed = QtCore.pyqtSignal(object, object)  # Placed, the layers that were
    over = QtCore.pyqtSignal(object)  # the revision, when nothing more will land
    failed = QtCore.pyqtSignal(str, object)  # a sentence, the bridge's fault or {}
    priced = QtCore.pyqtSignal(object)  # a plan that wants another click; nothing was sent

    def __init__(
        self,
        canvas: Canvas,
        client: Client,
        courier: Courier,
        target: Target,
        beside: Placed | None = None,
    ) -> None:
        super().__init__()
        self.canvas, self.client, self.courier, self.target = canvas, client, courier, target
        self.beside = beside
        self.revision: dict[str, Any] = {}
        self.waiting: list[Arrived] = []  # fetched, not yet placed
        self._all = self._hurried = self._placing = self._unwanted = False
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(LAND_MS)
        self._timer.timeout.connect(self._land)

    # --- out -----------------------------------------------------------------------------------

    def start(
        self,
        choice: Mapping[str, Any],
        more: Mapping[str, Any],
        references: Sequence[Reference],
        agreed: Mapping[str, Any],
    ) -> None:
        """more: fields of the revision beside its choice. agreed: the plan that the artist saw

        and pressed the button on; what it did not say is asked first.
        """
        asked = plan_request(self.target, choice, more)
        self.courier.work(
            lambda: self.client.post("/v1/plan", asked),
            lambda plan: self._planned(plan, {**asked, **more}, references, agreed),
            self._fail,
        )

    def _planned(
        self,
        plan: Mapping[str, Any],
        message: dict[str, Any],
        references: Sequence[Reference],
        agreed: Mapping[str, Any],
    ) -> None:
        if self._unwanted:
            self.failed.emit("", {})  # nothing was sent, and nothing is to be said
        elif not plan["usable"]:
            self.failed.emit(plan["why_not"], {})
        elif wants_a_click(plan, agreed):
            self.priced.emit(plan)
        else:
            self._send(plan, {**message, **agreement(agreed)}, references)

    def _send(
        self, plan: Mapping[str, Any], message: dict[str, Any], references: Sequence[Reference]
    ) -> None:
        box = plan["box"]
        try:
            parts = self.canvas.export(
                self.target,
                (box["left"], box["top"], box["right"], box["bottom"]),
                references,
            )
        except Obstacle as exc:
            self.failed.emit(str(exc), {})
            return
        choice = {**message["choice"], "model": plan["model"]}
        told = {"box": box, "source": self.target.source, "max_usd": plan["usd"]}
        revision = {**message, **told, "choice": choice, "parts": parts.said}

        def send_and_follow() -> None:
            self._follow(self.client.send(revision, parts.pixels))

        self.courier.work(send_and_follow, lambda _: self._end(), self._fail)

    def attach(self, revision: Mapping[str, Any]) -> None:
        """Goes on with a revision that an earlier round left behind."""
        self.courier.work(lambda: self._follow(revision), lambda _: self._end(), self._fail)

    def ask(self, path: str, message: Mapping[str, Any] | None = None) -> None:
        """A revision that the bridge makes by itself from what it has."""
        self.courier.work(
            lambda: self._follow(self.client.post(path, message)),
            lambda _: self._end(),
            self._fail,
        )

    def fetch(self, revision: Mapping[str, Any]) -> None:
        """The layers of a revision that is settled, once more."""
        self._tell(dict(revision))
        done = [one["number"] for one in revision["variants"] if one["state"] in GOOD]
        id = revision["id"]

        def fetch() -> None:
            for number in done:
                self.courier.hand(self._came, Arrived(*self.client.layer(id, number)))

        self.courier.work(fetch, lambda _: self._end(), self._fail)

    def cancel(self) -> None:
        """As soon as the bridge has it; what has not been sent is not sent any more."""
        self._unwanted = True
        if self.revision:
            path = f"/v1/revisions/{self.revision['id']}"
            self.courier.work(lambda: self.client.delete(path), lambda _: None, self._fail)

    def place_now(self) -> None:
        """What is here lands; what comes later lands beside it."""
        self._hurried = True
        self._try()

    # --- in the background -----------------------------------------------------------------------

    def _follow(self, started: Mapping[str, Any]) -> None:
        """Until all is settled; a bridge that is lost meanwhile is found again."""
        fetched: set[int] = set()
        self._take(started, fetched)
        for _ in range(FINDS):
            last = started
            try:
                for last in self.client.follow(started["id"]):
                    self._take(last, fetched)
                if last["settled"]:
                    return
            except Lost:
                time.sleep(LOST_SECONDS)
        raise Lost("Redraft was lost; the result waits in the history once it is back.")

    def _take(self, revision: Mapping[str, Any], fetched: set[int]) -> None:
        self.courier.hand(self._tell, revision)
        for one in revision["variants"]:
            if one["state"] == "composed" and one["number"] not in fetched:
                layer = Arrived(*self.client.layer(revision["id"], one["number"]))
                fetched.add(one["number"])
                self.courier.hand(self._came, layer)

    # --- on the main thread ----------------------------------------------------------------------

    def _tell(self, revision: dict[str, Any]) -> None:
        first, self.revision = not self.revision, revision
        if first and self._unwanted:
            self.cancel()
        self.state.emit(revision)

    def _fail(self, exc: Refused | Lost) -> None:
        self._timer.stop()
        command = f"  {exc.command}" if isinstance(exc, Lost) and exc.command else ""
        self.failed.emit(exc.sentence + command, exc.fault if isinstance(exc, Refused) else {})

    def _came(self, layer: Arrived) -> None:
        self.waiting.append(layer)
        self.waiting.sort(key=lambda one: int(one.header["variant"]))
        self.state.emit(self.revision)
        self._try()

    def _end(self) -> None:
        self._all = True
        self._try()

    def _try(self) -> None:
        """A group lands at once: when its last variant is in, or when the artist says so."""
        if self._placing:  # it tries again when that is done
            return
        if self.waiting and (self._all or self._hurried):
            # By the clock, never at once: a picture that is just being closed is gone by then.
            self._timer.start()
        elif self._all and not self.waiting:
            self._timer.stop()
            self.over.emit(self.revision)

    def _land(self) -> None:
        """Never while the artist draws or has a tool open."""
        layers = self.waiting
        try:
            if not layers or is_drawing() or not self.canvas.ready(self.target):
                return
            # Krita runs its events while it adds layers: nothing may land a second time then.
            self._timer.stop()
            self.waiting, self._placing = [], True
            placed = self.canvas.place(self.target, layers, self.beside)
        except Obstacle as exc:
            self._timer.stop()
            self.failed.emit(str(exc), {})
            return
        finally:
            self._placing = False
        before = self.beside.layers if self.beside else ()
        self.beside = Placed((*before, *placed.layers), placed.group)
        self.courier.work(lambda: self._deliver(layers), lambda _: None, lambda _: None)
        self.landed.emit(placed, layers)
        self._try()

    def _deliver(self, layers: Sequence[Arrived]) -> None:
        for layer in layers:
            id, number = layer.header["revision"], layer.header["variant"]
            self.client.post(f"/v1/revisions/{id}/variants/{number}/delivered")


def is_drawing() -> bool:
    pressed = QtWidgets.QApplication.mouseButtons()
    return bool(pressed != QtCore.Qt.MouseButton.NoButton)
