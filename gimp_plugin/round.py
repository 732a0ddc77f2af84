"""One round: from the press of the button to layers in the picture, whatever happens meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from .canvas import Arrived, Canvas, Obstacle, Target
from .client import Client, Lost, Refused

if TYPE_CHECKING:
    from .worker import Courier

LAND_MS = 150  # between two looks whether a layer may land
LOST_SECONDS = 1.0
FINDS = 60  # of a lost bridge, before the round is left to the history


class Hears(Protocol):
    """Whoever shows how a round goes; called on the main thread."""

    def state(self, revision: Mapping[str, Any]) -> None: ...
    def landed(self, layers: Mapping[int, str], revision: Mapping[str, Any]) -> None: ...
    def failed(self, sentence: str, fault: Mapping[str, Any]) -> None: ...
    def asks_first(self, plan: Mapping[str, Any]) -> None: ...
    def busy(self) -> bool: ...


class Round:
    """hears.busy: whether the artist is drawing, so that nothing may land now."""

    def __init__(
        self, canvas: Canvas, client: Client, courier: Courier, target: Target, hears: Hears
    ) -> None:
        self.canvas, self.client, self.courier = canvas, client, courier
        self.target, self.hears = target, hears
        self.revision: dict[str, Any] = {}
        self.landing = False
        self._layers: list[Arrived] = []

    # --- out -----------------------------------------------------------------------------------

    def start(
        self,
        choice: Mapping[str, Any],
        more: Mapping[str, Any],
        why_not: Callable[[Mapping[str, Any]], str] = lambda plan: "",
        agreed: Mapping[str, str] | None = None,
    ) -> None:
        """more: edge, seed and parent of the revision. why_not: the last word on a plan.

        agreed: what the artist has read (where, confirm) before this press; None: ask nothing.
        """
        asked: dict[str, Any] = {"document": self.target.document(), "choice": dict(choice)}
        if self.target.selection:
            asked["selection"] = area(self.target.selection)

        def send(plan: Mapping[str, Any]) -> None:
            against = "" if plan["usable"] else plan["why_not"]
            against = against or why_not(plan)
            if against:
                self.hears.failed(against, {})
            elif agreed is not None and wants_a_click(plan, agreed):
                self.hears.asks_first(plan)
            else:
                self._send(plan, {**asked, **more})

        self.courier.work(lambda: self.client.post("/v1/plan", asked), send, self._fail)

    def _send(self, plan: Mapping[str, Any], message: dict[str, Any]) -> None:
        box = plan["box"]
        try:
            infos, parts = self.canvas.export(
                self.target, (box["left"], box["top"], box["right"], box["bottom"])
            )
        except Obstacle as exc:
            self.hears.failed(str(exc), {})
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
        self.hears.state(revision)

    def _fail(self, exc: Refused | Lost) -> None:
        command = f"  {exc.command}" if isinstance(exc, Lost) and exc.command else ""
        self.hears.failed(exc.sentence + command, exc.fault if isinstance(exc, Refused) else {})

    def _arrive(self, layers: list[Arrived]) -> None:
        self._layers = layers
        if not layers:
            self.hears.landed({}, self.revision)
        elif self._land():
            self.landing = True
            self.courier.every(LAND_MS, self._land)

    def _land(self) -> bool:
        """Never while the artist draws. Returns whether it is still to be done."""
        if self.hears.busy():
            return True
        self.landing = False
        try:
            ids = self.canvas.place(self.target, self._layers)
        except Obstacle as exc:
            self.hears.failed(str(exc), {})
            return False
        numbers = [layer.header["variant"] for layer in self._layers]
        revision = self.revision

        def told(_: Any) -> None:
            self.hears.landed(dict(zip(numbers, ids, strict=True)), revision)

        # A bridge that could not be told offers the result once more; nothing is lost by that.
        self.courier.work(self._deliver, told, told)
        return False


def wants_a_click(plan: Mapping[str, Any], agreed: Mapping[str, str]) -> bool:
    """Whether the artist has to read what goes where, or what it costs, before it goes."""
    unread = plan.get("where_new") and agreed.get("where") != plan.get("where")
    unconfirmed = plan.get("confirm") and agreed.get("confirm") != plan.get("confirm")
    return bool(unread or unconfirmed)


def area(box: tuple[int, int, int, int]) -> dict[str, int]:
    return dict(zip(("left", "top", "right", "bottom"), box, strict=True))
