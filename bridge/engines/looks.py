"""Looks: classic filters, tone words, colour match, painting styles, at the picture's own size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bridge.engines.base import (
    Answer,
    Ask,
    Engine,
    Json,
    Progress,
    Received,
    Ref,
    Steps,
    Wish,
    Work,
)
from bridge.engines.paintings import missing, paint
from bridge.engines.verbs import Step, objection_to, understand
from bridge.errors import Unsupported
from bridge.geometry import Box
from bridge.pixels import Array

DEADLINE_SECONDS = 120.0
STRENGTH = {"touch": 0.5, "": 1.0, "clear": 1.0, "free": 1.6}


class Looks(Engine):
    id = "looks"
    label = "Looks"
    where = "this machine"
    keeps = False

    def objection(
        self, wish: Wish, *, selection: Box | None, whole: Box, facts: Mapping[str, Json]
    ) -> str:
        said = objection_to(wish, self.id)
        if said:
            return said
        lines = [understand(line, wish.helper) for line in wish.prompt.splitlines()]
        painted = any(step.name == "painting" for verb in lines for step in verb.steps)
        return missing() if painted else ""

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        """Unsupported when the words are no look, or there is no reference to match."""
        verb = understand(ask.wish.prompt, ask.wish.helper)
        if verb.engine != self.id:
            raise Unsupported(objection_to(ask.wish, self.id))
        if any(step.name == "match" for step in verb.steps) and not ask.references:
            raise Unsupported("There is no reference to match; add one under “reference”.")
        yield Progress(note="looking")
        far = STRENGTH.get(ask.wish.how_far, 1.0)
        steps = tuple(replace(step, amount=step.amount * far) for step in verb.steps)
        raw = yield Work(looked, (ask.picture, steps, ask.references), DEADLINE_SECONDS)
        yield Received(raw, "image/png")

    def decode(self, raw: bytes, media_type: str) -> Answer:
        from bridge.engines.encode import picture

        return Answer(picture(raw, self.label), "in place")


def looked(picture: Array, steps: tuple[Step, ...], references: tuple[Array, ...]) -> bytes:
    """A 16-bit PNG of `picture` (H, W, 3), 0..1, after all steps. In the child."""
    import numpy as np

    from bridge.engines.encode import png16
    from bridge.engines.filters import FILTERS, match

    for step in steps:
        if step.name == "match":
            picture = match(picture, step.amount, references[0])
        elif step.name == "painting":
            picture = paint(picture, step.amount, step.style)
        else:
            picture = FILTERS[step.name](picture, step.amount)
        picture = np.clip(picture, 0, 1)
    return png16(picture).data


ENGINE = Looks
