"""What of the picture becomes the first frame: film models know few sizes and two aspects.

Real pixels come first: the frame grows into the picture around what is wanted. Where the picture
ends before the aspect is reached, it is cropped, or its edges are continued when that would cut
into a selection that shall move, or when the artist says so.
"""

from __future__ import annotations

from bridge.catalog import Model
from bridge.engines.base import Limits, TableSize
from bridge.errors import Unsupported
from bridge.geometry import Box, Size
from bridge.plan import Plan, at_ratio, make_plan
from bridge.tiles import make_tiles
from bridge.wire import Choice, FilmChoice


def plan_of(
    model: Model,
    limits: Limits,
    document: Size,
    selection: Box | None,
    choice: Choice,
    tier: str,
    within: Box | None = None,
) -> Plan:
    """For a picture or for a film, as the model makes."""
    if model.film is None and choice.tiles:
        return make_tiles(document, selection, limits, tier, within)
    if model.film is None:
        return make_plan(document, selection, limits, tier, within, helper=choice.helper)
    whole = within or Box.of(document)
    return make_film_plan(whole, selection, limits, tier, choice.film or FilmChoice())


def make_film_plan(
    whole: Box, selection: Box | None, limits: Limits, tier: str, film: FilmChoice
) -> Plan:
    """whole: the document, or the part of it that is at hand. Unsupported as `make_plan` says."""
    if not isinstance(limits.sizes, TableSize):
        raise Unsupported("This film model names no sizes; correct its row in the catalogue.")
    wanted = whole if selection is None else selection.intersect(whole)
    if wanted.empty:
        raise Unsupported("The selection lies outside the picture; select something inside it.")
    tier = tier or limits.sizes.usual or next(iter(limits.sizes.tiers))
    if tier not in limits.sizes.tiers:
        named = ", ".join(limits.sizes.tiers)
        raise Unsupported(f"This model has no size {tier}; it has {named}.")
    moving = selection is not None and film.cinemagraph
    around = whole if moving else wanted  # what stands still is shown as well
    fits = [
        (_fitted(around, wanted, size, whole, film, moving), size)
        for size in limits.sizes.tiers[tier]
    ]
    box, send = min(fits, key=lambda fit: _lost(around, fit[0], whole))
    return Plan(box, box.intersect(whole), send, tier)


def warnings_of(model: Model, plan: Plan, wanted: Box, choice: Choice) -> tuple[str, ...]:
    """What is cropped and what is invented, and what the model cannot do of what is wished."""
    film, able = choice.film, model.film
    if film is None or able is None:
        return ()
    found = []
    kept = wanted.intersect(plan.box).size.pixels / wanted.size.pixels
    if kept < 0.995:
        found.append(f"{_percent(1 - kept)} of the picture is cropped: {_sides(wanted, plan.box)}.")
    invented = 1 - plan.export.size.pixels / plan.box.size.pixels
    if invented > 0.005:
        found.append(
            f"{_percent(invented)} of the frame is invented beyond the picture's edge; it is cut "
            "off again."
        )
    if not film.audio and able.audio == "always":
        found.append(f"{model.label} always makes sound; it is left out of what is saved.")
    if film.audio and able.audio == "never":
        found.append(f"{model.label} makes no sound.")
    if film.negative and not able.negative:
        found.append(
            f"{model.label} is told in words what not to show; it may show it all the same."
        )
    if film.loop and not able.last_frame:
        found.append(f"{model.label} cannot be told where to end; its end is faded into its start.")
    return tuple(found)


def _fitted(
    around: Box, wanted: Box, size: Size, whole: Box, film: FilmChoice, moving: bool
) -> Box:
    grown = at_ratio(around, size.ratio, whole)
    if whole.contains(grown) or film.fit == "pad":
        return grown
    cropped = _cropped(wanted, size.ratio, whole)
    if film.fit != "crop" and moving and not cropped.contains(wanted):
        return grown
    return cropped


def _cropped(wanted: Box, ratio: float, whole: Box) -> Box:
    """The largest box of this aspect inside `whole`, around the middle of `wanted`."""
    width = min(whole.width, round(whole.height * ratio))
    height = min(whole.height, round(width / ratio))
    left = (wanted.left + wanted.right - width) // 2
    top = (wanted.top + wanted.bottom - height) // 2
    left = min(max(left, whole.left), whole.right - width)
    top = min(max(top, whole.top), whole.bottom - height)
    return Box(left, top, left + width, top + height)


def _lost(wanted: Box, box: Box, whole: Box) -> tuple[float, int]:
    """What is cropped and what is invented count alike; then the least context."""
    cut = 1 - wanted.intersect(box).size.pixels / wanted.size.pixels
    invented = 1 - box.intersect(whole).size.pixels / box.size.pixels
    return cut + invented, box.size.pixels


def _sides(wanted: Box, box: Box) -> str:
    down = box.top > wanted.top or box.bottom < wanted.bottom
    across = box.left > wanted.left or box.right < wanted.right
    return " and ".join(["top and bottom"] * down + ["left and right"] * across)


def _percent(share: float) -> str:
    return f"{max(1, round(100 * share))} %"
