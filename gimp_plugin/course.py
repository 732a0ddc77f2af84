"""The course of one picture: its round, its result, and the one line said about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from .canvas import Canvas
from .client import Client
from .result import Result, Variant
from .round import Round
from .target import Arrived, Obstacle, Placed, Target, as_said
from .wanted import Offer, Wanted

if TYPE_CHECKING:
    from .worker import Courier


class Shows(Protocol):
    """Whoever shows the courses of all pictures."""

    def words(self) -> Mapping[str, str]: ...
    def show(self, course: Course) -> None: ...
    def ask_for_a_click(self, plan: Mapping[str, Any]) -> None: ...
    def refused(
        self, course: Course, revision: Mapping[str, Any], variant: Mapping[str, Any]
    ) -> None: ...
    def landed_anew(self, course: Course) -> None: ...
    def busy(self) -> bool: ...


class Course:
    """Hears of the rounds of a picture. What is public is what the window shows of it."""

    def __init__(self, canvas: Canvas, client: Client, courier: Courier, shows: Shows) -> None:
        self.canvas, self.client, self.courier, self.shows = canvas, client, courier, shows
        self.round: Round | None = None
        self.result: Result | None = None
        self.button: str | None = None  # what it says while a round runs
        self.fraction: float | None = None
        self.sentence = ""
        self.offer: Offer | None = None
        self.spent = ""  # on this picture so far
        self.finish: Mapping[str, Any] = {}  # what painting the shown variant out would be
        self.wanted: Wanted | None = None
        self._target: Target | None = None
        self._choice: Mapping[str, Any] = {}
        self._extends = False  # whether what lands joins the result that is there

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
        self.shows.show(self)

    def offers(self, word: str, do: Callable[[], Any]) -> Offer:
        words = self.shows.words()
        return Offer(words[word], do, words.get(f"{word}_tip", ""))

    # --- a round ---------------------------------------------------------------------------------

    def start(self, wanted: Wanted) -> None:
        if self.round is None:
            begun = self._begin(wanted, extends=False)
            begun.start(wanted.choice, wanted.more, wanted.references, wanted.agreed)

    def one_more(self, agreed: Mapping[str, Any]) -> None:
        """Another variant of the result that is there, as it was asked for."""
        if self.round is None and self.wanted is not None and self.result is not None:
            choice = {**self.result.choice, "variants": 1}
            wanted = replace(self.wanted, choice=choice, agreed=agreed)
            begun = self._begin(wanted, extends=True)
            begun.start(choice, wanted.more, wanted.references, agreed)

    def attach(self, target: Target, revision: Mapping[str, Any]) -> None:
        """Goes on with a revision that was left behind, here or in an earlier GIMP."""
        if self.round is None:
            self._begin(Wanted(target, {}, {}, (), {}), extends=False).attach(revision)

    def fetch(self, target: Target, revision: Mapping[str, Any]) -> None:
        """A settled revision of the history, placed once more; free."""
        if self.round is None:
            self._begin(Wanted(target, {}, {}, (), {}), extends=False).fetch(revision)

    def ask(self, path: str, message: Mapping[str, Any] | None = None, *, anew: bool) -> None:
        """The bridge does it with the pixels it has; only the artist's press brings us here.

        anew: what lands is a result of its own.
        """
        if self.round is None and self.wanted is not None:
            self._begin(self.wanted, extends=not anew and self._extends).ask(path, message)

    def cancel(self) -> None:
        if self.round:
            self.round.cancel()

    def _begin(self, wanted: Wanted, *, extends: bool) -> Round:
        if wanted.choice or self.wanted is None:
            self.wanted = wanted
        self._extends = extends and self.result is not None
        beside = self.result.placed() if self._extends and self.result else None
        self.button, self.fraction = self.shows.words()["cancel_free"], None
        self.finish = {}
        self._target, self._choice = wanted.target, wanted.choice
        self.round = Round(self.canvas, self.client, self.courier, wanted.target, self, beside)
        self.say("")
        return self.round

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

    # --- what a round tells ----------------------------------------------------------------------

    def state(self, revision: Mapping[str, Any]) -> None:
        variants, words = revision["variants"], self.shows.words()
        paid = any(one["usd"] for one in variants)
        self.button = words["cancel_paid"] if paid else words["cancel_free"]
        known = [one["fraction"] for one in variants if one["fraction"] is not None]
        self.fraction = sum(known) / len(variants) if known else None
        self.spent = revision["document_cost"]
        notes = [one["note"] for one in variants if one["note"]]
        here = bool(self.round and self.round.waiting) and not revision["settled"]
        offer = self.offers("place_now", self.round.place_now) if here and self.round else None
        self.say(notes[0] if notes else "", offer)

    def landed(self, placed: Placed, layers: Sequence[Arrived]) -> None:
        if self.round is None or self._target is None:
            return
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
        self.shows.show(self)

    def over(self, revision: Mapping[str, Any]) -> None:
        self._ended()
        self.spent = revision["document_cost"]
        faults = [one for one in revision["variants"] if one["error"]]
        if faults:
            self.shows.refused(self, revision, faults[0])
        elif self.result:
            self.report()
        else:
            self.say("")
        self.shows.landed_anew(self)

    def failed(self, sentence: str, fault: Mapping[str, Any]) -> None:
        self._ended()
        self.say(sentence)

    def priced(self, plan: Mapping[str, Any]) -> None:
        self._ended()
        self.shows.ask_for_a_click(plan)

    def busy(self) -> bool:
        return self.shows.busy()

    def _ended(self) -> None:
        self.round = None
        self.button = self.fraction = None

    def _choice_of(self, layer: Arrived) -> Mapping[str, Any]:
        """As it was sent; of a revision that was sent earlier, as its recipe tells."""
        if not self._choice and self._target is not None:
            self._choice = {**as_said(layer.header["recipe"]), "route": ""}
            self.wanted = Wanted(self._target, self._choice, {}, (), {})
        return self._choice

    # --- after the result ------------------------------------------------------------------------

    def flip(self, at: int) -> None:
        self.do(lambda result: result.flip(at))

    def step(self, by: int) -> None:
        self.do(lambda result: result.step(by))

    def original(self, wanted: bool) -> None:
        if self.result is not None:
            try:
                self.result.original(wanted)
            except Obstacle as exc:
                self.say(str(exc))

    def keep(self) -> None:
        if self.do(lambda result: result.keep()):
            self.result = None
            self.say("")

    def change_edge(self, change: Mapping[str, Any]) -> None:
        """The shown variant with another edge, from its saved answer; free."""
        result = self.result
        front = result.front() if result else None
        if front is None or self.round is not None:
            return
        path = f"/v1/revisions/{front.id}/variants/{front.number}"
        edge = {**front.edge, **change}

        def fetch() -> tuple[Mapping[str, Any], Arrived]:
            revision = self.client.post(f"{path}/edge", edge)
            return revision, Arrived(*self.client.layer(front.id, front.number))

        def came(found: tuple[Mapping[str, Any], Arrived]) -> None:
            if self.result is result and self.do(lambda one: one.replace_front(*found, edge)):
                self.courier.work(
                    lambda: self.client.post(f"{path}/delivered"), lambda _: None, lambda _: None
                )

        self.courier.work(fetch, came, lambda exc: self.say(exc.sentence))

    def do(self, act: Callable[[Result], Any]) -> bool:
        """`act` on the result, when there is one; what stands in the way is said."""
        if self.result is None:
            return False
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
        line, found = str(front.said["line"]), front.said.get("offer")
        if found and not front.edge.get("include_offer"):
            include = self.offers("include", lambda: self.change_edge({"include_offer": True}))
            self.say(f"{line} {found['sentence']}".strip(), include)
        else:
            self.say(line)

    def _price_finish(self, front: Variant) -> None:
        """What it would be to have this variant painted out; nothing is offered when it cannot."""
        self.finish = {}

        def priced(finish: Mapping[str, Any]) -> None:
            if self.result and self.result.front() == front and finish["usable"]:
                self.finish = finish
                self.shows.show(self)

        path = f"/v1/revisions/{front.id}/variants/{front.number}/finish"
        self.courier.work(lambda: self.client.get(path), priced, lambda _: None)

    # --- looked after ----------------------------------------------------------------------------

    def look_after(self) -> None:
        """Undone: it can be put back; done again: it need not. Closed: nothing to flip through."""
        if self.round is not None or self.result is None:
            return
        offered = self.offer is not None and self.offer.do == self.put_back
        if self.result.closed():
            self.result = None
            self.say("")
        elif self.result.look_again():
            self.report()
        elif self.result.undone():
            if not offered:
                words = self.shows.words()
                self.say(words["put_back_tip"], self.offers("put_back", self.put_back))
        elif offered:
            self.report()

    def put_back(self) -> None:
        """Free: the layers are fetched and placed once more."""
        if self.result is not None and self.round is None and self.result.variants:
            self.fetch(self.result.target, self.result.variants[0].revision)
