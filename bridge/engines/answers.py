"""Reading JSON from outside: nothing has the promised shape until it is looked at."""

from __future__ import annotations

import json
import math
from typing import Any

from bridge.errors import Charged, Nonsense

MOST = 2**53  # of a number that somebody counted; every reader of JSON has it exactly
LONGEST_QUOTE = 160  # characters of a provider's own message that an artist is shown

MOMENTARY = frozenset({401, 403, 408, 425, 429})  # of the key or the moment, not of the address


def nothing_there(status: int) -> bool:
    """Whether what was looked for is not found at its address, and will not be later."""
    return 400 <= status < 500 and status not in MOMENTARY


def json_object(data: bytes, label: str, charged: Charged = "unknown") -> dict[str, Any]:
    """Nonsense when `data` is not a JSON object."""
    found = maybe_json(data)
    if not isinstance(found, dict):
        raise Nonsense(
            f"{label} answered with something unreadable. Ask again later; it may cost again.",
            charged=charged,
        )
    return found


def maybe_json(data: bytes) -> Any:
    """None when `data` is not JSON."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def dig(value: Any, *path: str | int) -> Any:
    """What lies at `path`; None when there is nothing, or anything else on the way."""
    for step in path:
        if isinstance(step, int):
            fits = isinstance(value, list) and -len(value) <= step < len(value)
        else:
            fits = isinstance(value, dict) and step in value
        if not fits:
            return None
        value = value[step]
    return value


def rows(value: Any, *path: str | int) -> list[dict[str, Any]]:
    """The objects in the list at `path`."""
    found = dig(value, *path)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def text(value: Any, *path: str | int) -> str:
    """The string at `path`, else "". Half a character, which JSON can name, is a question mark."""
    found = dig(value, *path)
    return found.encode(errors="replace").decode() if isinstance(found, str) else ""


def count(value: Any, *path: str | int) -> int:
    """The whole number at `path`, else 0."""
    return whole_number(value, *path) or 0


def whole_number(value: Any, *path: str | int) -> int | None:
    """None when there is none at `path`, or one that nobody counts up to."""
    found = dig(value, *path)
    if not isinstance(found, int) or isinstance(found, bool) or abs(found) > MOST:
        return None
    return found


def amount(value: Any, *path: str | int) -> float | None:
    """The number at `path`, of dollars or of hundredths; None when there is none, or no such."""
    found = dig(value, *path)
    if not isinstance(found, int | float) or isinstance(found, bool) or not 0 <= found <= MOST:
        return None
    return float(found)


def seconds(text: str) -> float | None:
    """Of a pause that somebody asks for, such as "1.5"; None when it is written otherwise."""
    try:
        found = float(text) if text.isascii() else math.nan
    except ValueError:
        return None
    return found if 0 <= found <= MOST else None


def quote(message: str) -> str:
    """A provider's own words, on one line and short, without what steers a screen."""
    shown = "".join(letter if letter.isprintable() else " " for letter in message)
    line = " ".join(shown.split()).rstrip(".")
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1] + "…"
