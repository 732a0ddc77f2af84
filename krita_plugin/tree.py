"""Layers within layers: who is seen, who lies above whom, who is where."""

from __future__ import annotations

from .calls import Node

MASKS = "mask"  # what the types of all masks end with


def is_seen(node: Node) -> bool:
    """Visible itself, and every group it lies in."""
    step: Node | None = node
    while step is not None and step.parentNode() is not None:
        if not step.visible():
            return False
        step = step.parentNode()
    return True


def above(root: Node, node: Node) -> list[Node]:
    """Everything that lies above `node`, in its group and in the groups around it."""
    found: list[Node] = []
    level = root
    for index in path_to(root, node):
        children = list(level.childNodes())
        found += children[index + 1 :]
        level = children[index]
    return found


def anything_beneath(root: Node, node: Node) -> bool:
    """Whether a visible layer lies beneath `node`, in its group or in the groups around it."""
    level = root
    for index in path_to(root, node):
        children = list(level.childNodes())
        if any(one.visible() and not one.type().endswith(MASKS) for one in children[:index]):
            return True
        level = children[index]
    return False


def path_to(root: Node, node: Node) -> list[int]:
    """By which child of which child `node` is reached."""
    wanted = node.uniqueId().toString()
    for index, child in enumerate(root.childNodes()):
        if child.uniqueId().toString() == wanted:
            return [index]
        below = path_to(child, node)
        if below:
            return [index, *below]
    return []


def collect(node: Node, wanted: set[str], found: dict[str, Node]) -> None:
    for child in node.childNodes():
        id = child.uniqueId().toString()
        if id in wanted:
            found[id] = child
        collect(child, wanted, found)


def by_id(root: Node, id: str) -> Node | None:
    """The node with this unique id, however deep it lies."""
    found: dict[str, Node] = {}
    collect(root, {id}, found)
    return found.get(id)
