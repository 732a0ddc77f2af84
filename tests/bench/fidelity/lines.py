"""The lines that have to hold, each with what was measured. None is moved to make it hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tests.bench.fidelity.measure import Figures
from tests.bench.fidelity.table import Pick, values
from tests.bench.fidelity.trials import Outcome


@dataclass(frozen=True, slots=True)
class Line:
    """measured: None where no trial said anything about it."""

    claim: str
    measured: float | None
    holds: bool
    trials: int

    def __str__(self) -> str:
        if self.measured is None:
            return f"  --   {self.claim}: not measured"
        mark = "holds" if self.holds else "FALLS SHORT"
        if "(reported" in self.claim:
            mark = "reported"
        return f"  {mark:12} {self.claim}: {self.measured:.4g}  (n {self.trials})"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def at_most(claim: str, found: Sequence[float], percentile: float, limit: float) -> Line:
    if not found:
        return Line(claim, None, False, 0)
    measured = float(np.percentile(found, percentile))
    return Line(claim, measured, measured <= limit, len(found))


def at_least(claim: str, found: Sequence[float], percentile: float, limit: float) -> Line:
    if not found:
        return Line(claim, None, False, 0)
    measured = float(np.percentile(found, percentile))
    return Line(claim, measured, measured >= limit, len(found))


def share(claim: str, found: Sequence[bool], limit: float, *, most: bool = False) -> Line:
    """The share of trials for which it is so: at least the limit, or at most."""
    if not found:
        return Line(claim, None, False, 0)
    measured = sum(found) / len(found)
    return Line(claim, measured, measured <= limit if most else measured >= limit, len(found))


def lines(found: Sequence[Outcome]) -> list[Line]:
    return [
        *_outside(found),
        *_registration(found),
        *_gate(found),
        *_seam(found),
        *_change(found),
        *_offer(found),
        *_light(found),
        *_style(found),
    ]


def _ours(found: Sequence[Outcome], which: Callable[[Outcome], bool]) -> list[Figures]:
    return [one.of["ours"] for one in found if which(one)]


def _outside(found: Sequence[Outcome]) -> list[Line]:
    shares = values(_ours(found, lambda _: True), lambda f: f.outside)
    claim = "outside the selection bit-identical, share of trials (1)"
    return [share(claim, [one == 1.0 for one in shares], 1.0)]


def _registration(found: Sequence[Outcome]) -> list[Line]:
    def drifts(kind: str) -> list[float]:
        return values(_ours(found, lambda o: o.draw.row.drift == kind), lambda f: f.drift)

    rigid, warp, repainted = drifts("rigid"), drifts("warp"), drifts("repainted")
    return [
        at_most("rigid drift, median px (<= 0.02)", rigid, 50, 0.02),
        share("rigid drift <= 0.1 px, share (>= 0.97)", [one <= 0.1 for one in rigid], 0.97),
        at_most("rigid drift, largest px (<= 0.5)", rigid, 100, 0.5),
        at_most("smooth warp of 1.5 px, median px (<= 0.3)", warp, 50, 0.3),
        at_most("repainted textures, median px (reported apart)", repainted, 50, np.inf),
    ]


def _gate(found: Sequence[Outcome]) -> list[Line]:
    def refused(which: Callable[[Outcome], bool]) -> list[bool]:
        return [figure.verdict == "refused" for figure in _ours(found, which)]

    hopeless = refused(
        lambda o: o.draw.row.scene.answer != "edit" and o.draw.row.scene.margin is not None
    )
    correct = refused(lambda o: o.draw.row.scene.answer == "edit")
    return [
        share("hopeless answers refused, share (1)", hopeless, 1.0),
        share("correct answers refused, share (<= 0.01)", correct, 0.01, most=True),
    ]


def _local(found: Sequence[Outcome], pick: Pick) -> list[float]:
    return values(_ours(found, lambda o: o.draw.row.scene.wish == "local"), pick)


def _seam(found: Sequence[Outcome]) -> list[Line]:
    ring, inside = _local(found, lambda f: f.ring), _local(found, lambda f: f.inside)
    rim = _local(found, lambda f: f.rim)
    both, rim_both = _local(found, lambda f: f.ring_both), _local(found, lambda f: f.rim_both)
    return [
        at_most("seam ring dE2000, median (<= 0.9)", ring, 50, 0.9),
        at_most("seam ring dE2000, p90 (<= 1.4)", ring, 90, 1.4),
        at_most("the same on both sides of the edge, median (reported)", both, 50, np.inf),
        at_most("the same on both sides of the edge, p90 (reported)", both, 90, np.inf),
        at_most("the same along what is shown, median (reported)", rim, 50, np.inf),
        at_most("the same along what is shown, p90 (reported)", rim, 90, np.inf),
        at_most("along what is shown, both sides, median (reported)", rim_both, 50, np.inf),
        at_most("along what is shown, both sides, p90 (reported)", rim_both, 90, np.inf),
        at_most("inside the edit dE2000, median (<= 2.0)", inside, 50, 2.0),
    ]


def _change(found: Sequence[Outcome]) -> list[Line]:
    iou, recall = _local(found, lambda f: f.iou), _local(found, lambda f: f.recall)
    kept = _local(found, lambda f: f.kept)
    cast = values(_ours(found, lambda o: "strong cast" in o.draw.row.scene.name), lambda f: f.iou)
    return [
        at_least("change mask IoU, median (>= 0.96)", iou, 50, 0.96),
        at_least("change mask IoU, p10 (>= 0.85)", iou, 10, 0.85),
        at_least("change mask recall, least (>= 0.95)", recall, 0, 0.95),
        at_least("unchanged and selected bit-identical, median (>= 0.995)", kept, 50, 0.995),
        at_least(
            "the same over all trials, mean of shares",
            [float(np.mean(kept))] if kept else [],
            0,
            0.995,
        ),
        at_least("strong cast, IoU median (>= 0.8)", cast, 50, 0.8),
        at_least("strong cast, IoU least (>= 0.8)", cast, 0, 0.8),
    ]


def _offer(found: Sequence[Outcome]) -> list[Line]:
    def offers(shadow: bool) -> list[bool]:
        asked = _ours(found, lambda o: o.draw.row.scene.shadow == shadow)
        return [figure.offered for figure in asked if figure.offered is not None]

    return [
        share("shadow outside found, share (>= 0.9)", offers(True), 0.9),
        share("false offers, share (<= 0.05)", offers(False), 0.05, most=True),
    ]


def _light(found: Sequence[Outcome]) -> list[Line]:
    lit = _ours(found, lambda o: o.draw.row.scene.wish == "light" and not o.draw.row.aside)
    detail, like = values(lit, lambda f: f.detail), values(lit, lambda f: f.detail_like)
    db = values(lit, lambda f: f.psnr)
    aside = _ours(found, lambda o: o.draw.row.scene.wish == "light" and o.draw.row.aside)
    cast = values(aside, lambda f: f.psnr)
    return [
        at_least("relight from 1 MP, median dB (>= 40)", db, 50, 40),
        at_least("relight from 1 MP, least dB (>= 34)", db, 0, 34),
        at_least("relight detail against the truth's, least (>= 0.95)", detail, 0, 0.95),
        at_most("relight detail against the truth's, most (<= 1.05)", detail, 100, 1.05),
        at_least("relight detail correlation, least (>= 0.9)", like, 0, 0.9),
        at_least("relight with a cast of the model's own, median dB (reported)", cast, 50, 0),
    ]


def _style(found: Sequence[Outcome]) -> list[Line]:
    whole = [o for o in found if o.draw.row.scene.whole and o.draw.row.scene.wish != "light"]
    shown = values((one.of["ours"] for one in whole), lambda f: f.shown)
    gains = _gains([one for one in whole if not one.draw.row.aside])
    cast = _gains([one for one in whole if one.draw.row.aside])
    return [
        at_least("restyle, night, snow, enhance: share shown, least (1)", shown, 0, 0.999),
        at_least("the same: dB nearer to the truth than naive, median (> 0)", gains, 50, 0.0),
        at_least("the same: dB nearer to the truth than naive, least", gains, 0, 0.0),
        at_least("with a cast: dB nearer than naive, median (reported)", cast, 50, -np.inf),
        at_least("with a cast: dB nearer than naive, least (reported)", cast, 0, -np.inf),
    ]


def _gains(found: Sequence[Outcome]) -> list[float]:
    """dB by which ours is nearer to the truth than naive pasting."""
    pairs = ((one.of["ours"].psnr, one.of["naive"].psnr) for one in found)
    return [ours - naive for ours, naive in pairs if ours is not None and naive is not None]
