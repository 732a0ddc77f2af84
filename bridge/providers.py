"""Providers as such, beside any revision: do they take the key, and what do they have for it?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.catalog import HERE
from bridge.choose import Chooser
from bridge.engines.base import Engine, Listed
from bridge.errors import BadRequest, BridgeError, KeyWrong, NotFound, Unreachable
from bridge.live import Heard, LiveFile, heard, refused
from bridge.runner import answered

if TYPE_CHECKING:  # the HTTP client is loaded when something is sent
    import httpx

PATIENCE_SECONDS = 30.0  # for one provider; a page waits for this

Named = tuple[str, Engine]  # an engine, and what the catalogue calls it


@dataclass(frozen=True)
class Providers:
    """key_of: the key kept under a name; "" when there is none."""

    chooser: Chooser
    key_of: Callable[[str], str]
    live: LiveFile
    folder: Path
    transport: httpx.AsyncBaseTransport | None = None

    def names(self) -> dict[str, Engine]:
        """Every engine of the catalogue that needs a key, by its name there."""
        found: dict[str, Engine] = {}
        for model in self.chooser.catalog.models:
            for route in model.routes:
                try:
                    engine = self.chooser.engine_of(route.engine)
                except BadRequest:  # not installed: `redraft models` says so
                    continue
                if engine.key_name:
                    found[route.engine] = engine
        return found

    def door_of(self, key: str) -> Named:
        """The engine that is asked about this key, with its name: one that can be, if any.

        NotFound names the keys there are.
        """
        names = self.names()
        using = [(name, engine) for name, engine in names.items() if engine.key_name == key]
        if not using:
            known = ", ".join(sorted({engine.key_name for engine in names.values()}))
            raise NotFound(f"No model uses a key named {key}; there are {known}.")
        return min(using, key=lambda one: not _can_be_asked(one[1]))

    def label_for(self, key: str) -> str:
        """Whose key it is, as the artist calls it."""
        name, engine = self.door_of(key)
        for model in self.chooser.catalog.models:
            if any(route.engine == name for route in model.routes) and model.home != HERE:
                return self.chooser.catalog.home(model.by(name)).label
        return engine.label

    async def test(self, key: str) -> Heard:
        """Of the key that is kept."""
        name, engine = await asyncio.to_thread(self.door_of, key)
        found = await self._ask([(name, engine)])
        await asyncio.to_thread(self.live.keep, found)
        return found[0]

    async def test_this(self, key: str, value: str) -> str:
        """What to say of a key that is not kept yet. KeyWrong when the provider refuses it."""
        name, engine = await asyncio.to_thread(self.door_of, key)
        try:
            listed = await self._listed(engine, lambda: value)
        except KeyWrong:
            raise
        except BridgeError as exc:
            return f"It could not be tested: {exc.sentence}"
        found = heard(name, engine, self.chooser.catalog, listed)
        await asyncio.to_thread(self.live.keep, [found])
        return found.sentence

    async def ask_all(self) -> tuple[Heard, ...]:
        """Each that has a key, all at once; what they say is kept. Engines that ask the same

        address with the same key are answered by one question.
        """
        groups = await asyncio.to_thread(self._with_key)
        found = [
            one for answers in await asyncio.gather(*map(self._ask, groups)) for one in answers
        ]
        await asyncio.to_thread(self.live.keep, found)
        return tuple(found)

    def _with_key(self) -> list[list[Named]]:
        groups: dict[tuple[str, str], list[Named]] = {}
        for name, engine in self.names().items():
            if self.key_of(engine.key_name):
                groups.setdefault((engine.key_name, engine.base), []).append((name, engine))
        return [
            [one for one in group if _can_be_asked(one[1])] or group[:1]
            for group in groups.values()
        ]

    async def _ask(self, group: Sequence[Named]) -> list[Heard]:
        asked = group[0][1]
        try:
            listed = await self._listed(asked, partial(self.key_of, asked.key_name))
        except BridgeError as exc:
            return [refused(name, engine, exc) for name, engine in group]
        catalog = self.chooser.catalog
        return [heard(name, engine, catalog, listed) for name, engine in group]

    async def _listed(self, engine: Engine, key: Callable[[], str]) -> Listed:
        """Unreachable when it does not answer in time."""
        from bridge.engines.send import Door

        door = Door(engine, key=key, folder=self.folder, transport=self.transport)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), door:
                return await answered(engine.live(), door)
        except TimeoutError as exc:
            raise Unreachable(f"{engine.label} did not answer in time. Try again later.") from exc


def _can_be_asked(engine: Engine) -> bool:
    return type(engine).live is not Engine.live
