"""What to say about a wish as it is written: a hint stands beside the button, never in its way."""

from __future__ import annotations

import re

from bridge.engines.verbs import KNOWN
from bridge.title import looks_of
from bridge.wire import Choice

# A picture in words begins like this …
SCENE = re.compile(
    r"(a|an|two|three|some|beautiful|photo|photograph|picture|portrait|painting|image|scene|"
    r"close-?up|cinematic|masterpiece|realistic|photorealistic)\b"
)
# … or is garnished like this …
GARNISH = re.compile(r"\b(masterpiece|trending|artstation|best quality|[48]k|uhd|hdr|bokeh)\b")
# … while a change says what becomes of what is there.
CHANGE = re.compile(
    r"\b(add|adds|change|changes|changed|clean|close|continue|crop|darken|delete|erase|extend|"
    r"fill|fix|give|gives|heal|hide|improve|insert|into|instead|keep|less|lighten|make|makes|"
    r"more|move|open|paint|put|recolou?r|relight|remove|repair|replace|restore|restyle|rotate|"
    r"sharpen|show|soften|straighten|swap|take|to|turn|turns|widen|write|without|"
    r"(bigg|clos|few|high|larg|long|low|narrow|old|short|small|tall|thick|thinn|wid|young)er)\b"
)
STATES_IT = frozenset({"replace", "add", "text", "light", "look"})  # these make a change of it
SHORT = 60  # characters that are shown of the artist's own words


def hint_for(choice: Choice, *, selected: bool) -> str:
    """ "" when there is nothing to say."""
    if not (choice.prompt.strip() or choice.helper):
        if selected:
            return "Nothing is said: what is selected will be removed."
        return "Say what should change, or select what should go."
    if choice.helper in STATES_IT:
        return ""
    for look in looks_of(choice.prompt):
        if describes_a_scene(look):
            start = "Add" if selected else "Turn it into"
            return (
                "This describes a picture, not a change. Say what becomes of what is there, "
                f"such as “{start} {_as_object(look)}”."
            )
    return ""


def describes_a_scene(look: str) -> bool:
    """Only when it surely does: a wish in words that are not known here is left in peace."""
    said = " ".join(look.lower().split()).strip(" .!")
    if GARNISH.search(said):
        return True
    return bool(SCENE.match(said)) and not CHANGE.search(said) and not KNOWN.search(said)


def _as_object(look: str) -> str:
    words = " ".join(look.split()).strip(" .!").split(",")[0]
    words = words[:1].lower() + words[1:]
    return words if len(words) <= SHORT else words[: SHORT - 1].rstrip() + "…"
