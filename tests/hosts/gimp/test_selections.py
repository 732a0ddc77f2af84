"""Selections of every kind."""

from __future__ import annotations

import numpy as np
import pytest

from tests.hosts.gimp.artist import BOX, from_srgb, opened, outside, revise, seen
from tests.hosts.running import Host

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(600)]


@pytest.mark.parametrize(
    "box", [(77, 60, 78, 61), (-20, -10, 30, 25), (140, 100, 200, 150), (0, 0, 160, 120)]
)
def test_selections_of_any_size_and_place_work(console: Host, box: tuple[int, ...]) -> None:
    opened(console, box=box)
    picture = seen(console)
    revise(console)
    after = seen(console)
    inside = np.zeros((120, 160), bool)
    inside[max(box[1], 0) : box[3], max(box[0], 0) : box[2]] = True
    assert np.array_equal(after[~inside], picture[~inside])
    assert not np.array_equal(after[inside], picture[inside])


def test_a_soft_selection_stays_soft(console: Host) -> None:
    opened(console, box=None)
    console.do(
        "rows = bytes(min(255, 4 * x) for y in range(50) for x in range(60))\n"
        f"hand.select(img, {BOX!r}, rows)"
    )
    picture = seen(console)
    revise(console)
    after = seen(console)
    assert np.array_equal(outside(after), outside(picture))
    # GIMP mixes layers in linear light.
    light, before = (from_srgb(one[55, 40:100, :3] / 255) for one in (after, picture))
    whole = np.abs(from_srgb(1 - picture[55, 40:100, :3] / 255) - before).sum(axis=1)
    share = np.abs(light - before).sum(axis=1)[5:50] / np.maximum(whole[5:50], 0.01)
    assert share[:5].mean() < 0.2
    assert share[-5:].mean() > 0.5


def test_a_feathered_selection_ends_where_it_ends(console: Host) -> None:
    opened(console)
    console.do("hand.Gimp.Selection.feather(img, 12)")
    covered = np.frombuffer(
        bytes.fromhex(
            console.do(
                "import base64\nresult = base64.b64decode(hand.coverage(img.get_selection())).hex()"
            )
        ),
        np.uint8,
    ).reshape(120, 160)
    picture = seen(console)
    revise(console)
    after = seen(console)
    assert np.array_equal(after[covered == 0], picture[covered == 0])
    assert np.array_equal(after[55, 70, :3], 255 - picture[55, 70, :3])


def test_without_a_selection_the_whole_layer_is_revised(console: Host) -> None:
    opened(console, box=None)
    picture = seen(console)
    revise(console)
    assert np.array_equal(seen(console)[..., :3], 255 - picture[..., :3])


def test_a_selection_of_several_rotated_parts_is_followed(console: Host) -> None:
    """Two diamonds; between them nothing changes."""
    opened(console, box=None)
    console.do(
        "parts = ((60, 60), (110, 60))\n"
        "hand.Gimp.context_set_antialias(False)\n"
        "hand.Gimp.Selection.none(img)\n"
        "for x, y in parts:\n"
        "    img.select_polygon(hand.Gimp.ChannelOps.ADD,"
        " [x - 18, y, x, y - 18, x + 18, y, x, y + 18])"
    )
    picture = seen(console)
    revise(console)
    after = seen(console)
    rows, columns = np.mgrid[0:120, 0:160]
    near = [abs(columns - x) + abs(rows - 60) < 20 for x in (60, 110)]
    assert np.array_equal(after[~(near[0] | near[1])], picture[~(near[0] | near[1])])
    for x in (60, 110):
        assert np.array_equal(after[60, x, :3], 255 - picture[60, x, :3])
