"""Bombs: each fills the memory of whoever opens it carelessly; we say a sentence in little."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests import bombs

BOMBS: dict[str, tuple[Callable[[], bytes], tuple[str, ...]]] = {
    "it.png": (bombs.png_bomb, ("photo", "answer")),
    "it.jpg": (bombs.jpeg_bomb, ("photo", "answer")),
    "it.webp": (bombs.webp_bomb, ("photo", "answer")),
    "it.tif": (bombs.tiff_bomb, ("photo",)),
    "jpeg.tif": (lambda: bombs.strip_bomb(7, bombs.jpeg_bomb()), ("photo",)),
    "webp.tif": (lambda: bombs.strip_bomb(50001, bombs.webp_bomb()), ("photo",)),
    "it.ora": (
        partial(bombs.zip_bomb, ("mimetype", "stack.xml", "mergedimage.png", "data/1.png")),
        ("photo", "clean"),
    ),
    "it.zip": (partial(bombs.zip_bomb, ("revision.json",)), ("import",)),
}
SAID = (
    *("megapixels", "more than anything it offers", "unpacks to more than it should"),
    *("damaged TIFF", "packed as WEBP"),
)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_fills_the_memory_only_of_the_careless(tmp_path: Path, name: str) -> None:
    make, openers = BOMBS[name]
    path = tmp_path / name
    path.write_bytes(make())
    assert path.stat().st_size < 10_000_000
    assert bombs.outcome("careless", path) == "out of memory"
    for opener in openers:
        said = bombs.outcome(opener, path)
        assert any(words in said for words in SAID), said
