"""Sums of products over very many samples of a few values each."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

BLOCK = 2048  # samples; BLAS takes threads for more, and waits for them longer than they save

Rows = npt.NDArray[Any]


def products(one: Rows, other: Rows) -> npt.NDArray[np.float64]:
    """(a, n) and (b, n) -> (a, b), one @ other.T; of floats exacter than that, summed by blocks."""
    whole = one.shape[1] // BLOCK * BLOCK
    first, second = (rows[:, :whole].reshape(len(rows), -1, BLOCK) for rows in (one, other))
    blocks = first.swapaxes(0, 1) @ second.transpose(1, 2, 0)
    rest = one[:, whole:] @ other[:, whole:].T
    return np.asarray(blocks.sum(0, dtype=np.float64) + rest, np.float64)
