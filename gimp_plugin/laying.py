"""Layers are made of pixels and find their place among the others."""

from __future__ import annotations

from collections.abc import Sequence

from .calls import Drawable, Image, Layer, Libbabl, Libgegl, Libgimp
from .kept import Recipe
from .marks import Marks
from .sight import COVERAGE
from .target import Arrived, Target
from .tree import children


class Laying:
    def __init__(self, gimp: Libgimp, gegl: Libgegl, babl: Libbabl, marks: Marks) -> None:
        self.gimp, self.gegl, self.babl, self.marks = gimp, gegl, babl, marks

    def made(self, image: Image, target: Target, origin: Layer, arrived: Arrived) -> Layer:
        """Filled before it is inserted, so that inserting it is all that is undone."""
        area = arrived.header["area"]
        width, height = area["right"] - area["left"], area["bottom"] - area["top"]
        made = self.empty(image, str(arrived.header["name"]), width, height)
        self.write(made, self.babl.get_name(made.get_format()), arrived.parts["patch"])
        made.set_offsets(area["left"], area["top"])
        mask = made.create_mask(self.gimp.AddMaskType.WHITE)
        self.write(mask, COVERAGE, arrived.parts["mask"])
        made.add_mask(mask)
        made.set_visible(bool(arrived.header["visible"]))
        recipe = Recipe(
            arrived.header["recipe"],
            str(origin.get_tattoo()),
            target.source,
            target.selection,
            target.coverage,
        )
        self.marks.keep_recipe(made, recipe)
        return made

    def empty(
        self, image: Image, name: str, width: int, height: int, *, alpha: bool = True
    ) -> Layer:
        """In no picture yet, but of its kind."""
        of, gray = self.gimp.ImageType, image.get_base_type() == self.gimp.ImageBaseType.GRAY
        kind = (of.GRAYA_IMAGE if gray else of.RGBA_IMAGE) if alpha else of.RGB_IMAGE
        normal = self.gimp.LayerMode.NORMAL
        made: Layer = self.gimp.Layer.new(image, name, width, height, kind, 100.0, normal)
        return made

    def write(self, drawable: Drawable, form: str, data: bytes) -> None:
        width, height = drawable.get_width(), drawable.get_height()
        buffer = drawable.get_buffer()
        buffer.set(self.gegl.Rectangle.new(0, 0, width, height), form, data)
        buffer.flush()
        drawable.update(0, 0, width, height)

    def insert(
        self,
        image: Image,
        under: Layer,
        target: Target,
        title: str,
        made: Sequence[Layer],
        there: Layer | None,
    ) -> str:
        """Directly above `under`. there: the group of the same result that is there already.

        The id of the group that they lie in, "" for none.
        """
        if there is not None:
            for number, one in enumerate(made, len(children(there))):
                image.insert_layer(one, there, number)
            return str(there.get_id())
        if target.source == "visible":
            under = children(image)[0]
        if not title:
            image.insert_layer(made[0], under.get_parent(), image.get_item_position(under))
            return ""
        shown = False
        for one in made:
            one.set_visible(one.get_visible() and not shown)
            shown = shown or one.get_visible()
        return self.group(image, under, title, made)

    def group(self, image: Image, under: Layer, title: str, made: Sequence[Layer]) -> str:
        """A new group directly above `under`, of what is made, from the top. Its id."""
        group = self.gimp.GroupLayer.new(image, title)
        image.insert_layer(group, under.get_parent(), image.get_item_position(under))
        for number, one in enumerate(made):
            image.insert_layer(one, group, number)
        return str(group.get_id())

    def select(self, image: Image, layers: Sequence[Layer], channels: Sequence[Drawable]) -> None:
        """As the artist had it: GIMP selects what is new."""
        if channels:
            image.set_selected_channels(channels)
        else:
            image.set_selected_layers(layers)
