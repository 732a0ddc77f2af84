"""canvas.py is typed against a hand-written Protocol; the real modules must have all of it."""

from __future__ import annotations

import inspect

import pytest

from gimp_plugin import calls
from tests.hosts.running import Host

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(600)]

REAL: dict[type[object], str] = {
    calls.Buffer: "Gegl.Buffer",
    calls.Parasite: "Gimp.Parasite",
    calls.ColorProfile: "Gimp.ColorProfile",
    calls.Item: "Gimp.Item",
    calls.Drawable: "Gimp.Drawable",
    calls.LayerMask: "Gimp.LayerMask",
    calls.Layer: "Gimp.Layer",
    calls.GroupLayer: "Gimp.GroupLayer",
    calls.Selection: "Gimp.Selection",
    calls.Image: "Gimp.Image",
    calls.Libgimp: "Gimp",
    calls.Libgegl: "Gegl",
    calls.Libbabl: "Babl",
}


@pytest.mark.parametrize("protocol", REAL, ids=lambda protocol: protocol.__name__)
def test_every_call_that_the_canvas_makes_is_there(console: Host, protocol: type[object]) -> None:
    called = {
        name
        for one in protocol.__mro__
        for name in [*vars(one), *inspect.get_annotations(one)]
        if not name.startswith("_") and getattr(one, "_is_protocol", False)
    }
    assert called
    missing = console.do(
        f"result = [name for name in {sorted(called)!r}"
        f" if not hasattr(hand.{REAL[protocol]}, name)]"
    )
    assert missing == []
