"""One row of the table: a way to ask, and what the artist reads when it fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.catalog import Model, load
from bridge.engines.base import Ask, Engine
from bridge.errors import Charged
from bridge.geometry import Size
from bridge.price import price
from tests.emulators.emulator import Emulator
from tests.engines.asking import ask_of

SIZE = Size(512, 384)


@dataclass(frozen=True, slots=True)
class Told:
    """What the artist is told: in words, and of the money."""

    sentence: str
    code: str
    charged: Charged = "no"


@dataclass(frozen=True, slots=True)
class Row:
    """told: by trouble, when the provider keeps it up. delivered: troubles that end well."""

    engine: Callable[[], Engine]
    model: str  # a row of the catalogue
    emulator: Callable[[], Emulator] | None = None  # None: it works here and asks nobody
    size: Size = SIZE
    tier: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)  # for ask_of
    told: Mapping[str, Told] = field(default_factory=dict)
    delivered: frozenset[str] = frozenset()
    reports_cost: bool = True
    route: str = ""  # by which the row of the catalogue is asked; "" = its first

    @property
    def known(self) -> Model:
        """The row of the catalogue by this route."""
        row = load().model(self.model)
        return row.by(self.route or row.engine)

    def ask(self, **more: Any) -> Ask:
        """The revision that the row asks for, at the price of the catalogue."""
        asked = ask_of(self.model, **{"size": self.size, "by": self.route, **self.more, **more})
        references = len(asked.references)
        usd = price(
            self.known,
            asked.size,
            self.tier,
            references,
            1,
            seconds=asked.motion.seconds if asked.motion else 1,
        )
        return replace(asked, tier=self.tier, usd=usd)
