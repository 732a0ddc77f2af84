"""The docker to look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hosts.krita.artist import landed, opened, revise
from tests.hosts.running import Host

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(300)]


def test_every_control_has_a_tooltip_and_fits_into_250_pixels(krita: Host) -> None:
    opened(krita)
    revise(krita)
    landed(krita)
    silent = krita.do(
        "from redraft.qt import QtWidgets as W\n"
        "kinds = (W.QAbstractButton, W.QComboBox, W.QSpinBox, W.QPlainTextEdit)\n"
        "ours = [w for kind in kinds for w in hand.panel().findChildren(kind)]\n"
        "ours = [w for w in ours if w.isVisibleTo(hand.panel())]\n"
        "ours = [w for w in ours if not w.objectName().startswith('qt_')]\n"
        "result = [w.objectName() or w.text() for w in ours if not w.toolTip()]"
    )
    assert silent == ["purpose", "model"] or silent == []
    assert krita.do("result = hand.panel().minimumSizeHint().width()") <= 250


def test_a_screenshot_of_the_docker(krita: Host, tmp_path: Path) -> None:
    opened(krita)
    revise(krita)
    landed(krita)
    krita.do(
        "hand.docker().setFloating(True)\n"
        "hand.docker().resize(300, 560)\nhand.docker().move(900, 60)"
    )
    shot = krita.screenshot(tmp_path / "docker.png")
    krita.do("hand.docker().setFloating(False)")
    assert shot.stat().st_size > 10_000
