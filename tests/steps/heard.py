"""Refuses with all it was told, so that a test in a host can read what was sent."""

from __future__ import annotations

from bridge.engines.base import Answer, Ask, Engine, Progress, Ref, Steps
from bridge.errors import ContentRefused


class Heard(Engine):
    id = "heard"
    label = "Heard"
    where = "this machine"

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        yield Progress(note="listening")
        wish = ask.wish
        told = [wish.prompt, wish.helper, wish.how_far, "+".join(wish.keep), str(ask.seed)]
        raise ContentRefused(f"Heard {' | '.join(told)}.")

    def decode(self, raw: bytes, media_type: str) -> Answer:
        raise NotImplementedError


ENGINE = Heard
