"""Drives an engine of this machine from an ask to its answer."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np

from bridge.engines import child
from bridge.engines.base import Answer, Ask, Engine, Received, Wish, Work
from bridge.geometry import Box, Size
from bridge.pixels import Array


def ask(prompt: str, pixels: Array, mask: Array | None = None, **more: Any) -> Ask:
    """`more`: fields of the wish (helper, how_far) and of the ask (seed, references)."""
    wish = Wish(prompt, more.pop("helper", ""), more.pop("how_far", ""))
    size = Size(pixels.shape[1], pixels.shape[0])
    return Ask(model="built in", picture=pixels, mask=mask, wish=wish, size=size, **more)


def answered(engine: Engine, asked: Ask, *, in_child: bool = True) -> Answer:
    """Decoded from the raw bytes alone, by an engine that never saw the ask.

    in_child: in a process of its own, as the bridge does it; else here, which is faster.
    """
    steps, reply = engine.revise(asked), None
    while True:
        step = steps.send(reply)
        if isinstance(step, Received):
            assert isinstance(step.raw, bytes)
            return type(engine)().decode(step.raw, step.media_type)
        reply = _done(step, in_child) if isinstance(step, Work) else None


def _done(work: Work, in_child: bool) -> Any:
    return asyncio.run(child.run(work)) if in_child else work.function(*work.arguments)


def objection(engine: Engine, wish: Wish, *, selected: bool) -> str:
    """What it says beforehand, of a picture with a selection in its middle."""
    selection = Box(40, 30, 120, 90) if selected else None
    return engine.objection(wish, selection=selection, whole=Box(0, 0, 160, 120), facts={})


def gradient(width: int, height: int) -> Array:
    """Smooth colours without noise, 0.2..0.8."""
    x, y = np.meshgrid(np.linspace(0.2, 0.8, width), np.linspace(0.2, 0.8, height))
    return np.dstack([x, y, 1 - (x + y) / 2]).astype(np.float32)
