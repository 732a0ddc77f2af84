"""The second click: what goes where, and what it costs, is read before it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .client import Client

if TYPE_CHECKING:
    from .worker import Courier


class Agreed:
    """Holds the last plan that was to be read. A yes is good for one press, and for that plan."""

    def __init__(self, client: Client, courier: Courier) -> None:
        self.client, self.courier = client, courier
        self._plan: Mapping[str, Any] = {}

    def ask(self, plan: Mapping[str, Any]) -> str:
        """What is to be read; the next press is a yes."""
        self._plan = plan
        where = plan["where"] if plan.get("where_new") else ""
        return " ".join(filter(None, [where, plan.get("confirm", "")]))

    def forget(self) -> None:
        """The artist has chosen something else."""
        self._plan = {}

    def spend(self) -> Mapping[str, Any]:
        """What the artist has read before this press; {} for nothing."""
        agreed, self._plan = self._plan, {}
        if agreed.get("where_new"):
            told = {"home": agreed["home"]}
            self.courier.work(
                lambda: self.client.post("/v1/told", told), lambda _: None, lambda _: None
            )
        return agreed
