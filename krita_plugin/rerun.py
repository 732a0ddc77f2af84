"""A layer of ours, made again months later from the picture as it is then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .canvas import Canvas
from .course import Course
from .kept import Recipe
from .panel import Panel
from .sight import Obstacle
from .target import Target
from .wanted import Offer, Wanted, offer_again


class Rerun:
    """course, agreed: of the picture in front. recipe: of its active layer, if it is of ours."""

    def __init__(
        self,
        canvas: Canvas,
        panel: Panel,
        course: Callable[[], Course],
        agreed: Callable[[], Mapping[str, Any]],
    ) -> None:
        self.canvas, self.panel, self._course, self._agreed = canvas, panel, course, agreed
        self.recipe: Recipe | None = None

    def look_at(self, target: Target | None) -> None:
        self.recipe = self.canvas.recipe(target) if target else None
        self.offer()

    def offer(self) -> None:
        again = Offer(self.panel.words["again_original"], self.start)
        offer_again(self._course(), self.recipe, again)

    def start(self) -> None:
        """With the wish it was made from, and the model chosen now."""
        recipe, course = self.recipe, self._course()
        if recipe is None or course.round:
            return
        try:
            target = self.canvas.note_again(recipe)
        except Obstacle as exc:
            course.say(str(exc))
            return
        chosen = self.panel.choice()
        model = {"model": chosen["model"]} if chosen["model"] else {}
        said = {
            **recipe.said["choice"],
            "prompt": recipe.said["prompt"],
            "references": 0,
            "route": "",
        }
        more = {"edge": self.panel.more.edge(), **self.panel.more.seeded()}
        course.start(Wanted(target, {**said, **model}, more, (), self._agreed()))
