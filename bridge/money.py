"""Prices as the artist reads them."""

from __future__ import annotations


def money(usd: float) -> str:
    """ "$0.05", or as many digits as a smaller sum needs: never shown as less than it is."""
    if usd <= 0:
        return "free"
    digits = 2 if usd >= 0.1 or round(usd, 2) == round(usd, 4) else 3
    digits = digits if usd >= 0.001 else 4
    step = 10**-digits
    shown = round(usd, digits)
    return f"${shown if shown >= usd - 1e-9 else shown + step:.{digits}f}"


def spent(usd: float, *, reported: bool) -> str:
    """What something has cost: as its maker reported it, else about what was told before."""
    return money(usd) if reported or usd <= 0 else f"about {money(usd)}"
