"""What the artist reads of OpenRouter, for a picture and for a film."""

from __future__ import annotations

from bridge.engines.base import Motion
from bridge.engines.openrouter import OpenRouter
from bridge.geometry import Size
from tests.emulators.openrouter import OpenRouterEmulator, OpenRouterFilmEmulator
from tests.engines.told import Row, Told

LABEL = "OpenRouter"
LOOK = "Look at your account there before you ask again."


def refused(why: str, charged: str = "no") -> Told:
    said = (
        f"{LABEL} refused this wish or picture ({why}). Say it differently, select another part, "
        "or choose another model."
    )
    return Told(said, "content_refused", "yes" if charged == "yes" else "no")


def in_the_dark(what: str, usd: str) -> Told:
    return Told(
        f"{LABEL} was asked, but {what}; up to ${usd} may have been charged. {LOOK}",
        "unknown_fate",
        "unknown",
    )


def told(model: str, usd: str, instead: str) -> dict[str, Told]:
    """What is the same for both. usd: the price told."""
    return {
        "key": Told(
            f"{LABEL} does not accept the key. Check it, or make a new one there.", "key_wrong"
        ),
        "no_credit": Told(
            f"Your account at {LABEL} has no credit left. Add some there, then ask again.",
            "no_credit",
        ),
        "moderation_in": refused("your input was flagged"),
        "gone": Told(f"{LABEL} no longer offers {model} to this key; {instead}.", "model_gone"),
        "too_big": Told(
            f"{LABEL} finds the pictures too big. Choose a smaller size or fewer references.",
            "too_big_for_model",
        ),
        "per_minute": Told(
            f"{LABEL} takes no more requests from this key just now. Ask again in a minute.",
            "too_many",
        ),
        "bad_request": Told(
            f"{LABEL} did not accept the request: resolution is not supported by this model. "
            "Choose another size or model.",
            "engine_failed",
        ),
        "overload": in_the_dark("it answered 503", usd),
        "error": in_the_dark("it answered 500", usd),
        "hang": in_the_dark("no answer came", usd),
        "cut": in_the_dark("no answer came", usd),
        "not_json": Told(
            f"{LABEL} answered with something unreadable. Ask again later; it may cost again.",
            "nonsense",
            "unknown",
        ),
    }


EXPIRED = Told(f"{LABEL} finished this, but no longer hands it out. {LOOK}", "engine_failed", "yes")
DAMAGED = Told(
    f"{LABEL} answered with a damaged picture. Ask again; it costs again.", "nonsense", "yes"
)
ROWS = {
    "openrouter": Row(
        OpenRouter,
        "nano-banana-pro",
        OpenRouterEmulator,
        Size(1200, 896),
        "1K",
        told={
            **told("Nano Banana Pro", "0.15", "choose another model"),
            "error_inside": refused("the output was flagged"),
            "soft_refusal": Told(
                f"{LABEL} answered without a picture. Say more plainly what should change and ask "
                "again; it costs again.",
                "nonsense",
                "yes",
            ),
            "truncated": DAMAGED,
            "wrong_type": Told(
                f"{LABEL} answered with something that is not a picture. Ask again; it costs "
                "again.",
                "nonsense",
                "yes",
            ),
        },
        delivered=frozenset({"slow"}),
        route="openrouter",
    ),
    "openrouter, a film": Row(
        OpenRouter,
        "veo-3.1-fast",
        OpenRouterFilmEmulator,
        Size(1280, 720),
        "720p",
        more={"motion": Motion(4)},
        told={
            **told("Veo 3.1 Fast", "0.60", "Gemini Omni 1.2 takes its place"),
            "moderation_out": refused("blocked by content policy"),
            "failed": Told(
                f"{LABEL} could not finish this: Worker lost. Ask again.", "engine_failed"
            ),
            "stopped": Told(
                f"The revision was cancelled at {LABEL}, which does not say whether it charged. "
                "Look at your account there.",
                "cancelled",
                "unknown",
            ),
            "job_expired": EXPIRED,
            "expired": EXPIRED,
            "lost": Told(f"{LABEL} no longer knows this job. {LOOK}", "engine_failed", "unknown"),
            "off_host": Told(
                f"{LABEL} pointed to an address that is not its own; not followed.",
                "nonsense",
                "unknown",
            ),
            "wrong_type": Told(
                f"{LABEL} delivered something that is not a film. Try again; the finished film is "
                "fetched anew, which is free.",
                "nonsense",
                "yes",
            ),
            "truncated": Told(
                f"{LABEL} answered with a damaged film. Ask again; it costs again.",
                "nonsense",
                "yes",
            ),
        },
        delivered=frozenset({"pending", "poll_error", "stale", "other_host", "slow", "no_address"}),
        route="openrouter",
    ),
}
