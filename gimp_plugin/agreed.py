"""The second click: what goes where, and what it costs, is read before it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Agreed:
    """Holds the last plan that was to be read. A yes is good for one press, and for that plan."""

    def __init__(self) -> None:
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
        return agreed
