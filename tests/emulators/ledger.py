"""What a provider charged: the truth against which a promised price is held."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Charge:
    model: str
    usd: float
    when: float  # seconds since the epoch
    request_id: str


@dataclass(slots=True)
class Ledger:
    charges: list[Charge] = field(default_factory=list)

    def charge(self, model: str, usd: float, request_id: str) -> None:
        self.charges.append(Charge(model, usd, time.time(), request_id))

    @property
    def usd(self) -> float:
        return sum(charge.usd for charge in self.charges)
