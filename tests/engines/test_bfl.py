"""Black Forest Labs: what is sent, what is kept, what it costs, and what the artist reads."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from bridge.catalog import load
from bridge.engines.base import Ask, Response, Send, Step, Wait, Wish
from bridge.engines.bfl import Bfl
from bridge.errors import EngineError, Unsupported
from bridge.geometry import Size
from bridge.pixels import Array
from bridge.price import price
from tests.emulators.bfl import BUDGET, BflEmulator
from tests.emulators.bfl_schema import bodies, problems, schema_named
from tests.engines.asking import Kept, Stage, ask_of, hole, revise, scene

SIZE = Size(512, 384)
MIDDLE = hole(SIZE, (160, 96, 352, 288))
RIGHT_SIDE = hole(SIZE, (384, 0, 512, 384))
MASKS = {"flux-fill": MIDDLE, "flux-erase": MIDDLE, "flux-outpaint": RIGHT_SIDE}
MODELS = [row.id for row in load().models if row.engine == "bfl"]
REDRAWN = [id for id in MODELS if id not in MASKS]


@pytest.fixture
def there(theatre: tuple[Stage, str]) -> BflEmulator:
    """Polls and deliveries lie where they really lie: on other hosts than the one asked."""
    emulator = BflEmulator(cluster="https://api.eu4.bfl.ai", delivery="https://delivery-eu1.bfl.ai")
    theatre[0].on = emulator
    return emulator


@pytest.fixture
def url(theatre: tuple[Stage, str]) -> str:
    return theatre[1]


def ask_for(model: str, **more: Any) -> Ask:
    return ask_of(model, **{"mask": MASKS.get(model), **more})


def sent(there: BflEmulator) -> dict[str, Any]:
    (body,) = [json.loads(seen.body) for seen in there.seen if seen.method == "POST"]
    return dict(body)


# --- an edit -------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
def test_every_model_returns_the_edit(there: BflEmulator, url: str, model: str) -> None:
    kept = revise(Bfl(), ask_for(model), url)
    assert kept.order == ["sending", "submitted", "received"]
    (made,) = [*there.model.made, *there.in_place.made]
    assert kept.answer is not None
    pixels = Bfl().decode(kept.raw, kept.answer.media_type).pixels
    np.testing.assert_array_equal(np.rint(pixels * 255), made.answer)


@pytest.mark.parametrize("model", MODELS)
def test_what_takes_a_mask_answers_in_place(there: BflEmulator, url: str, model: str) -> None:
    kept = revise(Bfl(), ask_for(model), url)
    assert kept.answer is not None
    lies = Bfl().decode(kept.raw, kept.answer.media_type).lies
    assert lies == ("in place" if model in MASKS else "re-rendered")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("size", [SIZE, Size(1024, 1024), Size(1504, 1056)])
def test_no_picture_costs_more_than_the_artist_was_told(
    there: BflEmulator, url: str, model: str, size: Size
) -> None:
    row = load().model(model)
    references = tuple(scene(Size(1200, 900)) for _ in range(row.takes.references))
    told = price(row, size, "", len(references), 1)
    mask = hole(size, (size.width // 2, 0, size.width, size.height)) if model in MASKS else None
    kept = revise(Bfl(), ask_of(model, size=size, mask=mask, references=references), url)
    assert kept.answer is not None
    assert kept.answer.usd == pytest.approx(there.ledger.usd)
    assert there.ledger.usd <= told + 1e-9


def test_the_key_goes_to_the_api_and_not_to_the_delivery_host(there: BflEmulator, url: str) -> None:
    reached = revise(Bfl(), ask_for("flux-2-pro"), url).reached
    assert [(one.host, "x-key" in one.headers) for one in reached] == [
        ("api.bfl.ai", True),
        ("api.eu4.bfl.ai", True),
        ("delivery-eu1.bfl.ai", False),
    ]


@pytest.mark.parametrize("region", ["https://api.eu.bfl.ai", "https://api.us.bfl.ai/"])
def test_a_region_can_be_chosen(there: BflEmulator, url: str, region: str) -> None:
    kept = revise(Bfl(region), ask_for("flux-2-pro"), url)
    assert f"https://{kept.reached[0].host}" == region.rstrip("/")


def test_what_the_seed_was_is_kept(there: BflEmulator, url: str) -> None:
    answer = revise(Bfl(), ask_for("flux-2-pro", seed=7), url).answer
    assert answer is not None
    assert answer.seed == 7


# --- what is sent -----------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
def test_every_request_is_what_the_published_contract_says(
    there: BflEmulator, url: str, model: str
) -> None:
    """Even where the provider would let an unknown field pass."""
    references = (scene(SIZE, 8),) * load().model(model).takes.references
    seed = 7 if load().model(model).takes.seed else None
    revise(Bfl(), ask_for(model, references=references, seed=seed), url)
    schema = bodies()[load().model(model).routes[0].model]
    if "$ref" in schema:
        schema = schema_named(schema["$ref"].rsplit("/", 1)[1])
    assert not list(problems({**schema, "additionalProperties": False}, sent(there)))


def test_each_reference_has_its_own_field(there: BflEmulator, url: str) -> None:
    references = tuple(scene(Size(256, 256), seed) for seed in range(7))
    revise(Bfl(), ask_for("flux-2-pro", references=references), url)
    names = [name for name in sent(there) if name.startswith("input_image")]
    assert names == ["input_image", *(f"input_image_{number}" for number in range(2, 9))]


def test_references_shrink_until_all_pictures_fit_the_budget(there: BflEmulator, url: str) -> None:
    size = Size(2048, 1984)
    references = tuple(scene(Size(1600, 1200), seed) for seed in range(3))
    revise(Bfl(), ask_for("flux-2-pro", size=size, references=references), url)
    assert len(there.ledger.charges) == 1  # the emulator refuses more than the budget
    assert 2 * size.pixels + 3 * 1024 * 1024 > BUDGET


def test_the_mask_is_white_where_it_repaints(there: BflEmulator, url: str) -> None:
    revise(Bfl(), ask_for("flux-fill"), url)
    (made,) = there.in_place.made
    assert made.changed.any()
    assert not (made.changed & (MIDDLE == 0)).any()


def test_fill_is_told_what_is_seen_and_the_others_what_to_do(there: BflEmulator, url: str) -> None:
    revise(Bfl(), ask_for("flux-fill", prompt="a red balloon"), url)
    assert sent(there)["prompt"] == "a red balloon"


def test_erase_is_told_nothing(there: BflEmulator, url: str) -> None:
    revise(Bfl(), ask_for("flux-erase"), url)
    assert "prompt" not in sent(there)


def test_outpainting_sends_what_is_there_and_where_it_lies(there: BflEmulator, url: str) -> None:
    left_and_top = 1 - hole(SIZE, (128, 64, 512, 384))
    revise(Bfl(), ask_for("flux-outpaint", mask=left_and_top, prompt=""), url)
    body = sent(there)
    assert (body["reference_offset_x"], body["reference_offset_y"]) == (128, 64)
    assert (body["width"], body["height"]) == (512, 384)
    assert "prompt" not in body
    (made,) = there.in_place.made
    known = np.rint(scene(SIZE)[64:, 128:] * 255)
    np.testing.assert_array_equal(made.sent[64:, 128:], known)


def test_kontext_is_told_an_aspect(there: BflEmulator, url: str) -> None:
    revise(Bfl(), ask_for("flux-kontext-pro", size=Size(1184, 896)), url)
    body = sent(there)
    assert body["aspect_ratio"] == "37:28"
    assert "width" not in body


@pytest.mark.parametrize(
    ("model", "mask", "sentence"),
    [
        ("flux-fill", None, "This model repaints a selection; select what should change."),
        (
            "flux-outpaint",
            MIDDLE,
            "This model paints on beyond the picture; select one or more whole sides of it, "
            "from edge to edge.",
        ),
        (
            "flux-outpaint",
            np.ones((SIZE.height, SIZE.width), np.float32),
            "This model paints on beyond the picture; select one or more whole sides of it, "
            "from edge to edge.",
        ),
    ],
)
def test_a_selection_it_cannot_use_is_refused_before_anything_is_sent(
    there: BflEmulator, url: str, model: str, mask: Array | None, sentence: str
) -> None:
    with pytest.raises(Unsupported) as caught:
        revise(Bfl(), ask_for(model, mask=mask), url)
    assert caught.value.sentence == sentence
    assert there.seen == []


# --- what goes wrong ---------------------------------------------------------------------------


def test_a_wrong_field_is_named(there: BflEmulator, url: str) -> None:
    ask = ask_for("flux-2-pro")
    wrong = Ask(ask.model, ask.picture, None, ask.wish, ask.size, facts={"fixed": {"steps": 1}})
    odd = Ask(
        ask.model, ask.picture, None, ask.wish, ask.size, facts={"fixed": {"safety_tolerance": 9}}
    )
    revise(Bfl(), wrong, url)  # FLUX.2 lets unknown fields pass
    with pytest.raises(EngineError) as caught:
        revise(Bfl(), odd, url)
    assert caught.value.sentence == (
        "Black Forest Labs did not accept the request: safety_tolerance: Input should be less "
        "than or equal to 5. Choose another size or model."
    )


def test_how_far_it_is_is_shown_while_it_is_made(there: BflEmulator, url: str) -> None:
    there.script.then("pending")
    shown = revise(Bfl(), ask_for("flux-2-pro"), url).shown
    assert [(one.fraction, one.note) for one in shown] == [(0.25, "pending"), (0.5, "pending")]


def test_what_it_cost_stays_open_when_it_is_not_reported(there: BflEmulator, url: str) -> None:
    there.script.then("no_cost")
    answer = revise(Bfl(), ask_for("flux-2-pro"), url).answer
    assert answer is not None
    assert answer.usd is None


def test_a_full_account_is_asked_again_after_a_pause(there: BflEmulator, url: str) -> None:
    there.script.then("per_minute", "per_minute")
    kept = revise(Bfl(), ask_for("flux-2-pro"), url)
    assert kept.pauses == [5.0, 5.0]
    assert len(there.ledger.charges) == 1


def test_a_job_that_never_ends_is_of_unknown_fate() -> None:
    steps = Bfl().revise(ask_for("flux-2-pro"), {"id": "1", "poll": "https://api.bfl.ai/v1/x"})
    pending = Response(200, {}, json.dumps({"id": "1", "status": "Reasoning"}).encode())
    taken: list[Step] = []

    def to_the_end() -> None:
        while True:
            asks = bool(taken) and isinstance(taken[-1], Send)
            taken.append(steps.send(pending if asks else None))

    with pytest.raises(EngineError) as caught:
        to_the_end()
    assert caught.value.sentence == (
        "Black Forest Labs has not finished after 15 minutes and may have charged. "
        "Look again later; that is free."
    )
    waited = sum(step.seconds for step in taken if isinstance(step, Wait))
    assert waited == pytest.approx(15 * 60, abs=5)


# --- after a death -----------------------------------------------------------------------------


def test_a_job_is_taken_up_again_without_a_second_submission(there: BflEmulator, url: str) -> None:
    there.script.then("off_host")  # the first life ends after the job was paid
    first = Kept()
    with pytest.raises(EngineError):
        revise(Bfl(), ask_for("flux-2-pro"), url, kept=first)
    assert first.order == ["sending", "submitted"]
    there.jobs[str(first.ref and first.ref["id"])].trouble = ""
    ref = json.loads(json.dumps(first.ref))
    second = revise(Bfl(), ask_for("flux-2-pro"), url, ref=ref)
    assert second.order == ["received"]
    assert len(there.ledger.charges) == 1
    assert second.answer is not None
    assert second.answer.usd == pytest.approx(there.ledger.usd)


def test_it_cannot_be_cancelled_there() -> None:
    assert list(Bfl().cancel({"id": "1", "poll": "x"})) == []


def test_an_empty_wish_removes() -> None:
    ask = ask_for("flux-fill", wish=Wish(""))
    step = next(Bfl().revise(ask))
    assert isinstance(step, Send)
    assert isinstance(step.request.json, dict)
    assert "empty background" in str(step.request.json["prompt"])
