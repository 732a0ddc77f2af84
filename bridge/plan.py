"""What to export and what to send: the context around a selection, fitted to what a model takes.

Context is real pixels of the document wherever it has them. Only where the document ends before
the model's aspect is reached does the box go beyond it, and the picture is padded there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bridge.engines.base import AnySize, Limits, TableSize
from bridge.errors import Unsupported
from bridge.geometry import Affine, Box, Size

MARGIN = 0.25  # of the selection, on each side: what registration needs to hold on to
MIN_MARGIN = 64  # px
MIN_CONTEXT = 512  # px: less than this tells a model nothing of where it is
TIGHT_HELPERS = frozenset({"text"})  # these want the thing itself, as large as it can be
TIGHT_MIN_MARGIN = 16  # px
TIGHT_MIN_CONTEXT = 64  # px
MOST_ENLARGED = 4.0  # model pixels per document pixel: beyond it there is nothing more to see
FULL = "full"  # the tier of a free-size model that spends all it can take
TRIED_MULTIPLES = 4  # by which the longer edge may be less than it could be, to keep the shape
ANISOTROPY = 0.01  # stretch by which one axis may differ rather than pad with invented pixels


@dataclass(frozen=True, slots=True)
class Plan:
    """box: the context in document pixels, may reach beyond the document. send: its size as

    the model gets it. export: the part of `box` that the document has.
    """

    box: Box
    export: Box
    send: Size
    tier: str
    tiles: tuple[Plan, ...] = ()  # what is asked for one by one; `send` is the size of each

    @property
    def to_send(self) -> Affine:
        """From document coordinates to the model's grid."""
        return Affine.between(self.box, self.send)

    @property
    def requests(self) -> int:
        """How often the model is asked for one picture."""
        return len(self.tiles) or 1

    @property
    def scale(self) -> float:
        """Model pixels per document pixel, along the side that has fewer."""
        if self.tiles:
            return min(tile.scale for tile in self.tiles)
        return min(self.send.width / self.box.width, self.send.height / self.box.height)


def make_plan(
    document: Size,
    selection: Box | None,
    limits: Limits,
    tier: str = "",
    within: Box | None = None,
    *,
    helper: str = "",
) -> Plan:
    """Unsupported when the model takes no size near this one, or does not know the tier.

    within: the part of the document whose pixels are at hand; None = all of it. helper: the
    prompt helper chosen; lettering gets a tight box at the full scale of the model.
    """
    whole = within or Box.of(document)
    wanted = whole if selection is None else selection.intersect(whole)
    if wanted.empty:
        raise Unsupported("The selection lies outside the picture; select something inside it.")
    tight = helper in TIGHT_HELPERS and selection is not None
    context = whole if selection is None else _context(wanted, whole, tight=tight)
    return fitted(context, whole, limits, tier, tight=tight)


def fitted(context: Box, whole: Box, limits: Limits, tier: str, *, tight: bool = False) -> Plan:
    """`context` in a size that the model takes, grown by what `whole` has around it."""
    if isinstance(limits.sizes, TableSize):
        box, send, tier = _by_table(context, whole, limits.sizes, tier)
    else:
        _check_name(limits, tier)
        box, send = _by_rule(context, whole, limits.sizes, full=tier == FULL, tight=tight)
    return Plan(box, box.intersect(whole), send, tier)


def other_tiers(limits: Limits, tier: str) -> tuple[str, ...]:
    """The sizes, by name, that could be had instead of `tier`."""
    sizes = limits.sizes
    if isinstance(sizes, TableSize):
        return tuple(name for name in sizes.tiers if name != tier)
    full = (FULL,) if sizes.usual_pixels else ()
    return tuple(name for name in (*full, *limits.qualities) if name != tier)


def _check_name(limits: Limits, tier: str) -> None:
    names = (*other_tiers(limits, ""), "", FULL)
    if tier not in names:
        has = ", ".join(limits.qualities) or "only the one that fits"
        raise Unsupported(f"This model has no size {tier}; it has {has}.")


def _context(selection: Box, whole: Box, *, tight: bool) -> Box:
    least_margin = TIGHT_MIN_MARGIN if tight else MIN_MARGIN
    least = TIGHT_MIN_CONTEXT if tight else MIN_CONTEXT

    def side(length: int) -> int:
        margin = max(math.ceil(length * MARGIN), least_margin)
        return max(length + 2 * margin, least)

    width = min(side(selection.width), whole.width)
    height = min(side(selection.height), whole.height)
    return _widened(selection, Size(width, height), whole)


def _by_table(context: Box, whole: Box, table: TableSize, tier: str) -> tuple[Box, Size, str]:
    """The size that needs the least padding, then the least extra context."""
    tier = tier or table.usual or next(iter(table.tiers))
    if tier not in table.tiers:
        raise Unsupported(f"This model has no size {tier}; it has {', '.join(table.tiers)}.")
    fits = [(_in_shape_of(size, context, whole), size) for size in table.tiers[tier]]

    def cost(fit: tuple[Box, Size]) -> tuple[int, int]:
        box, _ = fit
        return box.size.pixels - box.intersect(whole).size.pixels, box.size.pixels

    box, send = min(fits, key=cost)
    return box, send, tier


