"""What a test does in Krita, by the hand it has there: documents, selections, visible controls.

Copied beside the driver; only Krita imports it.
"""

import base64
import math
import random
import struct
import time

import krita
from redraft.qt import QtCore, QtWidgets

try:
    from PyQt6.QtTest import QTest
except ImportError:
    from PyQt5.QtTest import QTest

app = krita.Krita.instance()
TOP = {"U8": 255, "U16": 65535, "F16": 1.0, "F32": 1.0}
CODE = {"U8": "B", "U16": "H", "F16": "e", "F32": "f"}
CHANNELS = {"RGBA": 3, "GRAYA": 1, "CMYKA": 4, "LABA": 3}


def window():
    return app.activeWindow()


def docker():
    return next(one for one in app.dockers() if one.windowTitle() == "Redraft")


def panel():
    return docker().panel


def show_docker():
    docker().setVisible(True)
    docker().raise_()


def gradient(width, height, model="RGBA", depth="U8"):
    """Every pixel another colour, opaque; each channel runs over a tenth to nine tenths."""
    colors = CHANNELS[model]
    pixels = bytearray()
    for y in range(height):
        for x in range(width):
            steps = [(x * 7 + y * 3 * (c + 1) + 40 * c) % 200 / 250 + 0.1 for c in range(colors)]
            if depth.startswith("F"):
                if model == "CMYKA":
                    steps = [100 * step for step in steps]
                elif model == "LABA":
                    steps = [100 * steps[0], 60 * steps[1] - 30, 60 * steps[2] - 30]
                values = [*steps, 1.0]
            else:
                values = [round(step * TOP[depth]) for step in steps] + [TOP[depth]]
            pixels += struct.pack(f"<{colors + 1}{CODE[depth]}", *values)
    return bytes(pixels)


def open_document(
    width=160, height=120, model="RGBA", depth="U8", profile="", name="picture", drawn=gradient
):
    document = app.createDocument(width, height, name, model, depth, profile, 300.0)
    document.setBatchmode(True)
    window().addView(document)
    layer = document.topLevelNodes()[0]
    layer.setPixelData(drawn(width, height, model, depth), 0, 0, width, height)
    document.refreshProjection()
    document.waitForDone()
    return document


def select(document, box, coverage=None):
    """box: left, top, right, bottom; coverage: bytes of it, None = full."""
    left, top, right, bottom = box
    selection = krita.Selection()
    data = coverage or b"\xff" * ((right - left) * (bottom - top))
    selection.setPixelData(data, left, top, right - left, bottom - top)
    document.setSelection(selection)
    document.waitForDone()


def close(document):
    """As the artist does: `Document.close` ends views that Krita still draws."""
    document.waitForDone()
    document.setModified(False)
    for view in window().views():
        if view.document().rootNode().uniqueId() == document.rootNode().uniqueId():
            view.setVisible()
            app.action("file_close").trigger()
            return
    document.close()


def close_older(newest=2):
    """All but the newest: Krita does not bear that a picture is closed while it first appears."""
    for document in app.documents()[:-newest]:
        close(document)


def find(name):
    return panel().findChild(QtWidgets.QWidget, name)


def click(name):
    widget = find(name)
    QTest.mouseClick(widget, QtCore.Qt.MouseButton.LeftButton)


def choose(name, id):
    box = find(name)
    box.setCurrentIndex(box.findData(id))


def type_prompt(text):
    prompt = find("prompt")
    prompt.clear()
    QTest.keyClicks(prompt, text.split("\n")[0])
    for line in text.split("\n")[1:]:
        QTest.keyClick(prompt, QtCore.Qt.Key.Key_Return)
        QTest.keyClicks(prompt, line)


def planned(model):
    """Whether the panel shows the plan of this model and may be pressed."""
    facts = find("facts").text()
    return facts.startswith(model) and find("revise").isEnabled() and not docker().round


def said():
    return find("report").text()


def tree(node):
    return [[one.name(), one.type(), one.visible(), tree(one)] for one in node.childNodes()]


def layers(document):
    """Names of the top layers, the selection's own mask left out."""
    return [one for one in tree(document.rootNode()) if one[1] != "selectionmask"]


def pixels(node, x, y, w, h):
    return base64.b64encode(bytes(node.pixelData(x, y, w, h))).decode()


def by_name(document, name):
    return document.nodeByName(name)


def seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


class Watch:
    """gaps: seconds between two events of the main thread. calls: of what is timed, by name."""

    def __init__(self):
        self.gaps, self.calls = [], {}
        self._kept = []
        self._last = time.perf_counter()
        self._timer = QtCore.QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(1)

    def time(self, thing, name):
        original = getattr(thing, name)

        def timed(*arguments):
            start = time.perf_counter()
            try:
                return original(*arguments)
            finally:
                self.calls[name] = time.perf_counter() - start

        setattr(thing, name, timed)
        self._kept.append((thing, name))

    def stop(self):
        self._timer.stop()
        for thing, name in self._kept:
            delattr(thing, name)

    def _tick(self):
        now = time.perf_counter()
        self.gaps.append(now - self._last)
        self._last = now


def landscape(width, height, model, depth):
    """Hills and grain in grey-blue, RGB of 8 bits: something to register on, and no red."""
    random.seed(1)
    pixels = bytearray()
    for y in range(height):
        for x in range(width):
            hills = math.sin(x / 19 + math.sin(y / 31) * 2) * math.cos(y / 23 - x / 57)
            value = int(120 + 60 * hills + random.uniform(-12, 12))
            pixels += bytes([min(255, value + 40), value, value - 30 if value > 30 else 0, 255])
    return bytes(pixels)


def middle_of_canvas():
    """On the screen."""
    areas = window().qwindow().findChildren(QtWidgets.QMdiArea)
    middle = areas[0].mapToGlobal(areas[0].rect().center())
    return [middle.x(), middle.y()]
