"""The table: a line per row, ours against the peers, medians unless the column says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from tests.bench.fidelity.measure import Figures
from tests.bench.fidelity.trials import Outcome

Pick = Callable[[Figures], float | None]
NO = "·"

HEAD = (
    f"{'':30}{'n':>3} {'refused':>7} {'drift px':>8} {'worst':>6} {'ring dE':>15} "
    f"{'inside dE':>15} {'IoU':>5} {'p10':>5} {'recall':>6} {'kept %':>7} {'PSNR dB':>15}"
)
UNDER = (
    f"{'':30}{'':3} {'':7} {'':8} {'':6} {'ours naive use.':>15} {'ours naive use.':>15} "
    f"{'':5} {'':5} {'least':>6} {'':7} {'ours naive use.':>15}"
)


def line(name: str, found: Sequence[Outcome]) -> str:
    """One row's figures."""
    ours = [one.of["ours"] for one in found]
    refused = sum(figure.verdict == "refused" for figure in ours)
    drifts = values(ours, lambda f: f.drift)
    return (
        f"{name:30}{len(ours):>3} {refused or NO!s:>7} {_cell(drifts, 50, '8.3f')} "
        f"{_cell(drifts, 100, '6.2f')} {_three(found, lambda f: f.ring)} "
        f"{_three(found, lambda f: f.inside)} {_of(ours, lambda f: f.iou, 50, '5.2f')} "
        f"{_of(ours, lambda f: f.iou, 10, '5.2f')} {_of(ours, lambda f: f.recall, 0, '6.3f')} "
        f"{_percent(ours)} {_three(found, lambda f: f.psnr)}"
    )


def values(figures: Iterable[Figures], pick: Pick) -> list[float]:
    """Those that were measured."""
    return [value for value in map(pick, figures) if value is not None]


def _three(found: Sequence[Outcome], pick: Pick) -> str:
    return "".join(_of([o.of[who] for o in found], pick, 50, "5.1f") for who in found[0].of)


def _percent(figures: Sequence[Figures]) -> str:
    kept = [100 * value for value in values(figures, lambda f: f.kept)]
    return _cell(kept, 50, "7.2f")


def _of(figures: Iterable[Figures], pick: Pick, percentile: float, form: str) -> str:
    return _cell(values(figures, pick), percentile, form)


def _cell(found: Sequence[float], percentile: float, form: str) -> str:
    if not found:
        return NO.rjust(int(form.split(".")[0]))
    return format(float(np.percentile(found, percentile)), form)
