"""What the built-in engines understand: a small grammar, and a refusal that says what it is.

[please] remove | erase | heal … [anything]      -> fill
[make it] [a little | much] LOOK, LOOK and LOOK  -> looks
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bridge.engines.base import Wish
from bridge.errors import Unsupported


@dataclass(frozen=True, slots=True)
class Step:
    """A filter of filters.py, "match" or "painting", and its strength: 1 = clearly, negative =

    the other way. style: which painting.
    """

    name: str
    amount: float
    style: int = 0


@dataclass(frozen=True, slots=True)
class Verb:
    """engine: "fill" or "looks"; steps: what Looks does, in order."""

    engine: str
    steps: tuple[Step, ...] = ()


REMOVING = re.compile(
    r"(please )?(remove|erase|delete|heal|fill(?!.* with\b)|retouch|clean( up)?|clear away|"
    r"take (away|out)|get rid of)\b"
)
# A removal that goes on like this wants something new in its place.
ADDING = re.compile(
    r"\breplace|\binstead\b|(,|\band|\bthen) (add|put|insert|write|turn|make|paint)"
)


def _spelled(rows: Mapping[str, tuple[Step, ...]]) -> Mapping[str, tuple[Step, ...]]:
    return {word: steps for words, steps in rows.items() for word in words.split(", ")}


# What the artist may say -> what Looks does.
LOOKS = _spelled(
    {
        "warmer, warm, less cold, less cool, too cold, too cool": (Step("warmth", 1),),
        "cooler, colder, cool, less warm, too warm": (Step("warmth", -1),),
        "cold": (Step("warmth", -1.4),),
        "brighter, bright, lighter, more light, less dark, too dark": (Step("brightness", 1),),
        "darker, dark, less light, less bright, too bright": (Step("brightness", -1),),
        "more contrast, contrast, contrasty, too flat": (Step("contrast", 1),),
        "less contrast, flatter, flat, too contrasty": (Step("contrast", -1),),
        "more saturated, more saturation, more colour, more color": (Step("saturation", 1),),
        "more colourful, more colorful, colourful, colorful": (Step("saturation", 1),),
        "vivid, richer colours, richer colors": (Step("saturation", 1.4),),
        "less saturated, less saturation, less colour, less color": (Step("saturation", -1),),
        "muted, less colourful, less colorful, less vivid": (Step("saturation", -1),),
        "black and white, black & white, monochrome": (Step("monochrome", 1),),
        "greyscale, grayscale, grey, gray": (Step("monochrome", 1),),
        "remove colour, remove color, remove the colour, remove the color": (
            Step("monochrome", 1),
        ),
        "sepia": (Step("sepia", 1),),
        "vintage, faded": (Step("fade", 1),),
        "sharper, sharpen, sharp, less blurred, less blurry": (Step("sharpness", 1),),
        "softer, soft": (Step("sharpness", -1),),
        "blurred, blur, blurrier, blurry": (Step("sharpness", -2),),
        "more detail, more texture, improve the detail, crisper, crisp": (Step("detail", 1),),
        "less detail, less texture": (Step("detail", -0.8),),
        "less noise, denoise, remove noise, remove the noise, less grain": (Step("denoise", 1),),
        "smoother, smooth": (Step("smooth", 1),),
        "painterly": (Step("painterly", 1),),
        "pencil, pencil sketch, pencil drawing, sketch": (Step("pencil", 1),),
        "dramatic": (Step("contrast", 1), Step("detail", 0.5)),
        "moody": (Step("brightness", -0.6), Step("saturation", -0.6), Step("contrast", 0.6)),
        "dreamy": (Step("sharpness", -0.6), Step("brightness", 0.4), Step("saturation", 0.3)),
        "soft light, softer light": (Step("contrast", -0.8), Step("brightness", 0.3)),
        "golden, golden hour, evening light, sunset light": (
            Step("warmth", 1.4),
            Step("saturation", 0.4),
        ),
        "overcast": (Step("saturation", -0.6), Step("contrast", -0.5), Step("warmth", -0.3)),
        "moonlight, night": (
            Step("brightness", -1.6),
            Step("warmth", -1.4),
            Step("saturation", -0.6),
        ),
        "match the colours, match the colors, match the reference": (Step("match", 1),),
        "colours of the reference, colors of the reference": (Step("match", 1),),
        "oil painting, oils": (Step("painting", 1, 12),),
        "watercolour, watercolor": (Step("painting", 1, 14),),
        "ink painting": (Step("painting", 1, 2),),
        "woodcut": (Step("painting", 1, 18),),
        "pastel": (Step("painting", 1, 25),),
        **{f"painting style {number}": (Step("painting", 1, number),) for number in range(26)},
    }
)
DEGREES: Mapping[str, float] = {
    "a touch": 0.4,
    "subtly": 0.4,
    "a little bit": 0.5,
    "a little": 0.5,
    "a bit": 0.5,
    "slightly": 0.5,
    "somewhat": 0.7,
    "more": 1.0,
    "much": 1.6,
    "much more": 1.6,
    "very": 1.6,
    "a lot": 1.8,
    "strongly": 1.8,
}
FILLER_WORDS = (
    "make turn it is s this that the a an look looks picture image photo photograph light please "
    "and then but with into in to as like change of keep here drawing"
)
FILLERS = frozenset(FILLER_WORDS.split())
KNOWN = re.compile(
    r"(?:\b(?P<degree>{degrees}) )?\b(?P<look>{looks})\b".format(
        degrees="|".join(sorted(map(re.escape, DEGREES), key=len, reverse=True)),
        looks="|".join(sorted(map(re.escape, LOOKS), key=len, reverse=True)),
    )
)
HELP = (
    "They remove what is selected and change how it looks: warmer, darker, more contrast, black "
    "and white, sepia, sharper, softer, painterly, pencil, match the reference. For anything else "
    "add a key for one of the hosted models."
)


def understand(prompt: str, helper: str = "") -> Verb:
    """Nothing said means remove. Unsupported names what is understood."""
    said = " ".join(prompt.lower().split()).strip(" .!")
    if helper == "remove" or not (said or helper):
        return Verb("fill")
    steps = tuple(step for found in KNOWN.finditer(said) for step in _steps(found))
    left = set(re.findall(r"[^\W_]+", KNOWN.sub(" ", said))) - FILLERS
    if steps and not left:
        return Verb("looks", steps)
    if REMOVING.match(said) and not ADDING.search(said):
        return Verb("fill")
    raise Unsupported(
        f"“{_shown(prompt or helper.capitalize())}” is beyond the built-in engines. {HELP}"
    )


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


def _steps(found: re.Match[str]) -> tuple[Step, ...]:
    degree = DEGREES.get(found["degree"] or "", 1.0)
    return tuple(replace(step, amount=step.amount * degree) for step in LOOKS[found["look"]])


def _shown(words: str) -> str:
    text = " ".join(words.split())
    return text if len(text) <= 60 else text[:59].rstrip() + "…"
