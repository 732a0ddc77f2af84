"""The docker: brings panel, canvas and bridge together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import krita

from .canvas import Canvas, Obstacle, Target
from .client import Client, Lost, Refused
from .panel import Panel
from .qt import QtCore, QtWidgets
from .round import Round, _area
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
        self.result: Mapping[str, Any] = {}
        self.layers: list[str] = []
        self.target: Target | None = None
        self.shown: int | None = None
        self._greeted = self._greeting = False
        self._seen = ""
        self._known = ""
        self._waiting: Mapping[str, Any] = {}
        self._action = ""
        self._connect()
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self.visibilityChanged.connect(self._visible)

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
        panel.original.connect(self._original)
        panel.act.connect(self._act)
        panel.better.connect(self._better)

    # --- greeting and planning --------------------------------------------------------------------

    def _visible(self, visible: bool) -> None:
        if visible:
            self._timer.start()
            self._look()
        else:
            self._timer.stop()

    def _look(self) -> None:
        """Has the document, the layer or the selection changed since the last look?"""
        if not self._greeted:
            self._greet()
            return
        try:
            target = self.canvas_of_krita.note(self._source(), lasting=False)
            seen = json.dumps([target.root, target.node, target.selection, target.width])
        except Obstacle as exc:
            target, seen = None, str(exc)
        if seen != self._seen:
            self._seen = seen
            self._plan()
            self._ask_for_waiting()
        if self.layers and self.target and not self.canvas_of_krita.there(self.target, self.layers):
            self._say(self.panel.words["put_back_tip"], "put_back")

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
            asked["selection"] = _area(target.selection)
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
        self._start({})

    def again(self) -> None:
        """From the original, with the wish as it is now."""
        self._start({})

    def _start(self, more: Mapping[str, Any]) -> None:
        if self.round or not self._greeted:
            return
        try:
            target = self.canvas_of_krita.note(self._source(), lasting=True)
        except Obstacle as exc:
            self._say(str(exc))
            return
        self._begin(target)
        assert self.round is not None
        edge = {"edge": self.panel.edge()}
        seed = self.panel.seed.text().strip()
        seeded = {"seed": int(seed)} if seed.isdigit() else {}
        self.round.start(self.panel.choice(), {**edge, **seeded, **more})

    def _begin(self, target: Target) -> None:
        self.target, self.layers, self.shown = target, [], None
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
        self.result = revision
        variants = revision["variants"]
        paid = any(one["usd"] for one in variants)
        words = self.panel.words
        self.panel.running(words["cancel_paid"] if paid else words["cancel_free"])
        known = [one["fraction"] for one in variants if one["fraction"] is not None]
        self.panel.progress(sum(known) / len(variants) if known else None)
        notes = [one["note"] for one in variants if one["note"]]
        if notes:
            self.panel.report(notes[0])

    def _landed(self, ids: list[str], revision: Mapping[str, Any]) -> None:
        self._ended()
        self.layers = ids
        variants = revision["variants"]
        faults = [one["error"] for one in variants if one["error"]]
        if ids:
            shown = [number for number, one in enumerate(variants) if one["state"] == "composed"]
            self.shown = shown[0] if shown else None
            self._show_result()
            self._say(variants[self.shown or 0]["line"])
        if faults:
            self._say(_charged(faults[0]))
        elif not ids:
            self._say("")

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
        usd = self.result.get("document_usd", 0.0)
        spent = f"{self.panel.words['spent']} ${usd:.2f}" if usd else ""
        states = [one["state"] for one in self.result["variants"]]
        self.panel.result(states, self.shown, spent)

    def _done(self) -> list[int]:
        """Variants that have a layer, in the order of `layers`."""
        good = ("composed", "delivered")
        return [at for at, one in enumerate(self.result["variants"]) if one["state"] in good]

    def flip(self, variant: int) -> None:
        if self.target and variant in self._done() and self._touch(self._done().index(variant)):
            self.shown = variant
            self._show_result()
            self._say(self.result["variants"][variant]["line"])

    def step(self, by: int) -> None:
        if self.layers and self.shown is not None:
            done = self._done()
            self.flip(done[(done.index(self.shown) + by) % len(done)])

    def toggle_original(self) -> None:
        self._original_shown = not getattr(self, "_original_shown", False)
        self._original(self._original_shown)

    def _original(self, shown: bool) -> None:
        if self.layers and self.shown is not None:
            self._touch(None if shown else self._done().index(self.shown))

    def _touch(self, at: int | None) -> bool:
        try:
            assert self.target is not None
            self.canvas_of_krita.show(self.target, self.layers, at)
        except Obstacle as exc:
            self._say(str(exc))
            return False
        return True

    def keep(self) -> None:
        if not (self.target and self.layers and self.shown is not None):
            return
        try:
            at = self._done().index(self.shown)
            self.canvas_of_krita.keep(self.target, self.layers, at)
        except Obstacle as exc:
            self._say(str(exc))
            return
        self.layers = []
        self.panel.result((), None, "")
        self._say("")

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
        if self.target and self.result and not self.round:
            target, revision = self.target, self.result
            self._begin(target)
            assert self.round is not None
            self.round.fetch(revision)


def _charged(fault: Mapping[str, Any]) -> str:
    return str(fault["sentence"])
