"""Works for as long as the prompt says ("3 s"), with progress; the picture comes back darker."""

from __future__ import annotations

from bridge.engines.base import Answer, Ask, Engine, Progress, Received, Ref, Steps, Wait
from bridge.engines.encode import picture, png16

TICK_SECONDS = 0.1
USUAL_SECONDS = 30.0


class Slow(Engine):
    id = "slow"
    label = "Slow"
    where = "this machine"

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        words = ask.wish.prompt.split()
        seconds = float(words[0]) if words and words[0].isdigit() else USUAL_SECONDS
        ticks = int(seconds / TICK_SECONDS)
        for tick in range(ticks):
            yield Progress(fraction=tick / ticks, note="working slowly")
            yield Wait(TICK_SECONDS)
        yield Received(png16(ask.picture * 0.5).data, "image/png")

    def decode(self, raw: bytes, media_type: str) -> Answer:
        return Answer(picture(raw, self.label), "in place")


ENGINE = Slow
