"""OpenAI's image edits: what is sent, what is shown meanwhile, what it costs."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bridge.catalog import load
from bridge.engines.base import Ask
from bridge.engines.openai import OpenAI
from bridge.errors import EngineError
from bridge.geometry import Size
from bridge.price import price
from tests.emulators.model import read
from tests.emulators.multipart import Field, fields
from tests.emulators.openai import OpenAIEmulator
from tests.engines.asking import KEY, Stage, ask_of, hole, revise, scene

SIZE = Size(1024, 768)
MASK = hole(SIZE, (300, 200, 700, 600))
ROWS = [row for row in load().models if row.engine == "openai"]
QUALITIES = [(row.id, str(quality)) for row in ROWS for quality in row.facts["qualities"]]


@pytest.fixture
def there() -> OpenAIEmulator:
    return OpenAIEmulator()


@pytest.fixture
def url(theatre: tuple[Stage, str], there: OpenAIEmulator) -> str:
    theatre[0].on = there
    return theatre[1]


def an_ask(model: str = "gpt-image-2", tier: str = "", **more: Any) -> Ask:
    return replace(ask_of(model, **{"size": SIZE, **more}), tier=tier)


def sent(there: OpenAIEmulator) -> list[Field]:
    (seen,) = there.seen
    return fields(seen.headers["content-type"], seen.body)


def named(there: OpenAIEmulator, name: str) -> list[bytes]:
    return [field.content for field in sent(there) if field.name == name]


# --- what is sent ------------------------------------------------------------------------------


def test_the_mask_is_open_where_it_shall_be_repainted(there: OpenAIEmulator, url: str) -> None:
    revise(OpenAI(), an_ask(mask=MASK), url)
    (mask,) = named(there, "mask")
    with Image.open(io.BytesIO(mask)) as image:
        np.testing.assert_array_equal(np.asarray(image.getchannel("A")) == 0, MASK == 1)
    (made,) = there.model.made
    assert made.changed.any()
    assert not (made.changed & (MASK == 0)).any()


def test_a_model_that_gets_the_mask_is_told_of_it(there: OpenAIEmulator, url: str) -> None:
    revise(OpenAI(), an_ask(mask=MASK), url)
    assert b"Change only the transparent area of the mask" in named(there, "prompt")[0]


def test_the_picture_comes_first_and_references_after_it(there: OpenAIEmulator, url: str) -> None:
    references = (scene(Size(640, 480)), scene(Size(2000, 1500)))
    revise(OpenAI(), an_ask(references=references), url)
    shapes = [read(data).shape[:2] for data in named(there, "image[]")]
    assert shapes == [(768, 1024), (480, 640), (886, 1182)]


def test_a_picture_alone_is_no_list(there: OpenAIEmulator, url: str) -> None:
    revise(OpenAI(), an_ask(), url)
    assert len(named(there, "image")) == 1
    assert named(there, "mask") == named(there, "image[]") == []


@pytest.mark.parametrize(
    ("tier", "quality"), [("", b"medium"), ("full", b"medium"), ("high", b"high")]
)
def test_a_tier_is_a_quality_when_the_model_has_it(
    there: OpenAIEmulator, url: str, tier: str, quality: bytes
) -> None:
    revise(OpenAI(), an_ask(tier=tier), url)
    assert named(there, "quality") == [quality]


def test_an_answer_is_never_transparent(there: OpenAIEmulator, url: str) -> None:
    revise(OpenAI(), an_ask(), url)
    assert named(there, "background") == [b"opaque"]


@pytest.mark.parametrize("base", ["https://eu.api.openai.com/v1", "https://eu.api.openai.com/v1/"])
def test_a_region_can_be_chosen(there: OpenAIEmulator, url: str, base: str) -> None:
    (reached,) = revise(OpenAI(base), an_ask(), url).reached
    assert (reached.host, reached.path) == ("eu.api.openai.com", "/v1/images/edits")
    assert reached.headers["authorization"] == f"Bearer {KEY}"


# --- what comes back -----------------------------------------------------------------------------


def test_a_preview_is_shown_before_the_answer(there: OpenAIEmulator, url: str) -> None:
    kept = revise(OpenAI(), an_ask(), url)
    (shown,) = kept.shown
    assert shown.fraction == 0.5
    assert shown.preview is not None
    assert read(shown.preview).shape == (768, 1024, 3)
    assert kept.order == ["sending", "received"]


def test_the_answer_is_the_edit_to_the_last_value(there: OpenAIEmulator, url: str) -> None:
    kept = revise(OpenAI(), an_ask(mask=MASK), url)
    answer = OpenAI().decode(kept.raw, "application/json")
    (made,) = there.model.made
    np.testing.assert_array_equal(np.rint(answer.pixels * 255), made.answer)
    assert answer.lies == "re-rendered"


@pytest.mark.parametrize(("model", "quality"), QUALITIES)
@pytest.mark.parametrize("size", [SIZE, Size(2048, 1152)])
def test_no_picture_costs_more_than_was_told(
    there: OpenAIEmulator, url: str, model: str, quality: str, size: Size
) -> None:
    told = price(load().model(model), size, quality, 1, 1)
    asked = an_ask(model, quality, size=size, references=(scene(Size(1400, 1000)),))
    kept = revise(OpenAI(), asked, url, silence=30)
    assert kept.answer is not None
    assert kept.answer.usd == pytest.approx(there.ledger.usd)
    assert there.ledger.usd <= told


def test_what_it_cost_stays_open_when_it_is_not_reported(there: OpenAIEmulator, url: str) -> None:
    there.script.then("no_usage")
    answer = revise(OpenAI(), an_ask(), url).answer
    assert answer is not None
    assert answer.usd is None


def test_a_size_it_does_not_take_is_named(there: OpenAIEmulator, url: str) -> None:
    with pytest.raises(EngineError) as caught:
        revise(OpenAI(), an_ask(size=Size(1000, 700)), url)
    assert caught.value.sentence == (
        "OpenAI did not accept the request: Invalid size '1000x700'. Requested resolution is not "
        "supported by this model. Choose another size or model."
    )
    assert there.ledger.usd == 0


def test_the_successor_is_the_catalogues(there: OpenAIEmulator, url: str) -> None:
    there.script.then("gone")
    facts = {"label": "GPT Image 2", "successor": "GPT Image 3"}
    with pytest.raises(EngineError) as caught:
        revise(OpenAI(), replace(an_ask(), facts=facts), url)
    assert caught.value.sentence == (
        "OpenAI no longer offers GPT Image 2 to this key; GPT Image 3 takes its place."
    )
