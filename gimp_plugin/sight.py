"""What a model gets to see: pixels in the picture's own precision, bit for bit, with a profile

that says what they mean. Reads pictures, changes none.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from .calls import Drawable, Image, Layer, Libbabl, Libgegl, Libgimp
from .kept import Box, Protection, Reference, common, laid, moved
from .references import References
from .stored import Stored, transparent, with_alpha
from .target import Obstacle, Target
from .tree import above, at, path_to

STRIP = 64  # rows that are looked at in one go
SAMPLE = 256  # px: the longest edge of the pixels by which flaws are named
COVERAGE = "Y u8"  # how much of a pixel is selected, or shown by a mask: not light, so linear


class Sight:
    def __init__(self, gimp: Libgimp, gegl: Libgegl, babl: Libbabl) -> None:
        self.gimp, self.gegl, self.babl = gimp, gegl, babl
        self.references = References(gimp, self.pixels)

    def export(
        self,
        image: Image,
        layer: Layer,
        own: Sequence[Layer],
        target: Target,
        box: Box,
        protection: Protection | None,
        references: Sequence[Reference] = (),
        last: Layer | None = None,
    ) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
        """The parts of a revision: what each is, and its bytes. Obstacle when the source is empty

        or a reference is gone.

        own: layers of ours that are made anew, so that they are left out. last: what a film
        ends on.
        """
        size = {"width": box[2] - box[0], "height": box[3] - box[1]}
        source, form = self._source(image, layer, own, target, box)
        seen = transparent(source, form)
        if seen == "all":
            raise Obstacle(f"The layer “{layer.get_name()}” is empty here; choose another source.")
        parts, forms = {"source": source}, {"source": form}
        if seen == "some" and target.source == "layer":
            hidden = [layer, *above(image, layer)]
            parts["beneath"], forms["beneath"] = self._composite(image, hidden, box)
        if last is not None:
            parts["last_frame"], forms["last_frame"] = self._alone(image, last, box)
        infos: list[dict[str, Any]] = [
            {
                "name": name,
                "kind": "pixels",
                "bytes": len(part),
                **size,
                "format": forms[name].to_json(),
            }
            for name, part in parts.items()
        ]
        if target.selection is not None:
            mask = parts["selection"] = moved(target.coverage, target.selection, box)
            infos.append({"name": "selection", "kind": "mask", "bytes": len(mask), **size})
        guarded = protection.within(box) if protection else b""
        if any(guarded):
            parts["protect"] = guarded
            infos.append({"name": "protect", "kind": "mask", "bytes": len(guarded), **size})
        for number, (data, form, seen_size) in enumerate(
            (self.references.read(image, one) for one in references), 1
        ):
            name = f"reference_{number}"
            parts[name] = data
            described = {"kind": "pixels", "bytes": len(data), **seen_size}
            infos.append({"name": name, **described, "format": form.to_json()})
        profile = parts["profile"] = self._profile(image)
        infos.append({"name": "profile", "kind": "bytes", "bytes": len(profile)})
        return infos, parts

    def coverage(self, image: Image, box: Box) -> bytes:
        """Of the selection, a byte a pixel."""
        return self._read(image.get_selection(), box, COVERAGE)

    def is_clear(self, layer: Drawable, box: Box) -> bool:
        """Whether a layer has nothing in `box`; ends at the first strip that has something."""
        inner = common(box, extent(layer))
        if inner is None:
            return True
        if not layer.has_alpha():
            return False
        left, top, right, bottom = inner
        for y in range(top, bottom, STRIP):
            if any(self._read(layer, (left, y, right, min(y + STRIP, bottom)), "A u8")):
                return False
        return True

    def sample(self, layer: Drawable, box: Box) -> dict[str, Any] | None:
        """Some real pixels from the middle of the box, so that their flaws can be named.

        None where the layer has none.
        """
        width, height = min(SAMPLE, box[2] - box[0]), min(SAMPLE, box[3] - box[1])
        left, top = (box[0] + box[2] - width) // 2, (box[1] + box[3] - height) // 2
        inner = common((left, top, left + width, top + height), extent(layer))
        if inner is None:
            return None
        data, form = self.pixels(layer, inner)
        return {
            "format": form.to_json(),
            "width": inner[2] - inner[0],
            "height": inner[3] - inner[1],
            "pixels": base64.b64encode(data).decode(),
        }

    def thumbnail(self, layer: Layer, box: Box, edge: int) -> tuple[bytes, int, int] | None:
        """The layer within the box, at most `edge` px wide and high: RGBA of 8 bits, width,

        height; None when the layer is not there.
        """
        inner = common(box, extent(layer))
        if inner is None:
            return None
        left, top, _, _ = extent(layer)
        scale = edge / max(inner[2] - inner[0], inner[3] - inner[1])
        x, y = int((inner[0] - left) * scale), int((inner[1] - top) * scale)
        width = max(1, int((inner[2] - inner[0]) * scale))
        height = max(1, int((inner[3] - inner[1]) * scale))
        rect = self.gegl.Rectangle.new(x, y, width, height)
        buffer = layer.get_buffer()
        seen = buffer.get(rect, scale, "R'G'B'A u8", self.gegl.AbyssPolicy.CLAMP)
        return bytes(seen), width, height

    def _source(
        self, image: Image, layer: Layer, own: Sequence[Layer], target: Target, box: Box
    ) -> tuple[bytes, Stored]:
        if target.source == "visible":
            return self._composite(image, own, box)
        if target.source == "below":
            return self._composite(image, above(image, layer), box)
        return self._alone(image, layer, box)

    def _alone(self, image: Image, layer: Layer, box: Box) -> tuple[bytes, Stored]:
        """As it would be seen if nothing else were."""
        if layer.get_mask() is not None and layer.get_apply_mask():
            return self._masked(image, layer, box)
        return self.pixels(layer, box)

    def pixels(self, layer: Drawable, box: Box) -> tuple[bytes, Stored]:
        """As they lie in memory; what is beyond the layer is transparent."""
        form = Stored.of(self.babl.format_get_encoding(layer.get_format()))
        if form is None:
            raise Obstacle("This picture's kind of pixels is not known here; convert it to RGB.")
        inner = common(box, extent(layer))
        if inner is None:
            form = replace(form, alpha=True)
            return bytes(form.pixel_bytes * (box[2] - box[0]) * (box[3] - box[1])), form
        data = self._read(layer, inner, None)
        if inner == box:
            return data, form
        if not form.alpha:
            data, form = with_alpha(data, form), replace(form, alpha=True)
        return laid(data, inner, box, form.pixel_bytes), form

    def _read(self, drawable: Drawable, box: Box, form: str | None) -> bytes:
        left, top, _, _ = extent(drawable)
        rect = self.gegl.Rectangle.new(
            box[0] - left, box[1] - top, box[2] - box[0], box[3] - box[1]
        )
        return bytes(drawable.get_buffer().get(rect, 1.0, form, self.gegl.AbyssPolicy.NONE))

    def _masked(self, image: Image, layer: Layer, box: Box) -> tuple[bytes, Stored]:
        """With its mask applied, on a copy of no more than the box."""
        left, top, _, _ = extent(layer)
        with self._scratch(image, box) as scratch:
            copy = self.gimp.Layer.new_from_drawable(layer, scratch)
            scratch.insert_layer(copy, None, 0)
            copy.resize(box[2] - box[0], box[3] - box[1], left - box[0], top - box[1])
            copy.remove_mask(self.gimp.MaskApplyMode.APPLY)
            copy.set_offsets(0, 0)
            return self.pixels(copy, (0, 0, box[2] - box[0], box[3] - box[1]))

    def _composite(self, image: Image, hidden: Sequence[Layer], box: Box) -> tuple[bytes, Stored]:
        """What would be seen in the box if `hidden` were; the picture itself stays as it is."""
        paths = [path_to(image, layer) for layer in hidden if layer.get_visible()]
        copy = image.duplicate()
        try:
            copy.undo_disable()
            for path in paths:
                at(copy, path).set_visible(False)
            copy.crop(box[2] - box[0], box[3] - box[1], box[0], box[1])
            seen = self.gimp.Layer.new_from_visible(copy, copy, "seen")
            copy.insert_layer(seen, None, 0)
            return self.pixels(seen, (0, 0, box[2] - box[0], box[3] - box[1]))
        finally:
            copy.delete()

    @contextmanager
    def _scratch(self, image: Image, box: Box) -> Iterator[Image]:
        """An empty picture of the box's size that stores pixels as `image` does."""
        made: Image = self.gimp.Image.new_with_precision(
            box[2] - box[0], box[3] - box[1], image.get_base_type(), image.get_precision()
        )
        try:
            made.undo_disable()
            made.set_color_profile(image.get_effective_color_profile())
            yield made
        finally:
            made.delete()

    def _profile(self, image: Image) -> bytes:
        """Of the pixels as they lie in memory: with the curve that the picture's precision has."""
        profile = image.get_effective_color_profile()
        precision = image.get_precision().value_nick
        if precision.endswith("-linear") and not precision.endswith("-non-linear"):
            profile = self.gimp.ColorProfile.new_linear_from_color_profile(profile)
        elif precision.endswith("-perceptual"):
            profile = self.gimp.ColorProfile.new_srgb_trc_from_color_profile(profile)
        if profile is None:
            raise Obstacle(
                "This picture's colour profile has no linear form; "
                "choose a non-linear precision under Image ▸ Precision first."
            )
        return bytes(profile.get_icc_profile())


# --- small things --------------------------------------------------------------------------------


def extent(drawable: Drawable) -> Box:
    """In the picture's coordinates."""
    _, left, top = drawable.get_offsets()
    return left, top, left + drawable.get_width(), top + drawable.get_height()
