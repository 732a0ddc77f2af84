"""A layer of ours, made again months later from the picture as it is then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .canvas import Canvas
from .course import Course
from .kept import Recipe
from .panel import Panel
from .target import Target, as_said
from .wanted import Offer, offer_again

Starts = Callable[[Callable[[], Target], Mapping[str, Any], Mapping[str, Any]], None]


class Rerun:
    """course: of the picture that the window shows. recipe: of its selected layer, if it is ours.

    begin: a round, by how its target is noted, what it goes on from, and its choice.
    """

    def __init__(
        self, canvas: Canvas, panel: Panel, course: Callable[[], Course], begin: Starts
    ) -> None:
        self.canvas, self.panel, self._course, self._begin = canvas, panel, course, begin
        self.recipe: Recipe | None = None

    def look(self) -> None:
        self.recipe = self.canvas.recipe()
        self.offer()

    def offer(self) -> None:
        """A layer of ours is made again as it once was."""
        again = Offer(self.panel.words["again_original"], self.start)
        offer_again(self._course(), self.recipe, again)

    def start(self) -> None:
        """With the wish it was made from, and the model chosen now."""
        recipe = self.recipe
        if recipe is not None:
            said = {**as_said(recipe.said), "route": ""}
            model = self.panel.model.choice()["model"]
            chosen = {"model": model} if model else {}
            self._begin(lambda: self.canvas.note_again(recipe), {}, {**said, **chosen})
