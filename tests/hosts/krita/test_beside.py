"""References of every kind reach the model; protected areas are touched by no revision."""

from __future__ import annotations

import numpy as np
import pytest

from tests.hosts.krita.artist import array, landed, opened, revise, wait
from tests.hosts.krita.test_sources import TOP_LAYER, activate
from tests.hosts.running import Host

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(300)]


def pick(krita: Host, text: str) -> None:
    krita.do(f"hand.reference({text!r})")


def test_layers_files_and_the_clipboard_are_references(krita: Host) -> None:
    opened(krita)
    krita.do(TOP_LAYER)
    wait(krita, "doc.activeNode().name() == 'top'")
    activate(krita, "Background")
    krita.do("hand.choose('model', 'heard')")
    wait(krita, "hand.planned('Heard')")
    pick(krita, "top")
    krita.do(
        "from redraft.qt import QtGui\n"
        "green = QtGui.QImage(90, 60, QtGui.QImage.Format.Format_RGB32)\n"
        "green.fill(QtGui.QColor(0, 255, 0))\n"
        "hand.QtWidgets.QApplication.clipboard().setImage(green)\n"
        "green.fill(QtGui.QColor(0, 0, 255))\ngreen.save(str(folder / 'blue.png'))"
    )
    pick(krita, "What is in the clipboard")
    krita.do("hand.later(lambda: hand.reference('A picture from a file …'))")
    wait(krita, "hand.dialog() is not None")
    krita.do("hand.answer(str(folder / 'blue.png'))")
    wait(krita, "hand.find('reference').text().endswith(' 3')")
    revise(krita, "heard", "like this")
    wait(krita, "'Shown ff0000. Shown 00ff00. Shown 0000ff.' in hand.said()")


def test_a_reference_too_many_is_said_before_anything_is_sent(krita: Host) -> None:
    opened(krita)
    krita.do("hand.choose('model', 'known')")
    wait(krita, "hand.planned('Known')")
    for _ in range(3):
        pick(krita, "Background")
    wait(krita, "not hand.find('revise').isEnabled() and 'takes 2 references' in hand.said()")
    krita.do("hand.drop_reference()")
    wait(krita, "hand.planned('Known') and not hand.said()")


def test_pinned_references_and_protection_are_saved_with_the_picture(krita: Host) -> None:
    opened(krita)
    pick(krita, "Background")
    pick(krita, "Keep with this picture")
    krita.do("hand.act_in_menu('protect', 'protect_selection')")
    krita.do(
        "path = str(folder / 'pinned.kra')\ndoc.saveAs(path)\nhand.close(doc)\n"
        "doc = app.openDocument(path)\ndoc.setBatchmode(True)\nhand.window().addView(doc)"
    )
    wait(krita, "hand.find('reference').text().endswith(' 1')")
    assert krita.do("result = hand.find('protect').text().endswith(' 1')")


def test_what_is_protected_is_not_touched_until_the_protection_is_lifted(krita: Host) -> None:
    krita.do("doc = hand.open_document()\nhand.select(doc, (40, 30, 70, 80))")
    seen = array(krita, "doc")
    krita.do(
        "hand.act_in_menu('protect', 'protect_selection')\nhand.select(doc, (20, 20, 120, 90))"
    )
    revise(krita)
    landed(krita)
    after = array(krita, "doc")
    assert np.array_equal(after[30:80, 40:70], seen[30:80, 40:70])
    assert not np.array_equal(after[30:80, 75:115], seen[30:80, 75:115])
    krita.do("hand.act_in_menu('protect', 'protect_lift')")
    revise(krita)
    wait(krita, "len(hand.layers(doc)) == 3 and hand.has_landed(doc)")
    krita.do("doc.refreshProjection()\ndoc.waitForDone()")
    assert not np.array_equal(array(krita, "doc")[35:75, 45:65], seen[35:75, 45:65])
