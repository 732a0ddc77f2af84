"""Every engine, and every way it can fail: what the artist reads, what was charged."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

import bridge.engines
from bridge.errors import BridgeError
from tests.engines.asking import KEY, Stage, revise, scene
from tests.engines.playing import SILENCE_SECONDS, answer, played, read_by_the_artist
from tests.engines.table import TABLE

HOSTED = {name: row for name, row in TABLE.items() if row.emulator}
TROUBLES = [(name, trouble) for name, row in HOSTED.items() for trouble in row.told]
DELIVERED = [(name, trouble) for name, row in HOSTED.items() for trouble in sorted(row.delivered)]
Theatre = tuple[Stage, str]


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
def test_the_artist_reads(theatre: Theatre, name: str, trouble: str) -> None:
    row = HOSTED[name]
    there = played(theatre[0], row, trouble)
    told = row.told[trouble]
    assert read_by_the_artist(row, trouble, theatre[1]) == told
    assert len(there.ledger.charges) <= 1
    if told.charged == "no":
        assert there.ledger.usd == 0


@pytest.mark.parametrize(("name", "trouble"), DELIVERED)
def test_it_is_delivered_all_the_same(theatre: Theatre, name: str, trouble: str) -> None:
    row = HOSTED[name]
    there = played(theatre[0], row, trouble)
    answer(row, row.ask(), theatre[1])
    assert len(there.ledger.charges) == 1


@pytest.mark.parametrize("name", HOSTED)
def test_the_answer_is_the_edit(theatre: Theatre, name: str) -> None:
    row = HOSTED[name]
    there = played(theatre[0], row)
    pixels = answer(row, row.ask(), theatre[1])
    (made,) = there.model.made
    lost = np.median(np.abs(pixels * 255 - made.answer))
    assert lost < 4  # of 255: bright blotches are hard on a JPEG's colours
    assert len(there.ledger.charges) == 1


@pytest.mark.parametrize("name", HOSTED)
def test_with_every_reference_it_costs_no_more_than_was_told(theatre: Theatre, name: str) -> None:
    row = HOSTED[name]
    there = played(theatre[0], row)
    count = row.known.takes.references
    ask = row.ask(references=tuple(scene(row.size, seed) for seed in range(count)))
    kept = revise(row.engine(), ask, theatre[1], silence=SILENCE_SECONDS)
    assert kept.answer is not None
    if row.reports_cost:
        assert kept.answer.usd == pytest.approx(there.ledger.usd)
    assert 0 < there.ledger.usd <= ask.usd


@pytest.mark.parametrize("name", HOSTED)
def test_a_wrong_key_is_said_and_not_quoted(theatre: Theatre, name: str) -> None:
    row = HOSTED[name]
    there = played(theatre[0], row)
    with pytest.raises(BridgeError) as caught:
        revise(row.engine(), row.ask(), theatre[1], key="another-key", silence=SILENCE_SECONDS)
    assert "does not accept the key" in caught.value.sentence
    assert "another-key" not in caught.value.sentence
    assert there.ledger.usd == 0


@pytest.mark.parametrize("name", HOSTED)
def test_the_key_goes_nowhere_but_where_the_request_goes(theatre: Theatre, name: str) -> None:
    row = HOSTED[name]
    played(theatre[0], row, "other_host" if "other_host" in row.delivered else "")
    reached = revise(row.engine(), row.ask(), theatre[1], silence=SILENCE_SECONDS).reached
    given = {one.host for one in reached if KEY in str(one.headers)}
    assert given
    assert KEY not in str([one.path for one in reached])
    if "other_host" in row.delivered:
        assert {one.host for one in reached} - given
