"""The bridge itself sends nothing that nobody has read and agreed to, whoever asks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.caller import Caller, Refused, call_bridge
from bridge.estimate import Elsewhere
from bridge.history import History
from bridge.wire import Choice, RevisionReply
from tests.conftest import running_bridge
from tests.emulators.model import write
from tests.revising import Canvas, noise, rectangle
from tests.steps.polled import PolledServer

CANVAS = Canvas(noise(900, 700), selection=rectangle(900, 700, (300, 200, 420, 380)))
FOUR = Choice(model="polled", prompt="the same", variants=4)  # $0.20
UNREAD = (
    "Polled would send this to the tests, which you have not agreed to; nothing was sent. "
    "Read where it goes, agree, and ask again."
)
UNCONFIRMED = (
    "This costs $0.20, more than $0.10, which you want to be asked for twice; nothing was sent. "
    "Agree to the price, and ask again."
)


@pytest.fixture
def bridge(home: Path, server: PolledServer) -> Iterator[Caller]:
    with running_bridge(home), call_bridge(home) as caller:
        yield caller


def revise(bridge: Caller, choice: Choice = FOUR, **agreed: Any) -> RevisionReply:
    plan = bridge.plan(CANVAS.plan(choice))
    started = bridge.revise(*CANVAS.revision(choice, plan.box, max_usd=plan.usd, **agreed))
    *_, last = bridge.follow(started.id)
    return last


def made(reply: RevisionReply) -> bool:
    return all(variant.state == "composed" for variant in reply.variants)


# --- where it goes -------------------------------------------------------------------------------


@pytest.mark.parametrize("agreed_home", ["", "google", "here"])
def test_nothing_goes_to_a_home_that_was_not_agreed_to(
    bridge: Caller, server: PolledServer, home: Path, agreed_home: str
) -> None:
    with pytest.raises(Refused) as caught:
        revise(bridge, agreed_home=agreed_home)
    assert (caught.value.said, caught.value.sentence) == ("not_agreed", UNREAD)
    assert (server.submitted, History(home).newest()) == (0, ())
    assert bridge.plan(CANVAS.plan(FOUR)).where_new


def test_an_agreement_is_kept_for_every_later_revision(home: Path, server: PolledServer) -> None:
    with running_bridge(home), call_bridge(home) as bridge:
        assert made(revise(bridge, agreed_home="tests"))
        assert not bridge.plan(CANVAS.plan(FOUR)).where_new
        assert made(revise(bridge))
    with running_bridge(home), call_bridge(home) as bridge:
        assert made(revise(bridge))
    assert server.submitted == 12


def test_what_stays_here_needs_no_agreement(shared_bridge: Caller) -> None:
    assert made(revise(shared_bridge, Choice(model="fill")))


def test_another_model_needs_its_own(bridge: Caller, server: PolledServer) -> None:
    """What failed here goes nowhere else by itself."""
    failed = revise(bridge, Choice(model="failing", prompt="x"))
    with pytest.raises(Refused, match="which you have not agreed to"):
        bridge.instead(failed.id, Elsewhere(model="polled", max_usd=1))
    assert server.submitted == 0
    started = bridge.instead(failed.id, Elsewhere(model="polled", max_usd=1, agreed_home="tests"))
    *_, last = bridge.follow(started.id)
    assert made(last)


# --- what it costs -------------------------------------------------------------------------------


@pytest.mark.parametrize("agreed_usd", [0.0, 0.15])
def test_more_than_the_artists_amount_needs_a_second_click(
    bridge: Caller, server: PolledServer, home: Path, agreed_usd: float
) -> None:
    bridge.http.post("/v1/limits", json={"second_click": 0.1}).raise_for_status()
    with pytest.raises(Refused) as caught:
        revise(bridge, agreed_home="tests", agreed_usd=agreed_usd)
    assert (caught.value.said, caught.value.sentence) == ("not_agreed", UNCONFIRMED)
    assert (server.submitted, History(home).newest()) == (0, ())
    assert made(revise(bridge, agreed_home="tests", agreed_usd=0.2))
    one = FOUR.model_copy(update={"variants": 2})  # $0.10: not above
    assert made(revise(bridge, one))


def test_the_next_model_has_a_price_of_its_own(bridge: Caller, server: PolledServer) -> None:
    bridge.http.post("/v1/limits", json={"second_click": 0.01}).raise_for_status()
    failed = revise(bridge, Choice(model="failing", prompt="x"))
    wanted = Elsewhere(model="polled", max_usd=1, agreed_home="tests")
    with pytest.raises(Refused, match="which you want to be asked for twice"):
        bridge.instead(failed.id, wanted)
    assert server.submitted == 0
    bridge.instead(failed.id, wanted.model_copy(update={"agreed_usd": 0.05}))


# --- the command line ----------------------------------------------------------------------------


def test_the_command_line_is_asked_once_for_each_home(
    bridge: Caller, server: PolledServer, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(write(CANVAS.pixels, "image/png"))

    def redraft(out: str, *words: str) -> subprocess.CompletedProcess[str]:
        command = ["revise", str(photo), "-o", str(tmp_path / out), "--model", "polled"]
        command += ["--select", "300,200,120,180", "--prompt", "the same", *words]
        return subprocess.run(
            [sys.executable, "-P", "-m", "bridge", *command],
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    refused = redraft("first.png", "--max-price", "1")
    assert (refused.returncode, server.submitted) == (4, 0)
    assert "goes to the tests" in refused.stdout
    assert "Nothing was sent. If it may go there, add --agree" in refused.stderr
    assert redraft("second.png", "--agree").returncode == 0
    assert redraft("third.png").returncode == 0
    assert server.submitted == 2
