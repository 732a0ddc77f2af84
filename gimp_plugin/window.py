"""The window's mind: brings panel, pictures and bridge together."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from gi.repository import Gdk, Gtk

from . import arguments
from .agreed import Agreed
from .asks import Asks
from .beside import Beside
from .calls import Image
from .canvas import Canvas
from .client import Client
from .contact import Contact
from .course import Course
from .footage import Footage
from .frame import Frame, is_drawing
from .head import THUMB
from .keys import Keys
from .panel import Panel
from .past import Past
from .rerun import Rerun
from .result import Result
from .round import Round
from .script import Asked
from .target import Obstacle, Target
from .wanted import Offer, Wanted, plan_request
from .worker import Courier

LOOK_MS = 400  # GIMP tells nobody when the selection changes: a slow look, only while in sight
COPY = "Copy the command"


class Window:
    """One for all pictures: it shows the one that the artist called us from last."""

    def __init__(self, canvas: Canvas, client: Client) -> None:
        self.canvas, self.client, self.courier = canvas, client, Courier()
        self._showing = False
        self.courses: dict[str, Course] = {}
        self._seen = ""
        self._asked: Mapping[str, Any] = {}
        self._answered: Mapping[str, Any] = {}  # what was asked when the present plan was made
        self._planned: Mapping[str, Any] = {}
        self._why_not = ""  # what was said of a choice that cannot be done
        self._sample: tuple[int, Mapping[str, Any] | None] = (0, None)
        self.panel = Panel(self, lambda: self.beside, canvas.layers_to_choose)
        self.gtk = Frame(self.panel, self.courier, self.step)
        say = self._say
        self.contact = Contact(client, self.courier, self._greeting_came, self._no_bridge)
        self.beside = Beside(canvas, self.panel, self.plan, say)
        self.keys = Keys(client, self.courier, lambda: self.gtk, self._key_came, say)
        self.agreed = Agreed()
        self.asks = Asks(client, self.courier, self.ask_for_a_click, self.agreed.spend)
        self.past = Past(
            canvas, client, self.courier, self.panel.head, lambda: self.course, self._note
        )
        self.rerun = Rerun(canvas, self.panel, lambda: self.course, self._start)
        self.footage = Footage(
            canvas, client, self.courier, self.panel, lambda: self.course, lambda: self.gtk
        )
        self.courier.every(LOOK_MS, self._look_again)

    # --- the picture -----------------------------------------------------------------------------

    @property
    def course(self) -> Course:
        """Of the picture that the artist called us for last."""
        front = self.canvas.front()
        if front not in self.courses:
            self.courses[front] = Course(self.canvas, self.client, self.courier, self)
        return self.courses[front]

    @property
    def greeted(self) -> bool:
        return self.contact.greeted

    @property
    def round(self) -> Round | None:
        return self.course.round

    @property
    def result(self) -> Result | None:
        return self.course.result

    def show_for(self, image: Image, what: str) -> None:
        """what: revise, again or history."""
        self.canvas.image = image
        self._seen = ""
        self.panel.moves.forget()
        self.agreed.forget()
        self.past.forget(unfolds=what == "history")
        self._forget_closed()
        self.gtk.show()
        self.gtk.present()
        self.show(self.course)
        self._look()

    def show(self, course: Course) -> None:
        """Soon, and once for all that changes meanwhile: nothing flickers under the pointer."""
        if course is self.course and not self._showing:
            self._showing = True
            self.courier.hand(self._show)

    def _show(self) -> None:
        self._showing = False
        course, panel, words = self.course, self.panel, self.panel.words
        if not words:
            panel.strip.report(course.sentence, course.offer)
            return
        panel.go.running(course.button, course.fraction)
        panel.strip.report(course.sentence, course.offer)
        landed = course.has_landed()
        panel.strip.show_variants(course.states(), course.shown(), landed=landed)
        panel.more.apply.set_visible(landed)
        finish = course.finish if landed else {}
        tip = f"{finish['label']}: {finish['limitation']}" if finish else ""
        panel.strip.show_finish(finish.get("button", ""), tip)
        self.footage.show(course, ours=self.rerun.recipe is not None)
        panel.strip.show_spent(f"{words['spent']} {course.spent}" if course.spent else "")

    def words(self) -> Mapping[str, str]:
        return self.panel.words

    def busy(self) -> bool:
        return is_drawing()

    def landed_anew(self, course: Course) -> None:
        """The history has something new, and a picture its name at the bridge."""
        if course is self.course:
            self.past.ask()
            self.plan()

    def refused(
        self, course: Course, revision: Mapping[str, Any], variant: Mapping[str, Any]
    ) -> None:
        self.asks.refused(course, revision, variant)

    def _forget_closed(self) -> None:
        for front, course in list(self.courses.items()):
            left = course.result is None or course.result.closed()
            if front != self.canvas.front() and course.round is None and left:
                del self.courses[front]

    # --- looking ---------------------------------------------------------------------------------

    def _look_again(self) -> bool:
        if self.gtk.get_visible():
            self._look()
        return True

    def _look(self) -> None:
        """Has the picture, the layer or the selection changed since the last look?"""
        if not self.greeted:
            self.contact.seek()
            return
        try:
            target = self.canvas.note(self.panel.source(), lasting=False)
            seen = json.dumps([target.image, target.node, target.selection, target.width])
        except Obstacle as exc:
            target, seen = None, self.canvas.front() + str(exc)
        self.course.look_after()
        self.keys.look()
        self.rerun.offer()
        if seen == self._seen:
            return
        self._seen = seen
        self.rerun.look()
        self._look_at(target)
        self.show(self.course)
        self.plan()
        self.past.look()

    def _look_at(self, target: Target | None) -> None:
        """The thumbnail of the box, a sample for the plan, and whether there is anything."""
        self._sample = (0, None)
        self.beside.show(str(self._planned.get("model", "")))
        if target is None:
            return
        try:
            thumbnail = self.canvas.thumbnail(target, THUMB)
            clear = self.canvas.is_clear(target)
            self._sample = (target.image, self.canvas.sample(target))
        except Obstacle:
            return
        self.panel.move_source(clear or self.rerun.recipe is not None, str(target.node))
        self.panel.head.about(target.name, self._what(target), thumbnail)

    def _what(self, target: Target) -> str:
        words, source = self.panel.words, self.panel.source()
        if target.selection is None:
            what = words["select_first"]
        else:
            left, top, right, bottom = target.selection
            what = f"{words['selection']} {right - left}×{bottom - top}"
        if source == "layer":
            return what
        return f"{what} · {self.panel.more.source.get_active_text()}"

    # --- the bridge ------------------------------------------------------------------------------

    def _greeting_came(self, hello: Mapping[str, Any]) -> None:
        self.panel.greet(hello)
        self.keys.greeted(hello)
        self.show(self.course)
        self._seen = ""
        self._look()

    def _key_came(self, hello: Mapping[str, Any]) -> None:
        self.panel.greet(hello)
        self.keys.greeted(hello)
        self.plan()

    def plan(self) -> None:
        """Asks the bridge what the present choice would be."""
        if not self.greeted:
            return
        try:
            target = self.canvas.note(self.panel.source(), lasting=False)
        except Obstacle as exc:
            self._asked = {}
            self.panel.cannot(str(exc))
            return
        self.panel.references = len(self.beside.references)
        asked = plan_request(target, self.panel.choice())
        of, sample = self._sample
        if sample and of == target.image:
            asked["sample"] = sample
        self._asked = asked
        self.courier.work(
            lambda: self.client.post("/v1/plan", asked),
            lambda plan: self._plan_came(asked, plan, self._what(target)),
            self.contact.failed,
        )

    def _plan_came(self, asked: Mapping[str, Any], plan: Mapping[str, Any], what: str) -> None:
        if asked is not self._asked:  # the artist has chosen something else meanwhile
            return
        self._planned, self._answered = plan, asked
        self.contact.found()
        self.panel.plan(plan, selected="selection" in asked)
        self.panel.head.box.set_text(what)
        self.beside.show(plan["model"])
        self.show(self.course)
        self._say_why_not(plan)

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
            offer = Offer(instead["button"], lambda: self.panel.model.choose(instead["model"]))
        if course.round is None:
            course.say(plan["why_not"], offer)

    def _no_bridge(self, sentence: str, command: str) -> None:
        """Said until it is found; a command that would start it can be copied."""
        if sentence:
            self.panel.go.forbid(sentence)
            self._say(sentence, Offer(COPY, lambda: _copy(command)) if command else None)
        elif self.course.sentence in self.contact.said:
            self._say("")

    def _say(self, sentence: str, offer: Offer | None = None) -> None:
        course = self.course
        if course.sentence != sentence or offer is None or course.offer is None:
            course.say(sentence, offer)  # a button that is said anew loses the click on its way

    # --- what the artist does --------------------------------------------------------------------

    def changed(self) -> None:
        self.agreed.forget()
        self.plan()

    def revise(self) -> None:
        self._start(self._note, {})

    def again(self, on_top: bool = False) -> None:
        """From the untouched picture with the whole chain of wishes, or on top of the result."""
        result = self.course.result
        front = result.front() if result else None
        if result is None or front is None:
            self.revise()
            return
        kind, target = "original", result.target
        if on_top:
            kind, node = "on top", int(result.group or front.layer)
            target = replace(target, node=node, source="below", own=0)
        goes_on = {"parent": front.id, "parent_variant": front.number, "again": kind}
        self._start(lambda: target, goes_on)

    def one_more(self) -> None:
        self.course.one_more(self.agreed.spend())

    def finish(self) -> None:
        self.asks.finish(self.course)

    def cancel(self) -> None:
        self.course.cancel()

    def flip(self, variant: int) -> None:
        self.course.flip(variant)

    def step(self, by: int) -> bool:
        self.course.step(by)
        return self.course.result is not None

    def original(self, wanted: bool) -> None:
        self.course.original(wanted)

    def keep(self) -> None:
        self.course.keep()

    def animate(self) -> None:
        self.footage.animate()

    def frames(self) -> None:
        self.footage.ask_for_frames()

    def save_film(self) -> None:
        self.footage.ask_where()

    def recall(self, revision: str) -> None:
        self.past.put(revision)

    def edged(self) -> None:
        """The result that is shown meets the picture as it is said now; free."""
        self.course.change_edge(self.panel.more.edge())

    def key(self, name: str) -> None:
        self.keys.open(name)

    def limited(self) -> None:
        """What may be spent has changed; the plan says whether this still may."""
        limits = self.panel.more.limits()
        self.courier.work(
            lambda: self.client.post("/v1/limits", limits),
            lambda _: self.changed(),
            lambda exc: self._say(exc.sentence),
        )

    def _note(self) -> Target:
        return self.canvas.note(self.panel.source(), lasting=True)

    def _start(
        self,
        note: Callable[[], Target],
        more: Mapping[str, Any],
        choice: Mapping[str, Any] | None = None,
    ) -> None:
        """more: of which revision this one goes on. choice: None = as the panel has it."""
        course = self.course
        if course.round or not self.greeted:
            return
        try:
            target = note()
        except Obstacle as exc:
            course.say(str(exc))
            return
        edge, seed = self.panel.more.edge(), self.panel.more.seeded()
        references = self.beside.references if choice is None else ()
        if choice is None:
            choice, target = self.panel.choice(), replace(target, last=self.panel.moves.last())
        price = float(self._planned.get("usd", 0))
        asked = Asked(choice, edge, target.source, seed.get("seed"), price)
        arguments.remember(asked, references)
        more = {"edge": edge, **seed, **more}
        course.start(Wanted(target, choice, more, references, self.agreed.spend()))

    def ask_for_a_click(self, plan: Mapping[str, Any]) -> None:
        """The next press of the button is a yes."""
        self.course.say(self.agreed.ask(plan))


def _copy(text: str) -> None:
    Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).set_text(text, -1)
