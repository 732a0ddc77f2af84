"""How near the artist looks: at 100 %, every pixel of the picture is one of the screen."""

from __future__ import annotations

from typing import Any

from .calls import App, View
from .kept import Box
from .qt import QtCore


class Nearness:
    def __init__(self, app: App) -> None:
        self.app = app
        self._back: tuple[str, float, Any] | None = None  # the picture, its zoom, its middle

    def toggle(self, box: Box | None) -> None:
        """To 100 % at the middle of `box`; a second time back to where the artist was."""
        document, canvas = self.app.activeDocument(), self._canvas()
        if document is None or canvas is None:
            return
        root, back = document.rootNode().uniqueId().toString(), self._back
        if back and back[0] == root:
            self._back = None
            canvas.setZoomLevel(back[1])
            _center(canvas, back[2])
            return
        seen, middle = canvas.zoomLevel(), _middle(canvas)
        canvas.resetZoom()
        # Krita 5.2 tells its zoom in another unit than it takes it in: what 1 is there is asked.
        self._back = (root, seen / canvas.zoomLevel(), middle)
        if box is not None:
            _center(canvas, QtCore.QPointF((box[0] + box[2]) / 2, (box[1] + box[3]) / 2))

    def _canvas(self) -> View | None:
        window = self.app.activeWindow()
        view = None if window is None else window.activeView()
        return None if view is None else view.canvas()


def _middle(canvas: Any) -> Any:
    """None in Krita 5.2, which has no such call."""
    return canvas.preferredCenter() if hasattr(canvas, "preferredCenter") else None


def _center(canvas: Any, at: Any) -> None:
    if at is not None and hasattr(canvas, "setPreferredCenter"):
        canvas.setPreferredCenter(at)