def _by_rule(
    context: Box, whole: Box, rule: AnySize, *, full: bool, tight: bool
) -> tuple[Box, Size]:
    long, short = max(context.size.ratio, 1 / context.size.ratio), rule.max_ratio
    if long > short:
        ratio = short if context.width > context.height else 1 / short
        context = at_ratio(context, ratio, whole)
    send = _sized(context, rule, full=full, most_scale=MOST_ENLARGED if tight else 1.0)
    natural = Size(_up(context.width, rule.multiple), _up(context.height, rule.multiple))
    smaller = send.width < context.width or send.height < context.height
    room = natural.width <= whole.width and natural.height <= whole.height
    if not tight and _takes(rule, natural, full=full) and (room or not smaller):
        # No resampling at all: a few more real pixels make up the multiple.
        return _widened(context, natural, whole), natural
    if not _stretches(context.size, send):
        return context, send
    return at_ratio(context, send.ratio, whole), send


def _in_shape_of(send: Size, context: Box, whole: Box) -> Box:
    """`context` grown by real pixels; by invented ones only where it would be stretched visibly."""
    box = at_ratio(context, send.ratio, whole)
    invented = box != box.intersect(whole)
    return context if invented and not _stretches(context.size, send) else box


def _stretches(size: Size, send: Size) -> bool:
    """Whether one axis is visibly more scaled than the other."""
    return abs((send.width / size.width) / (send.height / size.height) - 1) > ANISOTROPY


def _sized(context: Box, rule: AnySize, *, full: bool, most_scale: float) -> Size:
    """The size nearest to `most_scale` times the document's own that the rule allows; its aspect

    nearly kept.
    """
    scale = min(
        most_scale,
        math.sqrt(_most(rule, full=full) / context.size.pixels),
        rule.max_edge / max(context.width, context.height),
    )
    scale = max(
        scale,
        math.sqrt(rule.min_pixels / context.size.pixels),
        rule.min_edge / min(context.width, context.height),
    )
    enlarged = scale > 1 or min(context.width, context.height) * scale < rule.min_edge + 1
    most = _most(rule, full=full)
    if not enlarged:
        return _unstretched(context.size, scale, rule, most)
    width = _up(round(context.width * scale), rule.multiple)
    return _within(width, _up(round(context.height * scale), rule.multiple), rule, most)


def _unstretched(size: Size, scale: float, rule: AnySize, most: int) -> Size:
    """The largest; some multiples less where that would stretch one axis visibly."""
    step, wide = rule.multiple, size.width > size.height
    long, short = (edge * scale for edge in sorted((size.width, size.height), reverse=True))
    tried = [(_down(round(long), step), _down(round(short), step))]
    for less in range(TRIED_MULTIPLES):
        longer = _down(round(long), step) - less * step
        exact = round(longer * short / long)
        tried += [(longer, _up(exact, step)), (longer, _down(exact, step))]
    found = [
        _within(*(edges if wide else edges[::-1]), rule, most)
        for edges in ((max(longer, step), max(shorter, step)) for longer, shorter in tried)
    ]
    return next((send for send in found if not _stretches(size, send)), found[0])


def _within(width: int, height: int, rule: AnySize, most: int) -> Size:
    """The nearest multiples that break no bound: rounding alone can break one."""
    step = rule.multiple
    least, longest = _up(rule.min_edge, step), _down(rule.max_edge, step)
    short = min(max(min(width, height), least), longest)
    long = min(max(width, height, least), longest, _down(int(short * rule.max_ratio), step))
    while short * long > most and long > short:
        long -= step
    while short * long > most and short > least:
        short, long = short - step, long - step
    while short * long < rule.min_pixels and long < longest:
        long += step
        short = max(short, _up(math.ceil(long / rule.max_ratio), step))
    return Size(long, short) if width > height else Size(short, long)


def _takes(rule: AnySize, size: Size, *, full: bool) -> bool:
    """Whether a size of whole multiples is within every bound."""
    short, long = sorted((size.width, size.height))
    return (
        short >= rule.min_edge
        and long <= min(rule.max_edge, short * rule.max_ratio)
        and rule.min_pixels <= size.pixels <= _most(rule, full=full)
    )


def _most(rule: AnySize, *, full: bool) -> int:
    """Pixels."""
    return rule.max_pixels if full or not rule.usual_pixels else rule.usual_pixels


def at_ratio(box: Box, ratio: float, whole: Box) -> Box:
    """`box` made wider or higher until width / height is `ratio`."""
    if box.size.ratio < ratio:
        return _widened(box, Size(round(box.height * ratio), box.height), whole)
    return _widened(box, Size(box.width, round(box.width / ratio)), whole)


def _widened(box: Box, size: Size, whole: Box) -> Box:
    """`box` grown to `size` about its middle, moved back into `whole` as far as that can be."""
    left, right = _span(box.left, box.right, size.width, whole.left, whole.right)
    top, bottom = _span(box.top, box.bottom, size.height, whole.top, whole.bottom)
    return Box(left, top, right, bottom)


def _span(start: int, end: int, length: int, low: int, high: int) -> tuple[int, int]:
    length = max(length, end - start)
    if length >= high - low:
        first = low - (length - (high - low)) // 2
    else:
        first = min(max((start + end - length) // 2, low), high - length)
    return first, first + length


def _up(length: int, multiple: int) -> int:
    return -(-length // multiple) * multiple


def _down(length: int, multiple: int) -> int:
    return length // multiple * multiple
