"""The only file that changes an artist's picture: notes what is revised, puts layers over it.

It, sight.py, which reads, and motion.py, which makes layers of frames, run on the plug-in's main
thread, in slices of one box or one frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from .calls import Drawable, Image, Layer, Libbabl, Libgegl, Libgimp
from .film import Film
from .guard import Guard
from .kept import Box, Recipe, Reference
from .laying import Laying
from .marks import Marks
from .motion import Motion
from .reel import Origin, Reel
from .sight import Sight
from .stored import Stored
from .target import Arrived, Obstacle, Placed, Target
from .tree import every, is_seen, locked

CLOSED = "The picture was closed; the result waits in its history."
GONE = "The layer that was revised is gone; the result waits in the history."


class Canvas:
    """image: the picture that the artist called us for; None before that."""

    def __init__(self, gimp: Libgimp, gegl: Libgegl, babl: Libbabl) -> None:
        self.gimp, self.gegl, self.babl = gimp, gegl, babl
        self.sight = Sight(gimp, gegl, babl)
        self.guard = Guard(gimp, gegl, babl, self.sight)
        self.marks = Marks(gimp)
        self.laying = Laying(gimp, gegl, babl, self.marks)
        self.motion = Motion(gimp, self.laying)
        self.image: Image | None = None

    # --- noting ------------------------------------------------------------------------------

    def note(
        self, source: str, *, lasting: bool, drawables: Sequence[Drawable] | None = None
    ) -> Target:
        """What would be revised now. lasting: also marks the picture, so that it is known again.

        drawables: what a script names; None = what is selected in the picture. Obstacle when
        nothing can be revised.
        """
        image = self.image
        if image is None or not image.is_valid():
            raise Obstacle("No picture is open.")
        if image.get_base_type() == self.gimp.ImageBaseType.INDEXED:
            raise Obstacle("This picture is indexed; choose Image ▸ Mode ▸ RGB first.")
        if image.get_floating_sel() is not None:
            raise Obstacle("A floating selection is open; anchor it first.")
        layer = self._layer(image, drawables)
        bounds = self._bounds(image)
        noted = Target(
            image=image.get_id(),
            node=layer.get_id(),
            source=source,
            id=self.marks.document_id(image, lasting=lasting),
            name=(image.get_name() or "")[:200],
            width=image.get_width(),
            height=image.get_height(),
            selection=bounds,
            coverage=self.sight.coverage(image, bounds) if lasting and bounds else b"",
        )
        if not image.is_valid():  # closed since: then GIMP said nothing of it
            raise Obstacle(CLOSED)
        return noted

    def recipe(self) -> Recipe | None:
        """Of the selected layer, when it is one of ours."""
        if self.image is None or not self.image.is_valid():
            return None
        layers = list(self.image.get_selected_layers() or ())
        return self.marks.recipe(layers[0]) if len(layers) == 1 else None

    def note_again(self, recipe: Recipe, drawables: Sequence[Drawable] | None = None) -> Target:
        """The selected layer's own making, from the picture as it is now.

        Obstacle when that no longer fits.
        """
        now = self.note(recipe.source, lasting=True, drawables=drawables)
        image, _ = self._found(now)
        origin = image.get_layer_by_tattoo(int(recipe.node))
        if origin is None:
            raise Obstacle("The layer that this was made from is gone; revise another one.")
        box = recipe.selection
        if box is not None and (box[2] > now.width or box[3] > now.height):
            raise Obstacle("The picture is smaller than it was then; select and revise anew.")
        return replace(
            now, node=origin.get_id(), own=now.node, selection=box, coverage=recipe.coverage
        )

    def on_top(self, target: Target, layer: str) -> Target:
        """`target` once more, going on from `layer` of ours: it is what the model sees and what

        the next result covers.
        """
        image, _ = self._found(target)
        (shown,) = self._layers(image, [layer])
        if shown is None:
            raise Obstacle("The result is no longer in the picture; put it back first.")
        return replace(target, node=shown.get_id(), source="below", own=0)

    def recipe_of(self, drawables: Sequence[Drawable]) -> Recipe:
        """Of the one layer that a script names. Obstacle when it is none of ours."""
        recipe = self.marks.recipe(drawables[0]) if len(drawables) == 1 else None
        if recipe is None:
            raise Obstacle("This layer was not made by Redraft; name one that was.")
        return recipe

    def _layer(self, image: Image, drawables: Sequence[Drawable] | None) -> Layer:
        """The layer to revise; of a mask, the layer it belongs to."""
        chosen = list((image.get_selected_drawables() if drawables is None else drawables) or ())
        if len(chosen) != 1:
            what = "No layer is selected" if not chosen else "Several layers are selected"
            raise Obstacle(f"{what}; select the one to revise.")
        layer: Any = chosen[0]
        if isinstance(layer, self.gimp.LayerMask):
            layer = self.gimp.Layer.from_mask(layer)
        if isinstance(layer, self.gimp.Channel):
            raise Obstacle(f"“{layer.get_name()}” is a channel; select the layer to revise.")
        if not is_seen(layer):
            raise Obstacle(f"The layer “{layer.get_name()}” is hidden; show it first.")
        held = locked(layer)
        if held is not None:
            raise Obstacle(f"The layer “{held.get_name()}” is locked; unlock it first.")
        found: Layer = layer
        return found

    def _bounds(self, image: Image) -> Box | None:
        """The selection inside the picture; None when nothing is selected."""
        _, selected, left, top, right, bottom = self.gimp.Selection.bounds(image)
        return (left, top, right, bottom) if selected else None

    def front(self) -> str:
        """Of the picture that the artist called us for; "" before that."""
        return "" if self.image is None else str(self.image.get_id())

    def known_id(self) -> str:
        """The picture's name at the bridge; "" when it has none yet."""
        image = self._now()
        return "" if image is None else self.marks.known_id(image)

    def _now(self) -> Image | None:
        """The picture that the artist called us for, while it is open."""
        return self.image if self.image is not None and self.image.is_valid() else None

    # --- what goes with the wish ---------------------------------------------------------------

    def layers_to_choose(self) -> list[tuple[str, str]]:
        """Tattoo and name of the picture's layers, from the top."""
        image = self._now()
        return [] if image is None else [(str(o.get_tattoo()), o.get_name()) for o in every(image)]

    def pinned(self) -> tuple[Reference, ...]:
        image = self._now()
        return () if image is None else self.marks.pinned(image)

    def pin(self, references: Sequence[Reference]) -> None:
        image = self._now()
        if image is not None:
            self.marks.pin(image, references)

    def protects(self) -> bool:
        image = self._now()
        return image is not None and self.guard.of(image) is not None

    def protect(self, what: str) -> None:
        """what: selection, show or lift. Obstacle when it cannot be."""
        image, guard = self._now(), self.guard
        if image is None:
            raise Obstacle("No picture is open.")
        {"selection": guard.add, "show": guard.show, "lift": guard.lift}[what](image)

    # --- reading -----------------------------------------------------------------------------

    def export(
        self, target: Target, box: Box, references: Sequence[Reference] = ()
    ) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
        """The parts of a revision: what each is, and its bytes. Obstacle when it is empty."""
        image, layer = self._found(target)
        own = [one for one in self._layers(image, [str(target.own)]) if one is not None]
        last = image.get_layer_by_tattoo(int(target.last)) if target.last else None
        if target.last and last is None:
            raise Obstacle("The layer that the film ends on is gone; choose another one.")
        guarded = self.guard.of(image)
        return self.sight.export(image, layer, own, target, box, guarded, references, last)

    def thumbnail(self, target: Target, edge: int) -> tuple[bytes, int, int] | None:
        """What is selected of the layer; as Sight.thumbnail."""
        _, layer = self._found(target)
        return self.sight.thumbnail(layer, target.box(), edge)

    def sample(self, target: Target) -> dict[str, Any] | None:
        """As Sight.sample, of what is selected of the layer. Obstacle for unknown pixels."""
        _, layer = self._found(target)
        return self.sight.sample(layer, target.box())

    def is_clear(self, target: Target) -> bool:
        """Whether the layer has nothing where it would be revised."""
        _, layer = self._found(target)
        return self.sight.is_clear(layer, target.box())

    # --- writing -----------------------------------------------------------------------------

    def place(
        self, target: Target, layers: Sequence[Arrived], beside: Placed | None = None
    ) -> Placed:
        """One undo step: a layer, or a group of them, directly above the source.

        beside: what of the same result is there already. Selected layers and channels, and the
        selection, stay.
        """
        image, layer = self._found(target)
        chosen, channels = image.get_selected_layers(), image.get_selected_channels()
        made = [self.laying.made(image, target, layer, one) for one in layers]
        for one in made if beside else ():
            one.set_visible(False)
        image.undo_group_start()
        try:
            title = str(layers[0].header["group"])
            (own,) = self._layers(image, [str(target.own)])
            (there,) = self._layers(image, [beside.group]) if beside else (None,)
            group = self.laying.insert(image, own or layer, target, title, made, there)
            self.laying.select(image, chosen, channels)
        finally:
            image.undo_group_end()
        self.gimp.displays_flush()
        return Placed(tuple(str(one.get_id()) for one in made), group)

    def replace(self, target: Target, old: str, arrived: Arrived) -> str:
        """Another making of one layer of a result, in its place; one undo step. Its id."""
        image, layer = self._found(target)
        (before,) = self._layers(image, [old])
        if before is None:
            raise Obstacle("The result is no longer in the picture; put it back first.")
        chosen, channels = image.get_selected_layers(), image.get_selected_channels()
        chosen = [one for one in chosen if one.get_id() != before.get_id()] or [layer]
        made = self.laying.made(image, target, layer, arrived)
        image.undo_group_start()
        try:
            image.insert_layer(made, before.get_parent(), image.get_item_position(before))
            made.set_visible(before.get_visible())
            image.remove_layer(before)
            self.laying.select(image, chosen, channels)
        finally:
            image.undo_group_end()
        self.gimp.displays_flush()
        return str(made.get_id())

    # --- a film and its frames -----------------------------------------------------------------

    def origin(self) -> Origin | None:
        """Of the picture that the artist called us for, when it is one of a film's frames."""
        image = self._now()
        return None if image is None else self.marks.origin(image)

    def file_of(self, target: Target | None) -> Path | None:
        """Of a picture, None: that the artist called us for; None when it has none yet, or is

        closed.
        """
        image = self._now() if target is None else self._open(target)
        if image is None:
            return None
        file = image.get_file() or image.get_exported_file() or image.get_imported_file()
        path = file.get_path() if file is not None else None
        return Path(path) if path else None

    def pixel_bytes(self, target: Target) -> int:
        """Of a pixel of its layers, with alpha. Obstacle when the picture is gone."""
        _, layer = self._found(target)
        form = Stored.of(self.babl.format_get_encoding(layer.get_format()))
        return replace(form, alpha=True).pixel_bytes if form else 0

    def frames_anew(self, reel: Reel, names: Sequence[str], origin: Origin) -> Iterator[None]:
        """In a new picture, which is shown when all are in it; a step each."""
        image = yield from self.motion.picture(reel, names, origin)
        self.gimp.Display.new(image)
        self.gimp.displays_flush()

    def painted(self, origin: Origin, into: BinaryIO, told: list[bytes]) -> Iterator[None]:
        """Of the picture of frames that the artist called us for, as Motion.painted; a step each.

        told: gets what goes before them. Obstacle when it is closed.
        """
        image = self._now()
        if image is None:
            raise Obstacle(CLOSED)
        size = image.get_width(), image.get_height()
        numbers = yield from self.motion.painted(image, into)
        told.append(origin.header(numbers, *size))

    def frames_above(
        self, target: Target, still: str, title: str, film: Film, reel: Reel, names: Sequence[str]
    ) -> Iterator[None]:
        """In a group directly above the still; steps, the last of which is the one to undo."""
        image, _ = self._found(target)
        made = yield from self.motion.layers(image, film, reel, names)
        under = self._layers(image, [still, str(target.node)])
        found = next((one for one in under if one is not None), next(every(image)))
        chosen, channels = image.get_selected_layers(), image.get_selected_channels()
        image.undo_group_start()
        try:
            self.laying.group(image, found, title, list(reversed(made)))
            self.laying.select(image, chosen, channels)
        finally:
            image.undo_group_end()
        self.gimp.displays_flush()

    # --- the layers of a result --------------------------------------------------------------

    def show(self, target: Target, ids: Sequence[str], shown: str) -> None:
        """Of the layers of a result, shows this one; none for "". No undo step."""
        image, _ = self._found(target)
        image.undo_freeze()
        try:
            for id, layer in zip(ids, self._layers(image, ids), strict=True):
                if layer is not None:
                    layer.set_visible(id == shown)
        finally:
            image.undo_thaw()
        self.gimp.displays_flush()

    def keep(self, target: Target, ids: Sequence[str], kept: str) -> None:
        """Leaves this layer; the others go, they stay in the history. One undo step."""
        image, _ = self._found(target)
        image.undo_group_start()
        try:
            for id, layer in zip(ids, self._layers(image, ids), strict=True):
                if layer is not None and id != kept:
                    image.remove_layer(layer)
                elif layer is not None:
                    layer.set_visible(True)
        finally:
            image.undo_group_end()
        self.gimp.displays_flush()

    def there(self, target: Target, ids: Sequence[str]) -> bool:
        """Whether any layer of the result is still in the picture (an undo takes them away)."""
        image = self._open(target)
        return image is not None and any(self._layers(image, ids))

    def is_open(self, target: Target) -> bool:
        return self._open(target) is not None

    def _layers(self, image: Image, ids: Sequence[str]) -> list[Layer | None]:
        found = {str(layer.get_id()): layer for layer in every(image)}
        return [found.get(id) for id in ids]

    def layers(self, ids: Sequence[str], target: Target) -> list[Layer]:
        """Those of a result that are in the picture, for a script."""
        image, _ = self._found(target)
        return [layer for layer in self._layers(image, ids) if layer is not None]

    def _open(self, target: Target) -> Image | None:
        image: Image | None = self.gimp.Image.get_by_id(target.image)
        return image if image is not None and image.is_valid() else None

    def _found(self, target: Target) -> tuple[Image, Layer]:
        image = self._open(target)
        if image is None:
            raise Obstacle(CLOSED)
        (layer,) = self._layers(image, [str(target.node)])
        if layer is None:
            raise Obstacle(GONE)
        return image, layer
