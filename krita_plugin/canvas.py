"""The only file that touches a document: notes what is revised, reads it, puts layers over it.

Everything here runs on Krita's main thread, in slices of one box.
"""

from __future__ import annotations

import json
import struct
import tempfile
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .calls import App, Document, Node, Selection

DOCUMENT_KEY = "redraft/document"
RECIPE_KEY = "redraft/recipe/"
MODELS = {"RGBA": "rgb", "GRAYA": "gray", "CMYKA": "cmyk", "LABA": "lab"}
DEPTHS = {"U8": "u8", "U16": "u16", "F16": "f16", "F32": "f32"}
CHANNELS = {"RGBA": 4, "GRAYA": 2, "CMYKA": 5, "LABA": 4}
ICC_TAG = 34675  # of TIFF
MASKS = "mask"  # what the types of all masks end with

Box = tuple[int, int, int, int]  # left, top, right, bottom


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
        return Target(
            root=document.rootNode().uniqueId().toString(),
            node=node.uniqueId().toString(),
            source=source,
            id=self._document_id(document, lasting),
            name=Path(document.fileName()).name or document.name(),
            width=document.width(),
            height=document.height(),
            selection=_bounds(document),
        )

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
        if not _seen(node):
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
        parts = {"source": self._source(document, node, target.source, (x, y, width, height))}
        form = _format(document)
        infos: list[dict[str, Any]] = [_pixels("source", parts["source"], width, height, form)]
        transparent = _transparent(parts["source"], document)
        if transparent == "all":
            raise Obstacle(f"The layer “{node.name()}” is empty here; choose another source.")
        if transparent == "some" and target.source == "layer":
            beneath = self._composite(document, node, (x, y, width, height), with_node=False)
            parts["beneath"] = beneath
            infos.append(_pixels("beneath", beneath, width, height, form))
        selection = document.selection()
        if target.selection is not None and selection is not None:
            mask = bytes(selection.pixelData(x, y, width, height))
            parts["selection"] = mask
            kind = {"name": "selection", "kind": "mask", "bytes": len(mask)}
            infos.append({**kind, "width": width, "height": height})
        profile = self._profile(document)
        if profile:
            parts["profile"] = profile
            infos.append({"name": "profile", "kind": "bytes", "bytes": len(profile)})
        return infos, parts

    def _source(
        self, document: Document, node: Node, source: str, area: tuple[int, int, int, int]
    ) -> bytes:
        if source == "visible":
            return bytes(document.pixelData(*area))
        if source == "below":
            return self._composite(document, node, area, with_node=True)
        if _space(node) == _space(document):
            return bytes(node.projectionPixelData(*area))
        converted = node.duplicate()
        converted.setColorSpace(*_space(document))
        return bytes(converted.projectionPixelData(*area))

    def _composite(
        self, document: Document, node: Node, area: tuple[int, int, int, int], *, with_node: bool
    ) -> bytes:
        """What is seen when everything above `node` is hidden, and `node`, too, if wanted."""
        copy = document.clone()
        copy.setBatchmode(True)
        try:
            path = _path(document.rootNode(), node)
            level: Node = copy.rootNode()
            for depth, index in enumerate(path):
                children = list(level.childNodes())
                last = depth == len(path) - 1
                for above in children[index + 1 :]:
                    above.setVisible(False)
                level = children[index]
                if last and not with_node:
                    level.setVisible(False)
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
                self._profiles[key] = _icc_of(Path(path).read_bytes()) if written else b""
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
            above: Node | None = None
            for one in reversed(made):
                top.addChildNode(one, above)
                above = one
        else:
            top = made[0]
            top.setVisible(bool(layers[0].header["visible"]))
        self._insert(document, node, top, target)
        ids = [one.uniqueId().toString() for one in made]
        for id, layer in zip(ids, layers, strict=True):
            recipe = json.dumps(layer.header["recipe"]).encode()
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
        parent = node.parentNode() or document.rootNode()
        parent.addChildNode(top, node)

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
        _collect(document.rootNode(), set(ids), found)
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


def _seen(node: Node) -> bool:
    """Visible itself, and every group it lies in."""
    step: Node | None = node
    while step is not None and step.parentNode() is not None:
        if not step.visible():
            return False
        step = step.parentNode()
    return True


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


def _format(document: Document) -> dict[str, Any]:
    """As Krita stores pixels: integers of RGB blue first, everything with alpha."""
    integer = document.colorDepth().startswith("U")
    return {
        "model": MODELS[document.colorModel()],
        "depth": DEPTHS[document.colorDepth()],
        "alpha": True,
        "order": "bgra" if integer and document.colorModel() == "RGBA" else "rgba",
        "endian": "little",
    }


def _pixels(
    name: str, data: bytes, width: int, height: int, form: Mapping[str, Any]
) -> dict[str, Any]:
    size = {"bytes": len(data), "width": width, "height": height}
    return {"name": name, "kind": "pixels", **size, "format": dict(form)}


def _transparent(data: bytes, document: Document) -> str:
    """Whether "all", "some" or "none" of the pixels are transparent, by their alpha's last byte."""
    size = {"U8": 1, "U16": 2, "F16": 2, "F32": 4}[document.colorDepth()]
    pixel = CHANNELS[document.colorModel()] * size
    highest = data[pixel - 1 :: pixel]
    lowest = data[pixel - size :: pixel]
    opaque = {"U8": 255, "U16": 255, "F16": 0x3C, "F32": 0x3F}[document.colorDepth()]
    if not highest.strip(b"\0") and not lowest.strip(b"\0"):
        return "all"
    return "none" if highest.count(opaque) == len(highest) else "some"


def _path(root: Node, node: Node) -> list[int]:
    """By which child of which child `node` is reached."""
    wanted = node.uniqueId().toString()
    for index, child in enumerate(root.childNodes()):
        if child.uniqueId().toString() == wanted:
            return [index]
        below = _path(child, node)
        if below:
            return [index, *below]
    return []


def _collect(node: Node, wanted: set[str], found: dict[str, Node]) -> None:
    for child in node.childNodes():
        id = child.uniqueId().toString()
        if id in wanted:
            found[id] = child
        _collect(child, wanted, found)


def _icc_of(tiff: bytes) -> bytes:
    """The profile in a TIFF; b"" when it has none."""
    order = "<" if tiff[:2] == b"II" else ">"
    (at,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, at)
    for entry in range(count):
        tag, _, size, offset = struct.unpack_from(f"{order}HHII", tiff, at + 2 + 12 * entry)
        if tag == ICC_TAG:
            return tiff[offset : offset + size]
    return b""
