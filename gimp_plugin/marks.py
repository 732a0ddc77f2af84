"""What we keep in the picture itself: its name at the bridge, recipes and references."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from .calls import Drawable, Image, Layer, Libgimp
from .kept import Recipe, Reference
from .reel import Origin

DOCUMENT = "redraft-document"
RECIPE = "redraft-recipe"
REFERENCES = "redraft-references"
ORIGIN = "redraft-frames"
FRAME = "redraft-frame"


class Marks:
    def __init__(self, gimp: Libgimp) -> None:
        self.gimp = gimp

    def known_id(self, image: Image) -> str:
        """The picture's name at the bridge; "" when it has none yet."""
        kept = image.get_parasite(DOCUMENT)
        return "" if kept is None else bytes(kept.get_data()).decode("ascii", "replace")

    def document_id(self, image: Image, *, lasting: bool) -> str:
        """lasting: a fresh one is written down, too."""
        known = self.known_id(image)
        if known:
            return known
        fresh = uuid.uuid4().hex
        if lasting and image.is_valid():  # it may have been closed since
            self._keep(image, DOCUMENT, fresh.encode())
        return fresh

    def recipe(self, item: Drawable) -> Recipe | None:
        """Of a layer, when it is one of ours."""
        kept = item.get_parasite(RECIPE)
        return None if kept is None else Recipe.of(bytes(kept.get_data()))

    def keep_recipe(self, layer: Layer, recipe: Recipe) -> None:
        self._keep(layer, RECIPE, recipe.to_bytes())

    def pinned(self, image: Image) -> tuple[Reference, ...]:
        kept = image.get_parasite(REFERENCES)
        return () if kept is None else Reference.many_of(bytes(kept.get_data()))

    def pin(self, image: Image, references: Sequence[Reference]) -> None:
        """None of them: nothing stays pinned."""
        if references:
            self._keep(image, REFERENCES, Reference.many_to_bytes(references))
        elif image.get_parasite(REFERENCES) is not None:
            image.detach_parasite(REFERENCES)

    def origin(self, image: Image) -> Origin | None:
        """Of a picture of a film's frames; None of any other."""
        kept = image.get_parasite(ORIGIN)
        return None if kept is None else Origin.of(bytes(kept.get_data()))

    def keep_origin(self, image: Image, origin: Origin) -> None:
        self._keep(image, ORIGIN, origin.to_bytes())

    def frame(self, layer: Layer) -> tuple[int, int] | None:
        """Its number in the film, and the sum of its pixels as they came; None of any other."""
        kept = layer.get_parasite(FRAME)
        try:
            number, sum = bytes(kept.get_data()).split() if kept else (b"", b"")
            return int(number), int(sum)
        except ValueError:
            return None

    def keep_frame(self, layer: Layer, number: int, sum: int) -> None:
        self._keep(layer, FRAME, f"{number} {sum}".encode())

    def _keep(self, where: Image | Drawable, name: str, data: bytes) -> None:
        persistent = self.gimp.PARASITE_PERSISTENT
        where.attach_parasite(self.gimp.Parasite.new(name, persistent, data))
