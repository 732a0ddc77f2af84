"""Every engine, and every way it can fail: what the artist reads, what was charged."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

import bridge.engines
from bridge.catalog import load
from bridge.engines.base import Ask
from bridge.errors import BridgeError, EngineError
from bridge.pixels import Array
from tests.emulators.emulator import Emulator
from tests.engines.asking import KEY, Stage, revise, scene
from tests.engines.table import TABLE
from tests.engines.told import Row

KEPT_UP = 9  # times a trouble is played: more than anybody is patient
HOSTED = {name: row for name, row in TABLE.items() if row.emulator}
TROUBLES = [(name, trouble) for name, row in HOSTED.items() for trouble in row.told]
DELIVERED = [(name, trouble) for name, row in HOSTED.items() for trouble in sorted(row.delivered)]
SILENCE_SECONDS = 30.0
HANGING_SECONDS = 0.3


def played(theatre: tuple[Stage, str], row: Row, trouble: str = "") -> tuple[Emulator, str]:
    """The row's emulator, on the stage, in this trouble; and where it is."""
    stage, url = theatre
    assert row.emulator is not None
    there = row.emulator()
    there.script.then(*[trouble] * KEPT_UP)
    stage.on = there
    return there, url


def answer(row: Row, ask: Ask, url: str, silence: float = SILENCE_SECONDS) -> Array:
    """Revised and decoded: everything that may be refused."""
    kept = revise(row.engine(), ask, url, silence=silence)
    assert kept.answer is not None
    return row.engine().decode(kept.raw, kept.answer.media_type).pixels


def silence(trouble: str) -> float:
    return HANGING_SECONDS if trouble == "hang" else SILENCE_SECONDS


def test_every_engine_has_a_row() -> None:
    folder = Path(bridge.engines.__file__).parent
    modules = [
        importlib.import_module(f"bridge.engines.{path.stem}") for path in folder.glob("*.py")
    ]
    engines = {module.ENGINE.id for module in modules if hasattr(module, "ENGINE")}
    assert {row.engine().id for row in TABLE.values()} == engines


@pytest.mark.parametrize("name", HOSTED)
def test_every_trouble_of_its_provider_is_in_its_row(name: str) -> None:
    row = HOSTED[name]
    assert row.emulator is not None
    assert row.told.keys() | row.delivered == row.emulator().troubles
    assert not row.told.keys() & row.delivered


@pytest.mark.parametrize(("name", "trouble"), TROUBLES)
def test_the_artist_reads(theatre: tuple[Stage, str], name: str, trouble: str) -> None:
    row = HOSTED[name]
    there, url = played(theatre, row, trouble)
    with pytest.raises(BridgeError) as caught:
        answer(row, row.ask(), url, silence(trouble))
    told, error = row.told[trouble], caught.value
    assert (error.sentence, error.code) == (told.sentence, told.code)
    assert len(there.ledger.charges) <= 1
    if isinstance(error, EngineError):
        assert error.charged == told.charged
    if told.charged == "no":
        assert there.ledger.usd == 0


@pytest.mark.parametrize(("name", "trouble"), DELIVERED)
def test_it_is_delivered_all_the_same(theatre: tuple[Stage, str], name: str, trouble: str) -> None:
    row = HOSTED[name]
    there, url = played(theatre, row, trouble)
    answer(row, row.ask(), url)
    assert len(there.ledger.charges) == 1


@pytest.mark.parametrize("name", HOSTED)
def test_the_answer_is_the_edit(theatre: tuple[Stage, str], name: str) -> None:
    row = HOSTED[name]
    there, url = played(theatre, row)
    pixels = answer(row, row.ask(), url)
    (made,) = there.model.made
    lost = np.median(np.abs(pixels * 255 - made.answer))
    assert lost < 4  # of 255: bright blotches are hard on a JPEG's colours
    assert len(there.ledger.charges) == 1


@pytest.mark.parametrize("name", HOSTED)
def test_with_every_reference_it_costs_no_more_than_was_told(
    theatre: tuple[Stage, str], name: str
) -> None:
    row = HOSTED[name]
    there, url = played(theatre, row)
    count = load().model(row.model).takes.references
    ask = row.ask(references=tuple(scene(row.size, seed) for seed in range(count)))
    kept = revise(row.engine(), ask, url, silence=SILENCE_SECONDS)
    assert kept.answer is not None
    assert kept.answer.usd == pytest.approx(there.ledger.usd)
    assert 0 < there.ledger.usd <= ask.usd


@pytest.mark.parametrize("name", HOSTED)
def test_a_wrong_key_is_said_and_not_quoted(theatre: tuple[Stage, str], name: str) -> None:
    row = HOSTED[name]
    there, url = played(theatre, row)
    with pytest.raises(BridgeError) as caught:
        revise(row.engine(), row.ask(), url, key="another-key", silence=SILENCE_SECONDS)
    assert "does not accept the key" in caught.value.sentence
    assert "another-key" not in caught.value.sentence
    assert there.ledger.usd == 0


@pytest.mark.parametrize("name", HOSTED)
def test_the_key_goes_nowhere_but_where_the_request_goes(
    theatre: tuple[Stage, str], name: str
) -> None:
    row = HOSTED[name]
    _, url = played(theatre, row, "other_host" if "other_host" in row.delivered else "")
    reached = revise(row.engine(), row.ask(), url, silence=SILENCE_SECONDS).reached
    given = {one.host for one in reached if KEY in str(one.headers)}
    assert given
    assert KEY not in str([one.path for one in reached])
    if "other_host" in row.delivered:
        assert {one.host for one in reached} - given
