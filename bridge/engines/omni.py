"""Google's Omni film models, which only the Interactions route makes films with.

A job in the background: found again, cancelled there, its film delivered as a file that may become
ready only after the job is. What was charged is reckoned from the tokens. With references, the
prompt's head says which picture is what, and the task is left to the model.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, ClassVar

from bridge.engines import encode, fetch, film
from bridge.engines.answers import count, dig, json_object, rows, text
from bridge.engines.base import (
    Answer,
    Ask,
    Json,
    Received,
    Ref,
    Step,
    Steps,
    Submitted,
    send,
)
from bridge.engines.interactions import Interactions
from bridge.engines.shrink import shrunk
from bridge.engines.tokens import usd
from bridge.errors import EngineError

MOST_BYTES = 20_000_000  # of one picture
MOST_REFERENCE_PIXELS = 1024 * 1024


class Omni(Interactions):
    id: ClassVar[str] = "omni"
    polls: ClassVar[int] = film.POLLS
    poll_seconds: ClassVar[float] = film.POLL_SECONDS

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        if ref is None:
            ref = yield from self._ordered(ask)
        raw = yield from self._finished(ask, str(ref["interaction"]))
        found = json_object(raw, self.label)
        block, spent = _film(found), usd(_tokens(found), ask)
        if "data" in block:
            data = encode.from_base64(block["data"], self.label)
            yield Received(data, film.sniff(data) or film.MP4, spent)
        elif "uri" in block:
            file = yield from self.file_of(block["uri"])
            delivered = yield from fetch.movie(self.label, file)
            yield Received(delivered.raw, delivered.kind, spent)
        else:
            raise self._nothing(found)

    def decode(self, raw: bytes, media_type: str) -> Answer:
        return Answer(film.first_frame(raw, self.label), "re-rendered")

    def _ordered(self, ask: Ask) -> Generator[Step, Any, Ref]:
        response = yield from send(
            self.request("POST", "interactions", _order(ask, self.on_platform)), usd=ask.usd
        )
        if response.status != 200:
            raise self.refusal(response, ask)
        interaction = text(json_object(response.body, self.label), "id")
        if not interaction:
            raise film.no_film(self.label)
        ref: Ref = {"interaction": interaction}
        yield Submitted(ref)
        return ref

    def _nothing(self, found: dict[str, Any]) -> EngineError:
        """It ended quickly and empty: nothing was made, so nothing is charged."""
        made = count(found, "usage", "total_output_tokens")
        return film.no_film(self.label, charged="yes" if made else "no")


ENGINE = Omni


def _order(ask: Ask, on_platform: bool) -> Json:
    """It is stored there, or it could not be found again. The platform would want a bucket for a

    file, so it answers inline.
    """
    motion = film.motion_of(ask)
    frames = [ask.picture, *([] if motion.last is None else [motion.last])]
    others = [shrunk(one, MOST_REFERENCE_PIXELS) for one in ask.references]
    shown: list[Json] = []
    for pixels in (*frames, *others):
        one = encode.fitting(pixels, MOST_BYTES, Omni.label)
        shown.append({"type": "image", "mime_type": one.media_type, "data": one.base64})
    content: list[Json] = [{"type": "text", "text": _words(ask)}, *shown]
    task: dict[str, Json] = {"video_config": {"task": "image_to_video"}}
    return {
        **({} if others else {"generation_config": task}),
        "model": ask.model,
        "background": True,
        "store": True,
        "input": [{"type": "user_input", "content": content}],
        "response_format": {
            "type": "video",
            "aspect_ratio": film.aspect(ask.size),
            "resolution": ask.tier or "720p",
            "duration": f"{motion.seconds}s",
            "delivery": "inline" if on_platform else "uri",
        },
    }


def _words(ask: Ask) -> str:
    """It knows no field for what shall not be seen, nor for what a picture is."""
    negative = film.motion_of(ask).negative.strip().rstrip(".")
    told = f"{film.words(ask)} Do not show: {negative}." if negative else film.words(ask)
    return f"{_roles(ask)} {told}" if ask.references else told


def _roles(ask: Ask) -> str:
    """In its own marks: frames first, then references, numbered as they are sent."""
    frames = ["FIRST_FRAME", *([] if film.motion_of(ask).last is None else ["LAST_FRAME"])]
    sources = " ".join(f"<{name}>@Image{at}" for at, name in enumerate(frames, start=1))
    references = " ".join(
        f"<IMAGE_REF_{at}>@Image{at + len(frames) + 1}" for at in range(len(ask.references))
    )
    return f"[# Sources {sources}] [# References {references}]"


def _film(found: dict[str, Any]) -> dict[str, str]:
    """The last film, as {"data": base64} or {"uri": address}; {} when there is none."""
    for step in reversed(rows(found, "steps")):
        for block in reversed(rows(step, "content")):
            for name in ("data", "uri") if block.get("type") == "video" else ():
                if text(block, name):
                    return {name: text(block, name)}
    return {}


def _tokens(found: dict[str, Any]) -> dict[str, int]:
    """{} when the answer does not count them."""
    usage = dig(found, "usage")
    made = count(usage, "total_output_tokens")
    if not made:
        return {}
    thought = count(usage, "total_thought_tokens")
    return {"input": count(usage, "total_input_tokens"), "video": made, "text": thought}
