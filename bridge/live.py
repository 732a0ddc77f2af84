"""Which models answer today: each provider that has a key is asked, for free.

The last answer is kept in Redraft's folder, so that a panel can show it without asking.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from bridge.catalog import Catalog, Model
from bridge.engines.base import Engine, Listed
from bridge.errors import BridgeError, HomeTrouble, Unsupported
from bridge.home import write_private
from bridge.wire import Message

FILE = "live.json"


class Heard(Message):
    """What one provider said. at: Unix time. works: whether it takes the key, null when it has no

    free way to be asked. ids: its own names of the models it answers for, null when it lists
    none. sentence: what was found, in words.
    """

    engine: str
    label: str
    at: float
    works: bool | None
    sentence: str
    ids: tuple[str, ...] | None = None


class Live(Message):
    heard: tuple[Heard, ...]


class KeyPage(Message):
    """A path on the bridge's own address, good once and for a quarter of an hour."""

    path: str


Answers = Mapping[str, Heard]  # by engine


def heard(name: str, engine: Engine, catalog: Catalog, listed: Listed) -> Heard:
    """name: of the engine, as the catalogue has it. Ids are kept when one of them is ours: some

    lists hold other kinds of models only.
    """
    ours = {
        route.model: row.label
        for row in catalog.models
        for route in row.routes
        if route.engine == name
    }
    known = sorted((listed.ids or frozenset()) & ours.keys())
    missing = [label for id, label in ours.items() if id not in known]
    said = f"{engine.label} takes the key"
    if not known:
        said += "; which models answer it does not list."
    elif missing:
        said += f" and lists {len(known)} of {len(ours)} models: not {', '.join(missing)}."
    else:
        said += f" and lists all {len(ours)} models it is asked for."
    return Heard(
        engine=name,
        label=engine.label,
        at=time.time(),
        works=True,
        sentence=f"{said} {listed.note}".strip(),
        ids=tuple(known) or None,
    )


def refused(name: str, engine: Engine, exc: BridgeError) -> Heard:
    """Unsupported: nobody could be asked, which says nothing against the key."""
    works = None if isinstance(exc, Unsupported) else False
    said = exc.sentence
    return Heard(engine=name, label=engine.label, at=time.time(), works=works, sentence=said)


def standing_of(model: Model, answers: Answers) -> Literal["", "yes", "no"]:
    """ "yes" or "no" as its provider said last, by the route it would be asked; "" = not known."""
    route = model.routes[0]
    said = answers.get(route.engine)
    if said is None or said.ids is None:
        return ""
    return "yes" if route.model in said.ids else "no"


class LiveFile:
    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def read(self) -> Answers:
        """Empty when nobody was asked yet, or the file is damaged: then ask again."""
        try:
            rows = TypeAdapter(tuple[Heard, ...]).validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            return {}
        return {row.engine: row for row in rows}

    def keep(self, fresh: Iterable[Heard]) -> Answers:
        """Over what others said before. HomeTrouble when it cannot be written."""
        answers = {**self.read(), **{row.engine: row for row in fresh}}
        text = TypeAdapter(tuple[Heard, ...]).dump_json(tuple(answers.values())).decode()
        try:
            write_private(self._path, text)
        except OSError as exc:
            raise HomeTrouble(f"{self._path} cannot be written; free some room.") from exc
        return answers
