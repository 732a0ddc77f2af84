"""What failed is offered to the next able model at its real price, and asked with kept pixels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bridge.caller import Caller, Refused, call_bridge
from bridge.wire import Choice, RevisionReply
from tests.conftest import running_bridge
from tests.emulators.serve import serve
from tests.revising import Canvas, noise, rectangle
from tests.steps.polled import PolledServer

FAILS = Choice(model="failing", prompt="a\nb", variants=2)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PolledServer]:
    polled = PolledServer()
    with serve(polled) as url:
        monkeypatch.setenv("REDRAFT_BASE_TESTS_STEPS_POLLED", url)
        monkeypatch.setenv("REDRAFT_KEY_POLLED", "planted-key")
        yield polled


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
    return bridge.instead(reply.id, model, usd)


def test_each_refusal_names_the_next_able_model_and_its_price(
    bridge: Caller, canvas: Canvas
) -> None:
    reply = failed(bridge, canvas)
    faults = [variant.error for variant in reply.variants]
    assert {(one.next_model, one.next_usd) for one in faults if one} == {("polled", 0.05)}
    assert reply.instead is not None
    assert (reply.instead.model, reply.instead.usd) == ("polled", 0.20)
    assert reply.instead.button == "Polled instead, $0.20"


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


def test_a_provider_that_takes_no_key_is_not_offered_again(bridge: Caller, canvas: Canvas) -> None:
    """Its other models have the same key: Polled itself must not be what is named."""
    choice = Choice(model="polled", prompt="remove it", references=9)
    plan = bridge.plan(canvas.plan(choice))
    assert plan.instead is None or plan.instead.model != "polled"
