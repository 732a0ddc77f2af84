"""What fal is sent: every model there has fields of its own, which its catalogue row names.

Facts of a catalogue row, all optional:

    picture     field of the picture; "image_urls" (the usual one) is a list with the references
    references  field of the references where the picture has a field of its own ("" = none)
    mask        field of the mask, white where it repaints ("" = takes none)
    size        "edges" (image_size), "aspect" (aspect_ratio) or "" (that of the picture)
    tier        field of the size by name, such as "resolution" ("" = takes none)
    words       "instruct", "describe" or "motion"
    in_place    true: what is not repainted stays where it is
    png         false: it takes no output_format
    fixed       fields that are always the same
    seconds     how it wants a film's seconds: "number", or a form such as "{}s"
    audio       field that switches audio ("" = it cannot be switched)
    negative    field of what shall not be seen ("" = takes none)
    last        field of the last frame ("" = takes none)
    with_last   [endpoint, field of the picture] when there is a last frame, where another is asked
    successor   the model to name when this one is gone
"""

from __future__ import annotations

from bridge.engines import encode, film
from bridge.engines.base import Ask, Json
from bridge.engines.google import aspect
from bridge.engines.prompts import describe, instruct
from bridge.engines.selected import mask_of
from bridge.engines.shrink import shrunk
from bridge.pixels import Array

LABEL = "fal"
MOST_BYTES = 20_000_000  # of one picture
MOST_REFERENCE_PIXELS = 1024 * 1024  # what the price before the click counts for each


def body_of(ask: Ask, pictures: list[tuple[str, str]]) -> tuple[str, Json]:
    """The endpoint and what it is sent."""
    facts = ask.facts
    body: dict[str, Json] = {"prompt": _words(ask)}
    fixed = facts.get("fixed")
    if isinstance(fixed, dict):
        body.update(fixed)
    if ask.seed is not None:
        body["seed"] = ask.seed
    if not ask.motion and facts.get("png") is not False:
        body["output_format"] = "png"
    body.update(_size(ask))
    if ask.motion:
        body.update(_motion(ask))
    for field, address in pictures:
        if field.endswith("_urls"):
            listed = body.setdefault(field, [])
            assert isinstance(listed, list)  # no row fixes a list of pictures
            listed.append(address)
        else:
            body[field] = address
    return _endpoint(ask)[0], body


def _endpoint(ask: Ask) -> tuple[str, str]:
    """The endpoint, and its field of the picture."""
    other = ask.facts.get("with_last")
    if ask.motion and ask.motion.last is not None and isinstance(other, list):
        return str(other[0]), str(other[1])
    return ask.model, str(ask.facts.get("picture", "image_urls"))


def _words(ask: Ask) -> str:
    match ask.facts.get("words", "instruct"):
        case "describe":
            return describe(ask)
        case "motion":
            return film.words(ask)
    return instruct(ask)


def _size(ask: Ask) -> dict[str, Json]:
    size, told = ask.size, dict[str, Json]()
    match ask.facts.get("size", "edges"):
        case "edges":
            told["image_size"] = {"width": size.width, "height": size.height}
        case "aspect":
            told["aspect_ratio"] = film.aspect(size) if ask.motion else aspect(size)
    field = ask.facts.get("tier")
    if field and ask.tier:
        told[str(field)] = ask.tier
    return told


def _motion(ask: Ask) -> dict[str, Json]:
    facts, motion = ask.facts, film.motion_of(ask)
    form = str(facts.get("seconds", "number"))
    told: dict[str, Json] = {
        "duration": motion.seconds if form == "number" else form.format(motion.seconds)
    }
    if facts.get("audio"):
        told[str(facts["audio"])] = motion.audio
    if facts.get("negative") and motion.negative:
        told[str(facts["negative"])] = motion.negative
    return told


def pictures_of(ask: Ask) -> list[tuple[str, encode.Encoded]]:
    """Every picture with its field, in the order the models are told of them."""
    facts = ask.facts
    field = _endpoint(ask)[1]
    sent = [(field, _encoded(ask.picture))]
    if facts.get("mask"):
        sent.append((str(facts["mask"]), encode.png(mask_of(ask))))
    other = str(facts.get("references", field if field.endswith("_urls") else ""))
    if other:
        sent += [(other, _encoded(shrunk(one, MOST_REFERENCE_PIXELS))) for one in ask.references]
    if ask.motion and ask.motion.last is not None and facts.get("last"):
        sent.append((str(facts["last"]), _encoded(ask.motion.last)))
    return sent


def _encoded(pixels: Array) -> encode.Encoded:
    return encode.fitting(pixels, MOST_BYTES, LABEL)
