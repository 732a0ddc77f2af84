"""Nothing leaves for a home the artist was not told of, nor above the amount they want asked twice.

The plug-ins and the command line ask; this is where the bridge makes sure that somebody did.
"""

from __future__ import annotations

from bridge.catalog import HERE, Home, Model
from bridge.errors import NotAgreed
from bridge.money import money
from bridge.spending import SpendingLimits, confirm_of
from bridge.told import Told
from bridge.wire import RevisionRequest


def check_agreed(
    told: Told,
    limits: SpendingLimits,
    model: Model,
    home: Home,
    usd: float,
    asked: RevisionRequest,
) -> None:
    """NotAgreed, and nothing is sent. usd: of everything. A home that is agreed to is kept as told

    of, so this is asked once for each.
    """
    if confirm_of(limits, usd) and asked.agreed_usd < usd and money(asked.agreed_usd) != money(usd):
        raise NotAgreed(
            f"This costs {money(usd)}, more than ${limits.second_click:.2f}, which you want to be "
            "asked for twice; nothing was sent. Agree to the price, and ask again."
        )
    if model.home != HERE and model.home not in told.homes():
        if asked.agreed_home != model.home:
            raise NotAgreed(
                f"{model.label} would send this to {home.goes_to}, which you have not agreed to; "
                "nothing was sent. Read where it goes, agree, and ask again."
            )
        told.add(model.home)
