"""The window's widgets and nothing else: what they say comes from the bridge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from gi.repository import GdkPixbuf, GLib, Gtk, Pango

from .more import More
from .prompt import Prompt
from .strip import Decides, Strip
from .widgets import (
    Menu,
    box,
    button,
    chosen,
    combo,
    label,
    refill,
    row,
    say,
    spin,
    spoken,
    toggle,
)

HELPERS_IN_A_ROW = 4
GAP = 6
THUMB = 56  # px


class Owner(Decides, Protocol):
    """What the artist does to the panel."""

    def changed(self) -> None: ...
    def revise(self) -> None: ...
    def cancel(self) -> None: ...
    def better(self, tier: str) -> None: ...
    def recall(self, revision: str) -> None: ...
    def protect(self, what: str) -> None: ...


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
        self.more, self.strip = More(), Strip(owner)
        for part in (
            self._head(), self._wish(), self._extras(), self._model(), self._go(), self.strip,
        ):  # fmt: skip
            self.pack_start(part, False, False, 0)
        self.show_all()
        for hidden in (
            self.better_button, self.fields, self.far_row, self.warning, self.more, self.bar,
        ):  # fmt: skip
            hidden.hide()
        self.strip.empty()
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

    def choose_source(self, id: str) -> None:
        self.source.set_active_id(id)

    # --- words and choices from the bridge --------------------------------------------------

    def greet(self, hello: Mapping[str, Any]) -> None:
        """Fills in everything that the bridge decides; keeps what the artist has typed."""
        self.words = words = hello["words"]
        self.models = {model["id"]: model for model in hello["models"]}
        self.prompt.asks(words["prompt"])
        for widget, tip in (
            (self.prompt.view, "prompt_tip"), (self.variants, "variants_tip"),
            (self.source, "source_tip"), (self.keep_menu, "keep_what_tip"),
            (self.guard_menu, "protect_tip"), (self.dots, "more_tip"),
            (self.history, "history_tip"),
        ):  # fmt: skip
            spoken(widget, words[tip])
        self.history.set_label(words["history"])
        self.keep_menu.set_label(words["keep_what"])
        self.guard_menu.set_label(words["protect"])
        self.guard_menu.fill(
            [
                (id, words[f"protect_{id}"], words["protect_tip"])
                for id in ("selection", "show", "lift")
            ]
        )
        self.more.greet(words)
        self.strip.greet(words)
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

    def protected(self, some: bool) -> None:
        """Whether the picture has areas that no revision may touch."""
        words = self.words["protect"]
        self.guard_menu.set_label(f"{words} ✓" if some else words)
        for id in ("show", "lift"):
            self.guard_menu.item(id).set_sensitive(some)

    def plan(self, plan: Mapping[str, Any]) -> None:
        """What the bridge says of the present choice."""
        model = self.models.get(plan["model"], {})
        self.sharpness.set_text(plan["sharpness"])
        better = plan.get("better")
        self.better_button.set_visible(bool(better))
        if better:
            price = f"  ${better['usd']:.2f}" if better["usd"] else ""
            self._better = better["tier"]
            say(self.better_button, f"{better['tier']}: {better['percent']} %{price}")
            spoken(self.better_button, plan["sharpness"])
        self.facts.set_markup(
            f"<b>{GLib.markup_escape_text(plan['label'])}</b>, about {plan['seconds']:.0f} s\n"
            f"{GLib.markup_escape_text(plan['limitation'])}"
        )
        self.facts.set_tooltip_text(plan["why"] or str(model.get("strength", "")))
        spoken(self.purpose, plan["why"] or plan["limitation"])
        spoken(self.model, f"{plan['label']}: {plan['limitation']}")
        if not self.is_running:
            say(self.button, plan["button"])
            self.button.set_sensitive(plan["usable"])
            spoken(self.button, plan["why_not"] or plan["why"] or self.words["prompt_tip"])
        has_a_way_out = (
            plan["key"] or plan["instead"]
        )  # then the report line says it, with a button
        why_not = "" if has_a_way_out else plan["why_not"]
        self.warn(" ".join([why_not, *plan["warnings"]]).strip())

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
            say(self.button, text)
            self.button.set_sensitive(True)
        style = self.button.get_style_context()
        (style.remove_class if self.is_running else style.add_class)("suggested-action")

    def progress(self, fraction: float | None) -> None:
        self.bar.set_visible(self.is_running)
        if fraction is None:
            self.bar.pulse()
        else:
            self.bar.set_fraction(fraction)

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
        self.dots = toggle("more", "…")
        self.dots.connect("toggled", lambda one: self.more.set_visible(one.get_active()))
        self.guard_menu = Menu("protect", lambda id, _: self.owner.protect(id), checks=False)
        return box(row(self.keep_menu, self.guard_menu, None, self.dots), self.more)

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
            say(one, choice["label"])
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
