"""What a round is started with, what a report offers, and what a history is good for.

The same file in every plug-in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .kept import Recipe, Reference
from .target import Target

GOES_ON = ("parent", "parent_variant", "again")
GOOD = ("composed", "delivered")  # states of a variant that has a layer


@dataclass(frozen=True)
class Offer:
    """A button of the report line. other: a second, quieter one beside it."""

    text: str
    do: Callable[[], Any]
    tip: str = ""
    other: Offer | None = None


@dataclass(frozen=True)
class Wanted:
    """What a round is started with. more: fields of the revision beside its choice.

    agreed: the plan, or the like, whose demand for a click the artist has read and clicked on.
    """

    target: Target
    choice: Mapping[str, Any]
    more: Mapping[str, Any]
    references: Sequence[Reference]
    agreed: Mapping[str, Any]


class Says(Protocol):
    """The course of a picture: what is said about it now, and whether it has anything to say."""

    round: Any
    result: Any
    sentence: str
    offer: Offer | None

    def say(self, sentence: str, offer: Offer | None = None) -> None: ...


def offer_again(course: Says, recipe: Recipe | None, again: Offer) -> None:
    """Making a layer of ours again: for as long as nothing else is said, so at every look.

    What is said instead may go, and then it is back. again: its `do` is the same each time.
    """
    idle = course.result is None and course.round is None
    offered = course.offer is not None and course.offer.do == again.do
    wish = str(recipe.said["prompt"]) if recipe else ""
    if recipe and idle:
        free = course.offer is None and not course.sentence
        if free or (offered and course.sentence != wish):
            course.say(wish, again)
    elif offered:
        course.say("")


# --- what is asked of the bridge ------------------------------------------------------------------


def plan_request(
    target: Target, choice: Mapping[str, Any], more: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """more: fields of the revision that would be sent; those that a plan depends on are taken."""
    asked: dict[str, Any] = {"document": target.document(), "choice": dict(choice)}
    asked |= {name: value for name, value in (more or {}).items() if name in GOES_ON}
    if target.selection:
        edges = ("left", "top", "right", "bottom")
        asked["selection"] = dict(zip(edges, target.selection, strict=True))
    return asked


def wants_a_click(plan: Mapping[str, Any], agreed: Mapping[str, Any]) -> bool:
    """Whether the plan says something that the artist has not read and pressed the button on."""
    unread = plan.get("where_new") and agreed.get("home") != plan.get("home")
    unconfirmed = plan.get("confirm") and agreed.get("confirm") != plan.get("confirm")
    return bool(unread or unconfirmed)


def agreement(read: Mapping[str, Any]) -> dict[str, Any]:
    """What the bridge is told that the artist clicked on. read: that plan, {} for none."""
    return {"agreed_home": read["home"], "agreed_usd": read["usd"]} if read else {}


# --- what was revised earlier ---------------------------------------------------------------------


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
