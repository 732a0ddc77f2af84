"""What the artist reads of Google's film models and of the /v1/videos dialect."""

from __future__ import annotations

from bridge.engines.base import Motion
from bridge.engines.omni import Omni
from bridge.engines.own_videos import OwnVideos
from bridge.engines.veo import Veo
from bridge.engines.videos import Videos
from bridge.geometry import Size
from tests.emulators.google_films import OmniEmulator, VeoEmulator, VeoPlatformEmulator
from tests.emulators.videos import VideosEmulator
from tests.engines.told import Row, Told
from tests.engines.told_google import before_work, in_the_dark

DIFFERENTLY = "Say it differently, select another part, or choose another model."
LOOK = "Look at your account there before you ask again."
PLATFORM = "https://aiplatform.googleapis.com/v1beta1/projects/my-project/locations/us-central1"
DEVELOPERS = "https://generativelanguage.googleapis.com/v1beta"


def refused(label: str, reason: str, charged: str = "no") -> Told:
    said = f"{label} refused this wish or picture ({reason}). {DIFFERENTLY}"
    return Told(said, "content_refused", "unknown" if charged == "unknown" else "no")


def on_the_way(label: str) -> dict[str, Told]:
    """What is said of any film that is lost, or arrives broken."""
    return {
        "not_json": Told(
            f"{label} answered with something unreadable. Ask again later; it may cost again.",
            "nonsense",
            "unknown",
        ),
        "lost": Told(f"{label} no longer knows this job. {LOOK}", "engine_failed", "unknown"),
        "expired": Told(
            f"{label} finished this, but no longer hands it out. {LOOK}", "engine_failed", "yes"
        ),
        "wrong_type": Told(
            f"{label} delivered something that is not a film. Try again; the finished film is "
            "fetched anew, which is free.",
            "nonsense",
            "yes",
        ),
        "truncated": Told(
            f"{label} answered with a damaged film. Ask again; it costs again.", "nonsense", "yes"
        ),
        "off_host": Told(
            f"{label} pointed to an address that is not its own; not followed.",
            "nonsense",
            "unknown",
        ),
    }


def of_google(
    label: str, model: str, usd: str, instead: str = "gemini-nano-banana-2.1"
) -> dict[str, Told]:
    said = before_work(model, f"{instead} takes its place")
    dark = {
        "error": in_the_dark("it answered 500", usd),
        "deadline": in_the_dark("it answered 504", usd),
        "hang": in_the_dark("no answer came", usd),
        "cut": in_the_dark("no answer came", usd),
    }
    told = {**said, **dark}
    named = {
        trouble: Told(one.sentence.replace("Google Gemini", label), one.code, one.charged)
        for trouble, one in told.items()
    }
    return {**named, **on_the_way(label)}


def of_veo(model: str) -> dict[str, Told]:
    label = "Google Veo"
    return {
        **of_google(label, model, "$0.60", "Gemini Omni 1.2"),
        "filtered": refused(label, "17301594: the film was held back by a filter"),
        "moderation_in": refused(label, "the prompt violates the usage policy"),
        "failed": Told(
            f"{label} could not finish this: Internal error. Ask again.",
            "engine_failed",
            "unknown",
        ),
    }


VIDEOS = "OpenAI"
OF_VIDEOS = {
    "key": Told(
        f"{VIDEOS} does not accept the key. Check it, or make a new one there.", "key_wrong"
    ),
    "denied": Told(
        f"{VIDEOS} does not let this key use Sora 2. Allow it in your account there, or choose "
        "another model.",
        "key_wrong",
    ),
    "gone": Told(
        f"{VIDEOS} no longer offers Sora 2 to this key; Seedance 2.0 takes its place.", "model_gone"
    ),
    "too_big": Told(
        f"{VIDEOS} finds the pictures too big. Choose a smaller size or fewer references.",
        "too_big_for_model",
    ),
    "per_minute": Told(
        f"{VIDEOS} takes no more requests from this key just now. Ask again in a minute.",
        "too_many",
    ),
    "no_credit": Told(
        f"Your account at {VIDEOS} has no credit left. Add some there, then ask again.",
        "no_credit",
    ),
    "moderation_in": refused(VIDEOS, "the prompt was blocked"),
    "moderation_out": refused(VIDEOS, "the film was blocked", "unknown"),
    "mismatch": Told(
        f"{VIDEOS} wants the first frame in exactly the film's size, 1280x720, and did not find "
        "it so. Choose another size; nothing was charged.",
        "engine_failed",
    ),
    "bad_request": Told(
        f"{VIDEOS} did not accept the request: Invalid value for seconds. Choose another size or "
        "model.",
        "engine_failed",
    ),
    "failed": Told(
        f"{VIDEOS} could not finish this: Worker lost. Ask again.", "engine_failed", "unknown"
    ),
    **{
        trouble: Told(
            f"{VIDEOS} was asked, but {what}; up to $0.40 may have been charged. {LOOK}",
            "unknown_fate",
            "unknown",
        )
        for trouble, what in {
            "overload": "it answered 503",
            "error": "it answered 500",
            "hang": "no answer came",
            "cut": "no answer came",
        }.items()
    },
    **on_the_way(VIDEOS),
}

ROWS = {
    "omni": Row(
        Omni,
        "omni-1.2",
        OmniEmulator,
        Size(640, 360),
        "360p",
        more={"motion": Motion(4)},
        told={
            **of_google("Google Gemini", "Gemini Omni 1.2", "$0.10"),
            "moderation_in": refused("Google Gemini", "prohibited content", "unknown"),
            "failed": Told(
                "Google Gemini could not finish this: The model could not complete the "
                "interaction. Ask again.",
                "engine_failed",
                "unknown",
            ),
            "stopped": Told(
                "The revision was cancelled at Google Gemini, which does not say whether it "
                "charged. Look at your account there.",
                "cancelled",
                "unknown",
            ),
            "empty": Told(
                "Google Gemini ended without a film. Say more plainly what should move and ask "
                "again.",
                "nonsense",
            ),
            "file_failed": Told(
                "Google Gemini could not finish this. Ask again.", "engine_failed", "yes"
            ),
        },
        delivered=frozenset(
            {"pending", "poll_error", "file_pending", "stale", "other_host", "slow"}
        ),
    ),
    "veo, the older shape": Row(
        lambda: Veo(DEVELOPERS),
        "veo-3.1-fast",
        VeoEmulator,
        Size(1280, 720),
        "720p",
        more={"motion": Motion(4)},
        told=of_veo("Veo 3.1 Fast"),
        delivered=frozenset({"pending", "poll_error", "stale", "other_host", "slow"}),
        reports_cost=False,
    ),
    "veo, the platform": Row(
        lambda: Veo(PLATFORM),
        "veo-3.1-fast",
        VeoPlatformEmulator,
        Size(1280, 720),
        "720p",
        more={"motion": Motion(4)},
        told={
            trouble: told
            for trouble, told in of_veo("Veo 3.1 Fast").items()
            if trouble in VeoPlatformEmulator.troubles
        },
        delivered=frozenset({"pending", "poll_error", "slow"}),
        reports_cost=False,
    ),
    "videos": Row(
        Videos,
        "sora-2",
        VideosEmulator,
        Size(1280, 720),
        "720p",
        more={"motion": Motion(4)},
        told=OF_VIDEOS,
        delivered=frozenset({"pending", "poll_error", "not_ready", "slow"}),
        reports_cost=False,
    ),
    "own_videos": Row(OwnVideos, "own-films"),
}
