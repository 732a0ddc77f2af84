"""The wish: what should change, which prompt helper, how far."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gi.repository import Gtk

from .prompt import Prompt
from .widgets import GAP, label, row, say, spoken, toggle

HELPERS_IN_A_ROW = 4
USUAL_FAR = 1  # of the choices that the bridge gives, the middle one


class Wish(Gtk.Box):
    """changed: something was said anew. entered: Ctrl+Enter."""

    def __init__(self, changed: Callable[[], None], entered: Callable[[], None]) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=GAP)
        self.helper = ""
        self._helpers: dict[str, tuple[Any, Mapping[str, Any]]] = {}
        self._fields: dict[str, Gtk.Entry] = {}
        self._far: dict[str, Gtk.RadioButton] = {}
        self._quiet = False
        self._changed_to = changed
        self.prompt = Prompt(self._changed, entered)
        self.helper_grid = Gtk.Grid(column_homogeneous=True, row_spacing=2, column_spacing=2)
        self.fields = Gtk.Grid(row_spacing=GAP, column_spacing=GAP, no_show_all=True)
        self.far_row = row()
        self.far_row.set_no_show_all(True)
        for part in (self.prompt, self.helper_grid, self.fields, self.far_row):
            self.pack_start(part, False, True, 0)

    def greet(self, hello: Mapping[str, Any]) -> None:
        words = hello["words"]
        self.prompt.asks(words["prompt"])
        spoken(self.prompt.view, words["prompt_tip"])
        self._fill_helpers(hello["helpers"])
        self._fill_far(hello["how_far"], words["how_far"])

    def choice(self) -> dict[str, Any]:
        """These fields of a choice: prompt, helper, how_far, options."""
        far = [id for id, one in self._far.items() if one.get_active()]
        return {
            "prompt": self.prompt.get_text(),
            "helper": self.helper,
            "how_far": far[0] if far and self.far_row.get_visible() else "",
            "options": {id: one.get_text() for id, one in self._fields.items() if one.get_text()},
        }

    def _changed(self) -> None:
        if not self._quiet:
            self._changed_to()

    def _help(self, id: str, on: bool) -> None:
        """A helper's words are a start, never over what the artist has typed."""
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
            said = label("field_label", field["label"])
            self.fields.attach(said, 0, number, 1, 1)
            self.fields.attach(entry, 1, number, 1, 1)
            said.show()
            entry.show()
            self._fields[field["id"]] = entry
        self.fields.set_visible(bool(helper["fields"]))

    def _fill_helpers(self, helpers: Sequence[Mapping[str, Any]]) -> None:
        for number, helper in enumerate(helpers if not self._helpers else ()):
            one = toggle(f"helper_{helper['id']}", helper["label"])
            spoken(one, helper["tip"])
            one.connect("clicked", lambda at, id=helper["id"]: self._help(id, at.get_active()))
            column, line = number % HELPERS_IN_A_ROW, number // HELPERS_IN_A_ROW
            self.helper_grid.attach(one, column, line, 1, 1)
            self._helpers[helper["id"]] = (one, helper)
        self.helper_grid.show_all()

    def _fill_far(self, choices: Sequence[Mapping[str, Any]], said: str) -> None:
        if self._far:
            return
        first = None
        words = label("far", said, wrap=False)
        words.show()
        self.far_row.pack_start(words, False, True, 0)
        for at, choice in enumerate(choices):
            one = Gtk.RadioButton.new_with_label_from_widget(first, choice["label"])
            first = first or one
            one.set_name(f"far_{choice['id']}")
            say(one, choice["label"])
            spoken(one, choice["tip"])
            one.set_active(at == USUAL_FAR)
            one.connect("toggled", lambda at: at.get_active() and self._changed())
            self.far_row.pack_start(one, True, True, 0)
            one.show()
            self._far[choice["id"]] = one
