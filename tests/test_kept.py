"""What plug-ins keep in a document, which may come back from another hand."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krita_plugin.kept import Protection, Recipe, Reference

RECIPE = Recipe(
    {"prompt": "a red hat", "choice": {"model": ""}}, "7", "layer", (1, 2, 4, 4), b"abcdef"
)
BOMB = base64.b64encode(zlib.compress(bytes(200_000_000), 9)).decode()


def changed(data: bytes, **fields: Any) -> bytes:
    return json.dumps({**json.loads(data), **fields}).encode()


def test_everything_comes_back_as_it_was_kept() -> None:
    protection = Protection((0, 0, 2, 1), b"\x00\xff")
    references = (Reference("layer", "hat", "{7}"), Reference("clipboard", "it", picture=b"png"))
    assert Recipe.of(RECIPE.to_bytes()) == RECIPE
    assert Protection.of(protection.to_bytes()) == protection
    assert Reference.many_of(Reference.many_to_bytes(references)) == references


@pytest.mark.parametrize(
    "fields",
    [
        {"said": {}},
        {"said": {"prompt": "a"}},
        {"said": {"prompt": "a", "choice": 7}},
        {"selection": [1, 2]},
        {"selection": [4, 4, 1, 2]},
        {"selection": [0, 0, 9, 9]},
        {"coverage": "***"},
        {"coverage": BOMB},
        {"coverage": None},
        {"selection": [0, 0, 1e999, 1]},
        {"selection": "abcd"},
    ],
    ids=lambda fields: json.dumps(fields)[:40],
)
def test_a_recipe_that_is_not_ours_is_none(fields: dict[str, Any]) -> None:
    assert Recipe.of(changed(RECIPE.to_bytes(), **fields)) is None


@given(
    st.binary()
    | st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["said", "box", "coverage", "selection", "kind", "name"])
                | st.text(),
                inner,
            )
        ),
    ).map(lambda made: json.dumps(made).encode())
)
def test_whatever_is_there_is_read_or_nothing(data: bytes) -> None:
    assert Recipe.of(data) is None
    assert Protection.of(data) is None
    assert isinstance(Reference.many_of(data), tuple)


def test_a_deep_nest_is_nothing() -> None:
    assert Recipe.of(b"[" * 100_000) is None
