"""What kind of wish the answer fulfils, read from the answer when no helper said it."""

from __future__ import annotations

import numpy as np

from bridge.compose.crispness import crispness
from bridge.compose.difference import difference, lab
from bridge.compose.lie import Agreement
from bridge.compose.values import Wish
from bridge.pixels import Array

GLOBAL = 6.0  # median dE over the whole picture: local edits leave 1-4, relights 9-65
KEPT = 0.85  # structure score above which the drawing is the same; oil leaves less, night more
CRISPER = 1.2  # times the fine contrast: hosted models soften, so more of it was asked for


def read_wish(original: Array, moved: Array, agreed: Agreement, selection: Array | None) -> Wish:
    """original, moved: (h, w, 3) registered, colours untouched.

    With a selection the wish lies inside it, and what the model did to the colours of the rest is
    drift. Without one, colours that moved everywhere are what was asked for.
    """
    if selection is not None:
        return "local"
    thin = np.s_[::4, ::4]
    away = float(np.median(difference(lab(original[thin]), lab(moved[thin]))))
    if crispness(original, moved) > CRISPER:
        return "style"
    if away <= GLOBAL:
        return "local"
    return "light" if agreed.score >= KEPT else "style"
