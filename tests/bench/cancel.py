"""From cancelling a Fill that is well under way to the end of its process."""

from __future__ import annotations

import asyncio
import statistics

import numpy as np

from bridge.engines import child
from bridge.engines.base import Work
from bridge.engines.fill import filled

RUNS = 5
EDGE = 1400  # px: tens of seconds of work
UNDER_WAY_SECONDS = 2.0  # by then the child is within the library's own code


def main() -> None:
    seconds = sorted(asyncio.run(_cancelled()) for _ in range(RUNS))
    print(
        f"cancelling a Fill to the end of its process, {RUNS} runs: median "
        f"{statistics.median(seconds):.3f} s ({seconds[0]:.3f} to {seconds[-1]:.3f})"
    )


async def _cancelled() -> float:
    """Seconds."""
    pixels = np.random.default_rng(1).random((EDGE, EDGE, 3), np.float32)
    mask = np.zeros((EDGE, EDGE), np.float32)
    mask[200:-200, 200:-200] = 1
    task = asyncio.create_task(child.run(Work(filled, (pixels, mask, 1))))
    await asyncio.wait([task], timeout=UNDER_WAY_SECONDS)
    asked = asyncio.get_running_loop().time()
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        raise SystemExit("The Fill was done too soon to be cancelled.")
    return asyncio.get_running_loop().time() - asked


if __name__ == "__main__":
    main()
