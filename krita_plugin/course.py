"""The course of one picture: its round, its result, and the one line said about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .canvas import Canvas
from .client import Client, Lost, Refused
from .qt import QtCore
from .remedy import Remedy
from .result import Result, Variant
from .round import Round
from .sight import Obstacle
from .target import Arrived, Placed, Target
from .wanted import Offer, Wanted, agreement, wants_a_click
from .worker import Courier


class Course(QtCore.QObject):
    """words: the bridge's. Everything else is what the docker shows of this picture."""

    changed = QtCore.pyqtSignal()
    priced = QtCore.pyqtSignal(object)  # a plan that wants another click

    def __init__(
        self,
        canvas: Canvas,
        client: Client,
        courier: Courier,
        words: Callable[[], Mapping[str, str]],
    ) -> None:
        super().__init__()
        self.canvas, self.client, self.courier, self._words = canvas, client, courier, words
        self.round: Round | None = None
        self.result: Result | None = None
        self.button: str | None = None  # what it says while a round runs
        self.fraction: float | None = None
        self.sentence = ""
        self.offer: Offer | None = None
        self.spent = ""  # on this picture so far
        self.finish: Mapping[str, Any] = {}  # what painting the shown variant out would be
        self.wanted: Wanted | None = None
        self._extends = False  # whether what lands joins the result that is there
        self._original = False
        self._remedy = Remedy(self)

    # --- what is shown ---------------------------------------------------------------------------

    def states(self) -> list[str]:
        """Of every variant that has a number: those in the picture, then those on their way."""
        there = [] if self.result is None or self._replaces() else self.result.variants
        states = [str(one.said["state"]) for one in there]
        return states + [str(one["state"]) for one in self._on_their_way()]

    def shown(self) -> int | None:
        return None if self.result is None or self._replaces() else self.result.shown

    def has_landed(self) -> bool:
        return self.result is not None and not self._replaces()

    def say(self, sentence: str, offer: Offer | None = None) -> None:
        self.sentence, self.offer = sentence, offer
        self.changed.emit()

    def offers(self, word: str, do: Callable[[], Any], other: Offer | None = None) -> Offer:
        words = self._words()
        return Offer(words[word], do, words.get(f"{word}_tip", ""), other)

    # --- a round ---------------------------------------------------------------------------------

    def start(self, wanted: Wanted) -> None:
        if self.round is None:
            self._begin(wanted, extends=False)
            assert self.round is not None
            self.round.start(wanted.choice, wanted.more, wanted.references, wanted.agreed)

    def one_more(self, agreed: Mapping[str, Any]) -> None:
        """Another variant of the result that is there, as it was asked for."""
        if self.round is None and self.wanted is not None and self.result is not None:
            choice = {**self.result.choice, "variants": 1}
            wanted = replace(self.wanted, choice=choice, agreed=agreed)
            self._begin(wanted, extends=True)
            assert self.round is not None
            self.round.start(choice, wanted.more, wanted.references, agreed)

    def attach(self, target: Target, revision: Mapping[str, Any]) -> None:
        """Goes on with a revision that was left behind, here or in an earlier Krita."""
        if self.round is None:
            self._begin(Wanted(target, {}, {}, (), {}), extends=False)
            assert self.round is not None
            self.round.attach(revision)

    def fetch(self, target: Target, revision: Mapping[str, Any]) -> None:
        """A settled revision of the history, placed once more; free."""
        if self.round is None:
            self._begin(Wanted(target, {}, {}, (), {}), extends=False)
            assert self.round is not None
            self.round.fetch(revision)

    def cancel(self) -> None:
        if self.round:
            self.round.cancel()

    def _begin(self, wanted: Wanted, *, extends: bool) -> None:
        if wanted.choice:
            self.wanted = wanted
        self._extends = extends and self.result is not None
        beside = self.result.placed() if self._extends and self.result else None
        self.button, self.fraction = self._words()["cancel_free"], None
        self.finish = {}
        self._target, self._choice = wanted.target, wanted.choice
        made = Round(self.canvas, self.client, self.courier, wanted.target, beside)
        made.state.connect(self._state)
        made.landed.connect(self._landed)
        made.over.connect(self._over)
        made.failed.connect(self._failed)
        made.priced.connect(self._priced)
        self.round = made
        self.say("")

    def _replaces(self) -> bool:
        """Whether a round runs whose result will stand where the present one does."""
        return self.round is not None and not self._extends

    def _on_their_way(self) -> list[Mapping[str, Any]]:
        if self.round is None or not self.round.revision:
            return []
        landed = self.result.variants if self.result and not self._replaces() else []
        there = {(one.id, one.number) for one in landed}
        id = self.round.revision["id"]
        return [one for one in self.round.revision["variants"] if (id, one["number"]) not in there]

    def _state(self, revision: Mapping[str, Any]) -> None:
        variants, words = revision["variants"], self._words()
        paid = any(one["usd"] for one in variants)
        self.button = words["cancel_paid"] if paid else words["cancel_free"]
        known = [one["fraction"] for one in variants if one["fraction"] is not None]
        self.fraction = sum(known) / len(variants) if known else None
        self.spent = revision["document_cost"]
        notes = [one["note"] for one in variants if one["note"]]
        here = bool(self.round and self.round.waiting)
        offer = self.offers("place_now", self.round.place_now) if here and self.round else None
        self.say(notes[0] if notes else "", offer)

    def _landed(self, placed: Placed, layers: Sequence[Arrived]) -> None:
        assert self.round is not None
        if not self._extends or self.result is None:
            self.result = Result(self.canvas, self._target, self._choice_of(layers[0]))
        self._extends = True  # what this round still brings joins it
        revision = self.round.revision
        said = {one["number"]: one for one in revision["variants"]}
        edge = self.wanted.more.get("edge", {}) if self.wanted else {}
        variants = [
            Variant(revision, said[layer.header["variant"]], id, edge)
            for layer, id in zip(layers, placed.layers, strict=True)
        ]
        first = len(self.result.variants)
        visible = [bool(layer.header["visible"]) for layer in layers]
        self.result.land(placed, variants, visible)
        if first and visible[0]:
            self.flip(first)
        self.changed.emit()

    def _choice_of(self, layer: Arrived) -> Mapping[str, Any]:
        """As it was sent; of a revision that was sent earlier, as its recipe tells."""
        if not self._choice:
            said = layer.header["recipe"]
            self._choice = {
                **said["choice"],
                "prompt": said["prompt"],
                "references": 0,
                "route": "",
            }
            self.wanted = Wanted(self._target, self._choice, {}, (), {})
        return self._choice

    def _over(self, revision: Mapping[str, Any]) -> None:
        self._ended()
        self.spent = revision["document_cost"]
        faults = [one for one in revision["variants"] if one["error"]]
        if faults:
            self._remedy.say(revision, faults[0])
        elif self.result:
            self.report()
        else:
            self.say("")

    def _failed(self, sentence: str, fault: Mapping[str, Any]) -> None:
        self._ended()
        self.say(sentence)

    def _priced(self, plan: Mapping[str, Any]) -> None:
        self._ended()
        self.priced.emit(plan)

    def _ended(self) -> None:
        self.round = None
        self.button = self.fraction = None

    def ask(self, path: str, message: Mapping[str, Any] | None = None) -> None:
        """The bridge does it with the pixels it has; only the artist's press brings us here."""
        if self.round is None and self.wanted is not None:
            self._begin(self.wanted, extends=self._extends and self.result is not None)
            assert self.round is not None
            self.round.ask(path, message)

    # --- after the result ------------------------------------------------------------------------

    def line(self) -> str:
        """The report on what is shown."""
        front = self.result.front() if self.result else None
        return str(front.said["line"]) if front else ""

    def flip(self, at: int) -> None:
        self._do(lambda result: result.flip(at))

    def step(self, by: int) -> None:
        self._do(lambda result: result.step(by))

    def original(self, wanted: bool | None = None) -> None:
        """None: the other of the two."""
        self._original = not self._original if wanted is None else wanted
        shown = self._original
        if self.result is not None:
            try:
                self.result.original(shown)
            except Obstacle as exc:
                self.say(str(exc))

    def keep(self) -> None:
        if self._do(lambda result: result.keep()):
            self.result = None
            self.say("")

    def change_edge(self, change: Mapping[str, Any]) -> None:
        """The shown variant with another edge, from its saved answer; free."""
        front = self.result.front() if self.result else None
        if front is None or self.round is not None:
            return
        path = f"/v1/revisions/{front.id}/variants/{front.number}"
        edge = {**front.edge, **change}

        def fetch() -> tuple[Mapping[str, Any], Arrived]:
            revision = self.client.post(f"{path}/edge", edge)
            return revision, Arrived(*self.client.layer(front.id, front.number))

        self.courier.work(fetch, lambda found: self._edged(*found, edge), self._not_edged)

    def _edged(self, revision: Mapping[str, Any], layer: Arrived, edge: Mapping[str, Any]) -> None:
        result = self.result
        if result is None:
            return
        try:
            placed = self.canvas.place(result.target, [layer], result.placed())
            result.replace_front(revision, placed, edge)
        except Obstacle as exc:
            self.say(str(exc))
            return
        path = f"/v1/revisions/{revision['id']}/variants/{layer.header['variant']}/delivered"
        self.courier.work(lambda: self.client.post(path), lambda _: None, lambda _: None)
        self.report()

    def _not_edged(self, exc: Refused | Lost) -> None:
        self.say(exc.sentence)

    def _do(self, act: Callable[[Result], Any]) -> bool:
        """`act` on the result, when there is one; what stands in the way is said."""
        if self.result is None:
            return False
        self._original = False
        try:
            act(self.result)
        except Obstacle as exc:
            self.say(str(exc))
            return False
        self.report()
        return True

    def report(self) -> None:
        """The shown variant's line; what the model also changed outside is offered."""
        front = self.result.front() if self.result else None
        if front is None:
            return
        self._price_finish(front)
        found = front.said.get("offer")
        if found and not front.before:
            words = self._words()
            sentence = f"{front.said['line']} {found['sentence']}".strip()
            self.say(sentence, Offer(words["include"], self._include))
        else:
            self.say(self.line())

    def _price_finish(self, front: Variant) -> None:
        """What it would be to have this variant painted out; nothing is offered when it cannot."""
        self.finish = {}

        def priced(finish: Mapping[str, Any]) -> None:
            if self.result and self.result.front() == front and finish["usable"]:
                self.finish = finish
                self.changed.emit()

        path = f"/v1/revisions/{front.id}/variants/{front.number}/finish"
        self.courier.work(lambda: self.client.get(path), priced, lambda _: None)

    def paint_out(self, agreed: Mapping[str, Any]) -> None:
        """The shown variant as the composition, the untouched picture beside it."""
        front, finish = self.result.front() if self.result else None, self.finish
        if front is None or not finish or self.round is not None:
            return
        if wants_a_click(finish, agreed):
            self.priced.emit(finish)
            return
        message = {"model": finish["model"], "max_usd": finish["usd"]}
        path = f"/v1/revisions/{front.id}/variants/{front.number}/finish"
        self._extends = False
        self.ask(path, {**message, **agreement(agreed)})

    def _include(self) -> None:
        self.change_edge({"include_offer": True})

    # --- looked after ----------------------------------------------------------------------------

    def look_after(self) -> None:
        """Undone: it can be put back; done again: it need not. Closed: nothing to flip through."""
        if self.round is not None or self.result is None:
            return
        offered = self.offer is not None and self.offer.do == self.put_back
        if self.result.closed():
            self.result = None
            self.say("")
        elif self.result.undo_replace():
            self.report()
        elif self.result.undone():
            if not offered:
                self.say(self._words()["put_back_tip"], self.offers("put_back", self.put_back))
        elif offered:
            self.report()

    def put_back(self) -> None:
        """Free: the layers are fetched and placed once more."""
        if self.result is not None and self.round is None and self.result.variants:
            self.fetch(self.result.target, self.result.variants[0].revision)
