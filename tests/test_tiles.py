"""A draft painted out in tiles: planned, priced, asked one by one, kept, and joined."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bridge import pieces
from bridge.caller import Caller, call_bridge
from bridge.engines.base import AnySize, Limits, TableSize
from bridge.errors import HomeTrouble, Unsupported
from bridge.estimate import Elsewhere, FinishReply
from bridge.geometry import Box, Size
from bridge.tiles import ENOUGH, MARGIN, MOST, OVERLAP, make_tiles
from bridge.wire import Choice, EdgeChoice, RevisionReply
from tests.conftest import running_bridge, wait_for
from tests.emulators.gemini import GeminiEmulator
from tests.emulators.serve import serve
from tests.revising import Canvas, noise, rectangle

NEGATIVE = Choice(model="known", prompt="the negative")
ONE_MEGAPIXEL = "nano-banana-2-lite"  # takes references, and paints nothing larger
WIDE, TALL = 3300, 1300
SELECTED = (200, 150, 3100, 1150)
TABLE = Limits(sizes=TableSize({"1K": (Size(1344, 768), Size(1024, 1024), Size(768, 1344))}, "1K"))
FREE = Limits(sizes=AnySize(multiple=16, min_edge=256, max_edge=1536, max_pixels=1_500_000))


# --- planned --------------------------------------------------------------------------------------


@pytest.mark.parametrize("limits", [TABLE, FREE], ids=["table", "free"])
@pytest.mark.parametrize(
    "selection", [None, Box(300, 200, 3300, 2600), Box(0, 0, 4000, 700), Box(3000, 100, 3900, 2900)]
)
def test_tiles_cover_what_is_wanted_sharply_and_overlap(
    limits: Limits, selection: Box | None
) -> None:
    whole = Box(0, 0, 4000, 3000)
    plan = make_tiles(whole.size, selection, limits, "")
    assert 1 < plan.requests <= MOST
    assert plan.scale >= ENOUGH
    covered = np.zeros((3000, 4000), np.uint8)
    for tile in plan.tiles:
        assert whole.contains(tile.box)
        assert plan.box.contains(tile.box)
        covered[tile.box.slices(whole)] += 1
    wanted = whole if selection is None else selection.grow(MARGIN).intersect(whole)
    assert covered[wanted.slices(whole)].min() >= 1
    for one in plan.tiles:  # a neighbour shares enough to fade into
        shared = [one.box.intersect(other.box) for other in plan.tiles if other is not one]
        assert max(min(part.width, part.height) for part in shared) >= OVERLAP


def test_one_request_does_where_it_is_sharp_enough() -> None:
    plan = make_tiles(Size(1300, 760), None, TABLE, "")
    assert (plan.tiles, plan.requests) == ((), 1)


def test_what_is_too_large_for_any_number_of_tiles_gets_the_sharpest() -> None:
    plan = make_tiles(Size(16000, 9000), None, TABLE, "")
    assert plan.requests <= MOST
    assert plan.scale > 3.5 * make_tiles(Size(16000, 9000), None, TABLE, "").send.width / 16000


def test_a_selection_outside_the_picture_is_refused() -> None:
    with pytest.raises(Unsupported, match="outside the picture"):
        make_tiles(Size(4000, 3000), Box(5000, 0, 6000, 900), TABLE, "")


# --- kept -----------------------------------------------------------------------------------------


def test_answers_are_kept_as_they_came() -> None:
    found = {0: pieces.Piece("image/png", b"first"), 2: pieces.Piece(why_not="It was refused.")}
    assert pieces.read(pieces.written(found)) == found
    assert pieces.written(found) == pieces.written(dict(reversed(found.items())))
    assert pieces.read(None) == {}
    with pytest.raises(HomeTrouble, match="damaged"):
        pieces.read(b"something else")


# --- asked ----------------------------------------------------------------------------------------


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[GeminiEmulator]:
    emulator = GeminiEmulator()
    with serve(emulator) as url:
        monkeypatch.setenv("REDRAFT_BASE_GEMINI", f"{url}/v1beta")
        monkeypatch.setenv("REDRAFT_KEY_GEMINI", emulator.key)
        yield emulator


@pytest.fixture(scope="module")
def canvas() -> Canvas:
    return Canvas(noise(WIDE, TALL), selection=rectangle(WIDE, TALL, SELECTED))


def drafted(bridge: Caller, canvas: Canvas) -> RevisionReply:
    plan = bridge.plan(canvas.plan(NEGATIVE))
    started = bridge.revise(*canvas.revision(NEGATIVE, plan.box, EdgeChoice(feather_px=0)))
    *_, last = bridge.follow(started.id)
    assert [one.state for one in last.variants] == ["composed"]
    return last


def priced(bridge: Caller, draft: RevisionReply) -> FinishReply:
    return bridge.price_of_finish(draft.id, 1, ONE_MEGAPIXEL)


def asked(bridge: Caller, draft: RevisionReply) -> RevisionReply:
    price = priced(bridge, draft)
    agreed = Elsewhere(model=price.model, max_usd=price.usd, agreed_home=price.home)
    return bridge.finish(draft.id, 1, agreed)


def ended(bridge: Caller, revision: RevisionReply) -> RevisionReply:
    *_, last = bridge.follow(revision.id)
    return last


def again(bridge: Caller, revision: RevisionReply) -> None:
    bridge.http.post(f"/v1/revisions/{revision.id}/variants/1/again").raise_for_status()


def words(google: GeminiEmulator) -> list[str]:
    """Of every request, the prompt."""
    bodies = [json.loads(one.body)["contents"][0]["parts"] for one in google.seen]
    return [" ".join(part["text"] for part in parts if "text" in part) for parts in bodies]


def test_a_large_draft_is_priced_and_painted_out_in_tiles(
    home: Path, google: GeminiEmulator, canvas: Canvas
) -> None:
    with running_bridge(home), call_bridge(home) as bridge:
        draft = drafted(bridge, canvas)
        price = priced(bridge, draft)
        assert price.tiles > 1
        assert price.percent >= 100 * ENOUGH
        assert price.button == f"Finish in {price.tiles} tiles  {price.price}"
        done = ended(bridge, asked(bridge, draft))
        variant = done.variants[0]
        assert (variant.state, variant.verdict) == ("composed", "trusted"), variant.error
        assert f"painted out in {price.tiles} tiles, put back from up to" in variant.line
        assert len(google.seen) == price.tiles
        assert google.ledger.usd <= price.usd + 1e-9
        assert done.usd == pytest.approx(google.ledger.usd, rel=1e-6)
        assert all("a part of a larger picture" in told for told in words(google))
        header, parts = bridge.layer(done.id, 1)
    area = header.area.box()
    mask = np.frombuffer(parts["mask"], np.uint8).reshape(area.height, area.width)
    patch = np.frombuffer(parts["patch"], np.uint8).reshape(area.height, area.width, 4)[..., :3]
    selected = np.asarray(canvas.selection)[area.slices(Box(0, 0, WIDE, TALL))]
    original = canvas.pixels[area.slices(Box(0, 0, WIDE, TALL))]
    assert not mask[selected == 0].any()
    assert (mask[selected > 0] == 255).mean() > 0.99
    # Each tile came zoomed, moved, recoloured, and with a large disc that nobody asked for: around
    # it the draft is found again, grain apart, and in its own colours.
    gap = (patch.astype(float) - (255.0 - original))[selected > 0]
    around = np.abs(gap).mean(-1) < 30
    assert around.mean() > 0.5
    assert np.abs(gap[around].mean(0)).max() < 1.5
    assert len(header.recipe["tiles"]) == price.tiles


def test_before_the_click_it_is_said_what_making_it_sharp_will_cost(
    home: Path, google: GeminiEmulator, canvas: Canvas
) -> None:
    large = Canvas(np.zeros((4000, 6000, 3), np.uint8))
    with running_bridge(home), call_bridge(home) as bridge:
        choice = Choice(model=ONE_MEGAPIXEL, prompt="a forest")
        plan = bridge.plan(large.plan(choice))
        assert plan.percent < 50
        (said,) = [one for one in plan.warnings if "Finish" in one]
        told = (
            r"large for one request. Finish can paint the result out at \d+ % in \d tiles, for \$"
        )
        assert re.search(told, said), said
        assert "Finish" not in " ".join(bridge.plan(canvas.plan(NEGATIVE)).warnings)
        coarse = bridge.plan(canvas.plan(choice))
        assert coarse.percent < 50
        price = bridge.price_of_finish(drafted(bridge, canvas).id, 1)
        assert f"at {price.percent} %, for {price.price}." in " ".join(coarse.warnings)


def test_a_tile_that_is_refused_leaves_the_draft_there(
    home: Path, google: GeminiEmulator, canvas: Canvas
) -> None:
    with running_bridge(home), call_bridge(home) as bridge:
        draft = drafted(bridge, canvas)
        tiles = priced(bridge, draft).tiles
        google.script.then("", "moderation_in")
        variant = ended(bridge, asked(bridge, draft)).variants[0]
        assert (variant.state, variant.verdict) == ("composed", "badged")
        assert (
            f"painted out in {tiles - 1} of {tiles} tiles; the rest shows the draft" in variant.line
        )
        assert len(google.seen) == tiles


def test_a_bridge_that_is_killed_between_tiles_asks_only_for_the_rest(
    home: Path, google: GeminiEmulator, canvas: Canvas
) -> None:
    with running_bridge(home) as process, call_bridge(home) as bridge:
        draft = drafted(bridge, canvas)
        tiles = priced(bridge, draft).tiles
        google.script.then("", "hang")
        revision = asked(bridge, draft)
        wait_for(lambda: len(google.seen) == 2)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with running_bridge(home), call_bridge(home) as bridge:
        # The second was on its way: whether it was paid nobody knows, so the artist is asked.
        assert ended(bridge, revision).variants[0].state == "asking"
        assert len(google.seen) == 2
        again(bridge, revision)
        variant = ended(bridge, revision).variants[0]
        assert variant.state == "composed", variant.error
        assert f"painted out in {tiles} tiles" in variant.line
    assert len(google.seen) == tiles + 1  # the first was not asked for again


def test_stop_keeps_what_came_and_again_goes_on(
    home: Path, google: GeminiEmulator, canvas: Canvas
) -> None:
    with running_bridge(home), call_bridge(home) as bridge:
        draft = drafted(bridge, canvas)
        price = priced(bridge, draft)
        google.script.then(*["slow"] * price.tiles)
        revision = asked(bridge, draft)
        wait_for(lambda: len(google.seen) == 1)
        bridge.cancel(revision.id)
        stopped = ended(bridge, revision).variants[0]
        assert stopped.state == "cancelled"
        assert stopped.usd > 0  # what came before the stop was paid, and is here
        sent = len(google.seen)
        assert sent < price.tiles
        again(bridge, revision)
        done = ended(bridge, revision)
        assert done.variants[0].state == "composed", done.variants[0].error
    assert len(google.seen) == price.tiles
    assert done.usd == pytest.approx(google.ledger.usd, rel=1e-6)


def test_without_a_draft_it_is_one_request(
    home: Path, google: GeminiEmulator, canvas: Canvas
) -> None:
    """As when the recipe of a layer that was painted out in tiles is followed once more."""
    with running_bridge(home), call_bridge(home) as bridge:
        choice = Choice(model=ONE_MEGAPIXEL, prompt="a forest", tiles=True)
        plan = bridge.plan(canvas.plan(choice))
        done = ended(bridge, bridge.revise(*canvas.planned(choice, plan)))
        assert done.variants[0].state == "composed", done.variants[0].error
    assert len(google.seen) == 1
