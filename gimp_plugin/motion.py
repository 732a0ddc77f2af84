"""Frames become layers: of a new picture, or of a group in the one that the film was made of.

Each generator does one frame between two yields, so that its caller can do other things meanwhile;
Obstacle when a frame is unreadable, or the picture is gone.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import BinaryIO
from zlib import crc32

from .calls import Drawable, Image, Layer, Libgimp
from .film import Film
from .laying import Laying
from .png import Frame, Unreadable
from .reel import Origin, Reel
from .target import Obstacle
from .tree import children

GONE = "The picture was closed; the frames wait with the film in its history."
CLOSED = "The picture of the frames was closed; open it again to save its film."
FOREIGN = "The frames are of another version; run “redraft install” again, then restart."
SRGB = "R'G'B' u8"


class Motion:
    def __init__(self, gimp: Libgimp, laying: Laying) -> None:
        self.gimp, self.laying = gimp, laying

    def picture(
        self, reel: Reel, names: Sequence[str], origin: Origin
    ) -> Generator[None, None, Image]:
        """A new picture that nobody sees yet. Its first frame is the lowest layer, as GIMP plays

        and exports them. It knows what it is made of.
        """
        first, marks = _frame(reel, 0), self.laying.marks
        kinds = self.gimp.ImageBaseType.RGB, self.gimp.Precision.U8_NON_LINEAR
        image: Image = self.gimp.Image.new_with_precision(first.width, first.height, *kinds)
        image.undo_disable()
        try:
            if first.profile:
                profile = self.gimp.ColorProfile.new_from_icc_profile(list(first.profile))
                image.set_color_profile(profile)
            for at, name in enumerate(names):
                yield
                frame = _frame(reel, at)
                layer = self.laying.empty(image, name, frame.width, frame.height, alpha=False)
                image.insert_layer(layer, None, 0)
                self.laying.write(layer, self._as_stored(layer), frame.pixels)
                marks.keep_frame(layer, origin.number(at), crc32(frame.pixels))
        except (Obstacle, GeneratorExit):
            image.delete()
            raise
        marks.keep_origin(image, origin)
        image.undo_enable()
        image.clean_all()
        return image

    def layers(
        self, image: Image, film: Film, reel: Reel, names: Sequence[str]
    ) -> Generator[None, None, list[Layer]]:
        """Layers at the film's place, first to last. Not in the picture yet: that is the one step

        which is undone. Only the first can be seen.
        """
        gray = image.get_base_type() == self.gimp.ImageBaseType.GRAY
        made: list[Layer] = []
        try:
            for at, name in enumerate(names):
                yield
                if not image.is_valid():
                    raise Obstacle(GONE)
                frame = _frame(reel, at)
                layer = self.laying.empty(image, name, frame.width, frame.height)
                made.append(layer)
                layer.set_offsets(film.left, film.top)
                layer.set_visible(at == 0)
                self.laying.write(layer, SRGB if gray else self._as_stored(layer), frame.pixels)
        except (Obstacle, GeneratorExit):
            for layer in made if image.is_valid() else ():
                layer.delete()
            raise
        return made

    def painted(self, image: Image, into: BinaryIO) -> Generator[None, None, list[int]]:
        """Of a picture of frames, those that are no longer as they came: their numbers in the film.

        into: RGBA of 8 bits of each, of all of the picture. Only the lowest of a number counts.
        """
        found: list[int] = []
        seen = set()
        for layer in reversed(children(image)):
            yield
            kept = self.laying.marks.frame(layer)
            if not image.is_valid():
                raise Obstacle(CLOSED)
            if kept is None or kept[0] in seen:
                continue
            number, sum = kept
            seen.add(number)
            pixels = self._read(image, layer)
            plain = bytearray(pixels)
            del plain[3::4]
            if crc32(plain) != sum or any(byte < 255 for byte in set(pixels[3::4])):
                _write(into, pixels)
                found.append(number)
        return found

    def _read(self, image: Image, layer: Layer) -> bytes:
        gegl, (_, left, top) = self.laying.gegl, layer.get_offsets()
        rect = gegl.Rectangle.new(-left, -top, image.get_width(), image.get_height())
        form = self._as_stored(layer, "A")
        return bytes(layer.get_buffer().get(rect, 1.0, form, gegl.AbyssPolicy.NONE))

    def _as_stored(self, layer: Drawable, alpha: str = "") -> str:
        """Bytes in the colours and the curve of the layer, whatever its depth: a frame's are."""
        babl, form = self.laying.babl, layer.get_format()
        model = babl.format_get_encoding(form).split()[0].removesuffix("A")
        space = babl.format_get_space(form)
        return babl.get_name(babl.format_with_space(f"{model}{alpha} u8", space))


def _frame(reel: Reel, at: int) -> Frame:
    try:
        return reel.frame(at)
    except Unreadable as exc:
        raise Obstacle(FOREIGN) from exc


def _write(into: BinaryIO, pixels: bytes) -> None:
    try:
        into.write(pixels)
    except OSError as exc:
        raise Obstacle(f"The frames could not be kept: {exc.strerror}; free some room.") from exc
