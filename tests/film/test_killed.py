"""A bridge killed with a film under way finds it again, and nothing is charged twice."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from bridge.caller import Caller, call_bridge
from bridge.errors import BridgeError
from bridge.replies import Live, note_of
from bridge.wire import Choice, FilmChoice, VariantReply
from tests.conftest import running_bridge, wait_for
from tests.faults.stand import Stand, alive
from tests.film.studio import Studio, studio
from tests.revising import Canvas

CHOICE = Choice(model="omni-1.1", prompt="it turns", tier="360p", film=FilmChoice(seconds=3))


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Studio]:
    with studio(tmp_path) as built:
        yield built


def asked(bridge: Caller, made: Studio) -> str:
    canvas = Canvas(made.still)
    return bridge.revise(*canvas.planned(CHOICE, bridge.plan(canvas.plan(CHOICE)))).id


def variant(bridge: Caller, revision: str) -> VariantReply:
    (only,) = bridge.http.get(f"/v1/revisions/{revision}").json()["variants"]
    return VariantReply.model_validate(only)


def taken_up(made: Studio, revision: str) -> None:
    """By another bridge, to the end: the film is the one that was paid for, once."""
    with running_bridge(made.home), call_bridge(made.home) as bridge:
        wait_for(lambda: variant(bridge, revision).state == "composed")
        film = variant(bridge, revision).film
        assert film is not None
        assert film.frames == 72
        assert bridge.film(revision, 1, "received") == made.film
    assert len(made.there.ledger.charges) == 1


def test_while_it_is_made(made: Studio) -> None:
    made.there.script.then("pending")
    with running_bridge(made.home) as process, call_bridge(made.home) as bridge:
        revision = asked(bridge, made)
        wait_for(lambda: variant(bridge, revision).state == "submitted")
        process.kill()
        process.wait()
    taken_up(made, revision)


def test_how_long_it_has_been_asked_is_said_before_and_after(made: Studio) -> None:
    """fal says how many come before, and no fraction: then the clock is what there is to say."""
    made.there.script.then("pending")
    with running_bridge(made.home) as process, call_bridge(made.home) as bridge:
        revision = asked(bridge, made)
        wait_for(lambda: "asked" in variant(bridge, revision).note)
        said = variant(bridge, revision)
        assert said.fraction is None
        assert re.fullmatch(r"in the queue, 3 before you, asked \d+ s ago; usually 90 s", said.note)
        process.kill()
        process.wait()
    before = int(said.note.split(" asked ")[1].split()[0])
    with running_bridge(made.home), call_bridge(made.home) as bridge:
        wait_for(lambda: "asked" in variant(bridge, revision).note)
        said = variant(bridge, revision)
        found = re.fullmatch(r"being made, asked (\d+) s ago; usually 90 s", said.note)
        assert found is not None
        assert int(found[1]) >= before
        wait_for(lambda: variant(bridge, revision).state == "composed")
        assert "asked" not in variant(bridge, revision).note


def test_minutes_are_said_in_minutes_and_a_fraction_alone() -> None:
    live = Live(note="being made", asked=1000.0, usual_seconds=180.0)
    assert note_of("submitted", live, 1100.0) == "being made, asked 100 s ago; usually 3 min"
    assert note_of("submitted", live, 1500.0) == "being made, asked 8 min ago; usually 3 min"
    assert note_of("received", live, 1500.0) == "being made"
    full = replace(live, note="There is no room left; free some.")
    assert note_of("submitted", full, 1500.0) == "There is no room left; free some."
    assert note_of("submitted", replace(live, fraction=0.4), 1500.0) == "being made"


def test_while_it_is_fetched(made: Studio) -> None:
    made.there.stalls = True
    with running_bridge(made.home) as process, call_bridge(made.home) as bridge:
        revision = asked(bridge, made)
        wait_for(lambda: any(job.fetched for job in made.there.jobs.values()))
        process.kill()
        process.wait()
    taken_up(made, revision)


@pytest.mark.parametrize(
    "moment",
    ["after submitted", "before received", "after put", "after received", "before composed"],
)
def test_at_every_step_from_the_order_to_the_layer(made: Studio, moment: str) -> None:
    """put: the film lies among the files, but nothing says so yet. composed: with its poster."""
    stand = Stand(made.home, {})
    try:
        dying = stand.start(moment)
        assert stand.ready(dying)
        with call_bridge(made.home) as bridge, suppress(httpx.HTTPError, BridgeError):
            asked(bridge, made)  # which may hear no answer: it dies soon
        wait_for(lambda: not alive(dying))
        before = len(made.there.ledger.charges)
    finally:
        stand.close()
    assert before == 1
    with closing(sqlite3.connect(made.home / "history.db")) as db:
        ((revision,),) = db.execute("SELECT id FROM revision")
    taken_up(made, revision)


def test_while_its_frames_are_handed_out(made: Studio) -> None:
    with running_bridge(made.home) as process, call_bridge(made.home) as bridge:
        revision = asked(bridge, made)
        wait_for(lambda: variant(bridge, revision).state == "composed")
        path = f"/v1/revisions/{revision}/variants/1/film/frames"
        with bridge.http.stream("GET", path) as frames:
            next(frames.iter_raw())
            process.kill()
            process.wait()
    taken_up(made, revision)
