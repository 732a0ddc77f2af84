"""What failed is offered to the next able model at its real price, and asked with kept pixels."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from bridge.caller import Caller, Refused, call_bridge
from bridge.catalog import load
from bridge.choose import Chooser
from bridge.engines.find import find_engine
from bridge.estimate import Elsewhere
from bridge.geometry import Size
from bridge.instead import Need, instead_of
from bridge.plan import make_plan
from bridge.price import price
from bridge.wire import Choice, RevisionReply
from tests.conftest import running_bridge
from tests.revising import Canvas, noise, rectangle
from tests.steps.polled import PolledServer

FAILS = Choice(model="failing", prompt="a\nb", variants=2)


@pytest.fixture
def bridge(home: Path, server: PolledServer) -> Iterator[Caller]:
    with running_bridge(home), call_bridge(home) as caller:
        yield caller


@pytest.fixture
def canvas() -> Canvas:
    """Larger than what is exported of it, so that another model's box may differ."""
    return Canvas(noise(1500, 1100), selection=rectangle(1500, 1100, (700, 300, 930, 777)))


def ended(bridge: Caller, started: RevisionReply) -> RevisionReply:
    *_, last = bridge.follow(started.id)
    return last


def failed(bridge: Caller, canvas: Canvas, choice: Choice = FAILS) -> RevisionReply:
    plan = bridge.plan(canvas.plan(choice))
    return ended(bridge, bridge.revise(*canvas.planned(choice, plan)))


def ask_instead(bridge: Caller, reply: RevisionReply, model: str, usd: float) -> RevisionReply:
    return bridge.instead(reply.id, Elsewhere(model=model, max_usd=usd, agreed_home="tests"))


def test_each_refusal_names_the_next_able_model_and_its_price(
    bridge: Caller, canvas: Canvas
) -> None:
    reply = failed(bridge, canvas)
    faults = [variant.error for variant in reply.variants]
    assert {(one.next_model, one.next_usd) for one in faults if one} == {("polled", 0.05)}
    assert reply.instead is not None
    assert (reply.instead.model, reply.instead.usd) == ("polled", 0.20)
    assert reply.instead.button == "Polled instead, $0.20"
    assert reply.instead.confirm == ""
    bridge.http.post("/v1/limits", json={"second_click": 0.15}).raise_for_status()
    again = RevisionReply.model_validate(bridge.http.get(f"/v1/revisions/{reply.id}").json())
    assert again.instead is not None
    assert "more than $0.15. Press again" in again.instead.confirm


def test_the_next_model_is_asked_with_the_same_pixels(
    bridge: Caller, canvas: Canvas, server: PolledServer
) -> None:
    reply = failed(bridge, canvas)
    other = ended(bridge, ask_instead(bridge, reply, "polled", 0.20))
    assert [variant.state for variant in other.variants] == ["composed"] * 4
    assert (server.submitted, other.model, other.usd) == (4, "polled", 0.20)
    assert other.instead is None
    header, parts = bridge.layer(other.id, 1)
    area = header.area.box()
    patch = np.frombuffer(parts["patch"], np.uint8).reshape(area.height, area.width, 4)
    mask = np.frombuffer(parts["mask"], np.uint8).reshape(area.height, area.width)
    there = canvas.pixels[area.top : area.bottom, area.left : area.right].astype(int)
    assert np.abs(patch[..., :3].astype(int) - there).max() <= 60
    assert canvas.selection is not None
    selected = canvas.selection[area.top : area.bottom, area.left : area.right]
    assert not mask[selected == 0].any()


def test_it_is_refused_when_it_has_become_dearer(
    bridge: Caller, canvas: Canvas, server: PolledServer
) -> None:
    reply = failed(bridge, canvas)
    with pytest.raises(Refused, match=r"costs \$0.20, not \$0.05"):
        ask_instead(bridge, reply, "polled", 0.05)
    assert server.submitted == 0


