"""What the artist reads of fal, for a picture and for a film."""

from __future__ import annotations

from bridge.engines.base import Motion
from bridge.engines.fal import Fal
from bridge.geometry import Size
from tests.emulators.fal import FalEmulator
from tests.engines.told import Row, Told

LOOK = "Look at your account there before you ask again."
FLAGGED = (
    "fal refused this wish or picture (prompt: the content could not be processed because it "
    "contained material flagged by a content checker). Say it differently, select another part, "
    "or choose another model."
)


def in_the_dark(what: str, usd: str) -> Told:
    return Told(
        f"fal was asked, but {what}; up to ${usd} may have been charged. {LOOK}",
        "unknown_fate",
        "unknown",
    )


def told(model: str, usd: str, instead: str) -> dict[str, Told]:
    """What is the same for both. usd: the price told."""
    return {
        "key": Told("fal does not accept the key. Check it, or make a new one there.", "key_wrong"),
        "denied": Told(
            f"fal does not let this key use {model}. Allow it in your account there, or choose "
            "another model.",
            "key_wrong",
        ),
        "no_credit": Told(
            "Your account at fal has no credit left. Add some there, then ask again.", "no_credit"
        ),
        "gone": Told(f"fal no longer offers {model} to this key; {instead}.", "model_gone"),
        "per_minute": Told(
            "fal takes no more requests from this key just now. Ask again in a minute.", "too_many"
        ),
        "too_big": Told(
            "fal finds the pictures too big. Choose a smaller size or fewer references.",
            "too_big_for_model",
        ),
        "bad_request": Told(
            "fal did not accept the request: image_size: Input should be smaller. Choose another "
            "size or model.",
            "engine_failed",
        ),
        "moderation_in": Told(FLAGGED, "content_refused"),
        "moderation_out": Told(FLAGGED, "content_refused", "unknown"),
        "soft_refusal": Told(
            "fal could not finish this: body: No media generated. Ask again.",
            "engine_failed",
            "unknown",
        ),
        "failed": Told(
            "fal could not finish this: Worker lost. Ask again.", "engine_failed", "unknown"
        ),
        "overload": in_the_dark("it answered 503", usd),
        "error": in_the_dark("it answered 500", usd),
        "hang": in_the_dark("no answer came", usd),
        "cut": in_the_dark("no answer came", usd),
        "not_json": Told(
            "fal answered with something unreadable. Ask again later; it may cost again.",
            "nonsense",
            "unknown",
        ),
        "lost": Told(f"fal no longer knows this job. {LOOK}", "engine_failed", "unknown"),
        "expired": Told(
            f"fal finished this, but no longer hands it out. {LOOK}", "engine_failed", "yes"
        ),
        "off_host": Told(
            "fal pointed to an address that is not its own; not followed.", "nonsense", "unknown"
        ),
    }


DELIVERED = frozenset({"pending", "poll_error", "stale", "slow"})
ROWS = {
    "fal": Row(
        Fal,
        "flux-2-pro",
        FalEmulator,
        told={
            **told("FLUX.2 Pro", "0.05", "choose another model"),
            "no_media": Told(
                "fal answered without a picture. Say more plainly what should change and ask "
                "again; it costs again.",
                "nonsense",
                "yes",
            ),
            "wrong_type": Told(
                "fal delivered something that is not a picture. Try again; the finished picture "
                "is fetched anew, which is free.",
                "nonsense",
                "yes",
            ),
            "truncated": Told(
                "fal answered with a damaged picture. Ask again; it costs again.",
                "nonsense",
                "yes",
            ),
        },
        delivered=DELIVERED,
        reports_cost=False,
        route="fal",
    ),
    "fal, a film": Row(
        Fal,
        "veo-3.1-fast",
        FalEmulator,
        Size(1280, 720),
        "720p",
        more={"motion": Motion(4)},
        told={
            **told("Veo 3.1 Fast", "0.60", "Gemini Omni 1.2 takes its place"),
            "no_media": Told(
                "fal ended without a film. Say more plainly what should move and ask again.",
                "nonsense",
                "yes",
            ),
            "wrong_type": Told(
                "fal delivered something that is not a film. Try again; the finished film is "
                "fetched anew, which is free.",
                "nonsense",
                "yes",
            ),
            "truncated": Told(
                "fal answered with a damaged film. Ask again; it costs again.", "nonsense", "yes"
            ),
        },
        delivered=DELIVERED,
        reports_cost=False,
        route="fal",
    ),
}
