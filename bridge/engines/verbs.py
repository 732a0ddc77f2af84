"""What the built-in engines understand: a small grammar, and a refusal that says what it is.

[please] remove | erase | heal … [anything]      -> fill
[make it] [a little | much] LOOK, LOOK and LOOK  -> looks
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bridge.engines.base import Wish
from bridge.errors import Unsupported

REMOVING = re.compile(
    r"(please\s+)?(remove|erase|delete|heal|fill|retouch|clean up|clean|clear away|take away|"
    r"take out|get rid of|cut out)\b",
    re.IGNORECASE,
)

# What the artist may say -> the filter of filters.py it means, and how far (1 = clearly).
LOOKS: Mapping[str, tuple[str, float]] = {
    "warmer": ("warmth", 1),
    "warm": ("warmth", 1),
    "golden": ("warmth", 1.4),
    "cooler": ("warmth", -1),
    "colder": ("warmth", -1),
    "cool": ("warmth", -1),
    "cold": ("warmth", -1.4),
    "brighter": ("brightness", 1),
    "lighter": ("brightness", 1),
    "more light": ("brightness", 1),
    "darker": ("brightness", -1),
    "less light": ("brightness", -1),
    "more contrast": ("contrast", 1),
    "contrast": ("contrast", 1),
    "contrasty": ("contrast", 1),
    "less contrast": ("contrast", -1),
    "flatter": ("contrast", -1),
    "more saturated": ("saturation", 1),
    "more saturation": ("saturation", 1),
    "more colour": ("saturation", 1),
    "more color": ("saturation", 1),
    "more colourful": ("saturation", 1),
    "more colorful": ("saturation", 1),
    "vivid": ("saturation", 1.4),
    "less saturated": ("saturation", -1),
    "less saturation": ("saturation", -1),
    "less colour": ("saturation", -1),
    "less color": ("saturation", -1),
    "muted": ("saturation", -1),
    "black and white": ("monochrome", 1),
    "black & white": ("monochrome", 1),
    "monochrome": ("monochrome", 1),
    "grey": ("monochrome", 1),
    "greyscale": ("monochrome", 1),
    "grayscale": ("monochrome", 1),
    "sepia": ("sepia", 1),
    "faded": ("fade", 1),
    "vintage": ("fade", 1),
    "sharper": ("sharpness", 1),
    "sharpen": ("sharpness", 1),
    "softer": ("sharpness", -1),
    "blurred": ("sharpness", -2),
    "blurrier": ("sharpness", -2),
    "more detail": ("detail", 1),
    "crisper": ("detail", 1),
    "less noise": ("denoise", 1),
    "denoise": ("denoise", 1),
    "smoother": ("smooth", 1),
    "smooth": ("smooth", 1),
    "painterly": ("painterly", 1),
    "pencil sketch": ("pencil", 1),
    "pencil": ("pencil", 1),
    "sketch": ("pencil", 1),
    "match the colours": ("match", 1),
    "match the colors": ("match", 1),
    "match the reference": ("match", 1),
    "colours of the reference": ("match", 1),
    "colors of the reference": ("match", 1),
}
DEGREES: Mapping[str, float] = {
    "a little": 0.5,
    "a bit": 0.5,
    "a touch": 0.4,
    "slightly": 0.5,
    "subtly": 0.4,
    "somewhat": 0.7,
    "much": 1.6,
    "very": 1.6,
    "a lot": 1.8,
    "strongly": 1.8,
}
FILLER_WORDS = (
    "make turn it this that the a an look looks picture image photo photograph light please and "
    "then but with into in to as like change of keep looking bit little"
)
FILLERS = frozenset(FILLER_WORDS.split())
KNOWN = re.compile(
    r"(?:\b(?P<degree>{degrees})\s+)?\b(?P<look>{looks})\b".format(
        degrees="|".join(sorted(map(re.escape, DEGREES), key=len, reverse=True)),
        looks="|".join(sorted(map(re.escape, LOOKS), key=len, reverse=True)),
    )
)
HELP = (
    "The built-in engines remove what is selected and change how it looks: warmer, darker, more "
    "contrast, black and white, sepia, sharper, softer, painterly, pencil, match the reference. "
    "For anything else add a key for one of the hosted models."
)


@dataclass(frozen=True, slots=True)
class Step:
    """A filter of filters.py and its strength; 1 = clearly, negative = the other way."""

    name: str
    amount: float


@dataclass(frozen=True, slots=True)
class Verb:
    """engine: "fill" or "looks"; steps: what Looks does, in order."""

    engine: str
    steps: tuple[Step, ...] = ()


def understand(prompt: str, helper: str = "") -> Verb:
    """Nothing said means remove. Unsupported names what is understood."""
    said = " ".join(prompt.lower().split()).strip(" .!")
    if helper == "remove" or not said or REMOVING.match(said):
        return Verb("fill")
    steps = tuple(_step(found) for found in KNOWN.finditer(said))
    left = set(re.findall(r"[^\W\d_]+", KNOWN.sub(" ", said))) - FILLERS
    if not steps or left:
        raise Unsupported(f"“{_shown(prompt)}” is more than they can do. {HELP}")
    return Verb("looks", steps)


def objection_to(wish: Wish, engine: str) -> str:
    """Why `engine` cannot do this wish, any of its lines; "" when it can."""
    for line in wish.prompt.splitlines() or [""]:
        try:
            verb = understand(line, wish.helper)
        except Unsupported as exc:
            return exc.sentence
        if verb.engine != engine:
            other = "removes; choose Fill" if verb.engine == "fill" else "is a look; choose Looks"
            return f"“{_shown(line) or 'Remove'}” {other} for that."
    return ""


def _step(found: re.Match[str]) -> Step:
    name, amount = LOOKS[found["look"]]
    return Step(name, amount * DEGREES.get(found["degree"] or "", 1.0))


def _shown(prompt: str) -> str:
    text = " ".join(prompt.split())
    return text if len(text) <= 60 else text[:59].rstrip() + "…"
