"""Outcomes kept in a file, one a line, each as soon as it is known.

A run that was broken off goes on where it stopped; shards on several machines add to files that are
then laid together. Outcomes of other code than today's are not taken.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.fidelity.measure import Figures
from tests.bench.fidelity.series import Draw
from tests.bench.fidelity.trials import Outcome, outcomes

ROOT = Path(__file__).parents[3]
CODE = "bridge/compose", "tests/bench/fidelity"

Key = tuple[str, str, str, int]


def carried_on(draws: Sequence[Draw], workers: int, kept: Path) -> Iterator[Outcome]:
    """All outcomes, in the order of `draws`; those that `kept` holds are not made again."""
    code = digest()
    known = _read(kept, code)
    fresh = outcomes([draw for draw in draws if _key(draw) not in known], workers)
    with kept.open("a", encoding="utf-8") as lines:
        for draw in draws:
            figures = known.get(_key(draw))
            if figures is not None:
                yield Outcome(draw, figures)
                continue
            outcome = next(fresh)
            lines.write(json.dumps({"code": code} | outcome.to_json()) + "\n")
            lines.flush()
            yield outcome


def digest() -> str:
    """Of everything that a figure depends on; another digest, other figures."""
    found = hashlib.sha256()
    for folder in CODE:
        for path in sorted((ROOT / folder).glob("*.py")):
            if path != Path(__file__):
                found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _read(kept: Path, code: str) -> dict[Key, dict[str, Figures]]:
    if not kept.is_file():
        return {}
    known = {}
    for line in kept.read_text(encoding="utf-8").splitlines():
        try:
            one = json.loads(line)
        except json.JSONDecodeError:  # cut short by a run that was ended
            continue
        if one["code"] == code:
            key = one["row"], one["picture"], one["content"], one["seed"]
            known[key] = {who: Figures(**figures) for who, figures in one["figures"].items()}
    return known


def _key(draw: Draw) -> Key:
    return draw.row.scene.name, draw.picture, draw.other, draw.seed
