"""Refuses with all it was told, so that a test in a host can read what was sent."""

from __future__ import annotations

from bridge.engines.base import Answer, Ask, Engine, Progress, Ref, Steps
from bridge.errors import ContentRefused
from bridge.pixels import Array


class Heard(Engine):
    id = "heard"
    label = "Heard"
    where = "this machine"

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        yield Progress(note="listening")
        wish = ask.wish
        told = [wish.prompt, wish.helper, wish.how_far, "+".join(wish.keep), str(ask.seed)]
        shown = "".join(f" Shown {middle(one)}." for one in ask.references)
        raise ContentRefused(f"Heard {' | '.join(told)}.{shown}")

    def decode(self, raw: bytes, media_type: str) -> Answer:
        raise NotImplementedError


def middle(picture: Array) -> str:
    """The colour in the middle, such as "ff0000"."""
    height, width = picture.shape[:2]
    return "".join(f"{round(255 * float(part)):02x}" for part in picture[height // 2, width // 2])


ENGINE = Heard
