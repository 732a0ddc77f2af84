"""The docker: brings panel, canvas and bridge together."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import krita

from .beside import Beside
from .canvas import Canvas
from .client import Client, Lost, Refused
from .course import Course
from .head import thumbnail_size
from .keys import Keys
from .motion import Motion
from .nearness import Nearness
from .panel import Panel, scrolling
from .past import Past
from .qt import QtCore, QtWidgets
from .rerun import Rerun
from .sight import Obstacle, Sight
from .target import Target
from .wanted import Offer, Wanted, plan_request, wants_a_click
from .worker import Courier

LOOK_MS = 400  # Krita tells nobody when the selection changes: a slow look, only while visible
SETTLE_MS = 50  # Krita makes a new layer the active one a moment after it was added
TITLE = "Redraft"
STARTING = "Starting Redraft …"
COPY = "Copy the command"


class Docker(krita.DockWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(TITLE)
        app = krita.Krita.instance()
        sight = Sight(app, krita.Selection, krita.InfoObject)
        self.canvas_of_krita = Canvas(
            app, sight, lambda call: QtCore.QTimer.singleShot(SETTLE_MS, call)
        )
        self.nearness = Nearness(app)
        self.client = Client(Path(__file__).parent)
        self.courier = Courier()
        self.panel = Panel()
        self.setWidget(scrolling(self.panel))
        self.beside = Beside(self.canvas_of_krita, self.panel, self)
        self.past = Past(
            self.canvas_of_krita, self.client, self.courier, self.panel, lambda: self.course
        )
        self.keys = Keys(self.client, self.courier, self.panel, self)
        self.motion = Motion(
            self.canvas_of_krita,
            self.client,
            self.courier,
            self.panel,
            lambda: self.course,
            self,
        )
        self.courses: dict[str, Course] = {}
        self.greeted = self._greeting = self._looking = False
        self._plan: Mapping[str, Any] = {}
        self._agreed: Mapping[str, Any] = {}  # the last plan whose demand for a click was read
        self._asked: Mapping[str, Any] = {}
        self._lost = ""  # what was said of a bridge that could not be reached
        self._why_not = ""  # what was said of a choice that cannot be done
        self._seen = ""
        self.rerun = Rerun(self.canvas_of_krita, self.panel, lambda: self.course, self._spend)
        self._sample: tuple[str, Mapping[str, Any] | None] = ("", None)
        self._connect()
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def canvasChanged(self, canvas: Any) -> None:
        """Krita calls this by its name when another view is active."""
        self._seen = ""

    def _connect(self) -> None:
        panel, strip = self.panel, self.panel.strip
        panel.changed.connect(self._chosen)
        panel.go.revise.connect(self.revise)
        panel.go.cancel.connect(self.cancel)
        panel.more.edged.connect(lambda: self.course.change_edge(panel.more.edge()))
        panel.more.limited.connect(self._limit)
        panel.more.wished.connect(lambda wish: self.course.change_edge({"wish": wish}))
        strip.act.connect(lambda: self._act(self.course.offer))
        strip.act_other.connect(lambda: self._act(self.course.offer and self.course.offer.other))
        strip.flip.connect(lambda at: self.course.flip(at))
        strip.one_more.connect(lambda: self.course.one_more(self._spend()))
        strip.original.connect(lambda wanted: self.course.original(wanted))
        strip.keep.connect(self.keep)
        strip.again.connect(self.again)
        strip.finish.connect(self.finish)

    # --- the picture in front --------------------------------------------------------------------

    @property
    def course(self) -> Course:
        """Of the picture in front."""
        root = self.canvas_of_krita.front()
        if root not in self.courses:
            made = Course(self.canvas_of_krita, self.client, self.courier, lambda: self.panel.words)
            made.changed.connect(lambda: self._show(made))
            made.priced.connect(self._ask_for_a_click)
            self.courses[root] = made
        return self.courses[root]

    def _show(self, course: Course) -> None:
        """What the panel says of a picture; of one that is not in front only what went wrong."""
        if course is not self.course:
            if course.sentence and course.round is None and course.result is None:
                self.course.say(course.sentence)
            return
        panel = self.panel
        panel.go.running(course.button, course.fraction)
        offer = course.offer
        if offer is None:
            panel.strip.report(course.sentence)
        else:
            panel.strip.report(course.sentence, offer.text, offer.tip)
        other = offer.other if offer else None
        panel.strip.show_other(other.text if other else "", other.tip if other else "")
        panel.strip.show_variants(course.states(), course.shown(), landed=course.has_landed())
        front = course.result.front() if course.result and course.has_landed() else None
        panel.more.of_result(None if front is None else front.edge)
        finish = course.finish if course.has_landed() else {}
        tip = f"{finish['label']}: {finish['limitation']}" if finish else ""
        panel.strip.show_finish(finish.get("button", ""), tip)
        self.motion.show(course)
        words = self.panel.words
        spent = f"{words['spent']} {course.spent}" if course.spent else ""
        panel.strip.show_spent(spent)

    def look(self) -> None:
        """Has the document, the layer or the selection changed since the last look?"""
        if self._looking or not self.isVisible():
            return
        if not self.greeted:
            self._greet()
            return
        self._looking = True  # Krita runs its events, this timer too, while it is asked
        try:
            self._look()
        except Obstacle:  # what was noted is gone already
            self._seen = ""
        finally:
            self._looking = False

    def _look(self) -> None:
        try:
            target = self.canvas_of_krita.note(self.panel.source(), lasting=False)
            seen = json.dumps([target.root, target.node, target.selection, target.width])
        except Obstacle as exc:
            target, seen = None, self.canvas_of_krita.front() + str(exc)
        self.course.look_after()
        self.keys.look()
        self.rerun.offer()
        if seen == self._seen:
            return
        self._seen = seen
        self._forget_closed()
        self._show(self.course)
        self.beside.show()
        self.rerun.look_at(target)
        clear = target is not None and self.canvas_of_krita.is_clear(target)
        layer = f"{target.root} {target.node}" if target else ""
        self.panel.move_source(clear or self.rerun.recipe is not None, layer)
        self._look_at(target)
        self.plan()
        self.past.look()

    def _forget_closed(self) -> None:
        for root, course in list(self.courses.items()):
            left = course.result is None or course.result.closed()
            if root != self.canvas_of_krita.front() and course.round is None and left:
                del self.courses[root]

    def _look_at(self, target: Target | None) -> None:
        """The thumbnail of the box, and a sample for the plan."""
        self._sample = ("", None)
        if target is None:
            return
        width, height = thumbnail_size(target.box())
        try:
            lines, sample = self.canvas_of_krita.look(target, height)
        except Obstacle:
            return
        self.panel.head.picture(lines, width)
        self._sample = (target.root, sample)

    # --- greeting and planning -------------------------------------------------------------------

    def _greet(self) -> None:
        if self._greeting:
            return
        self._greeting = True
        self.panel.strip.report(STARTING)
        self.courier.work(
            lambda: self.client.get("/v1/hello"), self._greeting_came, self._no_bridge
        )

    def _greeting_came(self, hello: Mapping[str, Any]) -> None:
        self.greeted, self._greeting = True, False
        self.panel.greet(hello)
        self._seen = ""
        self._found_again()
        self._show(self.course)
        self.look()

    def _no_bridge(self, exc: Refused | Lost) -> None:
        """Said, and tried again at the next look; a command can be copied."""
        self._greeting = False
        command = exc.command if isinstance(exc, Lost) else ""
        self._lost = exc.sentence
        self.course.sentence = exc.sentence
        self.course.offer = Offer(COPY, lambda: _copy(command)) if command else None
        self.panel.strip.report(exc.sentence, COPY if command else "")

    def _found_again(self) -> None:
        """What was said of the lost bridge is no longer true."""
        if self._lost and self.course.sentence == self._lost:
            self.course.say("")
        self._lost = ""

    def plan(self) -> None:
        """Asks the bridge what the present choice would be."""
        if not self.greeted:
            return
        try:
            target = self.canvas_of_krita.note(self.panel.source(), lasting=False)
        except Obstacle as exc:
            self._asked = {}
            self.panel.cannot(str(exc))
            return
        self.panel.references = len(self.beside.references)
        asked = plan_request(target, self.panel.choice())
        root, sample = self._sample
        if root == target.root and sample:
            asked["sample"] = sample
        what = self._what(target)
        self._asked = asked
        self.courier.work(
            lambda: self.client.post("/v1/plan", asked),
            lambda plan: self._planned(asked, plan, what),
            self._not_planned,
        )

    def _planned(self, asked: Mapping[str, Any], plan: Mapping[str, Any], what: str) -> None:
        if asked is not self._asked:  # the artist has chosen something else meanwhile
            return
        self._plan = plan
        self._found_again()
        self.panel.plan(plan)
        self._say_why_not(plan)
        self.panel.head.box.setText(what)
        self.beside.show()

    def _say_why_not(self, plan: Mapping[str, Any]) -> None:
        """Why it cannot be done as chosen, and one button: the key, or who else could."""
        course, key, instead = self.course, plan["key"], plan["instead"]
        if plan["usable"]:
            if self._why_not and course.sentence == self._why_not:
                course.say("")
            self._why_not = ""
            return
        self._why_not = plan["why_not"]
        offer = None
        if key:
            offer = Offer(self.panel.words["key_page"], lambda: self.keys.open(key))
        elif instead:
            model = instead["model"]
            offer = Offer(instead["button"], lambda: self.panel.choose_model(model))
        if course.round is None:
            course.say(plan["why_not"], offer)

    def _limit(self) -> None:
        """What may be spent has changed; the plan says whether this still may."""
        limits = self.panel.more.limits()
        self.courier.work(
            lambda: self.client.post("/v1/limits", limits),
            lambda _: self.plan(),
            lambda exc: self.course.say(exc.sentence),
        )

    def _not_planned(self, exc: Refused | Lost) -> None:
        if isinstance(exc, Lost):
            self.greeted = False  # found, or started, at the next look
        else:
            self.panel.go.forbid(exc.sentence)
        self._lost = exc.sentence
        self.course.say(exc.sentence)

    def _what(self, target: Target) -> str:
        words = self.panel.words
        if target.selection is None:
            what = words["select_first"]
        else:
            left, top, right, bottom = target.selection
            what = f"{words['selection']} {right - left}×{bottom - top}"
        if target.source == "layer":
            return what
        return f"{what} · {self.panel.more.source.currentText()}"

    def planned(self) -> Mapping[str, Any]:
        """The bridge's last word on the present choice."""
        return self._plan

    # --- a round ---------------------------------------------------------------------------------

    def revise(self) -> None:
        self._start(lambda: self.canvas_of_krita.note(self.panel.source(), lasting=True), {})

    def again(self, on_top: bool = False) -> None:
        """From the untouched picture with the whole chain of wishes, or on top of the result."""
        result = self.course.result
        front = result.front() if result else None
        if result is None or front is None:
            self.revise()
            return
        target = result.target
        if on_top:
            node = result.group or front.layer
            target = replace(target, node=node, source="below", own="")
        kind = "on top" if on_top else "original"
        goes_on = {"parent": front.id, "parent_variant": front.number, "again": kind}
        self._start(lambda: target, goes_on)

    def _start(self, note: Callable[[], Target], more: Mapping[str, Any]) -> None:
        course = self.course
        if course.round or not self.greeted or not self._may_go():
            return
        try:
            target = note()
        except Obstacle as exc:
            course.say(str(exc))
            return
        more = {"edge": self.panel.more.edge(), **self.panel.more.seeded(), **more}
        references = self.beside.references
        choice = self.panel.choice()
        course.start(Wanted(target, choice, more, references, self._spend()))

    def _may_go(self) -> bool:
        """Before the first picture leaves, and above the artist's amount, a second click."""
        if not wants_a_click(self._plan, self._agreed):
            return True
        self._ask_for_a_click(self._plan)
        return False

    def _chosen(self) -> None:
        """What was read is what is sent: after another choice it is read anew."""
        self._agreed = {}
        self.plan()

    def _spend(self) -> Mapping[str, Any]:
        """What was read before this press; a yes is good for one."""
        agreed, self._agreed = self._agreed, {}
        return agreed

    def _ask_for_a_click(self, plan: Mapping[str, Any]) -> None:
        self._agreed = plan
        where = plan["where"] if plan.get("where_new") else ""
        self.course.say(" ".join(filter(None, [where, plan.get("confirm", "")])))

    def cancel(self) -> None:
        self.course.cancel()

    def finish(self) -> None:
        self.course.paint_out(self._spend())

    def step(self, by: int) -> None:
        self.course.step(by)

    def original(self, wanted: bool | None = None) -> None:
        self.course.original(wanted)

    def closer(self) -> None:
        """Every pixel of the result as one of the screen, and back again."""
        result = self.course.result
        self.nearness.toggle(result.target.box() if result else None)

    def keep(self) -> None:
        self.course.keep()

    def _act(self, offer: Offer | None) -> None:
        if offer is not None:
            offer.do()


def _copy(text: str) -> None:
    QtWidgets.QApplication.clipboard().setText(text)
