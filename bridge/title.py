"""From the artist's words to looks and to names of layers."""

from __future__ import annotations

NAME_LENGTH = 40  # what a layer stack shows without cutting


def looks_of(prompt: str) -> tuple[str, ...]:
    """Several lines are several looks."""
    lines = tuple(line.strip() for line in prompt.splitlines() if line.strip())
    return lines or ("",)


def title_of(prompt: str, fallback: str) -> str:
    """What the artist asked for, short enough for a layer's name."""
    return shortened(looks_of(prompt)[0] or fallback, NAME_LENGTH)


def layer_name(title: str, label: str) -> str:
    """Such as "remove the man · Flux Fill"; the label is never cut."""
    return f"{shortened(title, max(NAME_LENGTH - len(label) - 3, 8))} · {label}"


def shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: max(length - 1, 1)].rstrip() + "…"
