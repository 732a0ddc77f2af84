"""The frames of a film in a document: one animated layer, at its place and its pace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .calls import App, Document, Node
from .film import Cut, Film
from .qt import QtCore, QtGui
from .sight import Obstacle
from .tree import MASKS, by_id

BREAKS = ("5.3", "6.")  # versions of Krita that often end while they import frames


def breaks(app: App) -> bool:
    """Whether this Krita would likely end, and take what is not saved with it.

    Seen in 5.3.4 and 6.0.4, with the bare call and a few small frames: the picture that Krita
    opens for a frame is gone before a thread of Krita's has looked at it.
    """
    return app.version().startswith(BREAKS)


def pad(files: Sequence[Path], film: Film, width: int, height: int) -> None:
    """Makes each frame as large as the canvas, in place; on any thread.

    Krita imports frames to the corner, and moves only the one frame that is shown.
    """
    if (film.left, film.top, film.width, film.height) == (0, 0, width, height):
        return
    for path in files:
        frame = QtGui.QImage(str(path))
        at = QtCore.QRect(-film.left, -film.top, width, height)
        if frame.isNull() or not _whole(frame.convertToFormat(_deep(frame)).copy(at), path):
            raise OSError(f"{path.name} could not be made as large as the picture")


def _deep(frame: QtGui.QImage) -> QtGui.QImage.Format:
    """What has room for what is clear around it."""
    formats = QtGui.QImage.Format
    return formats.Format_RGBA64 if frame.depth() > 32 else formats.Format_ARGB32


def _whole(frame: QtGui.QImage, path: Path) -> bool:
    return bool(frame.save(str(path), "PNG"))


def place(
    document: Document, source: str, name: str, files: Sequence[Path], film: Film, cut: Cut
) -> bool:
    """Above the layer with the unique id `source`. files: as large as the canvas.

    Whether the document took the film's pace; one that has an animation keeps its own. Obstacle
    when Krita does not take the frames; nothing has changed then.
    """
    own_pace = not _animated(document.rootNode())
    pace = round(film.rate) if own_pace else document.framesPerSecond()
    step = cut.step if own_pace else max(1, round(pace * cut.step / film.rate))
    document.waitForDone()
    before = {_id(one) for one in document.topLevelNodes()}
    if not document.importAnimation([str(path) for path in files], 0, step):
        raise Obstacle("Krita did not take the frames; nothing was changed. Try once more.")
    made = next(one for one in document.topLevelNodes() if _id(one) not in before)
    made.setName(name)
    _put_above(document, made, source)
    last = len(files) * step - 1
    if own_pace:
        document.setFramesPerSecond(pace)
        document.setFullClipRangeStartTime(0)
        document.setFullClipRangeEndTime(last)
    elif last > document.fullClipRangeEndTime():
        document.setFullClipRangeEndTime(last)
    document.setPlayBackRange(0, last)
    if document.playBackEndTime() < last:  # this Krita takes the second number for a length
        document.setPlayBackRange(0, last + 1)
    document.waitForDone()
    return own_pace


def _put_above(document: Document, made: Node, source: str) -> None:
    """Krita puts it on top of everything; only where that is not above the source it is moved."""
    node = by_id(document.rootNode(), source)
    if node is None:
        return
    parent = node.parentNode()
    tops = [one for one in document.topLevelNodes() if not one.type().endswith(MASKS)]
    ids = [_id(one) for one in tops]
    if _id(node) in ids and ids.index(_id(node)) == ids.index(_id(made)) - 1:
        return
    made.remove()
    (parent or document.rootNode()).addChildNode(made, node)


def _animated(node: Node) -> bool:
    return any(one.animated() or _animated(one) for one in node.childNodes())


def _id(node: Node) -> str:
    return node.uniqueId().toString()
