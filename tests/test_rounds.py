"""Rounds: Finish, Again from the original and on top, and the count of passes."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bridge.caller import Caller, Refused, call_bridge
from bridge.engines.encode import picture
from bridge.estimate import Elsewhere, FinishReply
from bridge.pixels import Native, unit
from bridge.wire import Choice, EdgeChoice, RevisionReply
from tests.conftest import running_bridge
from tests.emulators.gemini import GeminiEmulator
from tests.emulators.serve import serve
from tests.revising import Canvas, noise, rectangle

BOX = (700, 300, 930, 777)
NEGATIVE = Choice(model="known", prompt="the negative")


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[GeminiEmulator]:
    emulator = GeminiEmulator()
    with serve(emulator) as url:
        monkeypatch.setenv("REDRAFT_BASE_GEMINI", f"{url}/v1beta")
        monkeypatch.setenv("REDRAFT_KEY_GEMINI", emulator.key)
        yield emulator


@pytest.fixture
def bridge(home: Path, google: GeminiEmulator) -> Iterator[Caller]:
    with running_bridge(home), call_bridge(home) as caller:
        yield caller


@pytest.fixture(scope="module")
def canvas() -> Canvas:
    return Canvas(noise(1500, 1100), selection=rectangle(1500, 1100, BOX))


def ended(bridge: Caller, started: RevisionReply) -> RevisionReply:
    *_, last = bridge.follow(started.id)
    assert [one.state for one in last.variants] == ["composed"] * len(last.variants), [
        one.error for one in last.variants
    ]
    return last


def revised(
    bridge: Caller,
    canvas: Canvas,
    choice: Choice,
    parent: RevisionReply | None = None,
    again: str = "",
) -> RevisionReply:
    plan = bridge.plan(canvas.plan(choice))
    more = {"parent": parent.id, "again": again} if parent else {}
    more["agreed_home"] = plan.home
    edge = EdgeChoice(feather_px=0)
    return ended(bridge, bridge.revise(*canvas.revision(choice, plan.box, edge, **more)))


def agreed(price: FinishReply, max_usd: float) -> Elsewhere:
    return Elsewhere(model=price.model, max_usd=max_usd, agreed_home=price.home)


def sent(google: GeminiEmulator) -> tuple[str, list[Native]]:
    """The words and the pictures of the last request."""
    parts = json.loads(google.seen[-1].body)["contents"][0]["parts"]
    words = " ".join(part["text"] for part in parts if "text" in part)
    data = [part["inlineData"]["data"] for part in parts if "inlineData" in part]
    return words, [picture(base64.b64decode(one), "the test") for one in data]


# --- finish ---------------------------------------------------------------------------------------


def test_finish_sends_the_draft_with_the_original_as_reference(
    bridge: Caller, canvas: Canvas, google: GeminiEmulator
) -> None:
    draft = revised(bridge, canvas, NEGATIVE)
    price = bridge.price_of_finish(draft.id, 1)
    done = ended(bridge, bridge.finish(draft.id, 1, agreed(price, price.usd)))
    words, (first, second) = sent(google)
    assert "Image 1 is a draft" in words
    assert "the negative" in words
    assert (first.shape[1], first.shape[0]) == price.send
    difference = np.abs(first - _resized(second, first)).max(axis=2)
    assert (difference > 0.3).mean() > 0.02  # the negative of what is selected …
    assert (difference < 0.02).mean() > 0.4  # … and nothing around it
    assert (done.passes, done.parent, done.model) == (2, draft.id, price.model)
    assert "second time through a model" in done.variants[0].line
    assert google.ledger.usd <= price.usd + 1e-9


def test_finish_is_priced_before_and_at_the_documents_size(bridge: Caller, canvas: Canvas) -> None:
    draft = revised(bridge, canvas, NEGATIVE)
    price = bridge.price_of_finish(draft.id, 1)
    assert (price.percent, price.sharpness) == (100, "painted at full sharpness")
    assert price.button == f"Finish  {price.price}"
    assert price.model == "nano-banana-pro"  # the best for detail with the key that is there
    assert "goes to Google" in price.where
    assert price.where_new
    with pytest.raises(Refused, match="look at the price again"):
        bridge.finish(draft.id, 1, agreed(price, price.usd / 2))
    with pytest.raises(Refused, match="which you have not agreed to; nothing was sent"):
        bridge.finish(draft.id, 1, Elsewhere(model=price.model, max_usd=price.usd))


def test_the_finished_layer_stays_inside_the_selection(bridge: Caller, canvas: Canvas) -> None:
    draft = revised(bridge, canvas, NEGATIVE)
    price = bridge.price_of_finish(draft.id, 1)
    done = ended(bridge, bridge.finish(draft.id, 1, agreed(price, price.usd)))
    header, parts = bridge.layer(done.id, 1)
    area = header.area.box()
    mask = np.frombuffer(parts["mask"], np.uint8).reshape(area.height, area.width)
    assert canvas.selection is not None
    selected = canvas.selection[area.top : area.bottom, area.left : area.right]
    assert not mask[selected == 0].any()
    patch = np.frombuffer(parts["patch"], np.uint8).reshape(area.height, area.width, 4)
    original = canvas.pixels[area.top : area.bottom, area.left : area.right]
    painted, untouched = unit(patch[..., :3])[selected > 0], unit(original)[selected > 0]
    from_draft = np.abs(painted - (1 - untouched)).mean()
    from_original = np.abs(painted - untouched).mean()
    assert from_draft < 0.6 * from_original, (from_draft, from_original)


def test_without_a_model_of_detail_it_says_which_key_is_needed(
    shared_bridge: Caller, canvas: Canvas
) -> None:
    draft = revised(shared_bridge, canvas, NEGATIVE)
    with pytest.raises(Refused, match="needs a key for ByteDance"):
        shared_bridge.price_of_finish(draft.id, 1)
    with pytest.raises(Refused, match="takes no references for a picture"):
        shared_bridge.price_of_finish(draft.id, 1, "fill")


# --- again ----------------------------------------------------------------------------------------


def test_again_from_the_original_says_the_whole_chain_of_wishes(
    bridge: Caller, canvas: Canvas, google: GeminiEmulator
) -> None:
    first = revised(
        bridge, canvas, Choice(model="nano-banana-pro", helper="remove", prompt="the man")
    )
    second = revised(bridge, canvas, Choice(model="nano-banana-pro", prompt="more grass"), first)
    assert second.passes == 2
    third = revised(
        bridge, canvas, Choice(model="nano-banana-pro", prompt="a bench"), second, "original"
    )
    words, _ = sent(google)
    assert "remove the man, then more grass, then a bench" in words
    assert third.passes == 1
    assert "through a model" not in third.variants[0].line
    assert third.title == "a bench"
    fourth = revised(bridge, canvas, Choice(model="nano-banana-pro"), third, "original")
    assert "remove the man, then more grass, then a bench." in sent(google)[0]
    assert fourth.passes == 1


def test_again_on_top_counts_the_passes(bridge: Caller, canvas: Canvas) -> None:
    choice = Choice(model="known", prompt="the negative")
    first = revised(bridge, canvas, choice)
    second = revised(bridge, canvas, choice, first, "on top")
    third = revised(bridge, canvas, choice, second, "on top")
    assert [one.passes for one in (first, second, third)] == [1, 2, 3]
    assert "third time through a model" in third.variants[0].line


def _resized(pixels: Native, like: Native) -> Native:
    import cv2

    resized: Native = cv2.resize(pixels, (like.shape[1], like.shape[0]))
    return resized
