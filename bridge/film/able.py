"""What a film model can make of what is wished: length, size, end and sound, and for how much.

What the artist does not name is a draft: the shortest and smallest film there is.
"""

from __future__ import annotations

from bridge.catalog import Model
from bridge.engines.base import Limits, TableSize
from bridge.errors import Unsupported
from bridge.geometry import Size
from bridge.plan import Plan
from bridge.price import price
from bridge.wire import Choice, FilmChoice

SHOWN_SIZE = Size(1024, 1024)  # at which the prices of two routes are compared


def resolved(model: Model, choice: Choice) -> Choice:
    """With everything that a film needs said. Unsupported when the model cannot make it so."""
    if model.film is None:
        return choice.model_copy(update={"film": None})
    film = choice.film or FilmChoice()
    seconds = film.seconds or model.film.seconds[0]
    if seconds not in model.film.seconds:
        able = ", ".join(str(count) for count in sorted(model.film.seconds))
        raise Unsupported(f"{model.label} makes films of {able} seconds, not of {seconds}.")
    return choice.model_copy(update={"film": film.model_copy(update={"seconds": seconds})})


def cannot(model: Model, choice: Choice) -> str:
    """Why this model cannot make the film that is wished; "" when it can, or makes pictures."""
    film, able = choice.film, model.film
    if film is None or able is None:
        return ""
    if film.last_frame and not able.last_frame:
        return (
            f"{model.label} cannot be told where to end. Take the last frame away, or choose "
            "another model."
        )
    most = able.last_frame_seconds
    if most and (film.last_frame or film.loop) and (film.seconds or 0) > most:
        return f"{model.label} can be told where to end in films of up to {most} seconds."
    return ""


def suits(model: Model, limits: Limits, choice: Choice) -> bool:
    """Whether this model, by this route, takes the size, the references and the film wished."""
    sizes, film = limits.sizes, choice.film
    if isinstance(sizes, TableSize) and choice.tier and choice.tier not in sizes.tiers:
        return False
    if choice.references > limits.references or cannot(model, choice):
        return False
    seconds = film.seconds if film else None
    return model.film is None or not seconds or seconds in model.film.seconds


def draft_of(model: Model, plan: Plan, wished: Choice) -> str:
    """A sentence when nobody named length or size, so that the least is planned; else ""."""
    named = wished.tier or (wished.film and wished.film.seconds)
    if model.film is None or named:
        return ""
    return (
        f"A draft: {model.film.seconds[0]} seconds of {plan.tier}, the shortest and smallest that "
        f"{model.label} makes. Name a length or a size for more."
    )


def nearest(model: Model, limits: Limits, choice: Choice) -> Choice:
    """For a model that was not chosen: the film's length and size as near as it can make them."""
    film = choice.film
    if model.film is None or film is None or not isinstance(limits.sizes, TableSize):
        return choice
    if choice.tier:
        lines = _lines(choice.tier)
        tier = min(limits.sizes.tiers, key=lambda one: (abs(_lines(one) - lines), _lines(one)))
        choice = choice.model_copy(update={"tier": tier})
    wanted = film.seconds or model.film.seconds[0]
    seconds = min(model.film.seconds, key=lambda one: (abs(one - wanted), one))
    return choice.model_copy(update={"film": film.model_copy(update={"seconds": seconds})})


def price_of_one(model: Model, send: Size, tier: str, references: int, choice: Choice) -> float:
    """USD of one picture or one film; `choice` is resolved."""
    if model.film is None or choice.film is None:
        return price(model, send, tier, references, 1)
    references += choice.film.last_frame  # one more picture that is sent
    sound = choice.film.audio or model.film.audio == "always"
    seconds = choice.film.seconds or model.film.seconds[0]
    return price(model, send, tier, references, 1, seconds=seconds, sound=sound)


def price_of_plan(model: Model, plan: Plan, references: int, choice: Choice) -> float:
    """The same of what is planned, with all its tiles."""
    asked = plan.tiles or (plan,)
    return round(
        sum(price_of_one(model, one.send, one.tier, references, choice) for one in asked), 6
    )


def price_shown(model: Model, limits: Limits, choice: Choice) -> float:
    """USD of one, for comparing: of a film as wished, as a draft where nothing is said."""
    if model.film is None:
        return price(model, SHOWN_SIZE, "", 0, 1)
    tier = choice.tier
    if isinstance(limits.sizes, TableSize) and tier not in limits.sizes.tiers:
        tier = next(iter(limits.sizes.tiers))
    film = choice.film or FilmChoice()
    seconds = film.seconds if film.seconds in model.film.seconds else None
    film = film.model_copy(update={"seconds": seconds})
    filmed = choice.model_copy(update={"film": film})
    return price_of_one(model, SHOWN_SIZE, tier, choice.references, filmed)


def _lines(tier: str) -> int:
    """Of a size by its name, such as 720p or 4k."""
    if tier.lower() == "4k":
        return 2160
    digits = tier.rstrip("p")
    return int(digits) if digits.isdigit() else 0
