"""The docker's widgets and nothing else: what they say comes from the bridge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .qt import QtCore, QtWidgets

HELPERS_IN_A_ROW = 4
PROMPT_LINES = 3
MARGIN = 6
DIM = 0.7  # of a label that explains; a disabled one would be too faint in dark themes


class Panel(QtWidgets.QWidget):
    """changed: something was chosen that the plan depends on."""

    changed = QtCore.pyqtSignal()
    revise = QtCore.pyqtSignal()
    cancel = QtCore.pyqtSignal()
    again = QtCore.pyqtSignal(bool)  # on top of this
    keep = QtCore.pyqtSignal()
    flip = QtCore.pyqtSignal(int)  # to this variant
    original = QtCore.pyqtSignal(bool)  # shown while held
    act = QtCore.pyqtSignal()  # the one button of the report line
    better = QtCore.pyqtSignal(str)  # a size by name

    def __init__(self) -> None:
        super().__init__()
        self.words: Mapping[str, str] = {}
        self.models: Mapping[str, Mapping[str, Any]] = {}
        self.helper = ""
        self.tier = ""
        self._helpers: dict[str, tuple[Any, Mapping[str, Any]]] = {}
        self._build()
        self.setEnabled(False)

    # --- what was chosen ------------------------------------------------------------------

    def choice(self) -> dict[str, Any]:
        options = {name: edit.text() for name, edit in self._fields.items() if edit.text()}
        far = [name for name, button in self._far.items() if button.isChecked()]
        return {
            "model": self.model.currentData() or "",
            "purpose": self.purpose.currentData() or "",
            "prompt": self.prompt.toPlainText(),
            "helper": self.helper,
            "how_far": far[0] if far and self.far_row.isVisibleTo(self) else "",
            "keep": [action.data() for action in self.keep_menu.actions() if action.isChecked()],
            "options": options,
            "variants": self.variants.value(),
            "tier": self.tier,
        }

    def edge(self) -> dict[str, Any]:
        return {"grow_px": self.grow.value(), "whole": self.whole.isChecked()}

    def choose_source(self, id: str) -> None:
        self.source.setCurrentIndex(self.source.findData(id))

    # --- words and choices from the bridge --------------------------------------------------

    def greet(self, hello: Mapping[str, Any]) -> None:
        """Fills in everything that the bridge decides; keeps what the artist has typed."""
        self.words = words = hello["words"]
        self.models = {model["id"]: model for model in hello["models"]}
        self.prompt.setPlaceholderText(words["prompt"])
        tips = {
            self.prompt: "prompt_tip", self.variants: "variants_tip", self.source: "source_tip",
            self.keep_button: "keep_what_tip", self.seed: "seed_tip", self.grow: "grow_tip",
            self.whole: "whole_tip", self.hold: "hold_tip", self.keep_it: "keep_tip",
            self.again_button: "again_tip",
        }  # fmt: skip
        for widget, word in tips.items():
            widget.setToolTip(words[word])
        for widget, word in {
            self.keep_button: "keep_what", self.hold: "hold_original", self.keep_it: "keep",
            self.again_button: "again", self.whole: "whole", self.grow_label: "grow",
            self.seed_label: "seed", self.more: "more",
        }.items():  # fmt: skip
            widget.setText(words[word])
        self.more.setToolTip(words["more"])
        self._fill_helpers(hello["helpers"])
        self._fill_far(hello["how_far"])
        self._fill_menus(hello)
        self.setEnabled(True)

    def plan(self, plan: Mapping[str, Any] | None, what: str) -> None:
        """What the bridge says of the present choice; None while it is being asked."""
        self.box.setText(what)
        if plan is None:
            return
        model = self.models.get(plan["model"], {})
        self.sharpness.setText(plan["sharpness"])
        better = plan.get("better")
        self.better_button.setVisible(bool(better))
        if better:
            price = f" ${better['usd']:.2f}" if better["usd"] else ""
            self.better_button.setText(f"{better['tier']}: {better['percent']} %{price}")
            self.better_button.setToolTip(plan["sharpness"])
            self.better_button.setProperty("tier", better["tier"])
        self.facts.setText(f"{plan['label']}, about {plan['seconds']:.0f} s: {plan['limitation']}")
        self.facts.setToolTip(plan["why"] or str(model.get("strength", "")))
        self.purpose.setToolTip(plan["why"] or plan["limitation"])
        self.model.setToolTip(f"{plan['label']}: {plan['limitation']}")
        self.button.setText(plan["button"])
        self.button.setEnabled(plan["usable"])
        self.button.setToolTip(plan["why_not"] or plan["why"] or self.words["prompt_tip"])
        self.warning.setText(" ".join([plan["why_not"], *plan["warnings"]]).strip())
        self.warning.setVisible(bool(self.warning.text()))

    # --- a round ------------------------------------------------------------------------------

    def running(self, text: str | None) -> None:
        """text: what the button says while a job runs; None when none does."""
        self._is_running = text is not None
        if text is not None:
            self.button.setText(text)
            self.button.setEnabled(True)

    def report(self, text: str, action: str = "") -> None:
        """One line, and at most one button."""
        self.line.setText(text)
        self.line.setVisible(bool(text))
        self.action.setText(action)
        self.action.setToolTip(text)
        self.action.setVisible(bool(action))

    def progress(self, fraction: float | None) -> None:
        self.bar.setVisible(self._is_running)
        self.bar.setRange(0, 100 if fraction is not None else 0)
        self.bar.setValue(round(100 * (fraction or 0)))

    def result(self, states: Sequence[str], shown: int | None, spent: str) -> None:
        """The strip: one number a variant; empty `states` hide it."""
        for button in self._numbers:
            self.numbers.removeWidget(button)
            button.deleteLater()
        self._numbers = []
        for number, state in enumerate(states):
            button = QtWidgets.QToolButton()
            button.setText(str(number + 1))
            button.setObjectName(f"variant_{number + 1}")
            button.setCheckable(True)
            button.setChecked(number == shown)
            font = button.font()
            font.setBold(number == shown)
            button.setFont(font)
            button.setEnabled(state in ("composed", "delivered"))
            button.setToolTip(f"{self.words['next_tip']} ({state})")
            button.clicked.connect(lambda _=False, at=number: self.flip.emit(at))
            self.numbers.insertWidget(number, button)
            self._numbers.append(button)
        self.strip.setVisible(bool(states))
        self.spent.setText(spent)
        self.spent.setVisible(bool(spent))

    # --- building -----------------------------------------------------------------------------

    def _build(self) -> None:
        self._is_running = False
        self._numbers: list[Any] = []
        self._fields: dict[str, Any] = {}
        self._far: dict[str, Any] = {}
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(MARGIN - 1)
        for part in (
            self._head(), self._wish(), self._model(), self._extras(), self._go(), self._round(),
        ):  # fmt: skip
            column.addWidget(part)
        column.addStretch(1)

    def _head(self) -> Any:
        self.box = _label("box")
        self.source = QtWidgets.QComboBox()
        self.source.setObjectName("source")
        self.source.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.sharpness = _label("sharpness", dim=True)
        self.better_button = QtWidgets.QToolButton()
        self.better_button.setVisible(False)
        self.better_button.clicked.connect(
            lambda: self.better.emit(str(self.better_button.property("tier")))
        )
        return _rows([self.box], [self.source], [self.sharpness, self.better_button])

    def _wish(self) -> Any:
        self.prompt = QtWidgets.QPlainTextEdit()
        self.prompt.setObjectName("prompt")
        self.prompt.setTabChangesFocus(True)
        height = self.prompt.fontMetrics().lineSpacing() * PROMPT_LINES
        self.prompt.setFixedHeight(height + 3 * MARGIN)
        self.prompt.textChanged.connect(self.changed)
        self.helper_grid = QtWidgets.QGridLayout()
        self.helper_grid.setSpacing(2)
        self.field_form = QtWidgets.QFormLayout()
        self.far_row = QtWidgets.QWidget()
        self.far_layout = QtWidgets.QHBoxLayout(self.far_row)
        self.far_layout.setContentsMargins(0, 0, 0, 0)
        self.far_row.setVisible(False)
        return _rows([self.prompt], [self.helper_grid], [self.field_form], [self.far_row])

    def _model(self) -> Any:
        self.purpose, self.model = QtWidgets.QComboBox(), QtWidgets.QComboBox()
        for box in (self.purpose, self.model):
            box.setSizeAdjustPolicy(
                QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(8)
        self.purpose.setObjectName("purpose")
        self.model.setObjectName("model")
        self.purpose.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.model.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.facts = _label("facts", dim=True)
        self.warning = _label("warning")
        self.warning.setVisible(False)
        return _rows([self.purpose, self.model], [self.facts], [self.warning])

    def _extras(self) -> Any:
        self.keep_button = QtWidgets.QToolButton()
        self.keep_button.setPopupMode(QtWidgets.QToolButton.ToolButtonPopupMode.InstantPopup)
        self.keep_menu = QtWidgets.QMenu(self.keep_button)
        self.keep_button.setMenu(self.keep_menu)
        self.more = QtWidgets.QToolButton()
        self.more.setCheckable(True)
        self.more.setAutoRaise(True)
        self.whole = QtWidgets.QCheckBox()
        self.grow, self.grow_label = QtWidgets.QSpinBox(), _label("grow")
        self.grow.setRange(0, 500)
        self.grow.setSuffix(" px")
        self.seed, self.seed_label = QtWidgets.QLineEdit(), _label("seed")
        hidden = _rows([self.whole], [self.grow_label, self.grow], [self.seed_label, self.seed])
        hidden.setVisible(False)
        self.more.toggled.connect(hidden.setVisible)
        return _rows([self.keep_button, None, self.more], [hidden])

    def _go(self) -> Any:
        self.variants = QtWidgets.QSpinBox()
        self.variants.setObjectName("variants")
        self.variants.setRange(1, 8)
        self.variants.setPrefix("× ")
        self.variants.valueChanged.connect(lambda _: self.changed.emit())
        self.button = QtWidgets.QPushButton()
        self.button.setObjectName("revise")
        self.button.setDefault(True)
        self.button.setSizePolicy(
            QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed
        )
        self.button.clicked.connect(self._pressed)
        self.bar = QtWidgets.QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(MARGIN)
        self.bar.setVisible(False)
        return _rows([self.variants, self.button], [self.bar])

    def _round(self) -> Any:
        self.line = _label("report")
        self.action = QtWidgets.QPushButton()
        self.action.setObjectName("action")
        self.action.clicked.connect(self.act)
        self.hold = QtWidgets.QToolButton()
        self.hold.setObjectName("hold")
        self.hold.pressed.connect(lambda: self.original.emit(True))
        self.hold.released.connect(lambda: self.original.emit(False))
        self.keep_it = QtWidgets.QPushButton()
        self.keep_it.setObjectName("keep")
        self.keep_it.clicked.connect(self.keep)
        self.again_button = QtWidgets.QPushButton()
        self.again_button.setObjectName("again")
        self.again_button.clicked.connect(lambda: self.again.emit(False))
        self.numbers = QtWidgets.QHBoxLayout()
        self.numbers.setSpacing(2)
        self.strip = _rows([self.numbers, None, self.hold], [self.keep_it, self.again_button])
        self.strip.setVisible(False)
        self.spent = _label("spent", dim=True)
        self.spent.setVisible(False)
        self.report("")
        return _rows([self.line], [self.action], [self.strip], [self.spent])

    def _pressed(self) -> None:
        (self.cancel if self._is_running else self.revise).emit()

    # --- filling --------------------------------------------------------------------------------

    def _fill_helpers(self, helpers: Sequence[Mapping[str, Any]]) -> None:
        if self._helpers:
            return
        for number, helper in enumerate(helpers):
            button = QtWidgets.QToolButton()
            button.setObjectName(f"helper_{helper['id']}")
            button.setText(helper["label"])
            button.setToolTip(helper["tip"])
            button.setCheckable(True)
            button.setSizePolicy(
                QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed
            )
            button.clicked.connect(lambda on, id=helper["id"]: self._help(id if on else ""))
            self.helper_grid.addWidget(
                button, number // HELPERS_IN_A_ROW, number % HELPERS_IN_A_ROW
            )
            self._helpers[helper["id"]] = (button, helper)

    def _help(self, id: str) -> None:
        """Chooses a helper: its words are a start, never over what the artist has typed."""
        typed = self.prompt.toPlainText().strip()
        starts = {str(helper["prompt"]).strip() for _, helper in self._helpers.values()} | {""}
        self.helper = id
        for name, (button, _) in self._helpers.items():
            button.setChecked(name == id)
        helper = self._helpers[id][1] if id else {"prompt": "", "how_far": False, "fields": []}
        if typed in starts:
            self.prompt.setPlainText(helper["prompt"])
        self.far_row.setVisible(bool(helper["how_far"]))
        while self.field_form.rowCount():
            self.field_form.removeRow(0)
        self._fields = {}
        for field in helper["fields"]:
            edit = QtWidgets.QLineEdit()
            edit.setToolTip(helper["tip"])
            edit.textChanged.connect(lambda _: self.changed.emit())
            self.field_form.addRow(field["label"], edit)
            self._fields[field["id"]] = edit
        self.changed.emit()

    def _fill_far(self, choices: Sequence[Mapping[str, Any]]) -> None:
        if self._far:
            return
        for choice in choices:
            button = QtWidgets.QRadioButton(choice["label"])
            button.setToolTip(choice["tip"])
            button.setChecked(choice["id"] == "clear")
            button.toggled.connect(lambda _: self.changed.emit())
            self.far_layout.addWidget(button)
            self._far[choice["id"]] = button

    def _fill_menus(self, hello: Mapping[str, Any]) -> None:
        _refill(self.purpose, [("", "Auto", "")] + [
            (one["id"], one["label"], one["why"]) for one in hello["purposes"]
        ])  # fmt: skip
        _refill(self.model, [("", "Auto", "")] + [
            (one["id"], one["label"] if one["usable"] else f"{one['label']} …", _tip(one))
            for one in hello["models"]
        ])  # fmt: skip
        _refill(self.source, [(one["id"], one["label"], one["tip"]) for one in hello["sources"]])
        if not self.keep_menu.actions():
            for one in hello["keep"]:
                action = self.keep_menu.addAction(one["label"])
                action.setToolTip(one["tip"])
                action.setCheckable(True)
                action.setData(one["id"])
                action.toggled.connect(lambda _: self.changed.emit())


def _tip(model: Mapping[str, Any]) -> str:
    said = [f"+ {model['strength']}", f"− {model['limitation']}", model["price"]]
    return "\n".join([*said, model["alive_sentence"], model["why_not"], model["goes_to"]]).strip()


def _refill(box: Any, rows: Sequence[tuple[str, str, str]]) -> None:
    """The same choice stays chosen."""
    chosen = box.currentData()
    box.blockSignals(True)
    box.clear()
    for id, label, tip in rows:
        box.addItem(label, id)
        box.setItemData(box.count() - 1, tip, QtCore.Qt.ItemDataRole.ToolTipRole)
    box.setCurrentIndex(max(0, box.findData(chosen)))
    box.blockSignals(False)


def _label(name: str, *, dim: bool = False) -> Any:
    label = QtWidgets.QLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    if dim:
        faded = QtWidgets.QGraphicsOpacityEffect(label)
        faded.setOpacity(DIM)
        label.setGraphicsEffect(faded)
    return label


def _rows(*rows: Sequence[Any]) -> Any:
    """Widgets below each other; several in a row side by side; None is a gap."""
    holder = QtWidgets.QWidget()
    column = QtWidgets.QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    for row in rows:
        line = QtWidgets.QHBoxLayout()
        line.setSpacing(4)
        for part in row:
            if part is None:
                line.addStretch(1)
            elif isinstance(part, QtWidgets.QLayout):
                line.addLayout(part)
            else:
                line.addWidget(part)
        column.addLayout(line)
    return holder
