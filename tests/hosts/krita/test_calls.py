"""The plug-in is typed against a hand-written Protocol; the real module must have all of it."""

from __future__ import annotations

import inspect

import pytest

from krita_plugin import calls
from tests.hosts.running import Host

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(300)]

REAL: dict[type[object], str] = {
    calls.Uuid: "hand.QtCore.QUuid",
    calls.Selection: "krita.Selection",
    calls.Node: "krita.Node",
    calls.Mask: "krita.TransparencyMask",
    calls.Document: "krita.Document",
    calls.View: "krita.Canvas",
    calls.App: "krita.Krita",
}


@pytest.mark.parametrize("protocol", REAL, ids=lambda protocol: protocol.__name__)
def test_every_call_that_the_canvas_makes_is_there(krita: Host, protocol: type[object]) -> None:
    there = set(krita.do(f"result = dir({REAL[protocol]})"))
    called = {
        name
        for name, _ in inspect.getmembers(protocol, inspect.isfunction)
        if not name.startswith("_")
    }
    assert called
    assert called <= there
