"""What schemathesis is told of Redraft: frames as hosts send them, and names that lead somewhere.

Runs in schemathesis' own environment, which has neither Redraft nor its libraries: what it says of
frames is said a second time, from outside. SCHEMATHESIS_HOOKS names it; REDRAFT_FUZZ_KNOWN names a
file of JSON with what is there (see schema.py), REDRAFT_FUZZ_COUNTS one that it writes, with how
often each operation answered with each status.

A request is sent as it was made up, or, mostly, with names in it that lead somewhere.
"""

from __future__ import annotations

import atexit
import json
import os
import random
import struct
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import strategies as st

KNOWN = json.loads(Path(os.environ["REDRAFT_FUZZ_KNOWN"]).read_text())
COUNTS = Path(os.environ["REDRAFT_FUZZ_COUNTS"])
DICE = random.Random(1)
AS_IT_IS = 0.3  # of the requests
BYTES = {"u8": 1, "u16": 2, "f16": 2, "f32": 4}
CHANNELS = {"rgb": 3, "gray": 1, "cmyk": 4, "lab": 3}
WISHES = ("", "warmer", "remove it", "a hat", "warmer\ncooler", "\u2603 " * 40)
# What an operation that changes something must find: the state of the first variant.
WANTED = {
    "/instead": "failed",
    "/preview": "preview",
    "/again": "unsuccessful",
    "/give_up": "asking",
    "/film": "film",
    "/film/frames": "film",
}


# --- frames --------------------------------------------------------------------------------------


@st.composite
def pixel_formats(draw: st.DrawFn) -> dict[str, Any]:
    model = draw(st.sampled_from(sorted(CHANNELS)))
    return {
        "model": model,
        "depth": draw(st.sampled_from(sorted(BYTES))),
        "alpha": draw(st.booleans()),
        "order": draw(st.sampled_from(("rgba", "bgra"))) if model == "rgb" else "rgba",
        "endian": draw(st.sampled_from(("little", "big"))),
    }


def pixels_of(form: dict[str, Any], count: int, seed: int) -> bytes:
    values = count * (CHANNELS[form["model"]] + form["alpha"])
    return random.Random(seed).randbytes(values * BYTES[form["depth"]])


@st.composite
def choices(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "model": draw(st.sampled_from(KNOWN["models"])),
        "prompt": draw(st.sampled_from(WISHES) | st.text(max_size=60)),
        "variants": draw(st.sampled_from((1, 1, 1, 2, 4))),
        "how_far": draw(st.sampled_from(("", "touch", "free"))),
        "keep": draw(st.lists(st.sampled_from(("composition", "palette")), max_size=2)),
    }


@st.composite
def edges(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "grow_px": draw(st.integers(0, 40)),
        "feather_px": draw(st.none() | st.floats(0, 40)),
        "whole": draw(st.booleans()),
        "include_offer": draw(st.booleans()),
        "outline": draw(st.booleans()),
        "wish": draw(st.sampled_from(("", "local", "light", "style", "new"))),
    }


@st.composite
def revisions(draw: st.DrawFn) -> tuple[dict[str, Any], list[bytes]]:
    """A small picture, so that the whole of it is the box. Every part that a frame can have."""
    width, height = draw(st.integers(16, 96)), draw(st.integers(16, 96))
    whole = {"left": 0, "top": 0, "right": width, "bottom": height}
    form, seed = draw(pixel_formats()), draw(st.integers(0, 9))
    infos, parts = [], []

    def add(name: str, kind: str, content: bytes, **more: Any) -> None:
        infos.append({"name": name, "kind": kind, "bytes": len(content), **more})
        parts.append(content)

    def add_pixels(name: str, size: tuple[int, int], form: dict[str, Any]) -> None:
        content = pixels_of(form, size[0] * size[1], seed)
        add(name, "pixels", content, width=size[0], height=size[1], format=form)

    add_pixels("source", (width, height), form)
    selection = None
    if draw(st.booleans()):
        left, top = draw(st.integers(0, width - 8)), draw(st.integers(0, height - 8))
        right, bottom = draw(st.integers(left + 8, width)), draw(st.integers(top + 8, height))
        selection = {"left": left, "top": top, "right": right, "bottom": bottom}
        rows = [
            bytes(255 if left <= x < right and top <= y < bottom else 0 for x in range(width))
            for y in range(height)
        ]
        add("selection", "mask", b"".join(rows), width=width, height=height)
    if form["alpha"] and draw(st.booleans()):
        add_pixels("beneath", (width, height), form)
    if draw(st.integers(0, 9)) == 0:
        add("profile", "bytes", random.Random(seed).randbytes(draw(st.integers(0, 400))))
    choice = draw(choices())
    choice["references"] = draw(st.sampled_from((0, 0, 0, 1, 2, 3)))
    for number in range(1, choice["references"] + 1):
        add_pixels(f"reference_{number}", (draw(st.integers(8, 40)), 24), draw(pixel_formats()))
    revision = {
        "document": {"id": draw(st.sampled_from(KNOWN["documents"])), "width": width},
        "box": whole,
        "selection": selection,
        "choice": choice,
        "edge": draw(edges()),
        "source": draw(st.sampled_from(("layer", "below", "visible"))),
        "seed": draw(st.none() | st.integers(0, 2**31 - 1)),
        "batch": draw(st.booleans()),
        "parts": infos,
    }
    revision["document"]["height"] = height
    return revision, parts


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """Nine in ten are whole; of the others one thing is wrong."""
    revision, parts = draw(revisions())
    wrong = draw(st.sampled_from((*("",) * 9, "box", "part", "field", "cut", "long", "magic")))
    if wrong == "box":
        revision["box"] = {**revision["box"], "right": draw(st.integers(-5, 300_000))}
    elif wrong == "part":
        revision["parts"][0]["bytes"] = draw(st.integers(-1, 2**33))
    elif wrong == "field":
        revision[draw(st.sampled_from(sorted(revision)))] = draw(st.none() | st.text(max_size=5))
    header = json.dumps({"revision": revision}).encode()
    frame = b"REDRAFT\x01" + struct.pack("<I", len(header)) + header + b"".join(parts)
    if wrong == "cut":
        return frame[: draw(st.integers(0, len(frame)))]
    if wrong == "long":
        return frame + b"\0" * draw(st.integers(1, 99))
    return frame[::-1] if wrong == "magic" else frame


