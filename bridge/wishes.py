"""A chain of wishes: what led to a result, said once more over the untouched picture."""

from __future__ import annotations

import json

from bridge.history import History, RevisionRow
from bridge.title import looks_of
from bridge.wire import Again, Choice

MOST = 40  # links of a chain that are followed
# How a helper's wish reads when it is one of several. {it}: what the artist wrote.
CLAUSES = {
    "remove": "remove {it}",
    "replace": "replace what is selected with {it}",
    "add": "add {it}",
    "light": "change the light: {it}",
    "look": "in this look: {it}",
    "enhance": "improve the detail: {it}",
}
UNSAID = "what is selected"


def said_again(history: History, choice: Choice, parent: str, variant: int, again: Again) -> Choice:
    """The choice with the wishes before it, when it goes on from the original; else as it is."""
    if not parent or again != "original":
        return choice
    before = earlier(history, parent, variant)
    if not (choice.prompt.strip() or choice.helper):
        lines = [", then ".join(before)]
    else:
        looks = looks_of(choice.prompt)
        lines = [", then ".join([*before, _clause(choice, look)]) for look in looks]
    return choice.model_copy(update={"prompt": "\n".join(lines), "helper": "", "how_far": ""})


def passes_of(history: History, parent: str, again: Again) -> int:
    """How often the picture will have gone through a model."""
    if not parent:
        return 1
    kept = history.revision(parent)
    return history.revision(_root(history, kept)).passes if again == "original" else kept.passes + 1


def earlier(history: History, revision: str, variant: int) -> tuple[str, ...]:
    """The wishes that led to this variant, oldest first."""
    found: list[str] = []
    for _ in range(MOST):
        kept = history.revision(revision)
        asked = json.loads(kept.request)
        prompt = history.variant(revision, variant).prompt
        choice = Choice.model_validate(asked["choice"])
        found.append(_clause(choice, prompt))
        if not kept.parent or asked.get("again") == "original":
            break
        revision, variant = kept.parent, int(asked.get("parent_variant", 1))
    return tuple(reversed(found))


def _root(history: History, kept: RevisionRow) -> str:
    for _ in range(MOST):
        if not kept.parent:
            break
        kept = history.revision(kept.parent)
    return kept.id


def _clause(choice: Choice, look: str) -> str:
    if choice.helper == "text":
        old, new = (str(choice.options.get(name, "")).strip() for name in ("old", "new"))
        said = f"change the lettering “{old}” to “{new}”" if old else f"write “{new}”"
        return f"{said} {look}".strip()
    if not choice.helper:
        return look or f"remove {UNSAID}"
    return CLAUSES.get(choice.helper, "{it}").format(it=look or UNSAID)
