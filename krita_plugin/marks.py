"""What we keep in the document itself: its name at the bridge, recipes, references, protection."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from .calls import Document
from .filmed import Filmed
from .kept import Protection, Recipe, Reference

DOCUMENT = "redraft/document"
RECIPE = "redraft/recipe/"
PROTECTED = "redraft/protected"
FRAMES = "redraft/frames/"
REFERENCES = "redraft/references"


def known_id(document: Document) -> str:
    """The document's name at the bridge; "" when it has none yet."""
    return bytes(document.annotation(DOCUMENT)).decode("ascii", "replace")


def document_id(document: Document, *, lasting: bool) -> str:
    """lasting: a fresh one is written down, too."""
    known = known_id(document)
    if known:
        return known
    fresh = uuid.uuid4().hex
    if lasting:
        document.setAnnotation(DOCUMENT, "Redraft's name of this picture", fresh.encode())
    return fresh


def recipe(document: Document, node: str) -> Recipe | None:
    """Of the layer with this unique id, when it is one of ours."""
    return Recipe.of(bytes(document.annotation(RECIPE + node)))


def keep_recipe(document: Document, node: str, kept: Recipe) -> None:
    document.setAnnotation(RECIPE + node, "Redraft's recipe of a layer", kept.to_bytes())


def filmed(document: Document, node: str) -> Filmed | None:
    """What the frames of the layer with this unique id are, when it has frames of a film."""
    return Filmed.of(bytes(document.annotation(FRAMES + node)))


def keep_filmed(document: Document, node: str, kept: Filmed) -> None:
    document.setAnnotation(FRAMES + node, "Redraft's note on frames of a film", kept.to_bytes())


def protection(document: Document) -> Protection | None:
    return Protection.of(bytes(document.annotation(PROTECTED)))


def protect(document: Document, kept: Protection | None) -> None:
    """None lifts it."""
    if kept is None:
        document.removeAnnotation(PROTECTED)
    else:
        document.setAnnotation(PROTECTED, "What no revision may touch", kept.to_bytes())


def pinned(document: Document) -> tuple[Reference, ...]:
    return Reference.many_of(bytes(document.annotation(REFERENCES)))


def pin(document: Document, references: Sequence[Reference]) -> None:
    """None of them: nothing stays pinned."""
    if references:
        kept = Reference.many_to_bytes(references)
        document.setAnnotation(REFERENCES, "References of Redraft", kept)
    else:
        document.removeAnnotation(REFERENCES)