def test_what_did_not_fail_is_not_paid_for_again(bridge: Caller, canvas: Canvas) -> None:
    done = failed(bridge, canvas, Choice(model="known", prompt="the negative"))
    assert done.instead is None
    with pytest.raises(Refused, match="Nothing of this revision failed"):
        ask_instead(bridge, done, "polled", 1.0)


def test_without_a_key_only_what_can_do_it_is_offered(
    shared_bridge: Caller, canvas: Canvas
) -> None:
    """Fill is there and free, but not for this wish."""
    plan = shared_bridge.plan(canvas.plan(Choice(model="polled", prompt="remove it")))
    assert not plan.usable
    assert plan.key == "polled"
    assert plan.instead is not None
    assert (plan.instead.model, plan.instead.button) == ("fill", "Fill (built in) instead, free")
    beyond = shared_bridge.plan(canvas.plan(Choice(model="gone", prompt="add a red hat")))
    assert beyond.instead is not None
    assert beyond.instead.model == "known"


GOOGLE_ONLY, ALL = {"gemini"}, {"gemini", "bfl", "ark", "openai"}


@pytest.mark.parametrize(
    ("failed", "code", "keys", "next_model"),
    [
        ("nano-banana-pro", "content_refused", ALL, "gpt-image-2.5-sunburst"),
        ("nano-banana-pro", "content_refused", {"gemini", "bfl"}, "flux-2-pro"),
        ("nano-banana-pro", "key_wrong", GOOGLE_ONLY, ""),
        ("nano-banana-pro", "no_credit", {"gemini", "ark"}, "seedream-5-pro"),
        ("nano-banana-pro", "too_many", GOOGLE_ONLY, ""),
        ("nano-banana-pro", "busy", GOOGLE_ONLY, "nano-banana-2.1"),
        ("nano-banana-pro", "unreachable", ALL, "gpt-image-2.5-sunburst"),
        ("nano-banana", "model_gone", ALL, "nano-banana-2.1"),
        ("flux-fill", "too_big_for_model", ALL, "gpt-image-2"),
        ("flux-kontext-pro", "model_gone", {"bfl"}, "flux-2-pro"),
        ("seedream-5-pro", "nonsense", {"ark", "openai"}, "gpt-image-2"),
    ],
)
def test_the_next_model_fits_the_refusal(
    failed: str, code: str, keys: set[str], next_model: str
) -> None:
    """A whole picture and a wish that no built-in engine can do; by the catalogue as it ships."""
    catalog = load()
    chooser = Chooser(catalog, find_engine, keys.__contains__, lambda: date(2026, 11, 25))
    model = catalog.model(failed)
    need = Need(Size(1500, 1100), None, Choice(prompt="add a red hat"), references=0, count=2)
    found = instead_of(chooser, model, code, need)
    assert (found.model if found else "") == next_model
    if found:
        there = chooser.catalog.model(found.model)
        plan = make_plan(need.document, None, catalog.limits(there))
        assert found.usd == pytest.approx(2 * price(there, plan.send, plan.tier, 0, 1))


def test_references_that_another_model_does_not_take_rule_it_out() -> None:
    catalog = load()
    chooser = Chooser(catalog, find_engine, ALL.__contains__, lambda: date(2026, 11, 25))
    need = Need(Size(1500, 1100), None, Choice(prompt="a hat", references=12), 12, count=1)
    found = instead_of(chooser, catalog.model("nano-banana-pro"), "content_refused", need)
    assert found is not None
    assert catalog.limits(catalog.model(found.model)).references >= 12


def test_a_provider_that_takes_no_key_is_not_offered_again(bridge: Caller, canvas: Canvas) -> None:
    """Its other models have the same key: Polled itself must not be what is named."""
    choice = Choice(model="polled", prompt="remove it", references=9)
    plan = bridge.plan(canvas.plan(choice))
    assert plan.instead is None or plan.instead.model != "polled"
