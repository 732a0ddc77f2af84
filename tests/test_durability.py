"""Nothing paid for is lost or paid for twice: real processes, killed; a real server that counts."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from bridge.caller import Caller, Refused, call_bridge
from bridge.wire import Choice, RevisionReply
from tests.conftest import running_bridge, wait_for
from tests.emulators.serve import serve
from tests.revising import Canvas, noise, rectangle
from tests.steps.polled import PolledServer
from tests.steps.streamed import StreamedServer

PAID = Choice(model="polled", prompt="the same again")


@pytest.fixture
def canvas() -> Canvas:
    return Canvas(noise(200, 160), selection=rectangle(200, 160, (60, 50, 120, 100)))


def start(bridge: Caller, canvas: Canvas, choice: Choice = PAID) -> RevisionReply:
    return bridge.revise(*canvas.planned(choice, bridge.plan(canvas.plan(choice))))


def state_of(bridge: Caller, revision: str) -> str:
    found = bridge.http.get(f"/v1/revisions/{revision}").json()
    return str(found["variants"][0]["state"])


def test_a_paid_job_is_submitted_once_and_its_cost_recorded(
    home: Path, server: PolledServer, canvas: Canvas
) -> None:
    with running_bridge(home), call_bridge(home) as bridge:
        *_, ended = bridge.follow(start(bridge, canvas).id)
    assert [variant.state for variant in ended.variants] == ["composed"]
    assert (server.submitted, ended.usd, ended.variants[0].usd_reported) == (1, 0.05, True)
    assert "reports no cost" not in ended.variants[0].line


def test_a_bridge_killed_while_it_polls_goes_on_without_a_second_charge(
    home: Path, server: PolledServer, canvas: Canvas
) -> None:
    server.hold = True
    with running_bridge(home) as first, call_bridge(home) as bridge:
        revision = start(bridge, canvas).id
        wait_for(lambda: state_of(bridge, revision) == "submitted")
        first.kill()
        first.wait()
    server.hold = False
    with running_bridge(home), call_bridge(home) as bridge:
        *_, ended = bridge.follow(revision)
        header, parts = bridge.layer(revision, 1)
    assert [variant.state for variant in ended.variants] == ["composed"]
    assert server.submitted == 1
    assert len(parts["patch"]) == header.parts[0].bytes


def test_an_answer_that_was_received_is_composed_after_a_kill(
    home: Path, server: PolledServer, canvas: Canvas
) -> None:
    with running_bridge(home), call_bridge(home) as bridge:
        revision = start(bridge, canvas).id
        *_, _ = bridge.follow(revision)
    with sqlite3.connect(home / "history.db") as db:  # as if it had been killed before composing
        db.execute("UPDATE variant SET state = 'received', layer = NULL, patch = NULL")
    with running_bridge(home), call_bridge(home) as bridge:
        *_, ended = bridge.follow(revision)
    assert [variant.state for variant in ended.variants] == ["composed"]
    assert server.submitted == 1


def test_a_call_cut_in_flight_asks_with_the_amount(
    home: Path, server: PolledServer, canvas: Canvas
) -> None:
    with running_bridge(home), call_bridge(home) as bridge:
        revision = start(bridge, canvas).id
        *_, _ = bridge.follow(revision)
    with sqlite3.connect(home / "history.db") as db:  # as if it had been killed while sending
        db.execute("UPDATE variant SET state = 'sending', ref = NULL, answer = NULL, usd = NULL")
    with running_bridge(home), call_bridge(home) as bridge:
        *_, ended = bridge.follow(revision)
        fault = ended.variants[0].error
        assert ended.variants[0].state == "asking"
        assert fault is not None
        assert "$0.05" in fault.sentence
        assert server.submitted == 1
        given_up = bridge.http.post(f"/v1/revisions/{revision}/variants/1/give_up").json()
    assert given_up["variants"][0]["state"] == "failed"


@pytest.mark.timeout(300)
def test_a_network_lost_after_the_job_was_taken_asks_with_the_amount_and_looks_again_for_free(
    home: Path, monkeypatch: pytest.MonkeyPatch, canvas: Canvas
) -> None:
    server = PolledServer()
    server.hold = True
    monkeypatch.setenv("REDRAFT_KEY_POLLED", "planted-key")
    with ExitStack() as network, ExitStack() as bridges:
        url = network.enter_context(serve(server))
        monkeypatch.setenv("REDRAFT_BASE_TESTS_STEPS_POLLED", url)
        bridges.enter_context(running_bridge(home))
        bridge = bridges.enter_context(call_bridge(home))
        revision = start(bridge, canvas).id
        wait_for(lambda: state_of(bridge, revision) == "submitted")
        network.close()
        *_, lost = bridge.follow(revision)
        variant = lost.variants[0]
        assert (variant.state, variant.again) == ("asking", "free")
        assert variant.error is not None
        assert (variant.error.code, variant.error.charged) == ("unknown_fate", "unknown")
        assert "may have charged up to $0.05" in variant.error.sentence
        assert "Looking again is free" in variant.error.sentence
        server.hold = False
        network.enter_context(serve(server, port=int(url.rpartition(":")[2])))
        bridge.http.post(f"/v1/revisions/{revision}/variants/1/again").raise_for_status()
        *_, ended = bridge.follow(revision)
    assert (ended.variants[0].state, ended.usd, server.submitted) == ("composed", 0.05, 1)


def test_cancelling_a_paid_job_asks_the_provider_and_keeps_the_answer(
    home: Path, server: PolledServer, canvas: Canvas
) -> None:
    server.hold = True
    with running_bridge(home), call_bridge(home) as bridge:
        revision = start(bridge, canvas).id
        wait_for(lambda: state_of(bridge, revision) == "submitted")
        bridge.cancel(revision)
        assert server.cancelled == ["job1"]
        server.hold = False
        *_, ended = bridge.follow(revision)
    assert [variant.state for variant in ended.variants] == ["composed"]


def test_a_refused_job_costs_nothing_and_may_be_tried_again_by_hand(
    home: Path, server: PolledServer, canvas: Canvas
) -> None:
    server.refuse = True
    with running_bridge(home), call_bridge(home) as bridge:
        revision = start(bridge, canvas).id
        *_, failed = bridge.follow(revision)
        assert (failed.variants[0].state, failed.usd, server.submitted) == ("failed", 0, 0)
        server.refuse = False
        bridge.http.post(f"/v1/revisions/{revision}/variants/1/again")
        *_, ended = bridge.follow(revision)
    assert (ended.variants[0].state, server.submitted) == ("composed", 1)


def test_the_key_reaches_the_provider_and_no_file(
    home: Path, server: PolledServer, canvas: Canvas
) -> None:
    with running_bridge(home), call_bridge(home) as bridge:
        *_, _ = bridge.follow(start(bridge, canvas).id)
        said = bridge.http.get("/v1/hello").text
    assert server.keys == {"Bearer planted-key"}
    assert "planted-key" not in said
    written = [path for path in home.rglob("*") if path.is_file()]
    assert len(written) > 3
    assert not [path for path in written if b"planted-key" in path.read_bytes()]


def test_without_the_key_the_model_says_what_to_do(home: Path, canvas: Canvas) -> None:
    with (
        running_bridge(home),
        call_bridge(home) as bridge,
        pytest.raises(Refused, match="needs a key"),
    ):
        start(bridge, canvas)


def test_everything_written_is_for_its_owner_only(home: Path, canvas: Canvas) -> None:
    choice = Choice(model="known", prompt="the negative")
    with running_bridge(home), call_bridge(home) as bridge:
        *_, _ = bridge.follow(start(bridge, canvas, choice).id)
        modes = {p: p.stat().st_mode & 0o777 for p in home.rglob("*") if p.name != "catalog.toml"}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


def test_previews_arrive_before_the_answer(
    home: Path, canvas: Canvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(StreamedServer()) as url:
        monkeypatch.setenv("REDRAFT_BASE_TESTS_STEPS_STREAMED", url)
        with running_bridge(home), call_bridge(home) as bridge:
            choice = Choice(model="streamed", prompt="the same again")
            revision = start(bridge, canvas, choice).id
            *_, ended = bridge.follow(revision)
            preview = bridge.http.get(f"/v1/revisions/{revision}/variants/1/preview")
    (only,) = ended.variants
    assert (only.state, only.usd, only.usd_reported) == ("composed", 0.01, False)
    assert only.line.endswith("$0.01 as told: its maker reports no cost.")
    assert preview.content.startswith(b"\x89PNG")


def test_a_stream_that_ends_early_is_said_and_may_have_been_charged(
    home: Path, canvas: Canvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = StreamedServer()
    server.cut = True
    with serve(server) as url:
        monkeypatch.setenv("REDRAFT_BASE_TESTS_STEPS_STREAMED", url)
        with running_bridge(home), call_bridge(home) as bridge:
            choice = Choice(model="streamed", prompt="the same again")
            *_, ended = bridge.follow(start(bridge, canvas, choice).id)
    fault = ended.variants[0].error
    assert fault is not None
    assert fault.charged == "unknown"


def test_the_patch_holds_the_answer_of_the_whole_box(
    home: Path, server: PolledServer, canvas: Canvas
) -> None:
    with running_bridge(home), call_bridge(home) as bridge:
        revision = start(bridge, canvas).id
        *_, _ = bridge.follow(revision)
        header, parts = bridge.layer(revision, 1)
    size = header.area.box().size
    patch = np.frombuffer(parts["patch"], np.uint8).reshape(size.height, size.width, 4)
    rows, columns = header.area.box().slices(header.area.box())
    assert np.abs(patch[rows, columns, :3].astype(int) - canvas.pixels.astype(int)).max() <= 60
    assert (patch[..., 3] == 255).all()
