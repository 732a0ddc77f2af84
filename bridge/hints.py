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
# The words above are English, and some of them are others in other languages ("a sinistra", "an der
# Wand", "photo plus claire"): only a wish that is surely English is taken for a scene.
ENGLISH_WORDS = (
    "the of with and by at from under over behind beside between near through against across "
    "around during on is are his her its their who which very some two three old young little "
    "big small large tall beautiful red blue green yellow white black golden brown dark bright "
    "sunny misty snowy wooden standing sitting walking wearing holding looking man woman girl boy "
    "child people dog cat horse bird house castle tree forest river lake mountain street city sky "
    "sea beach boat car bridge flower flowers hat dress sunset sunrise winter summer autumn dusk "
    "dawn masterpiece best quality trending artstation"
)
OTHER_WORDS = (
    # German
    "der die das den dem des ein eine einen einem einer eines und mit ohne auf für von vom zum zur "
    "im am aus bei beim nicht mehr weniger etwas bitte soll sollen statt hinter neben unter über "
    "zwischen als ist sind wie noch nur alle sein seine ihr ihre wand himmel bild foto "
    # French
    "le la les l un une du et avec sans sur dans pour plus moins en au aux ce cette ces que est "
    "qui sont son sa ses très comme pas à derrière sous entre chez "
    # Italian, Spanish, Portuguese
    "il lo gli uno della del dello dei degli delle di da con senza per più meno nel nella nello al "
    "allo alla alle ai agli che e è el los las sin para más y os um uma com sem mais não dal dalla "
    "sul sulla sullo come sinistra destra "
    # Dutch
    "het een van met zonder op voor naar meer minder niet"
)
ENGLISH, OTHER = frozenset(ENGLISH_WORDS.split()), frozenset(OTHER_WORDS.split())
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
    if not is_english(said) or CHANGE.search(said) or KNOWN.search(said):
        return False
    return bool(SCENE.match(said) or GARNISH.search(said))


def is_english(said: str) -> bool:
    """Whether it surely is; said: in small letters."""
    words = set(re.findall(r"[^\W\d_]+", said))
    return bool(words & ENGLISH) and not words & OTHER and said.replace("’", "'").isascii()


def _as_object(look: str) -> str:
    words = " ".join(look.split()).strip(" .!").split(",")[0]
    words = words[:1].lower() + words[1:]
    return words if len(words) <= SHORT else words[: SHORT - 1].rstrip() + "…"
