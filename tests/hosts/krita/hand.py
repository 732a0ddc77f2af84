"""What a test does in Krita, by the hand it has there: documents, selections, visible controls.

Copied beside the driver; only Krita imports it.
"""

import base64
import math
import random
import struct
import time

import krita
from redraft.qt import QtCore, QtGui, QtWidgets

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


def course(document=None):
    """Of this document, else of the one in front."""
    if document is None:
        return docker().course
    root = document.rootNode().uniqueId().toString()
    return docker().courses.get(root)


def has_landed(document):
    found = course(document)
    return bool(found and found.round is None and found.has_landed())


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


def same(document, other):
    return document.rootNode().uniqueId() == other.rootNode().uniqueId()


def bring(document):
    """Its view to the front; whether it has one. A click on its tab does the same."""
    area = window().qwindow().findChildren(QtWidgets.QMdiArea)[0]
    for sub in area.subWindowList():
        area.setActiveSubWindow(sub)
        if app.activeDocument() and same(app.activeDocument(), document):
            return True
    return False


def close(document):
    """As the artist does: `Document.close` ends views that Krita still draws."""
    document.waitForDone()
    if bring(document):
        document.setModified(False)
        app.action("file_close").trigger()
    else:
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


def pick(name, id):
    """As the artist does: the box says so, even when it was that already."""
    choose(name, id)
    find(name).activated.emit(find(name).currentIndex())


def type_prompt(text):
    prompt = find("prompt")
    prompt.clear()
    QTest.keyClicks(prompt, text.split("\n")[0])
    for line in text.split("\n")[1:]:
        QTest.keyClick(prompt, QtCore.Qt.Key.Key_Return)
        QTest.keyClicks(prompt, line)


def planned(model):
    """Whether the panel shows the plan of this model and may be pressed."""
    shown = str(docker().planned().get("label")).startswith(model)
    return shown and find("revise").isEnabled() and course().round is None


def seen():
    """What a test is told when something did not happen."""
    names = ("box", "report", "action", "revise", "warning")
    found = {name: find(name).text() for name in names}
    return {**found, "round": repr(course().round), "plan": docker().planned().get("label")}


def said():
    return find("report").text()


def tree(node):
    return [[one.name(), one.type(), one.visible(), tree(one)] for one in node.childNodes()]


def layers(document):
    """Names of the top layers, the selection's own mask left out."""
    return [one for one in tree(document.rootNode()) if one[1] != "selectionmask"]


def pixels(node, x, y, w, h):
    return base64.b64encode(bytes(node.pixelData(x, y, w, h))).decode()


def is_shown(id):
    """Whether the top layer with this unique id, of the picture in front, is visible."""
    nodes = app.activeDocument().topLevelNodes()
    return any(one.visible() for one in nodes if one.uniqueId().toString() == id)


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


def act_in_menu(button, name):
    """The action of this name in the button's menu."""
    menu = find(button).menu()
    menu.aboutToShow.emit()
    next(one for one in menu.actions() if one.objectName() == name).trigger()


def every_action(menu):
    for action in menu.actions():
        yield action
        if action.menu():
            yield from every_action(action.menu())


def reference(text):
    """What the menu of references calls `text`."""
    menu = find("reference").menu()
    menu.aboutToShow.emit()
    next(one for one in every_action(menu) if one.text() == text and not one.menu()).trigger()


def drop_reference():
    menu = find("reference").menu()
    menu.aboutToShow.emit()
    next(one for one in menu.actions() if one.text().startswith("✕")).trigger()


def later(call):
    """When this call is over: what opens a dialog comes back only when that is closed."""
    QtCore.QTimer.singleShot(0, call)


def dialog():
    shown = [one for one in QtWidgets.QApplication.topLevelWidgets() if one.isVisible()]
    return next((one for one in shown if isinstance(one, QtWidgets.QFileDialog)), None)


def answer(path):
    """Types it into the dialog and presses its button."""
    shown = dialog()
    shown.findChild(QtWidgets.QLineEdit, "fileNameEdit").setText(path)
    buttons = shown.findChild(QtWidgets.QDialogButtonBox)
    buttons.button(QtWidgets.QDialogButtonBox.StandardButton.Open).click()


class Browser(QtCore.QObject):
    """Stands where the artist's browser does. opened: the pages it was asked to show."""

    def __init__(self):
        super().__init__()
        self.opened = []
        QtGui.QDesktopServices.setUrlHandler("http", self, "show_page")

    @QtCore.pyqtSlot(QtCore.QUrl)
    def show_page(self, url):
        self.opened.append(url.toString())
