"""The window's widgets and nothing else: what they say comes from the bridge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from gi.repository import GdkPixbuf, GLib, Gtk, Pango

from .prompt import Prompt
from .widgets import (
    Menu,
    box,
    button,
    chosen,
    combo,
    label,
    refill,
    row,
    spin,
    spoken,
    toggle,
)

HELPERS_IN_A_ROW = 4
GAP = 6
THUMB = 56  # px


class Owner(Protocol):
    """What the artist does to the panel."""

    def changed(self) -> None: ...
    def revise(self) -> None: ...
    def cancel(self) -> None: ...
    def again(self, on_top: bool) -> None: ...
    def keep(self) -> None: ...
    def finish(self) -> None: ...
    def flip(self, variant: int) -> None: ...
    def original(self, wanted: bool) -> None: ...
    def act(self) -> None: ...
    def better(self, tier: str) -> None: ...
    def recall(self, revision: str) -> None: ...


class Panel(Gtk.Box):
    def __init__(self, owner: Owner) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=GAP, border_width=2 * GAP)
        self.owner = owner
        self.words: Mapping[str, str] = {}
        self.models: Mapping[str, Mapping[str, Any]] = {}
        self.helper = ""
        self.tier = ""
        self.is_running = False
        self._helpers: dict[str, tuple[Any, Mapping[str, Any]]] = {}
        self._fields: dict[str, Gtk.Entry] = {}
        self._far: dict[str, Gtk.RadioButton] = {}
        self._better = ""
        self._quiet = False
        for part in (
            self._head(), self._wish(), self._extras(), self._model(), self._go(), self._round(),
        ):  # fmt: skip
            self.pack_start(part, False, False, 0)
        self.show_all()
        for hidden in (
            self.better_button, self.fields, self.far_row, self.warning, self.hidden, self.bar,
            self.line, self.action, self.strip, self.spent, self.finish_button,
        ):  # fmt: skip
            hidden.hide()
        self.running(None)
        self.set_sensitive(False)

    # --- what was chosen ------------------------------------------------------------------

    def choice(self) -> dict[str, Any]:
        options = {id: field.get_text() for id, field in self._fields.items() if field.get_text()}
        far = [name for name, one in self._far.items() if one.get_active()]
        return {
            "model": chosen(self.model),
            "purpose": chosen(self.purpose),
            "prompt": self.prompt.get_text(),
            "helper": self.helper,
            "how_far": far[0] if far and self.far_row.get_visible() else "",
            "keep": self.keep_menu.checked(),
            "options": options,
            "variants": self.variants.get_value_as_int(),
            "tier": self.tier,
        }

    def edge(self) -> dict[str, Any]:
        return {"grow_px": self.grow.get_value_as_int(), "whole": self.whole.get_active()}

    def seed(self) -> int | None:
        text = self.seed_entry.get_text().strip()
        return int(text) if text.isdigit() else None

    def choose_source(self, id: str) -> None:
        self.source.set_active_id(id)

    # --- words and choices from the bridge --------------------------------------------------

    def greet(self, hello: Mapping[str, Any]) -> None:
        """Fills in everything that the bridge decides; keeps what the artist has typed."""
        self.words = words = hello["words"]
        self.models = {model["id"]: model for model in hello["models"]}
        self.prompt.asks(words["prompt"])
        for widget, tip in {
            self.prompt.view: "prompt_tip", self.variants: "variants_tip",
            self.source: "source_tip",
            self.keep_menu: "keep_what_tip", self.seed_entry: "seed_tip", self.grow: "grow_tip",
            self.whole: "whole_tip", self.hold: "hold_tip", self.keep_it: "keep_tip",
            self.again_button: "again_tip", self.again_menu: "again_tip", self.more: "more",
            self.history: "history",
        }.items():  # fmt: skip
            spoken(widget, words[tip])
        for widget, word in {
            self.hold: "hold_original", self.keep_it: "keep", self.again_button: "again",
            self.whole: "whole", self.history: "history",
        }.items():  # fmt: skip
            widget.set_label(words[word])
        self.keep_menu.set_label(words["keep_what"])
        self.grow_label.set_text(words["grow"])
        self.seed_label.set_text(words["seed"])
        self.again_menu.fill(
            [
                ("original", words["again_original"], words["again_tip"]),
                ("top", words["again_on_top"], words["again_tip"]),
            ]
        )
        self._fill_helpers(hello["helpers"])
        self._fill_far(hello["how_far"])
        self._fill_menus(hello)
        self.set_sensitive(True)

    def about(self, name: str, what: str, thumbnail: tuple[bytes, int, int] | None) -> None:
        """The picture and what of it is selected; thumbnail: RGBA of 8 bits, width, height."""
        self.picture.set_text(name)
        self.picture.set_tooltip_text(name)
        self.box.set_text(what)
        self.thumb.set_visible(thumbnail is not None)
        if thumbnail is not None:
            data, width, height = thumbnail
            self.thumb.set_from_pixbuf(
                GdkPixbuf.Pixbuf.new_from_bytes(
                    GLib.Bytes.new(data),
                    GdkPixbuf.Colorspace.RGB,
                    True,
                    8,
                    width,
                    height,
                    4 * width,
                )
            )

    def plan(self, plan: Mapping[str, Any]) -> None:
        """What the bridge says of the present choice."""
        model = self.models.get(plan["model"], {})
        self.sharpness.set_text(plan["sharpness"])
        better = plan.get("better")
        self.better_button.set_visible(bool(better))
        if better:
            price = f"  ${better['usd']:.2f}" if better["usd"] else ""
            self._better = better["tier"]
            self.better_button.set_label(f"{better['tier']}: {better['percent']} %{price}")
            spoken(self.better_button, plan["sharpness"])
        self.facts.set_markup(
            f"<b>{GLib.markup_escape_text(plan['label'])}</b>, about {plan['seconds']:.0f} s\n"
            f"{GLib.markup_escape_text(plan['limitation'])}"
        )
        self.facts.set_tooltip_text(plan["why"] or str(model.get("strength", "")))
        spoken(self.purpose, plan["why"] or plan["limitation"])
        spoken(self.model, f"{plan['label']}: {plan['limitation']}")
        if not self.is_running:
            self.button.set_label(plan["button"])
            self.button.set_sensitive(plan["usable"])
            spoken(self.button, plan["why_not"] or plan["why"] or self.words["prompt_tip"])
        self.warn(" ".join([plan["why_not"], *plan["warnings"]]).strip())

    def obstacle(self, sentence: str) -> None:
        """Nothing can be revised now, and why."""
        self.warn(sentence)
        self.button.set_sensitive(self.is_running)

    def warn(self, sentence: str) -> None:
        self.warning.set_text(sentence)
        self.warning.set_visible(bool(sentence))

    # --- a round ------------------------------------------------------------------------------

    def running(self, text: str | None) -> None:
        """text: what the button says while a job runs; None when none does."""
        self.is_running = text is not None
        if text is not None:
            self.button.set_label(text)
            self.button.set_sensitive(True)
        style = self.button.get_style_context()
        (style.remove_class if self.is_running else style.add_class)("suggested-action")

    def progress(self, fraction: float | None) -> None:
        self.bar.set_visible(self.is_running)
        if fraction is None:
            self.bar.pulse()
        else:
            self.bar.set_fraction(fraction)

    def report(self, text: str, action: str = "") -> None:
        """One line, and at most one button."""
        self.line.set_text(text)
        self.line.set_visible(bool(text))
        self.action.set_label(action)
        spoken(self.action, text or action)
        self.action.set_visible(bool(action))

    def result(self, states: Sequence[str], shown: int | None, spent: str) -> None:
        """The strip: one number a variant; empty `states` hide it."""
        for old in self.numbers.get_children():
            self.numbers.remove(old)
        for number, state in enumerate(states):
            one = toggle(f"variant_{number + 1}", str(number + 1))
            one.set_active(number == shown)
            one.set_sensitive(state in ("composed", "delivered"))
            spoken(one, f"{self.words['next_tip']} ({state})")
            one.connect("clicked", lambda _, at=number: self.owner.flip(at))
            self.numbers.pack_start(one, False, False, 0)
            one.show()
        self.strip.set_visible(bool(states))
        self.spent.set_text(spent)
        self.spent.set_visible(bool(spent))

    def finish(self, text: str, model: str) -> None:
        """text: of the button that has the shown variant painted out; "" hides it."""
        self.finish_button.set_label(text)
        self.finish_button.set_visible(bool(text))
        spoken(self.finish_button, f"{self.words['finish_tip']} {model}".strip())

    # --- building -----------------------------------------------------------------------------

    def _head(self) -> Gtk.Widget:
        self.thumb = Gtk.Image(no_show_all=True)
        self.thumb.set_name("thumb")
        self.picture = label("picture", wrap=False)
        self.picture.set_ellipsize(Pango.EllipsizeMode.MIDDLE)
        self.picture.get_style_context().add_class("redraft-title")
        self.box = label("box")
        self.history = Menu("history", lambda id, _: self.owner.recall(id), checks=False)
        self.source = combo("source", self._changed)
        self.sharpness = label("sharpness", dim=True)
        self.better_button = button("better", lambda: self.owner.better(self._better))
        words = box(row(self.picture, None, self.history), self.box, gap=2)
        return box(
            row(self.thumb, words, grow=words),
            self.source,
            row(self.sharpness, self.better_button, grow=self.sharpness),
        )

    def _wish(self) -> Gtk.Widget:
        self.prompt = Prompt(self._changed, self._entered)
        self.helper_grid = Gtk.Grid(column_homogeneous=True, row_spacing=2, column_spacing=2)
        self.fields = Gtk.Grid(row_spacing=GAP, column_spacing=GAP)
        self.far_row = row()
        return box(self.prompt, self.helper_grid, self.fields, self.far_row)

    def _extras(self) -> Gtk.Widget:
        self.keep_menu = Menu("keep_what", lambda *_: self._changed(), checks=True)
        self.more = toggle("more", "…")
        self.whole = Gtk.CheckButton()
        self.whole.set_name("whole")
        self.grow, self.grow_label = spin("grow", 0, 500), label("grow_label")
        self.seed_entry, self.seed_label = Gtk.Entry(width_chars=10), label("seed_label")
        self.hidden = box(
            self.whole,
            row(self.grow_label, self.grow, grow=self.grow_label),
            row(self.seed_label, self.seed_entry, grow=self.seed_label),
        )
        self.more.connect("toggled", lambda one: self.hidden.set_visible(one.get_active()))
        return box(row(self.keep_menu, None, self.more), self.hidden)

    def _model(self) -> Gtk.Widget:
        self.purpose = combo("purpose", self._changed)
        self.model = combo("model", self._changed)
        self.facts = label("facts", dim=True)
        self.warning = label("warning")
        both = row(self.purpose, self.model)
        both.set_homogeneous(True)
        for one in (self.purpose, self.model):
            both.set_child_packing(one, True, True, 0, Gtk.PackType.START)
        return box(both, self.facts, self.warning)

    def _go(self) -> Gtk.Widget:
        self.variants = spin("variants", 1, 8)
        self.variants.connect("value-changed", lambda _: self._changed())
        self.button = button("revise", self._pressed)
        self.button.set_can_default(True)
        self.bar = Gtk.ProgressBar()
        return box(row(self.variants, self.button, grow=self.button), self.bar)

    def _round(self) -> Gtk.Widget:
        self.line = label("report")
        self.line.set_selectable(True)
        self.line.set_can_focus(False)
        self.action = button("action", lambda: self.owner.act())
        self.hold = button("hold", lambda: None)
        self.hold.connect("pressed", lambda _: self.owner.original(True))
        self.hold.connect("released", lambda _: self.owner.original(False))
        self.keep_it = button("keep", lambda: self.owner.keep())
        self.again_button = button("again", lambda: self.owner.again(False))
        self.again_menu = Menu(
            "again_menu", lambda id, _: self.owner.again(id == "top"), checks=False
        )
        self.numbers = row(gap=2)
        self.spent = label("spent", dim=True)
        both = row(self.again_button, self.again_menu, gap=0, grow=self.again_button)
        both.get_style_context().add_class("linked")
        self.finish_button = button("finish", lambda: self.owner.finish())
        self.strip = box(
            row(self.numbers, None, self.hold),
            row(self.keep_it, both, even=True),
            self.finish_button,
        )
        return box(self.line, self.action, self.strip, self.spent)

    # --- what the artist does ----------------------------------------------------------------

    def _changed(self) -> None:
        if not self._quiet:
            self.owner.changed()

    def _pressed(self) -> None:
        if self.is_running:
            self.owner.cancel()
        else:
            self.owner.revise()

    def _entered(self) -> None:
        if not self.is_running and self.button.get_sensitive():
            self.owner.revise()

    # --- filling --------------------------------------------------------------------------------

    def _fill_helpers(self, helpers: Sequence[Mapping[str, Any]]) -> None:
        if self._helpers:
            return
        for number, helper in enumerate(helpers):
            one = toggle(f"helper_{helper['id']}", helper["label"])
            spoken(one, helper["tip"])
            one.connect("clicked", lambda at, id=helper["id"]: self._help(id, at.get_active()))
            self.helper_grid.attach(
                one, number % HELPERS_IN_A_ROW, number // HELPERS_IN_A_ROW, 1, 1
            )
            self._helpers[helper["id"]] = (one, helper)
        self.helper_grid.show_all()

    def _help(self, id: str, on: bool) -> None:
        """Chooses a helper: its words are a start, never over what the artist has typed."""
        if self._quiet:
            return
        self._quiet = True
        typed = self.prompt.get_text().strip()
        starts = {str(helper["prompt"]).strip() for _, helper in self._helpers.values()} | {""}
        self.helper = id if on else ""
        for name, (one, _) in self._helpers.items():
            one.set_active(name == self.helper)
        nothing: Mapping[str, Any] = {"prompt": "", "how_far": False, "fields": []}
        helper = self._helpers[id][1] if on else nothing
        if typed in starts:
            self.prompt.set_text(helper["prompt"])
        self.far_row.set_visible(bool(helper["how_far"]))
        self._fill_fields(helper)
        self._quiet = False
        self._changed()

    def _fill_fields(self, helper: Mapping[str, Any]) -> None:
        for old in self.fields.get_children():
            self.fields.remove(old)
        self._fields = {}
        for number, field in enumerate(helper["fields"]):
            entry = Gtk.Entry(hexpand=True)
            entry.set_name(f"field_{field['id']}")
            spoken(entry, helper["tip"])
            entry.connect("changed", lambda _: self._changed())
            self.fields.attach(label("field_label", field["label"]), 0, number, 1, 1)
            self.fields.attach(entry, 1, number, 1, 1)
            self._fields[field["id"]] = entry
        self.fields.show_all()
        self.fields.set_visible(bool(helper["fields"]))

    def _fill_far(self, choices: Sequence[Mapping[str, Any]]) -> None:
        if self._far:
            return
        first = None
        for choice in choices:
            one = Gtk.RadioButton.new_with_label_from_widget(first, choice["label"])
            first = first or one
            one.set_name(f"far_{choice['id']}")
            spoken(one, choice["tip"])
            one.set_active(choice["id"] == "clear")
            one.connect("toggled", lambda at: at.get_active() and self._changed())
            self.far_row.pack_start(one, True, True, 0)
            one.show()
            self._far[choice["id"]] = one

    def _fill_menus(self, hello: Mapping[str, Any]) -> None:
        self._quiet = True
        refill(
            self.purpose, [("", "Auto")] + [(one["id"], one["label"]) for one in hello["purposes"]]
        )
        refill(
            self.model,
            [("", "Auto")]
            + [
                (one["id"], one["label"] if one["usable"] else f"{one['label']} …")
                for one in hello["models"]
            ],
        )
        refill(self.source, [(one["id"], one["label"]) for one in hello["sources"]])
        self.keep_menu.fill([(one["id"], one["label"], one["tip"]) for one in hello["keep"]])
        self._quiet = False