@st.composite
def film_frames(draw: st.DrawFn) -> bytes:
    """Of a film none of whose frames was painted on, or one that does not fit."""
    first, count = draw(st.sampled_from((0, 0, 1, 40))), draw(st.sampled_from((2, 3, 1, 9, 0)))
    parts, pixels = [], b""
    if draw(st.sampled_from((False,) * 5 + (True,))):
        form = draw(pixel_formats())
        pixels = pixels_of(form, 64, first)
        size = {"width": 8, "height": 8, "bytes": len(pixels)}
        parts = [{"name": f"frame_{first}", "kind": "pixels", "format": form, **size}]
    step = draw(st.sampled_from((1, 1, 2, 5)))
    asked = {"first": first, "end": first + count, "step": step, "parts": parts}
    header = json.dumps(asked).encode()
    return b"REDRAFT\x01" + struct.pack("<I", len(header)) + header + pixels


schemathesis.openapi.media_type("application/octet-stream", frames())
schemathesis.openapi.media_type("application/x-frames", film_frames())


# --- names that lead somewhere -------------------------------------------------------------------


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    if DICE.random() < AS_IT_IS:
        return
    path = case.operation.path
    named = case.path_parameters
    if isinstance(named, dict):
        if "revision" in named:
            ending = path.rpartition("}")[2]
            named["revision"] = DICE.choice(KNOWN[WANTED.get(ending, "composed")])
        if "number" in named:
            named["number"] = 1
        if "name" in named:
            named["name"] = DICE.choice(KNOWN["keys"])
    if path == "/v1/revisions" and case.method.upper() == "GET":
        case.query = {"document": DICE.choice(KNOWN["documents"])}
    if isinstance(case.body, dict):
        _mended(path, case.body)


def _mended(path: str, body: dict[str, Any]) -> None:
    if path == "/v1/told":
        body["home"] = DICE.choice(KNOWN["homes"])
    elif path == "/v1/limits":  # so high that what follows is not all refused
        body.update(providers={DICE.choice(KNOWN["homes"]): 9e5})
        body.update(picture=9e5, day=9e5, month=9e5)
    elif path.endswith(("/instead", "/finish")):
        body.update(model="known", max_usd=100.0, agreed_home="", agreed_usd=100.0)
    elif path == "/v1/plan":
        asked = body.get("choice")
        choice = asked if isinstance(asked, dict) else {}
        body["choice"] = {**choice, "model": DICE.choice(KNOWN["models"])}
        body["choice"].update(route="", tier="", film=None, references=0, options={})
        for name in ("selection", "sample", "parent", "again"):
            body.pop(name, None)


# --- what came of it -----------------------------------------------------------------------------

COUNTED: Counter[tuple[str, int]] = Counter()
SHAPELESS: Counter[str] = Counter()


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    operation = f"{case.operation.method.upper()} {case.operation.path}"
    COUNTED[operation, response.status_code] += 1
    if response.status_code >= 400 and not _one_shape(response.content):
        SHAPELESS[f"{operation} {response.status_code}"] += 1


def _one_shape(body: bytes) -> bool:
    try:
        error = json.loads(body)["error"]
        return isinstance(error["code"], str) and isinstance(error["sentence"], str)
    except (ValueError, KeyError, TypeError):
        return False


@atexit.register
def _write() -> None:
    rows = [[operation, status, count] for (operation, status), count in COUNTED.items()]
    COUNTS.write_text(json.dumps({"counted": rows, "shapeless": dict(SHAPELESS)}))
