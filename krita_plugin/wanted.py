"""What a round is started with, what the report line offers, and what a history is good for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .canvas import Target
from .kept import Reference
from .round import GOOD


@dataclass(frozen=True)
class Offer:
    """The one button of the report line. other: a smaller one beside it, rarely."""

    text: str
    do: Callable[[], Any]
    tip: str = ""
    other: Offer | None = None


@dataclass(frozen=True)
class Wanted:
    """What a round is started with. more: fields of the revision beside its choice."""

    target: Target
    choice: Mapping[str, Any]
    more: Mapping[str, Any]
    references: Sequence[Reference]
    agreed: Mapping[str, Any]


def waiting(revisions: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The newest that has something which never reached the picture."""
    for revision in revisions:
        states = [one["state"] for one in revision["variants"]]
        if "composed" in states or not revision["settled"]:
            return revision
    return None


def fetchable(revisions: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those with a layer that can be placed again."""
    return [
        one for one in revisions if any(variant["state"] in GOOD for variant in one["variants"])
    ]
