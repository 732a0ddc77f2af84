"""The same answer laid another way, on the finished layer: through the bridge, for nothing."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from bridge.caller import Caller
from bridge.pixels import Format, Native, unpack
from bridge.wire import Choice, EdgeChoice, LayerHeader, RevisionReply
from tests.compose.truth import picture
from tests.revising import Canvas

SELECTION = np.asarray(cv2.circle(np.zeros((288, 384), np.uint8), (190, 140), 70, 255, -1))
CANVAS = Canvas((picture() * 255).astype(np.uint8), Format("rgb", "u8", False), SELECTION)


def laid(bridge: Caller, revision: str) -> tuple[LayerHeader, Native, Native]:
    """(header, patch (h, w, 4) u8, mask (h, w) u8)."""
    header, parts = bridge.layer(revision, 1)
    info = header.parts[0]
    assert info.format is not None
    patch = unpack(parts["patch"], info.format.format(), info.size())
    return header, patch, np.frombuffer(parts["mask"], np.uint8).reshape(patch.shape[:2])


def again(bridge: Caller, revision: str, **edge: Any) -> RevisionReply:
    path = f"/v1/revisions/{revision}/variants/1/edge"
    answered = bridge.http.post(path, json=EdgeChoice(**edge).model_dump())
    assert answered.status_code == 200
    return RevisionReply.model_validate_json(answered.content)


@pytest.fixture(scope="module")
def revision(shared_bridge: Caller) -> RevisionReply:
    """By an engine that drifts by a known zoom and shift, and paints a disc."""
    choice = Choice(model="drifting", prompt="a red disc")
    plan = shared_bridge.plan(CANVAS.plan(choice))
    started = shared_bridge.revise(*CANVAS.planned(choice, plan))
    *_, last = shared_bridge.follow(started.id)
    return last


def test_the_drift_is_taken_back_and_reported(revision: RevisionReply) -> None:
    assert revision.variants[0].verdict == "trusted"
    assert revision.variants[0].line.startswith("put back from 1.2 % zoom and ")


@pytest.mark.parametrize("wish", ["light", "style", "local"])
def test_the_wish_is_changed_on_the_finished_layer(
    shared_bridge: Caller, revision: RevisionReply, wish: str
) -> None:
    reply = again(shared_bridge, revision.id, wish=wish)
    assert reply.variants[0].wish == wish
    assert reply.usd == revision.usd
    _, _, mask = laid(shared_bridge, revision.id)
    whole = float((mask[SELECTION > 0] > 250).mean())
    assert (whole < 0.5) == (wish == "local")
    assert not mask[SELECTION == 0].any()


def test_the_whole_selection_and_growing_are_switches(
    shared_bridge: Caller, revision: RevisionReply
) -> None:
    again(shared_bridge, revision.id, whole=True, wish="local")
    _, _, mask = laid(shared_bridge, revision.id)
    assert float((mask[SELECTION > 0] > 250).mean()) > 0.9
    again(shared_bridge, revision.id, whole=True, grow_px=12, feather_px=0, wish="local")
    _, _, wide = laid(shared_bridge, revision.id)
    assert wide[140, 190 + 78] == 255
    assert wide[140, 190 + 84] == 0
