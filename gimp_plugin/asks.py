"""What is asked of the bridge when a round has ended: another model, once more, painting out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .client import Client
from .course import Course
from .wanted import Offer, agreement, plan_request, wants_a_click

if TYPE_CHECKING:
    from .worker import Courier


class Asks:
    """ask_for_a_click: says a plan that has to be read. agreed: what was read and clicked on."""

    def __init__(
        self,
        client: Client,
        courier: Courier,
        ask_for_a_click: Callable[[Mapping[str, Any]], None],
        agreed: Callable[[], Mapping[str, Any]],
    ) -> None:
        self.client, self.courier = client, courier
        self.ask_for_a_click, self.agreed = ask_for_a_click, agreed

    def refused(
        self, course: Course, revision: Mapping[str, Any], variant: Mapping[str, Any]
    ) -> None:
        """The sentence, and one button: the next able model with the same input, its price on it;

        or, when nobody knows whether it was paid, asking once more, and giving it up.
        """
        fault, instead = variant["error"], revision.get("instead")
        path = f"/v1/revisions/{revision['id']}"
        if variant["state"] == "asking":
            one = f"{path}/variants/{variant['number']}"
            again = course.offers("ask_again", lambda: course.ask(f"{one}/again", anew=False))
            lost = course.offers("give_up", lambda: self._give_up(course, one))
            course.say(fault["sentence"], Offer(again.text, again.do, again.tip, lost))
        elif instead:
            sentence = fault["sentence"]
            other = Offer(instead["button"], lambda: self._instead(course, path, sentence, instead))
            course.say(sentence, other)
        else:
            course.say(fault["sentence"])

    def finish(self, course: Course) -> None:
        """The shown variant as the composition, the untouched picture beside it."""
        front, finish = course.result.front() if course.result else None, course.finish
        if front is None or not finish or course.round is not None:
            return
        agreed = self.agreed()
        if wants_a_click(finish, agreed):
            self.ask_for_a_click(finish)
            return
        message = {"model": finish["model"], "max_usd": finish["usd"]}
        path = f"/v1/revisions/{front.id}/variants/{front.number}/finish"
        course.ask(path, {**message, **agreement(agreed)}, anew=True)

    def _instead(
        self, course: Course, path: str, sentence: str, instead: Mapping[str, Any]
    ) -> None:
        """What failed, of another model; what it would send where is said before it goes."""
        wanted = course.wanted
        if wanted is None or course.round is not None:
            return
        agreed = self.agreed()
        choice = {**wanted.choice, "model": instead["model"], "tier": ""}
        asked = plan_request(wanted.target, choice)

        def planned(plan: Mapping[str, Any]) -> None:
            if wants_a_click(plan, agreed):
                self.ask_for_a_click(plan)
                do = lambda: self._instead(course, path, sentence, instead)  # noqa: E731
                course.say(course.sentence, Offer(instead["button"], do))
            else:
                message = {"model": instead["model"], "max_usd": instead["usd"]}
                course.ask(f"{path}/instead", {**message, **agreement(agreed)}, anew=False)

        self.courier.work(
            lambda: self.client.post("/v1/plan", asked),
            planned,
            lambda exc: course.say(exc.sentence),
        )

    def _give_up(self, course: Course, path: str) -> None:
        """The artist's own word that the answer is lost; what it cost stays counted."""
        self.courier.work(
            lambda: self.client.post(f"{path}/give_up"),
            lambda revision: course.over(revision),
            lambda exc: course.say(exc.sentence),
        )
