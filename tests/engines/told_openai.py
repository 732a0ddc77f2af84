"""What the artist reads of OpenAI."""

from __future__ import annotations

from bridge.engines.openai import OpenAI
from bridge.errors import Charged
from bridge.geometry import Size
from tests.emulators.openai import OpenAIEmulator
from tests.engines.asking import hole
from tests.engines.told import Row, Told

SIZE = Size(1024, 768)
NO_CREDIT = Told(
    "Your account at OpenAI has no credit left. Add some there, then ask again.", "no_credit"
)
LOOK = "Look at your account there before you ask again."


def refused(charged: Charged) -> Told:
    return Told(
        "OpenAI refused this wish or picture (violence). Say it differently, select another part, "
        "or choose another model.",
        "content_refused",
        charged,
    )


def in_the_dark(what: str) -> Told:
    return Told(
        f"OpenAI was asked, but {what}; up to $0.07 may have been charged. {LOOK}",
        "unknown_fate",
        "unknown",
    )


ROWS = {
    "openai": Row(
        OpenAI,
        "gpt-image-2",
        OpenAIEmulator,
        SIZE,
        more={"mask": hole(SIZE, (300, 200, 700, 600))},
        told={
            "key": Told(
                "OpenAI does not accept the key. Check it, or make a new one there.", "key_wrong"
            ),
            "denied": Told(
                "OpenAI does not let this key use GPT Image 2. Allow it in your account there, or "
                "choose another model.",
                "key_wrong",
            ),
            "gone": Told(
                "OpenAI no longer offers GPT Image 2 to this key; choose another model.",
                "model_gone",
            ),
            "too_big": Told(
                "OpenAI finds the pictures too big. Choose a smaller size or fewer references.",
                "too_big_for_model",
            ),
            "per_minute": Told(
                "OpenAI takes no more requests from this key just now. Ask again in a minute.",
                "too_many",
            ),
            "no_credit": NO_CREDIT,
            "limit": NO_CREDIT,
            "bad_request": Told(
                "OpenAI did not accept the request: Invalid image file or mode. Choose another "
                "size or model.",
                "engine_failed",
            ),
            "moderation_in": refused("no"),
            "moderation_out": refused("unknown"),
            "overload": in_the_dark("it answered 503"),
            "error": in_the_dark("it answered 500"),
            "hang": in_the_dark("no answer came"),
            "cut": in_the_dark("the answer broke off"),
            "failed": Told(
                "OpenAI could not finish this: The model produced an invalid image. Ask again.",
                "engine_failed",
                "unknown",
            ),
            "unfinished": Told(
                f"OpenAI ended its answer without a picture and may have charged. {LOOK}",
                "unknown_fate",
                "unknown",
            ),
            "not_json": Told(
                f"OpenAI ended its answer without a picture and may have charged. {LOOK}",
                "unknown_fate",
                "unknown",
            ),
            "truncated": Told(
                "OpenAI answered with a damaged picture. Ask again; it costs again.",
                "nonsense",
                "yes",
            ),
            "wrong_type": Told(
                "OpenAI answered with something that is not a picture. Ask again; it costs again.",
                "nonsense",
                "yes",
            ),
        },
        delivered=frozenset({"slow", "no_usage"}),
    ),
}
