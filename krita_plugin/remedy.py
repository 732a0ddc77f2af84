"""What can be done about a variant that did not come: one button, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .wanted import Offer, agreement, plan_request, wants_a_click

if TYPE_CHECKING:
    from .course import Course


class Remedy:
    def __init__(self, course: Course) -> None:
        self.course = course

    def say(self, revision: Mapping[str, Any], variant: Mapping[str, Any]) -> None:
        """The sentence, and one button: the next able model with the same input, its price on it;

        or, when nobody knows whether it was paid, asking once more and giving up.
        """
        course = self.course
        fault, instead = variant["error"], revision.get("instead")
        path = f"/v1/revisions/{revision['id']}"
        if variant["state"] == "asking":
            number = f"{path}/variants/{variant['number']}"
            lost = course.offers("give_up", lambda: self._give_up(number))
            again = course.offers("ask_again", lambda: course.ask(f"{number}/again"), lost)
            course.say(fault["sentence"], again)
        elif instead:
            offer = Offer(instead["button"], lambda: self._ask_instead(path, instead))
            course.say(fault["sentence"], offer)
        else:
            course.say(fault["sentence"])

    def _give_up(self, number: str) -> None:
        """What else of the revision has an unknown fate is asked about next."""
        course = self.course

        def given_up(revision: Mapping[str, Any]) -> None:
            asking = [one for one in revision["variants"] if one["state"] == "asking"]
            if asking:
                self.say(revision, asking[0])
            elif course.result:
                course.report()
            else:
                course.say("")

        course.courier.work(
            lambda: course.client.post(f"{number}/give_up"),
            given_up,
            lambda exc: course.say(exc.sentence),
        )

    def _ask_instead(self, path: str, instead: Mapping[str, Any], agreed: Any = None) -> None:
        """What failed, of another model; what it would send where is said before it goes."""
        course, wanted = self.course, self.course.wanted
        if wanted is None or course.round is not None:
            return
        choice = {**wanted.choice, "model": instead["model"], "tier": ""}
        asked = plan_request(wanted.target, choice)

        def planned(plan: Mapping[str, Any]) -> None:
            if wants_a_click(plan, agreed or {}):
                again = Offer(instead["button"], lambda: self._ask_instead(path, instead, plan))
                course.priced.emit(plan)
                course.say(course.sentence, again)
            else:
                message = {"model": instead["model"], "max_usd": instead["usd"]}
                course.ask(f"{path}/instead", {**message, **agreement(agreed or {})})

        course.courier.work(
            lambda: course.client.post("/v1/plan", asked),
            planned,
            lambda exc: course.say(exc.sentence),
        )
