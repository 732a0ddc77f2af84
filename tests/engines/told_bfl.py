"""What the artist reads of Black Forest Labs."""

from __future__ import annotations

from bridge.engines.bfl import Bfl
from tests.emulators.bfl import BflEmulator
from tests.engines.told import Row, Told

LABEL = "Black Forest Labs"
REFUSED = Told(
    f"{LABEL} refused this wish or picture (violence). Say it differently, select another part, "
    "or choose another model.",
    "content_refused",
    "unknown",
)
FAILED = Told(f"{LABEL} could not finish this: Worker lost. Ask again.", "engine_failed", "unknown")
LOOK = "Look at your account there before you ask again."


def in_the_dark(what: str) -> Told:
    return Told(
        f"{LABEL} was asked, but {what}; up to $0.05 may have been charged. {LOOK}",
        "unknown_fate",
        "unknown",
    )


ROWS = {
    "bfl": Row(
        Bfl,
        "flux-2-pro",
        BflEmulator,
        told={
            "key": Told(
                f"{LABEL} does not accept the key. Check it, or make a new one there.", "key_wrong"
            ),
            "no_credit": Told(
                f"Your account at {LABEL} has no credit left. Add some there, then ask again.",
                "no_credit",
            ),
            "per_minute": Told(
                f"{LABEL} takes no more requests from this key just now. Ask again in a minute.",
                "too_many",
            ),
            "gone": Told(
                f"{LABEL} no longer offers FLUX.2 Pro to this key; choose another model.",
                "model_gone",
            ),
            "too_big": Told(
                f"{LABEL} finds the pictures too big. Choose a smaller size or fewer references.",
                "too_big_for_model",
            ),
            "bad_request": Told(
                f"{LABEL} did not accept the request: Image too small. Choose another size or "
                "model.",
                "engine_failed",
            ),
            "overload": in_the_dark("it answered 503"),
            "error": in_the_dark("it answered 500"),
            "hang": in_the_dark("no answer came"),
            "cut": in_the_dark("no answer came"),
            "not_json": Told(
                f"{LABEL} answered with something unreadable. Ask again later; it may cost again.",
                "nonsense",
                "unknown",
            ),
            "moderation_in": REFUSED,
            "moderation_out": REFUSED,
            "failed": FAILED,
            "failed_503": FAILED,
            "lost": Told(f"{LABEL} no longer knows this job. {LOOK}", "engine_failed", "unknown"),
            "no_sample": Told(
                f"{LABEL} answered without a picture. Say more plainly what should change and ask "
                "again; it costs again.",
                "nonsense",
                "yes",
            ),
            "expired": Told(
                f"{LABEL} finished this, but no longer hands it out. {LOOK}",
                "engine_failed",
                "yes",
            ),
            "wrong_type": Told(
                f"{LABEL} delivered something that is not a picture. Try again; within ten "
                "minutes that is free.",
                "nonsense",
                "yes",
            ),
            "truncated": Told(
                f"{LABEL} answered with a damaged picture. Ask again; it costs again.",
                "nonsense",
                "yes",
            ),
            "off_host": Told(
                f"{LABEL} pointed to an address that is not its own; not followed.",
                "nonsense",
                "unknown",
            ),
        },
        delivered=frozenset(
            {"pending", "poll_error", "stale", "other_host", "slow", "no_polling_url", "no_cost"}
        ),
    ),
}
