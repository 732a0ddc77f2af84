"""What the artist reads of ByteDance."""

from __future__ import annotations

from bridge.engines.ark import Ark
from bridge.geometry import Size
from tests.emulators.ark import ArkEmulator
from tests.engines.told import Row, Told

MODEL = "Seedream 5.0 Pro"
LOOK = "Look at your account there before you ask again."


def refused(what: str) -> Told:
    return Told(
        f"ByteDance refused this wish or picture ({what}). Say it differently, select another "
        "part, or choose another model.",
        "content_refused",
    )


def in_the_dark(what: str) -> Told:
    return Told(
        f"ByteDance was asked, but {what}; up to $0.05 may have been charged. {LOOK}",
        "unknown_fate",
        "unknown",
    )


ROWS = {
    "ark": Row(
        Ark,
        "seedream-5-pro",
        ArkEmulator,
        Size(1280, 960),
        told={
            "key": Told(
                "ByteDance does not accept the key. Check it, or make a new one there.", "key_wrong"
            ),
            "denied": Told(
                f"ByteDance does not let this key use {MODEL}. Allow it in your account there, or "
                "choose another model.",
                "key_wrong",
            ),
            "no_credit": Told(
                "Your account at ByteDance has no credit left. Add some there, then ask again.",
                "no_credit",
            ),
            "gone": Told(
                f"ByteDance no longer offers {MODEL} to this key; choose another model.",
                "model_gone",
            ),
            "per_minute": Told(
                "ByteDance takes no more requests from this key just now. Ask again in a minute.",
                "too_many",
            ),
            "per_day": Told(
                f"What ByteDance allows this key per day for {MODEL} is used up. Ask again "
                "tomorrow, or choose another model.",
                "too_many",
            ),
            "overload": Told(
                "ByteDance is overloaded. Ask again in a few minutes, or choose another model.",
                "busy",
            ),
            "too_big": Told(
                "ByteDance finds the pictures too big. Choose a smaller size or fewer references.",
                "too_big_for_model",
            ),
            "bad_request": Told(
                "ByteDance did not accept the request: The parameter size is not valid. Choose "
                "another size or model.",
                "engine_failed",
            ),
            "moderation_in": refused("a picture sent"),
            "moderation_out": refused("the result"),
            "partial": refused("the result"),
            "failed": Told(
                "ByteDance could not finish this: Worker lost. Ask again.", "engine_failed"
            ),
            "error": in_the_dark("it answered 500"),
            "hang": in_the_dark("no answer came"),
            "cut": in_the_dark("no answer came"),
            "not_json": Told(
                "ByteDance answered with something unreadable. Ask again later; it may cost again.",
                "nonsense",
                "unknown",
            ),
            "expired": Told(
                f"ByteDance finished this, but no longer hands it out. {LOOK}",
                "engine_failed",
                "yes",
            ),
            "wrong_type": Told(
                "ByteDance delivered something that is not a picture. Try again; within a day that "
                "is free.",
                "nonsense",
                "yes",
            ),
            "truncated": Told(
                "ByteDance answered with a damaged picture. Ask again; it costs again.",
                "nonsense",
                "yes",
            ),
            "off_host": Told(
                "ByteDance pointed to an address that is not its own; not followed.",
                "nonsense",
                "unknown",
            ),
        },
        delivered=frozenset({"stale", "other_host", "slow", "inline"}),
        reports_cost=False,
    ),
}
