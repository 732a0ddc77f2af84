"""Protected areas: what no revision may touch, kept with the picture and saved in it."""

from __future__ import annotations

from .calls import Image, Libbabl, Libgegl, Libgimp
from .kept import Protection
from .sight import COVERAGE, Sight
from .target import Obstacle

KEY = "redraft-protected"


class Guard:
    def __init__(self, gimp: Libgimp, gegl: Libgegl, babl: Libbabl, sight: Sight) -> None:
        self.gimp, self.gegl, self.babl, self.sight = gimp, gegl, babl, sight

    def of(self, image: Image) -> Protection | None:
        kept = image.get_parasite(KEY)
        return None if kept is None else Protection.of(bytes(kept.get_data()))

    def add(self, image: Image) -> None:
        """What is selected, and what was protected before. Obstacle when nothing is selected."""
        _, selected, left, top, right, bottom = self.gimp.Selection.bounds(image)
        if not selected:
            raise Obstacle("Select what no revision may touch, then protect it.")
        box = (left, top, right, bottom)
        made, before = Protection(box, self.sight.coverage(image, box)), self.of(image)
        kept = (made if before is None else before.and_also(made)).to_bytes()
        image.attach_parasite(self.gimp.Parasite.new(KEY, self.gimp.PARASITE_PERSISTENT, kept))

    def lift(self, image: Image) -> None:
        if image.get_parasite(KEY) is not None:
            image.detach_parasite(KEY)

    def show(self, image: Image) -> None:
        """As the selection, so that it can be seen and changed. One undo step."""
        protection = self.of(image)
        if protection is None:
            return
        box = protection.box
        rect = self.gegl.Rectangle.new(box[0], box[1], box[2] - box[0], box[3] - box[1])
        channels, layers = image.get_selected_channels(), image.get_selected_layers()
        image.undo_group_start()
        try:
            black = self.gegl.Color.new("black")
            width, height = image.get_width(), image.get_height()
            made = self.gimp.Channel.new(image, KEY, width, height, 50.0, black)
            image.insert_channel(made, None, 0)
            buffer = made.get_buffer()
            buffer.set(rect, COVERAGE, protection.coverage)
            buffer.flush()
            image.select_item(self.gimp.ChannelOps.REPLACE, made)
            image.remove_channel(made)
            if channels:
                image.set_selected_channels(channels)
            else:
                image.set_selected_layers(layers)
        finally:
            image.undo_group_end()
        self.gimp.displays_flush()
