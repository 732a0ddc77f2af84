"""The failures of hosted models in the artist's words, the same for every provider.

Each engine keeps a table of its own from what the provider says to one of these.
"""

from __future__ import annotations

from bridge.engines.answers import quote
from bridge.engines.base import Response
from bridge.errors import (
    Busy,
    Cancelled,
    Charged,
    ContentRefused,
    EngineError,
    KeyWrong,
    ModelGone,
    NoCredit,
    Nonsense,
    TooBigForModel,
    TooMany,
    UnknownFate,
)


def content_refused(label: str, reason: str = "", charged: Charged = "no") -> ContentRefused:
    """`reason`: the provider's own short word, such as "IMAGE_SAFETY"."""
    said = f" ({quote(reason).replace('_', ' ').lower()})" if reason else ""
    return ContentRefused(
        f"{label} refused this wish or picture{said}. Say it differently, select another part, "
        "or choose another model.",
        charged=charged,
    )


def key_wrong(label: str) -> KeyWrong:
    return KeyWrong(f"{label} does not accept the key. Check it, or make a new one there.")


def key_not_allowed(label: str, model: str) -> KeyWrong:
    return KeyWrong(
        f"{label} does not let this key use {model}. Allow it in your account there, "
        "or choose another model."
    )


def no_credit(label: str) -> NoCredit:
    return NoCredit(f"Your account at {label} has no credit left. Add some there, then ask again.")


def too_many_now(label: str, seconds: float | None = None) -> TooMany:
    pause = f"in {seconds:.0f} s" if seconds else "in a minute"
    return TooMany(f"{label} takes no more requests from this key just now. Ask again {pause}.")


def too_many_today(label: str, model: str) -> TooMany:
    return TooMany(
        f"What {label} allows this key per day for {model} is used up. "
        "Ask again tomorrow, or choose another model."
    )


def too_big(label: str, what: str = "the pictures") -> TooBigForModel:
    return TooBigForModel(
        f"{label} finds {what} too big. Choose a smaller size or fewer references."
    )


def model_gone(label: str, model: str, successor: str = "") -> ModelGone:
    instead = f"{successor} takes its place" if successor else "choose another model"
    return ModelGone(f"{label} no longer offers {model} to this key; {instead}.")


def not_here(label: str, model: str) -> ModelGone:
    return ModelGone(f"{label} does not offer {model} where you are. Choose another model.")


def busy(label: str, charged: Charged = "no") -> Busy:
    return Busy(
        f"{label} is overloaded. Ask again in a few minutes, or choose another model.",
        charged=charged,
    )


def not_accepted(label: str, message: str) -> EngineError:
    """The request itself was found wrong: no fault of the artist's, who can only avoid it."""
    said = f": {quote(message)}" if message else ""
    return EngineError(
        f"{label} did not accept the request{said}. Choose another size or model.", charged="no"
    )


def failed(label: str, message: str = "", charged: Charged = "unknown") -> EngineError:
    """The model began and did not finish."""
    said = f": {quote(message)}" if message else ""
    return EngineError(f"{label} could not finish this{said}. Ask again.", charged=charged)


def no_picture(label: str, reason: str = "", charged: Charged = "unknown") -> Nonsense:
    said = f" ({quote(reason).replace('_', ' ').lower()})" if reason else ""
    return Nonsense(
        f"{label} answered without a picture{said}. Say more plainly what should change and ask "
        "again; it costs again.",
        charged=charged,
    )


def cancelled(label: str) -> Cancelled:
    return Cancelled(
        f"The revision was cancelled at {label}, which does not say whether it charged. Look at "
        "your account there."
    )


def not_listed(label: str, response: Response) -> EngineError:
    """The answer to a free question about models and credit was no answer."""
    match response.status:
        case 401 | 403:
            return key_wrong(label)
        case 402:
            return no_credit(label)
        case 429:
            return too_many_now(label)
    return EngineError(
        f"{label} did not say what it has for this key (status {response.status}). Ask again later."
    )


def job_lost(label: str) -> EngineError:
    return EngineError(
        f"{label} no longer knows this job. Look at your account there before you ask again.",
        charged="unknown",
    )


def expired(label: str) -> EngineError:
    return EngineError(
        f"{label} finished this, but no longer hands it out. Look at your account there before "
        "you ask again.",
        charged="yes",
    )


def not_a_picture(label: str, free: str) -> Nonsense:
    """free: what becomes of another try, such as "within a day that is free"."""
    return Nonsense(
        f"{label} delivered something that is not a picture. Try again; {free}.", charged="yes"
    )


def unfinished(label: str) -> UnknownFate:
    return UnknownFate(
        f"{label} ended its answer without a picture and may have charged. "
        "Look at your account there before you ask again."
    )


def still_working(label: str, minutes: float) -> UnknownFate:
    return UnknownFate(
        f"{label} has not finished after {minutes:.0f} minutes and may have charged. "
        "Look again later; that is free."
    )
