"""What is revised in a document, and the layers that come of it: noted, read, placed, kept.

With sight.py (reading) and marks.py (annotations) the only file that touches a document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import marks
from .calls import App, Document, Node, Selection
from .chosen import active_layer, bounds, inside, is_clear
from .filmed import Filmed
from .kept import Box, Protection, Recipe, Reference
from .sight import Obstacle, Parts, Sight, area_of
from .stored import BYTES, CHANNELS, DEPTHS, MODELS
from .target import Arrived, Placed, Target
from .tree import MASKS, by_id

TRIES = 40  # looks whether Krita has made a new layer the active one


class Canvas:
    """later: calls when Krita has done what it queued, such as making a new layer active."""

    def __init__(
        self,
        app: App,
        sight: Sight,
        later: Callable[[Callable[[], Any]], Any],
    ) -> None:
        self.app = app
        self.sight = sight
        self.later = later

    # --- noting ------------------------------------------------------------------------------

    def note(self, source: str, *, lasting: bool) -> Target:
        """What would be revised now. lasting: also marks the document, so that it is known again.

        Obstacle when nothing can be.
        """
        document = self.app.activeDocument()
        if document is None:
            raise Obstacle("No picture is open.")
        if document.colorModel() not in MODELS or document.colorDepth() not in DEPTHS:
            raise Obstacle(
                f"This picture is {document.colorModel()} {document.colorDepth()}; "
                "convert it to RGB, grey, CMYK or Lab first."
            )
        node = active_layer(document)
        box, selection = bounds(document), document.selection()
        return Target(
            root=_id(document.rootNode()),
            node=_id(node),
            source=source,
            id=marks.document_id(document, lasting=lasting),
            name=Path(document.fileName()).name or document.name(),
            width=document.width(),
            height=document.height(),
            selection=box,
            coverage=selection.duplicate() if lasting and box and selection else None,
        )

    def recipe(self, target: Target) -> Recipe | None:
        """Of the noted layer, when it is one of ours."""
        document = self._open(target)
        return None if document is None else marks.recipe(document, target.node)

    def note_again(self, recipe: Recipe) -> Target:
        """The active layer's own making, from the document as it is now.

        Obstacle when that no longer fits.
        """
        now = self.note(recipe.source, lasting=True)
        document = self._open(now)
        assert document is not None
        if by_id(document.rootNode(), recipe.node) is None:
            raise Obstacle("The layer that this was made from is gone; revise another one.")
        box, coverage = recipe.selection, None
        if box is not None:
            if box[2] > now.width or box[3] > now.height:
                raise Obstacle("The picture is smaller than it was then; select and revise anew.")
            coverage = self.sight.new_selection()
            coverage.setPixelData(recipe.coverage, *area_of(box))
        return replace(now, node=recipe.node, own=now.node, selection=box, coverage=coverage)

    def front(self) -> str:
        """Unique id of the active document's root; "" when none is open."""
        document = self.app.activeDocument()
        return "" if document is None else _id(document.rootNode())

    def known_id(self) -> str:
        """The active document's name at the bridge; "" when it has none yet."""
        document = self.app.activeDocument()
        return "" if document is None else marks.known_id(document)

    # --- what goes with the wish ---------------------------------------------------------------

    def layers(self) -> list[tuple[str, str]]:
        """Unique id and name of the active document's layers, from the top."""
        document = self.app.activeDocument()
        found: list[tuple[str, str]] = []
        if document is not None:
            _collect_names(document.rootNode(), found)
        return found

    def pinned(self) -> tuple[Reference, ...]:
        document = self.app.activeDocument()
        return () if document is None else marks.pinned(document)

    def pin(self, references: Sequence[Reference]) -> None:
        document = self.app.activeDocument()
        if document is not None:
            marks.pin(document, references)

    def protects(self) -> bool:
        document = self.app.activeDocument()
        return document is not None and marks.protection(document) is not None

    def protect(self) -> None:
        """What is selected, and what was protected before. Obstacle when nothing is selected."""
        document = self.app.activeDocument()
        selected = None if document is None else bounds(document)
        selection = None if document is None else document.selection()
        if document is None or selected is None or selection is None:
            raise Obstacle("Select what no revision may touch, then protect it.")
        chosen, before = selection.duplicate(), self._protection(document)
        if before is not None:
            chosen.add(before)
        box = inside(document, chosen) or selected
        kept = Protection(box, bytes(chosen.pixelData(*area_of(box))))
        marks.protect(document, kept)

    def lift(self) -> None:
        document = self.app.activeDocument()
        if document is not None:
            marks.protect(document, None)

    def show_protected(self) -> None:
        """As the selection, so that it can be seen and changed."""
        document = self.app.activeDocument()
        protection = None if document is None else self._protection(document)
        if document is not None and protection is not None:
            document.setSelection(protection)

    def _protection(self, document: Document) -> Selection | None:
        kept = marks.protection(document)
        if kept is None:
            return None
        selection = self.sight.new_selection()
        selection.setPixelData(kept.coverage, *area_of(kept.box))
        return selection

    # --- reading -----------------------------------------------------------------------------

    def export(self, target: Target, box: Box, references: Sequence[Reference] = ()) -> Parts:
        """The parts of a revision. Obstacle when the source is empty or a reference is gone."""
        document, node = self._found(target)
        parts = Parts([], {})
        own = by_id(document.rootNode(), target.own) if target.own else None
        self.sight.pixels(parts, document, node, target.source, own, box)
        if target.coverage is not None:
            self.sight.mask(parts, "selection", target.coverage, box)
        protection = self._protection(document)
        if protection is not None:
            self.sight.mask(parts, "protect", protection, box)
        self.sight.references(parts, document, references)
        self.sight.profile(parts, document)
        return parts

    def look(self, target: Target, lines: int) -> tuple[list[Any], dict[str, Any] | None]:
        """Lines of the box for a thumbnail, and a sample of its pixels."""
        document, _ = self._found(target)
        self.sight.read_profile(document)
        box = target.box()
        return self.sight.lines(document, box, lines), self.sight.sample(document, box)

    def is_clear(self, target: Target) -> bool:
        """Whether the layer has nothing where it would be revised."""
        _, node = self._found(target)
        return is_clear(node, target.box())

    # --- writing -----------------------------------------------------------------------------

    def ready(self, target: Target) -> bool:
        """Whether a layer may land now: no stroke is being drawn, no tool is open."""
        document, _ = self._found(target)
        if not document.tryBarrierLock():
            return False
        document.unlock()
        return True

    def place(self, target: Target, layers: Sequence[Arrived], beside: Placed | None) -> Placed:
        """One undo step: a layer, or a group of them, directly above the source.

        beside: what of the same result is there already. Active layer and selection stay.
        """
        document, node = self._found(target)
        active = document.activeNode()
        made = [self._made(document, layer) for layer in layers]
        for one, layer in zip(made, layers, strict=True):
            one.setVisible(bool(layer.header["visible"]) and beside is None)
        group = by_id(document.rootNode(), beside.group) if beside and beside.group else None
        if group is not None:
            for one in made:
                group.addChildNode(one, None)
            id = _id(group)
        else:
            id = self._place_new(document, node, target, made, str(layers[0].header["group"]))
        ids = tuple(_id(one) for one in made)
        for made_id, layer in zip(ids, layers, strict=True):
            marks.keep_recipe(document, made_id, _recipe(target, layer.header["recipe"]))
        if active is not None:
            self.later(lambda: self._give_back(document, active, {*ids, id}, TRIES))
        return Placed(ids, id)

    def _give_back(self, document: Document, active: Node, ours: set[str], tries: int) -> None:
        """Krita makes a new layer the active one, sooner or later; then it is the artist's again.

        Only once: whoever chooses our layer after that means it.
        """
        now = document.activeNode()
        while now is not None and now.type().endswith(MASKS):
            now = now.parentNode()
        if now is not None and _id(now) in ours:
            document.setActiveNode(active)
        elif tries:
            self.later(lambda: self._give_back(document, active, ours, tries - 1))

    def _place_new(
        self, document: Document, node: Node, target: Target, made: Sequence[Node], title: str
    ) -> str:
        """The group's unique id, "" when a layer came alone."""
        top = made[0]
        if title:
            top = document.createGroupLayer(title)
            last: Node | None = None
            for one in reversed(made):
                top.addChildNode(one, last)
                last = one
            _show_first(made)
        if target.source == "visible":
            tops = list(document.topLevelNodes())
            document.rootNode().addChildNode(top, tops[-1] if tops else None)
        else:
            own = by_id(document.rootNode(), target.own) if target.own else None
            under = own or node
            (under.parentNode() or document.rootNode()).addChildNode(top, under)
        return _id(top) if title else ""

    def _made(self, document: Document, layer: Arrived) -> Node:
        """Filled before it is added: what is done to a layer afterwards cannot be undone."""
        area = layer.header["area"]
        box = (area["left"], area["top"], area["right"], area["bottom"])
        made = document.createNode(str(layer.header["name"]), "paintlayer")
        made.setPixelData(layer.parts["patch"], *area_of(box))
        edge = self.sight.new_selection()
        edge.setPixelData(layer.parts["mask"], *area_of(box))
        mask = document.createTransparencyMask("edge")
        mask.setSelection(edge)
        made.addChildNode(mask, None)
        return made

    # --- the layers of a result --------------------------------------------------------------

    def show(self, target: Target, ids: Sequence[str], shown: str) -> None:
        """Of the layers of a result, shows this one; none for ""."""
        document, _ = self._found(target)
        for id in ids:
            node = by_id(document.rootNode(), id)
            if node is not None:
                node.setVisible(id == shown)
        document.refreshProjection()

    def keep(self, target: Target, ids: Sequence[str], kept: str) -> None:
        """Leaves this layer; the others go, they stay in the history."""
        document, _ = self._found(target)
        for id in ids:
            node = by_id(document.rootNode(), id)
            if node is not None and id != kept:
                node.remove()
            elif node is not None:
                node.setVisible(True)
        document.refreshProjection()

    def there(self, target: Target, ids: Sequence[str]) -> bool:
        """Whether any of these layers is still in the picture (an undo takes them away)."""
        document = self._open(target)
        return document is not None and any(by_id(document.rootNode(), id) for id in ids)

    def is_open(self, target: Target) -> bool:
        return self._open(target) is not None

    def document_of(self, target: Target) -> Document:
        """Obstacle when it, or the layer that was revised, is gone."""
        return self._found(target)[0]

    def filmed(self) -> tuple[Document, Node, Filmed] | None:
        """The active layer, when it has frames of a film."""
        document = self.app.activeDocument()
        node = document.activeNode() if document else None
        if document is None or node is None:
            return None
        kept = marks.filmed(document, _id(node))
        return (document, node, kept) if kept else None

    def pixel_bytes(self, target: Target) -> int:
        """Of one pixel as the document stores it. Obstacle when it is gone."""
        document = self.document_of(target)
        return CHANNELS[document.colorModel()] * BYTES[document.colorDepth()]

    def file_of(self, target: Target) -> Path | None:
        """None when the picture was never saved, or is closed."""
        document = self._open(target)
        return Path(document.fileName()) if document and document.fileName() else None

    def _open(self, target: Target) -> Document | None:
        for document in self.app.documents():
            if _id(document.rootNode()) == target.root:
                return document
        return None

    def _found(self, target: Target) -> tuple[Document, Node]:
        document = self._open(target)
        if document is None:
            raise Obstacle("The picture was closed; the result waits in its history.")
        node = by_id(document.rootNode(), target.node)
        if node is None:
            raise Obstacle("The layer that was revised is gone; the result waits in the history.")
        return document, node


# --- small things --------------------------------------------------------------------------------


def _id(node: Node) -> str:
    return node.uniqueId().toString()


def _show_first(made: Sequence[Node]) -> None:
    """Of those that may be seen, only the first is."""
    shown = False
    for one in made:
        visible = one.visible() and not shown
        one.setVisible(visible)
        shown = shown or visible


def _collect_names(node: Node, found: list[tuple[str, str]]) -> None:
    for child in reversed(list(node.childNodes())):
        if not child.type().endswith(MASKS):
            found.append((_id(child), child.name()))
            _collect_names(child, found)


def _recipe(target: Target, said: Mapping[str, Any]) -> Recipe:
    box, coverage = target.selection, b""
    if box is not None and target.coverage is not None:
        coverage = bytes(target.coverage.pixelData(*area_of(box)))
    return Recipe(said, target.node, target.source, box, coverage)
