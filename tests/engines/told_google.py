"""What the artist reads of Google, by both of its routes."""

from __future__ import annotations

from bridge.engines.gemini import Gemini
from bridge.engines.interactions import Interactions
from bridge.errors import Charged
from bridge.geometry import Size
from tests.emulators.gemini import GeminiEmulator
from tests.emulators.interactions import InteractionsEmulator
from tests.engines.told import Row, Told

DIFFERENTLY = "Say it differently, select another part, or choose another model."
AGAIN = "Say more plainly what should change and ask again; it costs again."
TOO_BIG = "Google Gemini finds the pictures too big. Choose a smaller size or fewer references."
NO_CREDIT = "Your account at Google Gemini has no credit left. Add some there, then ask again."
JOB_LOST = Told(
    "Google Gemini no longer knows this job. Look at your account there before you ask again.",
    "engine_failed",
    "unknown",
)


def refused(reason: str, charged: Charged = "no") -> Told:
    sentence = f"Google Gemini refused this wish or picture ({reason}). {DIFFERENTLY}"
    return Told(sentence, "content_refused", charged)


def before_work(model: str, instead: str) -> dict[str, Told]:
    """What is said before anything is begun, of either route."""
    return {
        "key": Told(
            "Google Gemini does not accept the key. Check it, or make a new one there.",
            "key_wrong",
        ),
        "denied": Told(
            f"Google Gemini does not let this key use {model}. Allow it in your account there, "
            "or choose another model.",
            "key_wrong",
        ),
        "region": Told(
            f"Google Gemini does not offer {model} where you are. Choose another model.",
            "model_gone",
        ),
        "gone": Told(
            f"Google Gemini no longer offers {model} to this key; {instead}.", "model_gone"
        ),
        "per_minute": Told(
            "Google Gemini takes no more requests from this key just now. Ask again in 12 s.",
            "too_many",
        ),
        "per_day": Told(
            f"What Google Gemini allows this key per day for {model} is used up. "
            "Ask again tomorrow, or choose another model.",
            "too_many",
        ),
        "no_credit": Told(NO_CREDIT, "no_credit"),
        "too_big": Told(TOO_BIG, "too_big_for_model"),
        "bad_request": Told(
            "Google Gemini did not accept the request: Unable to process input image. Please "
            "retry or report. Choose another size or model.",
            "engine_failed",
        ),
        "overload": Told(
            "Google Gemini is overloaded. Ask again in a few minutes, or choose another model.",
            "busy",
        ),
    }


def in_the_dark(what: str, usd: str) -> Told:
    return Told(
        f"Google Gemini was asked, but {what}; up to {usd} may have been charged. "
        "Look at your account there before you ask again.",
        "unknown_fate",
        "unknown",
    )


def on_the_way(usd: str) -> dict[str, Told]:
    """What is said when nobody knows what became of it, or when it arrived broken."""
    return {
        "error": in_the_dark("it answered 500", usd),
        "deadline": in_the_dark("it answered 504", usd),
        "hang": in_the_dark("no answer came", usd),
        "cut": in_the_dark("no answer came", usd),
        "not_json": Told(
            "Google Gemini answered with something unreadable. Ask again later; it may cost again.",
            "nonsense",
            "unknown",
        ),
        "truncated": Told(
            "Google Gemini answered with a damaged picture. Ask again; it costs again.",
            "nonsense",
            "yes",
        ),
        "wrong_type": Told(
            "Google Gemini answered with something that is not a picture. Ask again; "
            "it costs again.",
            "nonsense",
            "yes",
        ),
    }


ROWS = {
    "gemini": Row(
        Gemini,
        "nano-banana-2",
        GeminiEmulator,
        Size(1200, 896),
        "1K",
        told={
            **before_work("Nano Banana 2", "Nano Banana 2.1 takes its place"),
            **on_the_way("$0.07"),
            "moderation_in": refused("prohibited content"),
            "moderation_out": refused("image safety"),
            "soft_refusal": Told(
                f"Google Gemini answered without a picture. {AGAIN}", "nonsense", "yes"
            ),
            "no_image": Told(
                f"Google Gemini answered without a picture (no image). {AGAIN}", "nonsense"
            ),
            "too_long": Told(TOO_BIG, "too_big_for_model"),
        },
        delivered=frozenset({"thoughts", "mislabelled", "slow"}),
    ),
    "interactions": Row(
        Interactions,
        "nano-banana-2.1",
        InteractionsEmulator,
        Size(2400, 1792),  # large enough to come as a file
        "2K",
        told={
            **before_work("Nano Banana 2.1", "choose another model"),
            **on_the_way("$0.06"),
            "moderation_in": refused("prohibited content"),
            "moderation_out": refused("image safety", "yes"),
            "soft_refusal": Told(
                f"Google Gemini answered without a picture. {AGAIN}", "nonsense", "yes"
            ),
            "failed": Told(
                "Google Gemini could not finish this: The model could not complete the "
                "interaction. Ask again.",
                "engine_failed",
            ),
            "incomplete": Told(
                "Google Gemini could not finish this: incomplete. Ask again.", "engine_failed"
            ),
            "stopped": Told(
                "The revision was cancelled at Google Gemini, which does not say whether it "
                "charged. Look at your account there.",
                "cancelled",
                "unknown",
            ),
            "over_budget": Told(NO_CREDIT, "no_credit"),
            "expired": JOB_LOST,
            "wrong_type": Told(
                "Google Gemini delivered something that is not a picture. Try again; the finished "
                "picture is fetched anew, which is free.",
                "nonsense",
                "yes",
            ),
            "file_gone": Told(
                "Google Gemini finished this, but no longer hands it out. Look at your account "
                "there before you ask again.",
                "engine_failed",
                "yes",
            ),
            "file_failed": Told(
                "Google Gemini could not finish this. Ask again.", "engine_failed", "yes"
            ),
            "off_host": Told(
                "Google Gemini pointed to an address that is not its own; not followed.",
                "nonsense",
                "unknown",
            ),
        },
        delivered=frozenset(
            {"thoughts", "slow", "pending", "poll_error", "file_pending", "other_host", "stale"}
        ),
    ),
}
