"""Layers within layers: who is seen, who lies above whom, who is where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .calls import Image, Item, Layer


def children(of: Image | Layer) -> Sequence[Layer]:
    """From the top; of a layer that is no group, none."""
    if hasattr(of, "get_layers"):
        return list(of.get_layers() or ())  # None: closed since
    return list(of.get_children() or ()) if hasattr(of, "get_children") else []


def every(of: Image | Layer) -> Iterator[Layer]:
    for layer in children(of):
        yield layer
        yield from every(layer)


def is_seen(item: Item) -> bool:
    """Visible itself, and every group it lies in."""
    return all(one.get_visible() for one in _line(item))


def locked(item: Item) -> Item | None:
    """Itself or the group around it that is locked; None when none is."""
    return next((one for one in _line(item) if one.get_lock_content()), None)


def above(image: Image, layer: Layer) -> list[Layer]:
    """Everything that lies above `layer`, in its group and in the groups around it."""
    found: list[Layer] = []
    level: Image | Layer = image
    for index in path_to(image, layer):
        found += children(level)[:index]
        level = children(level)[index]
    return found


def path_to(level: Image | Layer, layer: Layer) -> list[int]:
    """By which child of which child `layer` is reached; [] when it is not there."""
    for index, child in enumerate(children(level)):
        if child.get_id() == layer.get_id():
            return [index]
        below = path_to(child, layer)
        if below:
            return [index, *below]
    return []


def at(level: Image | Layer, path: Sequence[int]) -> Layer:
    found = children(level)[path[0]]
    return at(found, path[1:]) if path[1:] else found


def _line(item: Item) -> Iterator[Item]:
    """The item and the groups around it, outwards."""
    step: Item | None = item
    while step is not None:
        yield step
        step = step.get_parent()
