"""Google by both routes: what is sent, what is kept, and how long a quota is waited for."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bridge.catalog import load
from bridge.engines.base import Ask, Progress, Request, Response, Wait
from bridge.engines.base import Send as SendStep
from bridge.engines.gemini import Gemini
from bridge.engines.google import MOST_INLINE_ON_PLATFORM, aspect
from bridge.engines.interactions import POLLS, Interactions
from bridge.errors import EngineError
from bridge.geometry import Size
from bridge.price import price
from tests.emulators.emulator import Emulator
from tests.emulators.gemini import GeminiEmulator
from tests.emulators.interactions import InteractionsEmulator
from tests.emulators.model import read
from tests.engines.asking import KEY, Kept, Stage, ask_of, revise, scene

SIZES = [
    (row.id, tier, size)
    for row in load().models
    if row.engine == "gemini"
    for tier, sizes in load().limits(row).sizes.tiers.items()  # type: ignore[union-attr]
    for size in (sizes[0], sizes[-1])
    if size.pixels < 6_000_000
]
PLATFORM = "https://aiplatform.googleapis.com/v1beta1/projects/p/locations/global"


@pytest.fixture
def there() -> GeminiEmulator:
    return GeminiEmulator()


@pytest.fixture
def url(theatre: tuple[Stage, str], there: GeminiEmulator) -> str:
    theatre[0].on = there
    return theatre[1]


@pytest.fixture
def jobs() -> InteractionsEmulator:
    return InteractionsEmulator()


@pytest.fixture
def jobs_url(theatre: tuple[Stage, str], jobs: InteractionsEmulator) -> str:
    theatre[0].on = jobs
    return theatre[1]


def an_ask(model: str = "nano-banana-2.1", **more: Any) -> Ask:
    size = more.pop("size", Size(1024, 1024))
    return replace(ask_of(model, size=size, **more), tier=more.pop("tier", "1K"))


def sent(there: Emulator) -> dict[str, Any]:
    (body,) = [json.loads(seen.body) for seen in there.seen if seen.body]
    return dict(body)


def pictures(body: dict[str, Any]) -> list[Size]:
    """The sizes of what was shown, in order."""
    parts = [part for part in body["contents"][0]["parts"] if "inlineData" in part]
    shown = [read(base64.b64decode(part["inlineData"]["data"])) for part in parts]
    return [Size(one.shape[1], one.shape[0]) for one in shown]


# --- generateContent ----------------------------------------------------------------------


@pytest.mark.parametrize(("model", "tier", "size"), SIZES)
def test_every_model_takes_its_sizes_and_costs_no_more_than_was_told(
    there: GeminiEmulator, url: str, model: str, tier: str, size: Size
) -> None:
    told = price(load().model(model), size, tier, 0, 1)
    kept = revise(Gemini(), replace(ask_of(model, size=size), tier=tier), url)
    assert kept.answer is not None
    (made,) = there.model.made
    assert made.answer.shape[:2] == (size.height, size.width)
    assert kept.answer.usd == pytest.approx(there.ledger.usd)
    assert there.ledger.usd <= told


def test_the_model_reads_the_wish_then_sees_the_picture_then_the_references(
    there: GeminiEmulator, url: str
) -> None:
    references = (scene(Size(640, 480)), scene(Size(300, 500)))
    revise(Gemini(), an_ask(prompt="make it winter", references=references), url)
    body = sent(there)
    assert body["contents"][0]["parts"][0]["text"].startswith("make it winter.")
    assert pictures(body) == [Size(1024, 1024), Size(640, 480), Size(300, 500)]


def test_only_the_first_nano_banana_is_told_no_size(there: GeminiEmulator, url: str) -> None:
    revise(Gemini(), an_ask("nano-banana"), url)
    assert sent(there)["generationConfig"]["imageConfig"] == {"aspectRatio": "1:1"}


def test_references_are_sent_no_larger_than_they_are_looked_at(
    there: GeminiEmulator, url: str
) -> None:
    revise(Gemini(), an_ask(references=(scene(Size(2048, 1536)),)), url)
    assert pictures(sent(there))[1] == Size(1182, 886)


def test_on_the_platform_pictures_are_packed_tighter() -> None:
    grain = np.random.default_rng(3).random((2000, 2000, 3)).astype(np.float32)
    asked = replace(an_ask(references=(grain, grain)), picture=grain)
    assert {one.media_type for one in Gemini().pictures(asked)} == {"image/png"}
    shown = Gemini(PLATFORM).pictures(asked)
    assert "image/jpeg" in {one.media_type for one in shown}
    assert sum(len(one.data) for one in shown) <= MOST_INLINE_ON_PLATFORM


def test_a_draft_is_not_taken_for_the_answer(there: GeminiEmulator, url: str) -> None:
    there.script.then("thoughts")
    kept = revise(Gemini(), an_ask(), url)
    pixels = Gemini().decode(kept.raw, "application/json").pixels
    (made,) = there.model.made
    assert np.median(np.abs(pixels * 255 - made.answer)) < 4


@pytest.mark.parametrize(("trouble", "seconds"), [("per_minute", 12.0), ("overload", 5.0)])
def test_what_is_refused_for_a_moment_is_asked_again_after_a_pause(
    there: GeminiEmulator, url: str, trouble: str, seconds: float
) -> None:
    there.script.then(trouble, trouble)
    kept = revise(Gemini(), an_ask(), url)
    assert kept.pauses == [seconds, seconds]
    assert kept.order == ["sending", "received"]
    assert len(there.ledger.charges) == 1


@pytest.mark.parametrize("trouble", ["per_day", "no_credit"])
def test_a_quota_of_a_day_is_not_waited_for(there: GeminiEmulator, url: str, trouble: str) -> None:
    there.script.then(trouble)
    kept = Kept()
    with pytest.raises(EngineError):
        revise(Gemini(), an_ask(), url, kept=kept)
    assert kept.pauses == []
    assert len(there.seen) == 1


@pytest.mark.parametrize("base", ["https://generativelanguage.googleapis.com/v1/", ""])
def test_the_key_is_a_header_of_googles_own(there: GeminiEmulator, url: str, base: str) -> None:
    (reached,) = revise(Gemini(base), an_ask(), url).reached
    assert reached.host == "generativelanguage.googleapis.com"
    assert reached.headers["x-goog-api-key"] == KEY
    assert "authorization" not in reached.headers


def test_on_the_platform_the_key_is_a_bearer_token(there: GeminiEmulator, url: str) -> None:
    (reached,) = revise(Gemini(PLATFORM), an_ask(), url).reached
    assert reached.path.endswith("/publishers/google/models/gemini-nano-banana-2.1:generateContent")
    assert reached.headers["authorization"] == f"Bearer {KEY}"
    assert "x-goog-api-key" not in reached.headers


@pytest.mark.parametrize(
    ("size", "name"),
    [
        (Size(1376, 768), "16:9"),
        (Size(384, 3072), "1:8"),
        (Size(1000, 1010), "1:1"),
        (Size(792, 336), "21:9"),
    ],
)
def test_an_aspect_is_named_by_the_nearest(size: Size, name: str) -> None:
    assert aspect(size) == name


def test_an_answer_that_is_not_counted_has_no_known_cost(there: GeminiEmulator, url: str) -> None:
    asked = an_ask()
    answer = revise(Gemini(), replace(asked, facts={"thinking": "MEDIUM"}), url).answer
    assert answer is not None
    assert answer.usd is None


# --- interactions -------------------------------------------------------------------------


def test_a_job_is_kept_before_its_answer_is_waited_for(
    jobs: InteractionsEmulator, jobs_url: str
) -> None:
    jobs.script.then("pending")
    kept = revise(Interactions(), an_ask(), jobs_url)
    assert kept.order == ["sending", "submitted", "received"]
    assert [one.note for one in kept.shown] == ["queued", "in progress"]


def test_a_job_is_taken_up_again_without_a_second_submission(
    jobs: InteractionsEmulator, jobs_url: str
) -> None:
    first = revise(Interactions(), an_ask(), jobs_url)
    again = json.loads(json.dumps(first.ref))
    second = revise(Interactions(), an_ask(), jobs_url, ref=again)
    assert second.order == ["received"]
    assert second.raw == first.raw
    assert len(jobs.ledger.charges) == 1


def test_a_small_picture_lies_in_the_answer_and_a_large_one_in_a_file(
    jobs: InteractionsEmulator, jobs_url: str
) -> None:
    small = revise(Interactions(), an_ask(), jobs_url)
    large = revise(
        Interactions(), replace(an_ask(size=Size(2048, 2048)), tier="2K"), jobs_url, silence=60
    )
    assert small.answer is not None
    assert large.answer is not None
    assert small.answer.media_type == "application/json"
    assert large.answer.media_type == "image/jpeg"
    assert [one.shape[:2] for one in (read(large.raw), jobs.model.made[-1].answer)] == [
        (2048, 2048),
        (2048, 2048),
    ]


def test_a_file_is_fetched_from_another_host_without_the_key(
    jobs: InteractionsEmulator, jobs_url: str
) -> None:
    jobs.script.then("other_host")
    ask = replace(an_ask(size=Size(2048, 2048)), tier="2K")
    last = revise(Interactions(), ask, jobs_url, silence=60).reached[-1]
    assert last.host == "storage.googleapis.com"
    assert KEY not in str(last.headers)


def test_a_job_is_cancelled_there() -> None:
    (step,) = Interactions().cancel({"interaction": "v1x"})
    assert isinstance(step, SendStep)
    assert step.usd == 0
    assert (step.request.method, step.request.url) == (
        "POST",
        "https://generativelanguage.googleapis.com/v1beta/interactions/v1x/cancel",
    )


def test_a_job_that_never_ends_is_of_unknown_fate() -> None:
    steps = Interactions().revise(an_ask(), {"interaction": "v1x"})
    unfinished = Response(200, {}, b'{"status": "in_progress"}')
    reply: Response | None = None
    asked: list[Request] = []
    waited = 0.0

    def run() -> None:
        nonlocal reply, waited
        while True:
            step = steps.send(reply)
            assert isinstance(step, SendStep | Progress | Wait)
            reply = unfinished if isinstance(step, SendStep) else None
            if isinstance(step, SendStep):
                asked.append(step.request)
            waited += step.seconds if isinstance(step, Wait) else 0.0

    with pytest.raises(EngineError) as caught:
        run()
    assert caught.value.sentence == (
        "Google Gemini has not finished after 15 minutes and may have charged. "
        "Look again later; that is free."
    )
    assert {request.method for request in asked} == {"GET"}
    assert len(asked) == POLLS
    assert waited == 15 * 60
