"""What we keep in the picture itself: its name at the bridge, recipes and references."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from .calls import Drawable, Image, Layer, Libgimp
from .kept import Recipe, Reference

DOCUMENT = "redraft-document"
RECIPE = "redraft-recipe"
REFERENCES = "redraft-references"


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

    def _keep(self, where: Image | Drawable, name: str, data: bytes) -> None:
        persistent = self.gimp.PARASITE_PERSISTENT
        where.attach_parasite(self.gimp.Parasite.new(name, persistent, data))
