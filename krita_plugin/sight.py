"""Reading a document: the box that is sent, what lies beneath, references, a look at it.

Everything here runs on Krita's main thread, in slices of one box.
"""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .calls import App, Document, Node, Selection
from .kept import Box, Reference
from .stored import icc_of, pixel_format, transparent
from .tree import above, anything_beneath, by_id, path_to

Area = tuple[int, int, int, int]  # left, top, width, height
SAMPLE = 256  # px: the longest edge of the pixels by which flaws are named
NOTHING = {  # what is said where there is nothing to revise
    "layer": "The layer “{}” is empty here; choose another source.",
    "below": "The layer “{}” is empty here, and so is what lies beneath; revise another place.",
    "visible": "The picture is empty here; revise another place.",
}
REFERENCE_EDGE = 2048  # px: no model is told more by a larger one


class Obstacle(Exception):
    """Why this cannot be revised, in a sentence for the artist."""


@dataclass(frozen=True)
class Parts:
    """Of a revision: what each part is, and its bytes, in the same order."""

    said: list[dict[str, Any]]
    pixels: dict[str, bytes]

    def add(self, name: str, kind: str, part: bytes, **more: Any) -> None:
        self.pixels[name] = part
        self.said.append({"name": name, "kind": kind, "bytes": len(part), **more})


class Sight:
    """new_selection, new_settings: Krita's own constructors."""

    def __init__(
        self, app: App, new_selection: Callable[[], Selection], new_settings: Callable[[], Any]
    ) -> None:
        self.app = app
        self.new_selection = new_selection
        self.new_settings = new_settings
        self._profiles: dict[tuple[str, str], bytes] = {}

    # --- what is sent --------------------------------------------------------------------------

    def source(
        self, document: Document, node: Node, source: str, own: Node | None, area: Area
    ) -> bytes:
        """Pixels as the document stores them. own: a layer that is not to be seen."""
        if source == "visible":
            return self.composite(document, [] if own is None else [own], area)
        if source == "below":
            return self.composite(document, above(document.rootNode(), node), area)
        return _in_space_of(document, node, area)

    def composite(self, document: Document, hidden: Sequence[Node], area: Area) -> bytes:
        """What would be seen if `hidden` were not; the document itself stays as it is."""
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

    def pixels(
        self, parts: Parts, document: Document, node: Node, source: str, own: Node | None, box: Box
    ) -> None:
        """Adds the source, and what is beneath it where it lets that through."""
        area = area_of(box)
        model, depth = document.colorModel(), document.colorDepth()
        form = {
            "width": area[2], "height": area[3], "format": pixel_format(model, depth),
        }  # fmt: skip
        seen = self.source(document, node, source, own, area)
        clear = transparent(seen, model, depth)
        if clear == "all":
            raise Obstacle(NOTHING[source].format(node.name()))
        parts.add("source", "pixels", seen, **form)
        root = document.rootNode()
        if clear == "some" and source == "layer" and anything_beneath(root, node):
            hidden = [node, *above(root, node)]
            parts.add("beneath", "pixels", self.composite(document, hidden, area), **form)

    def mask(self, parts: Parts, name: str, coverage: Selection, box: Box) -> None:
        area = area_of(box)
        mask = bytes(coverage.pixelData(*area))
        if name != "protect" or any(mask):
            parts.add(name, "mask", mask, width=area[2], height=area[3])

    def profile(self, parts: Parts, document: Document) -> None:
        profile = self.read_profile(document)
        if profile:
            parts.add("profile", "bytes", profile)

    def read_profile(self, document: Document) -> bytes:
        """ICC bytes. Krita tells a profile's name only, so a pixel is written out with it; once,

        and before it is needed: that takes longer than reading a box.
        """
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

    def references(self, parts: Parts, document: Document, chosen: Sequence[Reference]) -> None:
        """Each in the document's own space. Obstacle when one is gone."""
        form = pixel_format(document.colorModel(), document.colorDepth())
        for number, reference in enumerate(chosen, 1):
            width, height, pixels = self._reference(document, reference)
            name = f"reference_{number}"
            parts.add(name, "pixels", pixels, width=width, height=height, format=form)

    def _reference(self, document: Document, reference: Reference) -> tuple[int, int, bytes]:
        if reference.kind == "layer":
            node = by_id(document.rootNode(), reference.place)
            if node is None:
                raise Obstacle(f"The reference “{reference.name}” is gone; take it off the list.")
            bounds = node.bounds()
            area = (bounds.x(), bounds.y(), bounds.width(), bounds.height())
            if not area[2] or not area[3]:
                raise Obstacle(f"The reference “{reference.name}” is empty; take it off the list.")
            return area[2], area[3], _in_space_of(document, node, area)
        if reference.kind == "file":
            return self._picture(document, reference, reference.place)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "clipboard.png"
            path.write_bytes(reference.picture)
            return self._picture(document, reference, str(path))

    def _picture(self, like: Document, reference: Reference, path: str) -> tuple[int, int, bytes]:
        """A picture file, opened out of sight."""
        opened = self.app.openDocument(path) if Path(path).is_file() else None
        if opened is None:
            raise Obstacle(
                f"The reference “{reference.name}” cannot be opened; take it off the list."
            )
        opened.setBatchmode(True)
        try:
            longest = max(opened.width(), opened.height())
            if longest > REFERENCE_EDGE:
                width = max(1, opened.width() * REFERENCE_EDGE // longest)
                height = max(1, opened.height() * REFERENCE_EDGE // longest)
                dpi = int(opened.resolution())
                opened.scaleImage(width, height, dpi, dpi, "Bicubic")
            opened.setColorSpace(*_space(like))
            opened.refreshProjection()
            opened.waitForDone()
            size = (opened.width(), opened.height())
            return *size, bytes(opened.pixelData(0, 0, *size))
        finally:
            opened.close()

    # --- a look at it ----------------------------------------------------------------------------

    def sample(self, document: Document, box: Box) -> dict[str, Any] | None:
        """Some real pixels from the middle of the box, so that their flaws can be named.

        None for inks, which mean nothing without their profile.
        """
        if document.colorModel() == "CMYKA":
            return None
        width, height = min(SAMPLE, box[2] - box[0]), min(SAMPLE, box[3] - box[1])
        left, top = (box[0] + box[2] - width) // 2, (box[1] + box[3] - height) // 2
        pixels = bytes(document.pixelData(left, top, width, height))
        return {
            "format": pixel_format(document.colorModel(), document.colorDepth()),
            "width": width,
            "height": height,
            "pixels": base64.b64encode(pixels).decode(),
        }

    def lines(self, document: Document, box: Box, count: int) -> list[Any]:
        """So many lines of pixels spread over the box, as images one pixel high."""
        left, top, right, bottom = box
        heights = (top + (bottom - top) * (2 * at + 1) // (2 * count) for at in range(count))
        return [document.projection(left, y, right - left, 1) for y in heights]


def area_of(box: Box) -> Area:
    return box[0], box[1], box[2] - box[0], box[3] - box[1]


def _in_space_of(document: Document, node: Node, area: Area) -> bytes:
    if _space(node) == _space(document):
        return bytes(node.projectionPixelData(*area))
    converted = node.duplicate()
    converted.setColorSpace(*_space(document))
    return bytes(converted.projectionPixelData(*area))


def _space(of: Node | Document) -> tuple[str, str, str]:
    return of.colorModel(), of.colorDepth(), of.colorProfile()
