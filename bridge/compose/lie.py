"""Where an answer lies, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from bridge.pixels import Array

Matrix = npt.NDArray[np.float64]

REFUSED, TRUSTED = 0.30, 0.60  # score: correct ones lie above .44, hopeless ones below .22
# The same for the worst quadrant, untrimmed: correct ones lie above .48 even in oil, and a scene of
# streaks whose pieces changed places reaches .81 over its best blocks but .17 here.
WORST_REFUSED, WORST_TRUSTED = 0.22, 0.40
# Where nobody asked for another look, correct ones find .80 of the structure again, and a mirrored
# picture that repeats itself .56.
LOST = 0.68
FEW, FEW_AGREE = 64, 0.85  # blocks, below which a place is never sure; and they must agree well


@dataclass(frozen=True, slots=True)
class Agreement:
    """score: 0..1 over the best blocks. worst: the same in the worst quadrant, untrimmed.

    blocks: number of textured blocks asked. found: the score over every block that is textured in
    the original.
    """

    score: float
    worst: float
    blocks: int
    found: float = 1.0


@dataclass(frozen=True, slots=True)
class Lie:
    """Work pixel x of the original lies at plane(x + field(x)) of the work-size answer.

    field: (rows, columns, 2) px at nodes `cell` work pixels apart, or None (cell 0).
    """

    plane: Matrix
    field: Array | None
    agreed: Agreement
    cell: float = 0.0

    @property
    def verdict(self) -> Literal["trusted", "badged", "refused"]:
        few = self.agreed.blocks < FEW
        refused = FEW_AGREE if few else REFUSED
        if self.agreed.score < refused or self.agreed.worst < WORST_REFUSED:
            return "refused"
        if self.agreed.score < TRUSTED or self.agreed.worst < WORST_TRUSTED:
            return "badged"
        return "badged" if few else "trusted"

    @property
    def lost(self) -> bool:
        """Whether much of what was not selected is not found again, which a local wish leaves."""
        return self.agreed.found < LOST
