"""What engines make of answers that nobody would give: each step of theirs gets the same bytes."""

from __future__ import annotations

import json
import tempfile
from functools import cache, partial
from pathlib import Path
from typing import Any

from bridge.engines.base import Ask, Engine, Event, Listen, Next, Received, Response, Send
from bridge.geometry import Size
from tests.engines.table import TABLE
from tests.fuzz.targets import Target

MOST_STEPS = 40
SMALL = Size(64, 36)
PIXEL = (  # a PNG of one pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
# Every word that some provider's answer is read for, at once.
EVERYTHING = {
    "id": "a-1",
    "request_id": "a-1",
    "name": "operations/1",
    "status": "Ready",
    "done": True,
    "polling_url": "https://api.bfl.ai/v1/get_result?id=1",
    "cost": 3.5,
    "progress": 0.5,
    "status_url": "https://queue.fal.run/x/status",
    "response_url": "https://queue.fal.run/x",
    "result": {"sample": "https://delivery.bfl.ai/1.png", "seed": 1},
    "data": [{"b64_json": PIXEL, "url": "https://ark.bytepluses.com/1.png", "error": None}],
    "images": [{"url": "https://fal.media/1.png"}],
    "video": {"url": "https://fal.media/1.mp4"},
    "candidates": [
        {"content": {"parts": [{"text": "so"}, {"inlineData": {"data": PIXEL}}]}, "index": 0}
    ],
    "steps": [{"type": "model_output", "content": [{"type": "image", "data": PIXEL}]}],
    "usage": {"total_output_tokens": 9, "total_input_tokens": 9, "cost": 0.1},
    "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 9},
    "response": {"generateVideoResponse": {"generatedSamples": [{"video": {"uri": "files/1"}}]}},
    "error": {"code": "1", "message": "so", "type": "x", "status": "x", "details": [{}]},
    "detail": [{"msg": "so", "type": "x", "loc": ["body", "x"]}],
}


@cache
def _ask(row_name: str) -> Ask:
    """Small, so that next to no time goes into the picture that is sent."""
    return TABLE[row_name].ask(size=SMALL)


def play(name: str, data: bytes) -> object:
    """Every status that leads somewhere else, from the first byte; the rest is the body."""
    status = (200, 200, 200, 200, 400, 404, 429, 500)[data[0] % 8] if data else 200
    engine = TABLE[name].engine()
    steps = engine.revise(_ask(name))
    with tempfile.TemporaryDirectory(prefix="redraft-fuzz-") as folder:
        reply: Any = None
        for _ in range(MOST_STEPS):
            try:
                step = steps.send(reply)
            except StopIteration:
                break
            if isinstance(step, Received):
                return _decoded(engine, step)
            reply = _reply(step, data[1:], status, Path(folder))
        steps.close()
    return "no end"


def _reply(step: object, body: bytes, status: int, folder: Path) -> object:
    if isinstance(step, Send):
        if step.into == "file" and status == 200:
            file = folder / "answer"
            file.write_bytes(body)
            return Response(status, {}, file=file)
        return Response(status, {}, body)
    if isinstance(step, Listen):
        return Event("", body) if status == 200 else Event("http_error", b"%d " % status + body)
    return Event("", body) if isinstance(step, Next) else None


def _decoded(engine: Engine, step: Received) -> object:
    raw = step.raw.read_bytes() if isinstance(step.raw, Path) else step.raw
    return engine.decode(raw, step.media_type)


def whole() -> bytes:
    return b"\0" + json.dumps(EVERYTHING).encode()


ANSWERS: dict[str, Target] = {  # by the table's row
    name: (whole, partial(play, name)) for name, row in TABLE.items() if row.emulator is not None
}
