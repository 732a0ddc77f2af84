"""The fidelity kit goes on where it was broken off."""

from __future__ import annotations

import json
from pathlib import Path

from tests.bench.fidelity.kept import carried_on, digest
from tests.bench.fidelity.measure import Figures
from tests.bench.fidelity.scenes import Scene
from tests.bench.fidelity.series import Draw, Row
from tests.bench.fidelity.trials import Outcome

DRAW = Draw(Row(Scene("typical"), 1), "skimage:coffee", "skimage:rocket", 7)
FOUND = Outcome(DRAW, {"ours": Figures("trusted", outside=1.0, drift=0.25)})


def test_a_trial_that_is_kept_is_not_made_again(tmp_path: Path) -> None:
    kept = tmp_path / "whole.trials"
    # Nothing composes to a drift of exactly a quarter of a pixel: this one was read.
    kept.write_text(json.dumps({"code": digest()} | FOUND.to_json()) + '\n{"code": "cut sho')
    assert list(carried_on([DRAW], 1, kept)) == [FOUND]


def test_figures_of_other_code_are_not_taken(tmp_path: Path) -> None:
    kept = tmp_path / "whole.trials"
    kept.write_text(json.dumps({"code": "another"} | FOUND.to_json()) + "\n")
    (made,) = carried_on([DRAW], 1, kept)
    assert made.of["ours"].drift != 0.25
    assert len(kept.read_text().splitlines()) == 2
