"""An animated layer with empty frames, in a small document out of sight, to be filled there.

No call of Krita makes a frame, and its importer of pictures ends some versions of it. But Krita
opens what it wrote itself: a picture of one pixel with an animated layer, and in that file any
number of frames can be named.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .calls import App, Document
from .sight import Obstacle

KEYS, DEFAULT = ".keyframes.xml", ".defaultpixel"  # what Krita adds to a layer's file name
LIST = """<?xml version="1.0" encoding="UTF-8"?>
<keyframes xmlns="http://www.calligra.org/DTD/keyframes">
 <channel name="content">
{}
 </channel>
</keyframes>
"""
FRAME = (
    '  <keyframe time="{time}" frame="{frame}" color-label="0"><offset type="point" x="0" y="0"/>'
    "</keyframe>"
)


def blank(
    app: App, new_settings: Callable[[], Any], like: Document, times: Sequence[int]
) -> Document:
    """Its one layer is clear, in the space of `like`, with a frame at each of `times`.

    Obstacle when Krita does not write or open it.
    """
    with tempfile.TemporaryDirectory(prefix="redraft-") as folder:
        one, many = Path(folder) / "one.kra", Path(folder) / "many.kra"
        space = (like.colorModel(), like.colorDepth(), like.colorProfile())
        made = app.createDocument(1, 1, "frames", *space, 72.0)
        made.setBatchmode(True)
        made.topLevelNodes()[0].enableAnimation()
        made.waitForDone()
        written = made.exportImage(str(one), new_settings())
        made.close()
        if written:
            _name_frames(one, many, times)
        opened = app.openDocument(str(many)) if written else None
    if opened is None:
        raise Obstacle("Krita did not make room for the frames; nothing was changed.")
    opened.setBatchmode(True)
    return opened


def _name_frames(one: Path, many: Path, times: Sequence[int]) -> None:
    """The file `one` once more, its layer with a frame at each time: as empty as the layer is."""
    with zipfile.ZipFile(one) as read, zipfile.ZipFile(many, "w") as write:
        keys = next(name for name in read.namelist() if name.endswith(KEYS))
        layer = keys.removesuffix(KEYS)
        for name in read.namelist():
            if name != keys:
                write.writestr(name, read.read(name))
        empty, clear = read.read(layer), bytes(len(read.read(layer + DEFAULT)))
        frames = {time: f"{Path(layer).name}.f{time}" for time in times}
        rows = "\n".join(FRAME.format(time=time, frame=name) for time, name in frames.items())
        write.writestr(keys, LIST.format(rows))
        for name in frames.values():
            path = f"{Path(layer).parent.as_posix()}/{name}"
            write.writestr(path, empty)
            write.writestr(path + DEFAULT, clear)
