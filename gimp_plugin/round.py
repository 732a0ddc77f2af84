"""One round: from the press of the button to layers in the picture, whatever happens meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from .canvas import Canvas
from .client import Client, Lost, Refused
from .kept import Reference
from .target import Arrived, Obstacle, Placed, Target
from .wanted import GOOD, agreement, plan_request, wants_a_click

if TYPE_CHECKING:
    from .worker import Courier

LAND_MS = 150  # between two looks whether a layer may land
LOST_SECONDS = 1.0
FINDS = 60  # of a lost bridge, before the round is left to the history


class Hears(Protocol):
    """Whoever shows how a round goes; called on the main thread."""

    def state(self, revision: Mapping[str, Any]) -> None: ...
    def landed(self, placed: Placed, layers: Sequence[Arrived]) -> None: ...
    def over(self, revision: Mapping[str, Any]) -> None: ...
    def failed(self, sentence: str, fault: Mapping[str, Any]) -> None: ...
    def priced(self, plan: Mapping[str, Any]) -> None: ...
    def busy(self) -> bool: ...


class Round:
    """hears.busy: whether the artist is drawing, so that nothing may land now.

    beside: what of the same result is in the picture already; it grows as layers land.
    """

    def __init__(
        self,
        canvas: Canvas,
        client: Client,
        courier: Courier,
        target: Target,
        hears: Hears,
        beside: Placed | None = None,
    ) -> None:
        self.canvas, self.client, self.courier = canvas, client, courier
        self.target, self.hears, self.beside = target, hears, beside
        self.revision: dict[str, Any] = {}
        self.waiting: list[Arrived] = []  # fetched, not yet placed
        self.landing = False
        self._all = self._hurried = self._failed = False
        self._telling = 0  # layers that landed and the bridge is being told of

    # --- out -----------------------------------------------------------------------------------

    def start(
        self,
        choice: Mapping[str, Any],
        more: Mapping[str, Any],
        references: Sequence[Reference] = (),
        agreed: Mapping[str, Any] | None = None,
        why_not: Callable[[Mapping[str, Any]], str] = lambda plan: "",
    ) -> None:
        """more: fields of the revision beside its choice. why_not: the last word on a plan.

        agreed: the plan that the artist saw and pressed the button on; what it did not say is
        asked first. None: nothing is.
        """
        asked = plan_request(self.target, choice, more)

        def planned(plan: Mapping[str, Any]) -> None:
            against = "" if plan["usable"] else plan["why_not"]
            against = against or why_not(plan)
            if against:
                self._give_up(against)
            elif agreed is not None and wants_a_click(plan, agreed):
                self.hears.priced(plan)
            else:
                read = plan if agreed is None else agreed
                self._send(plan, {**asked, **more, **agreement(read)}, references)

        self.courier.work(lambda: self.client.post("/v1/plan", asked), planned, self._fail)

    def _send(
        self, plan: Mapping[str, Any], message: dict[str, Any], references: Sequence[Reference]
    ) -> None:
        box = plan["box"]
        try:
            infos, parts = self.canvas.export(
                self.target, (box["left"], box["top"], box["right"], box["bottom"]), references
            )
        except Obstacle as exc:
            self._give_up(str(exc))
            return
        choice = {**message["choice"], "model": plan["model"]}
        told = {"box": box, "source": self.target.source, "max_usd": plan["usd"]}
        revision = {**message, **told, "choice": choice, "parts": infos}
        self._work(lambda: self.client.send(revision, parts))

    def attach(self, revision: Mapping[str, Any]) -> None:
        """Goes on with a revision that an earlier round left behind."""
        self._work(lambda: revision)

    def ask(self, path: str, message: Mapping[str, Any] | None = None) -> None:
        """A revision that the bridge makes by itself from what it has."""
        self._work(lambda: self.client.post(path, message))

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
        if self.revision:
            path = f"/v1/revisions/{self.revision['id']}"
            self.courier.work(lambda: self.client.delete(path), lambda _: None, self._fail)

    def place_now(self) -> None:
        """What is here lands; what comes later lands beside it."""
        self._hurried = True
        self._try()

    # --- in the background -----------------------------------------------------------------------

    def _work(self, begin: Callable[[], Mapping[str, Any]]) -> None:
        self.courier.work(lambda: self._follow(begin()), lambda _: self._end(), self._fail)

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

    def _deliver(self, layers: Sequence[Arrived]) -> None:
        for layer in layers:
            id, number = layer.header["revision"], layer.header["variant"]
            self.client.post(f"/v1/revisions/{id}/variants/{number}/delivered")

    # --- on the main thread ----------------------------------------------------------------------

    def _tell(self, revision: dict[str, Any]) -> None:
        self.revision = revision
        if not self._failed:
            self.hears.state(revision)

    def _fail(self, exc: Refused | Lost) -> None:
        command = f"  {exc.command}" if isinstance(exc, Lost) and exc.command else ""
        self._give_up(exc.sentence + command, exc.fault if isinstance(exc, Refused) else {})

    def _give_up(self, sentence: str, fault: Mapping[str, Any] | None = None) -> None:
        """Once: what still comes from the background is left to the history."""
        if not self._failed:
            self._failed = True
            self.hears.failed(sentence, fault or {})

    def _came(self, layer: Arrived) -> None:
        self.waiting.append(layer)
        self.waiting.sort(key=lambda one: int(one.header["variant"]))
        if not self._failed:
            self.hears.state(self.revision)
        self._try()

    def _end(self) -> None:
        self._all = True
        self._try()

    def _try(self) -> None:
        """A group lands at once: when its last variant is in, or when the artist says so."""
        if self.landing or self._failed:
            return
        if self.waiting and (self._all or self._hurried):
            if self._land():
                self.landing = True
                self.courier.every(LAND_MS, self._land)
        elif self._all and not self._telling:
            self.hears.over(self.revision)

    def _land(self) -> bool:
        """Never while the artist draws. Returns whether it is still to be done."""
        if self.hears.busy():
            return True
        self.landing = False
        layers, self.waiting = self.waiting, []
        try:
            placed = self.canvas.place(self.target, layers, self.beside)
        except Obstacle as exc:
            self._give_up(str(exc))
            return False
        before = self.beside.layers if self.beside else ()
        self.beside = Placed((*before, *placed.layers), placed.group)
        self._telling += 1
        # A bridge that could not be told offers the result once more; nothing is lost by that.
        self.courier.work(lambda: self._deliver(layers), self._told, self._told)
        self.hears.landed(placed, layers)
        return False

    def _told(self, _: Any) -> None:
        self._telling -= 1
        self._try()
