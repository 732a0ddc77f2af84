"""Other pictures that show what is meant: layers, files, the clipboard, in the picture's space."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gi.repository import Gio, GLib

from .calls import Drawable, Image, Libgimp
from .kept import Box, Reference
from .stored import Stored
from .target import Obstacle

EDGE = 2048  # px: no model is told more by a larger one
Size = dict[str, int]  # width and height, as a part states them


class References:
    """pixels: those of a drawable in a box of the picture it lies in, and how they are stored."""

    def __init__(
        self, gimp: Libgimp, pixels: Callable[[Drawable, Box], tuple[bytes, Stored]]
    ) -> None:
        self.gimp, self.pixels = gimp, pixels

    def read(self, image: Image, reference: Reference) -> tuple[bytes, Stored, Size]:
        """Stored as `image` stores them, with its profile. Obstacle when it is gone."""
        if reference.kind == "layer":
            return self._layer(image, reference)
        if reference.kind == "file":
            return self._picture(image, reference, Path(reference.place))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "clipboard.png"
            path.write_bytes(reference.picture)
            return self._picture(image, reference, path)

    def _layer(self, image: Image, reference: Reference) -> tuple[bytes, Stored, Size]:
        layer = image.get_layer_by_tattoo(int(reference.place))
        if layer is None:
            raise Obstacle(f"The reference “{reference.name}” is gone; take it off the list.")
        _, left, top = layer.get_offsets()
        width, height = layer.get_width(), layer.get_height()
        data, form = self.pixels(layer, (left, top, left + width, top + height))
        return data, form, {"width": width, "height": height}

    def _picture(
        self, image: Image, reference: Reference, path: Path
    ) -> tuple[bytes, Stored, Size]:
        """A picture file, opened out of sight."""
        opened = self._opened(path)
        if opened is None:
            raise Obstacle(
                f"The reference “{reference.name}” cannot be opened; take it off the list."
            )
        try:
            opened.undo_disable()
            self._convert(opened, image)
            width, height = opened.get_width(), opened.get_height()
            seen = self.gimp.Layer.new_from_visible(opened, opened, "seen")
            opened.insert_layer(seen, None, 0)
            data, form = self.pixels(seen, (0, 0, width, height))
            return data, form, {"width": width, "height": height}
        finally:
            opened.delete()

    def _opened(self, path: Path) -> Image | None:
        if not path.is_file():
            return None
        try:
            file = Gio.File.new_for_path(str(path))
            return self.gimp.file_load(self.gimp.RunMode.NONINTERACTIVE, file)
        except GLib.Error:  # no picture, or of a kind that GIMP does not read
            return None

    def _convert(self, opened: Image, like: Image) -> None:
        """Not larger than a model looks at, and stored as `like` is."""
        longest = max(opened.get_width(), opened.get_height())
        if longest > EDGE:
            width = max(1, opened.get_width() * EDGE // longest)
            opened.scale(width, max(1, opened.get_height() * EDGE // longest))
        kind: Any = like.get_base_type()
        if opened.get_base_type() != kind:
            gray = kind == self.gimp.ImageBaseType.GRAY
            (opened.convert_grayscale if gray else opened.convert_rgb)()
        if opened.get_precision() != like.get_precision():
            opened.convert_precision(like.get_precision())
        intent = self.gimp.ColorRenderingIntent.RELATIVE_COLORIMETRIC
        opened.convert_color_profile(like.get_effective_color_profile(), intent, True)
