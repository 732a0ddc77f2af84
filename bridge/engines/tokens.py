"""What an answer cost, from the tokens that the provider counted."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.engines.base import Ask


def usd(tokens: Mapping[str, int], ask: Ask) -> float | None:
    """By the row's `usd_per_million`; None when it, or the provider, says too little.

    `tokens`: by kind, such as {"input": 1300, "image": 1120}; {} = not counted.
    """
    prices = ask.facts.get("usd_per_million")
    if not isinstance(prices, dict) or not tokens:
        return None
    spent = 0.0
    for kind, number in tokens.items():
        price = prices.get(kind)
        if not isinstance(price, (int, float)):
            return None
        spent += number * price / 1e6
    return spent
