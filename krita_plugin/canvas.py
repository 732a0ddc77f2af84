"""The only file that touches a document: notes what is revised, reads it, puts layers over it.

Everything here runs on Krita's main thread, in slices of one box.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .calls import App, Document, Node, Selection
from .stored import DEPTHS, MODELS, Box, Recipe, icc_of, pixel_format, transparent
from .tree import above, collect, is_seen, path_to

DOCUMENT_KEY = "redraft/document"
RECIPE_KEY = "redraft/recipe/"
MASKS = "mask"  # what the types of all masks end with


class Obstacle(Exception):
    """Why this cannot be revised, in a sentence for the artist."""


@dataclass(frozen=True)
class Target:
    """What was revised when the artist pressed the button; good for as long as the job runs."""

    root: str  # unique id of the document's root: names the document among all that are open
    node: str  # unique id of the layer that the result goes above
    source: str  # layer, below or visible
    id: str  # the document as the bridge knows it
    name: str
    width: int
    height: int
    selection: Box | None
    coverage: Selection | None = None  # a copy: the artist may select something else meanwhile
    own: str = ""  # unique id of the layer of ours that is made again, "" for none

    def document(self) -> dict[str, Any]:
        return {"id": self.id, "width": self.width, "height": self.height, "name": self.name}


@dataclass(frozen=True)
class Arrived:
    """A layer from the bridge: the header as it came, and its parts."""

    header: Mapping[str, Any]
    parts: Mapping[str, bytes]


class Canvas:
    """new_selection, new_settings: Krita's own constructors. later: calls when Krita has done

    what it queued, such as making a new layer the active one.
    """

    def __init__(
        self,
        app: App,
        new_selection: Callable[[], Selection],
        new_settings: Callable[[], Any],
        later: Callable[[Callable[[], Any]], Any],
    ) -> None:
        self.app = app
        self.later = later
        self.new_selection = new_selection
        self.new_settings = new_settings
        self._profiles: dict[tuple[str, str], bytes] = {}

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
        node = self._layer(document)
        bounds, selection = _bounds(document), document.selection()
        return Target(
            root=document.rootNode().uniqueId().toString(),
            node=node.uniqueId().toString(),
            source=source,
            id=self._document_id(document, lasting),
            name=Path(document.fileName()).name or document.name(),
            width=document.width(),
            height=document.height(),
            selection=bounds,
            coverage=selection.duplicate() if lasting and bounds and selection else None,
        )

    def recipe(self) -> Recipe | None:
        """Of the active layer, when it is one of ours."""
        document = self.app.activeDocument()
        node = None if document is None else document.activeNode()
        if document is None or node is None:
            return None
        try:
            return Recipe.of(bytes(document.annotation(_recipe_key(node))))
        except (ValueError, KeyError):
            return None

    def note_again(self, recipe: Recipe) -> Target:
        """The active layer's own making, from the document as it is now.

        Obstacle when that no longer fits.
        """
        now = self.note(recipe.source, lasting=True)
        document = self._open(now)
        assert document is not None
        if self._nodes(document, [recipe.node]) == [None]:
            raise Obstacle("The layer that this was made from is gone; revise another one.")
        box, coverage = recipe.selection, None
        if box is not None:
            if box[2] > now.width or box[3] > now.height:
                raise Obstacle("The picture is smaller than it was then; select and revise anew.")
            coverage = self.new_selection()
            coverage.setPixelData(recipe.coverage, box[0], box[1], box[2] - box[0], box[3] - box[1])
        return replace(now, node=recipe.node, own=now.node, selection=box, coverage=coverage)

    def _layer(self, document: Document) -> Node:
        """The active layer; of a mask, the layer it belongs to."""
        node = document.activeNode()
        if node is None:
            raise Obstacle("No layer is active; click the one to revise.")
        while node.type().endswith(MASKS):
            parent = node.parentNode()
            if parent is None:
                raise Obstacle("This mask belongs to no layer; click the layer to revise.")
            node = parent
        if not is_seen(node):
            raise Obstacle(f"The layer “{node.name()}” is hidden; show it first.")
        if node.locked():
            raise Obstacle(f"The layer “{node.name()}” is locked; unlock it first.")
        return node

    def _document_id(self, document: Document, lasting: bool) -> str:
        known = bytes(document.annotation(DOCUMENT_KEY)).decode("ascii", "replace")
        if known:
            return known
        fresh = uuid.uuid4().hex
        if lasting:
            document.setAnnotation(DOCUMENT_KEY, "Redraft's name of this picture", fresh.encode())
        return fresh

    def known_id(self) -> str:
        """The active document's name at the bridge; "" when it has none yet."""
        document = self.app.activeDocument()
        return "" if document is None else bytes(document.annotation(DOCUMENT_KEY)).decode("ascii")

    # --- reading -----------------------------------------------------------------------------

    def export(self, target: Target, box: Box) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
        """The parts of a revision: what each is, and its bytes. Obstacle when it is empty."""
        document, node = self._found(target)
        x, y, width, height = box[0], box[1], box[2] - box[0], box[3] - box[1]
        model, depth = document.colorModel(), document.colorDepth()
        size = {"width": width, "height": height}
        form = {"kind": "pixels", **size, "format": pixel_format(model, depth)}
        parts = {"source": self._source(document, node, target, (x, y, width, height))}
        seen = transparent(parts["source"], model, depth)
        if seen == "all":
            raise Obstacle(f"The layer “{node.name()}” is empty here; choose another source.")
        if seen == "some" and target.source == "layer":
            hidden = [node, *above(document.rootNode(), node)]
            parts["beneath"] = self._composite(document, hidden, (x, y, width, height))
        infos: list[dict[str, Any]] = [
            {"name": name, "bytes": len(part), **form} for name, part in parts.items()
        ]
        if target.coverage is not None:
            mask = parts["selection"] = bytes(target.coverage.pixelData(x, y, width, height))
            infos.append({"name": "selection", "kind": "mask", "bytes": len(mask), **size})
        profile = self._profile(document)
        if profile:
            parts["profile"] = profile
            infos.append({"name": "profile", "kind": "bytes", "bytes": len(profile)})
        return infos, parts

    def _source(
        self, document: Document, node: Node, target: Target, area: tuple[int, int, int, int]
    ) -> bytes:
        if target.source == "visible":
            own = [one for one in self._nodes(document, [target.own]) if one is not None]
            return self._composite(document, own, area)
        if target.source == "below":
            return self._composite(document, above(document.rootNode(), node), area)
        if _space(node) == _space(document):
            return bytes(node.projectionPixelData(*area))
        converted = node.duplicate()
        converted.setColorSpace(*_space(document))
        return bytes(converted.projectionPixelData(*area))

    def _composite(
        self, document: Document, hidden: Sequence[Node], area: tuple[int, int, int, int]
    ) -> bytes:
        """What would be seen if `hidden` were; the document itself stays as it is."""
        if not any(node.visible() for node in hidden):
            return bytes(document.pixelData(*area))
        paths = [path_to(document.rootNode(), node) for node in hidden if node.visible()]
        copy = document.clone()
        copy.setBatchmode(True)
        try:
            for path in paths:
                node = copy.rootNode()
                for index in path:
                    node = node.childNodes()[index]
                node.setVisible(False)
            copy.refreshProjection()
            copy.waitForDone()
            return bytes(copy.pixelData(*area))
        finally:
            copy.close()

    def _profile(self, document: Document) -> bytes:
        """ICC bytes. Krita tells a profile's name only, so a pixel is written out with it."""
        key = (document.colorModel(), document.colorProfile())
        if key not in self._profiles:
            with tempfile.TemporaryDirectory() as folder:
                path = str(Path(folder) / "pixel.tif")
                pixel = self.app.createDocument(1, 1, "", key[0], "U8", key[1], 72.0)
                pixel.setBatchmode(True)
                written = pixel.exportImage(path, self.new_settings())
                pixel.close()
                self._profiles[key] = icc_of(Path(path).read_bytes()) if written else b""
        return self._profiles[key]

    # --- writing -----------------------------------------------------------------------------

    def ready(self, target: Target) -> bool:
        """Whether a layer may land now: no stroke is being drawn, no tool is open."""
        document, _ = self._found(target)
        if not document.tryBarrierLock():
            return False
        document.unlock()
        return True

    def place(self, target: Target, layers: Sequence[Arrived]) -> list[str]:
        """One undo step: a layer, or a group of them, directly above the source.

        Returns the layers' unique ids, in order. Active layer and selection stay.
        """
        document, node = self._found(target)
        active = document.activeNode()
        title = str(layers[0].header["group"])
        made = [self._made(document, layer) for layer in layers]
        if title:
            top = document.createGroupLayer(title)
            shown = False
            for one, layer in zip(made, layers, strict=True):
                one.setVisible(bool(layer.header["visible"]) and not shown)
                shown = shown or bool(layer.header["visible"])
            last: Node | None = None
            for one in reversed(made):
                top.addChildNode(one, last)
                last = one
        else:
            top = made[0]
            top.setVisible(bool(layers[0].header["visible"]))
        self._insert(document, node, top, target)
        ids = [one.uniqueId().toString() for one in made]
        for id, layer in zip(ids, layers, strict=True):
            recipe = _recipe(target, layer.header["recipe"]).to_bytes()
            document.setAnnotation(RECIPE_KEY + id, "Redraft's recipe of a layer", recipe)
        if active is not None:
            self.later(lambda: document.setActiveNode(active))
        return ids

    def _made(self, document: Document, layer: Arrived) -> Node:
        """Filled before it is added: what is done to a layer afterwards cannot be undone."""
        area = layer.header["area"]
        rect = (area["left"], area["top"])
        size = (area["right"] - area["left"], area["bottom"] - area["top"])
        made = document.createNode(str(layer.header["name"]), "paintlayer")
        made.setPixelData(layer.parts["patch"], *rect, *size)
        edge = self.new_selection()
        edge.setPixelData(layer.parts["mask"], *rect, *size)
        mask = document.createTransparencyMask("edge")
        mask.setSelection(edge)
        made.addChildNode(mask, None)
        return made

    def _insert(self, document: Document, node: Node, top: Node, target: Target) -> None:
        if target.source == "visible":
            layers = list(document.topLevelNodes())
            document.rootNode().addChildNode(top, layers[-1] if layers else None)
            return
        (own,) = self._nodes(document, [target.own])
        under = own or node
        parent = under.parentNode() or document.rootNode()
        parent.addChildNode(top, under)

    # --- the layers of a result --------------------------------------------------------------

    def show(self, target: Target, ids: Sequence[str], shown: int | None) -> None:
        """Of the layers of a result, shows the one at `shown`; none for None."""
        document, _ = self._found(target)
        for number, node in enumerate(self._nodes(document, ids)):
            if node is not None:
                node.setVisible(number == shown)
        document.refreshProjection()

    def keep(self, target: Target, ids: Sequence[str], kept: int) -> None:
        """Leaves the layer at `kept`; the others go, they stay in the history."""
        document, _ = self._found(target)
        for number, node in enumerate(self._nodes(document, ids)):
            if node is not None and number != kept:
                node.remove()
            elif node is not None:
                node.setVisible(True)
        document.refreshProjection()

    def there(self, target: Target, ids: Sequence[str]) -> bool:
        """Whether any layer of the result is still in the picture (an undo takes them away)."""
        document = self._open(target)
        return document is not None and any(self._nodes(document, ids))

    def is_open(self, target: Target) -> bool:
        return self._open(target) is not None

    def is_active(self, target: Target) -> bool:
        document = self.app.activeDocument()
        return document is not None and document.rootNode().uniqueId().toString() == target.root

    def _nodes(self, document: Document, ids: Sequence[str]) -> list[Node | None]:
        found: dict[str, Node] = {}
        collect(document.rootNode(), set(ids), found)
        return [found.get(id) for id in ids]

    def _open(self, target: Target) -> Document | None:
        for document in self.app.documents():
            if document.rootNode().uniqueId().toString() == target.root:
                return document
        return None

    def _found(self, target: Target) -> tuple[Document, Node]:
        document = self._open(target)
        if document is None:
            raise Obstacle("The picture was closed; the result waits in its history.")
        (node,) = self._nodes(document, [target.node])
        if node is None:
            raise Obstacle("The layer that was revised is gone; the result waits in the history.")
        return document, node


# --- small things --------------------------------------------------------------------------------


def _space(of: Node | Document) -> tuple[str, str, str]:
    return of.colorModel(), of.colorDepth(), of.colorProfile()


def _bounds(document: Document) -> Box | None:
    """The selection inside the picture; None when nothing is selected."""
    selection = document.selection()
    if selection is None or not selection.width() or not selection.height():
        return None
    left, top = max(selection.x(), 0), max(selection.y(), 0)
    right = min(selection.x() + selection.width(), document.width())
    bottom = min(selection.y() + selection.height(), document.height())
    if right <= left or bottom <= top:
        raise Obstacle("The selection lies outside the picture; select something inside it.")
    return left, top, right, bottom


def _recipe_key(node: Node) -> str:
    return RECIPE_KEY + node.uniqueId().toString()


def _recipe(target: Target, said: Mapping[str, Any]) -> Recipe:
    box, coverage = target.selection, b""
    if box is not None and target.coverage is not None:
        size = (box[2] - box[0], box[3] - box[1])
        coverage = bytes(target.coverage.pixelData(box[0], box[1], *size))
    return Recipe(said, target.node, target.source, box, coverage)
