"""The history of the picture in front: what waits to be placed, and what can be placed again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .canvas import Canvas
from .client import Client
from .course import Course
from .panel import Panel
from .sight import Obstacle
from .target import Target
from .wanted import Offer, fetchable, waiting
from .worker import Courier


class Past:
    def __init__(
        self,
        canvas: Canvas,
        client: Client,
        courier: Courier,
        panel: Panel,
        course: Callable[[], Course],
    ) -> None:
        """course: of the picture in front."""
        self.canvas, self.client, self.courier = canvas, client, courier
        self.panel, self.course = panel, course
        self._asked = ""  # the document whose history is known
        self._revisions: list[Mapping[str, Any]] = []
        panel.head.remembered.connect(self._remember)
        panel.head.put.connect(self._put)

    def look(self) -> None:
        """A document that is opened again may have results that never reached it."""
        id = self.canvas.known_id()
        if id == self._asked:
            return
        self._asked = id
        self._revisions = []
        if id:
            self._fetch(id, self._offer_waiting)

    def _fetch(self, id: str, then: Callable[[], None]) -> None:
        def found(answer: Mapping[str, Any]) -> None:
            if id == self.canvas.known_id():
                self._revisions = list(answer["revisions"])
                then()

        path = f"/v1/revisions?document={id}"
        self.courier.work(lambda: self.client.get(path), found, lambda _: None)

    def _offer_waiting(self) -> None:
        course, words = self.course(), self.panel.words
        if self._revisions:
            course.spent = self._revisions[0]["document_cost"]
            course.changed.emit()
        found = waiting(self._revisions)
        if found is not None and course.round is None and course.result is None:
            sentence = f"{words['waiting']} {found['title']}"
            course.say(sentence, Offer(words["place_now"], lambda: self._attach(found)))

    def _remember(self) -> None:
        """The menu opens with what is known, and learns the rest meanwhile."""
        head, id = self.panel.head, self.canvas.known_id()
        head.remember(fetchable(self._revisions))
        if id:
            self._fetch(id, lambda: head.remember(fetchable(self._revisions)))

    def _put(self, id: str) -> None:
        found = next((one for one in self._revisions if one["id"] == id), None)
        if found is not None:
            self._with_target(lambda target: self.course().fetch(target, found))

    def _attach(self, revision: Mapping[str, Any]) -> None:
        self._with_target(lambda target: self.course().attach(target, revision))

    def _with_target(self, act: Callable[[Target], None]) -> None:
        try:
            target = self.canvas.note(self.panel.source(), lasting=True)
        except Obstacle as exc:
            self.course().say(str(exc))
            return
        act(target)
