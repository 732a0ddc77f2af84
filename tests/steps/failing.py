"""Refuses every picture, as a provider's moderation does."""

from __future__ import annotations

from bridge.engines.base import Answer, Ask, Engine, Progress, Ref, Steps
from bridge.errors import ContentRefused


class Failing(Engine):
    id = "failing"
    label = "Failing"
    where = "this machine"

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        yield Progress(note="about to fail")
        raise ContentRefused("Failing does not paint this; say it in other words.")

    def decode(self, raw: bytes, media_type: str) -> Answer:
        raise NotImplementedError


ENGINE = Failing
