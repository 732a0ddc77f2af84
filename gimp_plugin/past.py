"""The history of the picture: what waits to be placed, and what can be placed again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .canvas import Canvas
from .client import Client
from .course import Course
from .target import Obstacle, Target
from .wanted import fetchable, waiting

if TYPE_CHECKING:
    from .head import Head
    from .worker import Courier


class Past:
    """course, note: of the picture that the window shows."""

    def __init__(
        self,
        canvas: Canvas,
        client: Client,
        courier: Courier,
        head: Head,
        course: Callable[[], Course],
        note: Callable[[], Target],
    ) -> None:
        self.canvas, self.client, self.courier, self.head = canvas, client, courier, head
        self.course, self.note = course, note
        self.revisions: list[Mapping[str, Any]] = []
        self._asked = ""  # the document whose history is known
        self._unfolds = False  # the list, as soon as it is known

    def look(self) -> None:
        """A document that is opened again may have results that never reached it."""
        id = self.canvas.known_id()
        if id != self._asked:
            self._asked = id
            self.revisions = []
            self._fill()
            self._fetch(self._offer_waiting)
        if not id:
            self._unfold()

    def ask(self) -> None:
        """What is new in it, without offering what waits."""
        self._asked = self.canvas.known_id()
        self._fetch(lambda: None)

    def forget(self, *, unfolds: bool) -> None:
        """It is asked for again at the next look, and unfolded then if it is to be."""
        self._asked = ""
        self._unfolds = unfolds

    def put(self, id: str) -> None:
        """The layers of an earlier revision once more, free."""
        found = next((one for one in self.revisions if one["id"] == id), None)
        if found is not None:
            self._with_target(lambda target: self.course().fetch(target, found))

    def _fetch(self, then: Callable[[], None]) -> None:
        id = self._asked
        if not id:
            return

        def found(answer: Mapping[str, Any]) -> None:
            if id == self.canvas.known_id():
                self.revisions = list(answer["revisions"])
                self._fill()
                then()
                self._unfold()

        path = f"/v1/revisions?document={id}"
        self.courier.work(lambda: self.client.get(path), found, lambda _: None)

    def _fill(self) -> None:
        self.head.remember(fetchable(self.revisions))

    def _unfold(self) -> None:
        if self._unfolds:
            self._unfolds = False
            self.head.remember(fetchable(self.revisions))
            self.head.history.unfold()

    def _offer_waiting(self) -> None:
        course = self.course()
        if self.revisions:
            course.spent = self.revisions[0]["document_cost"]
        found = waiting(self.revisions)
        if found is not None and course.round is None and course.result is None:
            sentence = f"{self.head.words['waiting']} {found['title']}"
            course.say(sentence, course.offers("place_now", lambda: self._attach(found)))
        else:
            course.shows.show(course)

    def _attach(self, revision: Mapping[str, Any]) -> None:
        self._with_target(lambda target: self.course().attach(target, revision))

    def _with_target(self, act: Callable[[Target], None]) -> None:
        try:
            target = self.note()
        except Obstacle as exc:
            self.course().say(str(exc))
            return
        act(target)
