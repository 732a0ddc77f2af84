"""What is active and what is selected: the layer that a revision starts from, and where."""

from __future__ import annotations

from .calls import Document, Node, Selection
from .kept import Box
from .sight import Obstacle
from .stored import BYTES, CHANNELS, transparent
from .tree import MASKS, is_seen

STRIP = 64  # rows that are looked at in one go


def active_layer(document: Document) -> Node:
    """The active layer; of a mask, the layer it belongs to. Obstacle when it cannot be revised."""
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


def bounds(document: Document) -> Box | None:
    """The selection inside the picture; None when nothing is selected."""
    selection = document.selection()
    if selection is None or not selection.width() or not selection.height():
        return None
    box = inside(document, selection)
    if box is None:
        raise Obstacle("The selection lies outside the picture; select something inside it.")
    return box


def inside(document: Document, selection: Selection) -> Box | None:
    left, top = max(selection.x(), 0), max(selection.y(), 0)
    right = min(selection.x() + selection.width(), document.width())
    bottom = min(selection.y() + selection.height(), document.height())
    return (left, top, right, bottom) if right > left and bottom > top else None


def is_clear(node: Node, box: Box) -> bool:
    """Whether a paint layer has nothing in `box`; ends at the first strip that has something."""
    model, depth = node.colorModel(), node.colorDepth()
    if node.type() != "paintlayer" or model not in CHANNELS or depth not in BYTES:
        return False
    drawn = node.bounds()
    left, top = max(box[0], drawn.x()), max(box[1], drawn.y())
    right = min(box[2], drawn.x() + drawn.width())
    bottom = min(box[3], drawn.y() + drawn.height())
    if right <= left or bottom <= top:
        return True
    for y in range(top, bottom, STRIP):
        strip = node.projectionPixelData(left, y, right - left, min(STRIP, bottom - y))
        if transparent(bytes(strip), model, depth) != "all":
            return False
    return True
