"""Plays a trouble to a row of the table and catches what the artist reads."""

from __future__ import annotations

from bridge.engines.base import Ask
from bridge.errors import BridgeError, EngineError
from bridge.pixels import Array
from tests.emulators.emulator import Emulator
from tests.engines.asking import Stage, revise
from tests.engines.told import Row, Told

KEPT_UP = 9  # times a trouble is played: more than anybody is patient
SILENCE_SECONDS = 30.0
HANGING_SECONDS = 0.3


def played(stage: Stage, row: Row, trouble: str = "") -> Emulator:
    """The row's emulator, on the stage, in this trouble."""
    assert row.emulator is not None
    there = row.emulator()
    there.script.then(*[trouble] * KEPT_UP)
    stage.on = there
    return there


def answer(row: Row, ask: Ask, url: str, silence: float = SILENCE_SECONDS) -> Array:
    """Revised and decoded: everything that may be refused."""
    kept = revise(row.engine(), ask, url, silence=silence)
    assert kept.answer is not None
    return row.engine().decode(kept.raw, kept.answer.media_type).pixels


def read_by_the_artist(row: Row, trouble: str, url: str) -> Told | None:
    """None when it was delivered all the same."""
    try:
        answer(row, row.ask(), url, HANGING_SECONDS if trouble == "hang" else SILENCE_SECONDS)
    except EngineError as error:
        return Told(error.sentence, error.code, error.charged)
    except BridgeError as error:
        return Told(error.sentence, error.code)
    return None
