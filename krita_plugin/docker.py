"""The docker: brings panel, canvas and bridge together."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import krita

from .canvas import Canvas, Obstacle, Target
from .client import Client, Lost, Refused
from .panel import Panel
from .qt import QtCore, QtWidgets
from .result import Result
from .round import Round, area
from .stored import Recipe
from .worker import Courier

LOOK_MS = 400  # Krita tells nobody when the selection changes: a slow look, only while visible
SETTLE_MS = 50  # Krita makes a new layer the active one a moment after it was added
TITLE = "Redraft"
STARTING = "Starting Redraft …"


class Docker(krita.DockWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(TITLE)
        app = krita.Krita.instance()
        self.canvas_of_krita = Canvas(
            app,
            krita.Selection,
            krita.InfoObject,
            lambda call: QtCore.QTimer.singleShot(SETTLE_MS, call),
        )
        self.client = Client(Path(__file__).parent)
        self.courier = Courier()
        self.panel = Panel()
        self.panel.setToolTip("")
        scroll = QtWidgets.QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.panel)
        self.setWidget(scroll)
        self.round: Round | None = None
        self.result: Result | None = None
        self.target: Target | None = None
        self._greeted = self._greeting = False
        self._seen = ""
        self._known = ""
        self._recipe: Recipe | None = None
        self._next: Mapping[str, Any] = {}
        self._waiting: Mapping[str, Any] = {}
        self._action = ""
        self._connect()
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def canvasChanged(self, canvas: Any) -> None:
        """Krita calls this by its name when another view is active."""
        self._seen = ""

    def _connect(self) -> None:
        panel = self.panel
        panel.changed.connect(self._plan)
        panel.revise.connect(self.revise)
        panel.cancel.connect(self.cancel)
        panel.again.connect(lambda on_top: self.again())
        panel.keep.connect(self.keep)
        panel.flip.connect(self.flip)
        panel.original.connect(self.original)
        panel.act.connect(self._act)
        panel.better.connect(self._better)

    # --- greeting and planning --------------------------------------------------------------------

    def _look(self) -> None:
        """Has the document, the layer or the selection changed since the last look?"""
        if not self.isVisible():
            return
        if not self._greeted:
            self._greet()
            return
        try:
            target = self.canvas_of_krita.note(self._source(), lasting=False)
            seen = json.dumps([target.root, target.node, target.selection, target.width])
        except Obstacle as exc:
            target, seen = None, str(exc)
        self._look_after_result()
        if seen != self._seen:
            self._seen = seen
            self._offer_recipe()
            self._plan()
            self._ask_for_waiting()

    def _look_after_result(self) -> None:
        """Undone: it can be put back. Its document closed: nothing more to flip through."""
        if self.result and self.result.closed():
            self._forget_result()
        elif self.result and self.result.undone():
            self._say(self.panel.words["put_back_tip"], "put_back")

    def _forget_result(self) -> None:
        self.result = None
        self.panel.result((), None, "")
        self._say("")

    def _offer_recipe(self) -> None:
        """A layer of ours is revised with what lies below, or made again as it once was."""
        recipe = self.canvas_of_krita.recipe()
        if recipe == self._recipe:
            return
        if (recipe is None) != (self._recipe is None):
            self.panel.choose_source("below" if recipe else "layer")
        self._recipe = recipe
        if recipe and not (self.result and self.result.in_sight()):
            self._say(str(recipe.said["prompt"]), "again_original")
        elif self._action == "again_original":
            self._say("")

    def _greet(self) -> None:
        if self._greeting:
            return
        self._greeting = True
        self.panel.report(STARTING)
        self.courier.work(
            lambda: self.client.get("/v1/hello"), self._greeting_came, self._no_bridge
        )

    def _greeting_came(self, hello: Mapping[str, Any]) -> None:
        self._greeted, self._greeting = True, False
        self.panel.greet(hello)
        self.panel.report("")
        self._seen = ""
        self._look()

    def _no_bridge(self, exc: Refused | Lost) -> None:
        """Said, and tried again at the next look; a command can be copied."""
        self._greeting = False
        command = exc.command if isinstance(exc, Lost) else ""
        self.panel.setEnabled(True)
        self.panel.report(exc.sentence, "Copy the command" if command else "")
        self._action = f"copy {command}" if command else ""

    def _source(self) -> str:
        return str(self.panel.source.currentData() or "layer")

    def _plan(self) -> None:
        if not self._greeted or self.round:
            return
        try:
            target = self.canvas_of_krita.note(self._source(), lasting=False)
        except Obstacle as exc:
            self.panel.plan(None, str(exc))
            self.panel.button.setEnabled(False)
            return
        asked: dict[str, Any] = {"document": target.document(), "choice": self.panel.choice()}
        if target.selection:
            asked["selection"] = area(target.selection)
        what = self._what(target)
        self._asked = asked
        self.courier.work(
            lambda: self.client.post("/v1/plan", asked),
            lambda plan: self._planned(asked, plan, what),
            self._not_planned,
        )

    def _planned(self, asked: Mapping[str, Any], plan: Mapping[str, Any], what: str) -> None:
        if asked is self._asked and not self.round:  # else the artist has chosen something else
            self.panel.plan(plan, what)

    def _not_planned(self, exc: Refused | Lost) -> None:
        if isinstance(exc, Lost):
            self._greeted = False  # found, or started, at the next look
        else:
            self.panel.button.setEnabled(False)
        self.panel.report(exc.sentence)

    def _what(self, target: Target) -> str:
        if target.selection is None:
            return self.panel.words["select_first"]
        left, top, right, bottom = target.selection
        return f"Selection {right - left}×{bottom - top}"

    def _better(self, tier: str) -> None:
        self.panel.tier = tier
        self._plan()

    # --- a round --------------------------------------------------------------------------------

    def revise(self) -> None:
        self._start()

    def again(self) -> None:
        """From the original, with the wish as it is now."""
        self._start()

    def _start(self) -> None:
        if self.round or not self._greeted:
            return
        try:
            target = self.canvas_of_krita.note(self._source(), lasting=True)
        except Obstacle as exc:
            self._say(str(exc))
            return
        self._send(target, self.panel.choice())

    def _send(self, target: Target, choice: Mapping[str, Any]) -> None:
        self._begin(target)
        assert self.round is not None
        edge = {"edge": self.panel.edge()}
        seed = self.panel.seed.text().strip()
        seeded = {"seed": int(seed)} if seed.isdigit() else {}
        self.round.start(choice, {**edge, **seeded})

    def _make_again(self) -> None:
        """The active layer of ours, with the wish it was made from and the model chosen now."""
        recipe = self._recipe
        if recipe is None or self.round:
            return
        try:
            target = self.canvas_of_krita.note_again(recipe)
        except Obstacle as exc:
            self._say(str(exc))
            return
        chosen = self.panel.choice()
        model = {"model": chosen["model"]} if chosen["model"] else {}
        self._send(target, {**recipe.said["choice"], "prompt": recipe.said["prompt"], **model})

    def _begin(self, target: Target) -> None:
        self.target, self.result = target, None
        self.panel.report("")
        self.panel.result((), None, "")
        self.panel.running(self.panel.words["cancel_free"])
        self.panel.progress(None)
        self.round = Round(self.canvas_of_krita, self.client, self.courier, target)
        self.round.state.connect(self._state)
        self.round.landed.connect(self._landed)
        self.round.failed.connect(self._failed)

    def cancel(self) -> None:
        if self.round:
            self.round.cancel()

    def _state(self, revision: Mapping[str, Any]) -> None:
        variants = revision["variants"]
        paid = any(one["usd"] for one in variants)
        words = self.panel.words
        self.panel.running(words["cancel_paid"] if paid else words["cancel_free"])
        known = [one["fraction"] for one in variants if one["fraction"] is not None]
        self.panel.progress(sum(known) / len(variants) if known else None)
        notes = [one["note"] for one in variants if one["note"]]
        if notes:
            self.panel.report(notes[0])

    def _landed(self, layers: Mapping[int, str], revision: Mapping[str, Any]) -> None:
        self._ended()
        faults = [one["error"] for one in revision["variants"] if one["error"]]
        if layers and self.target:
            self.result = Result(self.canvas_of_krita, self.target, revision, layers)
            self._show_result()
        if faults:
            self._refused(faults[0])
        elif not layers:
            self._say("")

    def _refused(self, fault: Mapping[str, Any]) -> None:
        """The sentence, and the next able model with the same input, its price on the button."""
        self._say(fault["sentence"])
        if fault["next_model"]:
            self._action, self._next = "next_model", fault
            usd = fault["next_usd"]
            price = f"${usd:.2f}" if usd else self.panel.words["free"]
            self.panel.report(fault["sentence"], f"{fault['next_label']}  {price}")

    def _failed(self, sentence: str) -> None:
        self._ended()
        self._say(sentence)

    def _ended(self) -> None:
        self.round = None
        self.panel.running(None)
        self.panel.progress(None)
        self._plan()

    def _say(self, sentence: str, action: str = "") -> None:
        self._action = action
        self.panel.report(sentence, self.panel.words.get(action, "") if action else "")

    # --- after the result -------------------------------------------------------------------------

    def _show_result(self) -> None:
        assert self.result is not None
        usd = self.result.revision["document_usd"]
        spent = f"{self.panel.words['spent']} ${usd:.2f}" if usd else ""
        self.panel.result(self.result.states(), self.result.shown, spent)
        self._say(self.result.line())

    def _do(self, act: Callable[[Result], None]) -> bool:
        """`act` on the result, when there is one; what stands in the way is said."""
        if self.result is None:
            return False
        try:
            act(self.result)
        except Obstacle as exc:
            self._say(str(exc))
            return False
        return True

    def flip(self, variant: int) -> None:
        if self._do(lambda result: result.flip(variant)):
            self._show_result()

    def step(self, by: int) -> None:
        if self._do(lambda result: result.step(by)):
            self._show_result()

    def original(self, wanted: bool | None = None) -> None:
        self._do(lambda result: result.original(wanted))

    def keep(self) -> None:
        if self._do(lambda result: result.keep()):
            self._forget_result()

    # --- what waits ------------------------------------------------------------------------------

    def _ask_for_waiting(self) -> None:
        """A document that is opened again may have results that never reached it."""
        id = self.canvas_of_krita.known_id()
        if not id or id == self._known or self.round:
            return
        self._known = id
        self.courier.work(
            lambda: self.client.get(f"/v1/revisions?document={id}"),
            self._found_waiting,
            lambda _: None,
        )

    def _found_waiting(self, found: Mapping[str, Any]) -> None:
        for revision in found["revisions"]:
            if any(one["state"] == "composed" for one in revision["variants"]) and not self.round:
                self._waiting = revision
                self._action = "place_now"
                words = self.panel.words
                self.panel.report(f"{words['waiting']} {revision['title']}", words["place_now"])
                return

    def _act(self) -> None:
        if self._action.startswith("copy "):
            QtWidgets.QApplication.clipboard().setText(self._action.removeprefix("copy "))
        elif self._action == "place_now":
            self._attach(self._waiting)
        elif self._action == "put_back":
            self._put_back()
        elif self._action == "again_original":
            self._make_again()
        elif self._action == "next_model" and self.target and not self.round:
            self._send(self.target, {**self.panel.choice(), "model": self._next["next_model"]})

    def _attach(self, revision: Mapping[str, Any]) -> None:
        try:
            target = self.canvas_of_krita.note(self._source(), lasting=True)
        except Obstacle as exc:
            self._say(str(exc))
            return
        self._begin(target)
        assert self.round is not None
        self.round.attach(revision)

    def _put_back(self) -> None:
        """Free: the layers are fetched and placed once more."""
        if self.result and not self.round:
            target, revision = self.result.target, self.result.revision
            self._begin(target)
            assert self.round is not None
            self.round.fetch(revision)
