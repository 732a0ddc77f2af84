"""The words and choices of the panel, as data, so that no plug-in holds any."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from bridge.wire import Message

FILE = Path(__file__).with_name("panel.toml")


class Field(Message):
    id: str
    label: str


class Helper(Message):
    """A prompt helper. `wish`: what kind of wish it states; `prompt`: where the artist starts."""

    id: str
    label: str
    prompt: str
    tip: str
    wish: str
    how_far: bool  # whether "how far" has a meaning for it
    fields: tuple[Field, ...] = ()


class Option(Message):
    id: str
    label: str
    tip: str


class Panel(Message):
    words: dict[str, str]
    helpers: tuple[Helper, ...]
    how_far: tuple[Option, ...]
    keep: tuple[Option, ...]
    sources: tuple[Option, ...]
    wishes: tuple[Option, ...]  # what a result can be shown as; ids as in EdgeChoice

    def helper(self, id: str) -> Helper | None:
        """None when the artist chose no helper."""
        return next((helper for helper in self.helpers if helper.id == id), None)


@cache
def panel() -> Panel:
    tables: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return TypeAdapter(Panel).validate_python(tables)
