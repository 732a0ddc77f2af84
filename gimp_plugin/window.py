"""The window: brings panel, canvas and bridge together, and stays open beside the picture."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gi.repository import Gdk, Gtk

from . import arguments
from .after import After, reading
from .calls import Image
from .canvas import Canvas, Obstacle, Target
from .client import Client, Lost, Refused
from .kept import Recipe
from .panel import THUMB, Panel
from .result import Result
from .round import Round, area
from .script import Asked
from .worker import Courier

TITLE = "Redraft"
WIDTH = 340  # px
LOOK_MS = 400  # GIMP tells nobody when the selection changes: a slow look, only while in sight
TITLE_BAR = 40  # px, more than any window manager's
MOST_OF_SCREEN = 0.9  # that the window may be high
STARTING = "Starting Redraft …"
BUTTONS = (
    Gdk.ModifierType.BUTTON1_MASK | Gdk.ModifierType.BUTTON2_MASK | Gdk.ModifierType.BUTTON3_MASK
)
STYLE = b"""
.redraft-title { font-weight: bold; }
#redraft-panel button { padding-left: 5px; padding-right: 5px; }
#redraft-panel #numbers button { padding-left: 2px; padding-right: 2px; }
#redraft-panel progressbar progress, #redraft-panel progressbar trough { min-height: 4px; }
"""


class Window(After):
    """One for all pictures: it shows the one that the artist called us from last."""

    def __init__(self, canvas: Canvas, client: Client) -> None:
        self.canvas, self.client, self.courier = canvas, client, Courier()
        self.round: Round | None = None
        self.result: Result | None = None
        self.target: Target | None = None
        self.greeted = self._greeting = self._growing = False
        self._seen = self._known = self._action = ""
        self._asked: Mapping[str, Any] = {}
        self._recipe: Recipe | None = None
        self._instead: Mapping[str, Any] = {}
        self._shown_plan: Mapping[str, Any] = {}
        self._agreed: Mapping[str, str] = {}
        self._finish: Mapping[str, Any] = {}
        self._waiting: Mapping[str, Any] = {}
        self._earlier: dict[str, Mapping[str, Any]] = {}
        self.panel = Panel(self)
        self.panel.set_name("redraft-panel")
        self.gtk = self._window()
        self.courier.every(LOOK_MS, self._look_again)

    def _window(self) -> Gtk.Window:
        style = Gtk.CssProvider()
        style.load_from_data(STYLE)
        Gtk.StyleContext.add_provider_for_screen(
            Gdk.Screen.get_default(), style, Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION
        )
        scroll = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER)
        scroll.add(self.panel)
        self.panel.connect("size-allocate", lambda *_: self._grow_soon())
        made = Gtk.Window(title=TITLE, role="redraft", default_width=WIDTH)
        made.set_type_hint(Gdk.WindowTypeHint.UTILITY)
        made.set_keep_above(True)
        made.add(scroll)
        scroll.show()
        made.connect("destroy", lambda _: Gtk.main_quit())
        made.connect("key-press-event", self._key)
        return made

    def _grow_soon(self) -> None:
        if not self._growing:
            self._growing = True
            self.courier.hand(self._grow)

    def _grow(self) -> None:
        """As high as the panel would be, as far as the screen goes; never smaller by itself."""
        self._growing = False
        width, height = self.gtk.get_size()
        monitor = Gdk.Display.get_default().get_monitor_at_window(self.gtk.get_window())
        area = monitor.get_workarea()
        room = int(area.height * MOST_OF_SCREEN)
        wanted = min(room, self.panel.get_preferred_height_for_width(width)[1])
        if wanted <= height:
            return
        self.gtk.resize(width, wanted)
        left, top = self.gtk.get_position()
        lowest = area.y + area.height - wanted - TITLE_BAR
        if top > lowest:
            self.gtk.move(left, lowest)

    def show_for(self, image: Image, what: str) -> None:
        """what: revise, again or history."""
        self.canvas.image = image
        self._seen = self._known = ""
        self._earlier = {}
        self.panel.history.fill([])
        self.gtk.show()
        self.gtk.present()
        if what == "history" and self.greeted:
            self._ask_for_history()
        self._look()

    # --- greeting and planning --------------------------------------------------------------------

    def _look_again(self) -> bool:
        if self.gtk.get_visible():
            self._look()
        return True

    def _look(self) -> None:
        """Has the picture, the layer or the selection changed since the last look?"""
        if not self.greeted:
            self._greet()
            return
        try:
            target = self.canvas.note(self._source(), lasting=False)
            seen = json.dumps([target.image, target.node, target.selection, target.width])
        except Obstacle as exc:
            target, seen = None, str(exc)
        self._look_after_result()
        if seen != self._seen:
            self._seen = seen
            self._offer_recipe()
            self._about(target)
            self._plan()
            self._ask_for_history()

    def _look_after_result(self) -> None:
        """Undone: it can be put back. Its picture closed: nothing more to flip through."""
        if self.result and self.result.closed():
            self._forget_result()
        elif self.result and self.result.undone():
            if self._action == "put_back":
                return  # a button that is said anew loses the click that is on its way
            self._say(self.panel.words["put_back_tip"], "put_back")
        elif self.result and self._action == "put_back":  # redone
            self._show_result()

    def _forget_result(self) -> None:
        self.result = None
        self.panel.strip.result((), None, "")
        self._say("")

    def _offer_recipe(self) -> None:
        """A layer of ours is revised with what lies below, or made again as it once was."""
        recipe = self.canvas.recipe()
        if recipe == self._recipe:
            return
        if (recipe is None) != (self._recipe is None):
            self.panel.choose_source("below" if recipe else "layer")
        self._recipe = recipe
        if recipe and not (self.result and self.result.in_sight()):
            self._say(str(recipe.said["prompt"]), "again_original")
        elif self._action == "again_original":
            self._say("")

    def protect(self, what: str) -> None:
        try:
            self.canvas.protect(what)
        except Obstacle as exc:
            self._say(str(exc))
        self.panel.protected(self.canvas.protects())

    def _about(self, target: Target | None) -> None:
        self.panel.protected(self.canvas.protects())
        if target is None:
            return
        try:
            thumbnail = self.canvas.thumbnail(target, THUMB)
        except Obstacle:
            thumbnail = None
        self.panel.about(target.name, self._what(target), thumbnail)

    def _what(self, target: Target) -> str:
        if target.selection is None:
            return self.panel.words["select_first"]
        left, top, right, bottom = target.selection
        return f"Selection {right - left}×{bottom - top}"

    def _greet(self) -> None:
        if self._greeting:
            return
        self._greeting = True
        if not self._action.startswith("copy "):  # a button that is said anew loses the click
            self.panel.strip.report(STARTING)
        self.courier.work(
            lambda: self.client.get("/v1/hello"), self._greeting_came, self._no_bridge
        )

    def _greeting_came(self, hello: Mapping[str, Any]) -> None:
        self.greeted, self._greeting = True, False
        self.panel.greet(hello)
        self._say("")
        self._seen = ""
        self._look()

    def _no_bridge(self, exc: Refused | Lost) -> None:
        """Said, and tried again at the next look; a command can be copied."""
        self._greeting = False
        command = exc.command if isinstance(exc, Lost) else ""
        self.panel.set_sensitive(True)
        self.panel.button.set_sensitive(False)
        action = f"copy {command}" if command else ""
        if not action or action != self._action:
            self.panel.strip.report(exc.sentence, "Copy the command" if command else "")
        self._action = action

    def _source(self) -> str:
        return self.panel.source.get_active_id() or "layer"

    def _plan(self) -> None:
        if not self.greeted or self.round:
            return
        try:
            target = self.canvas.note(self._source(), lasting=False)
        except Obstacle as exc:
            self.panel.obstacle(str(exc))
            return
        asked: dict[str, Any] = {"document": target.document(), "choice": self.panel.choice()}
        if target.selection:
            asked["selection"] = area(target.selection)
        self._asked = asked
        self.courier.work(
            lambda: self.client.post("/v1/plan", asked),
            lambda plan: self._planned(asked, plan),
            self._not_planned,
        )

    def _planned(self, asked: Mapping[str, Any], plan: Mapping[str, Any]) -> None:
        if asked is not self._asked or self.round:  # the artist has chosen something else
            return
        self._shown_plan = plan
        self.panel.plan(plan)
        if plan["key"]:
            self._action = "key_page"
            self.panel.strip.report(plan["why_not"], self.panel.words["key_page"])
        elif plan["instead"] and not plan["usable"]:
            self._action, self._instead = "instead", plan["instead"]
            self.panel.strip.report(plan["why_not"], plan["instead"]["button"])
        elif self._action in ("key_page", "instead"):
            self._say("")

    def _not_planned(self, exc: Refused | Lost) -> None:
        if isinstance(exc, Lost):
            self.greeted = False  # found, or started, at the next look
        self.panel.button.set_sensitive(self.panel.is_running)
        self.panel.strip.report(exc.sentence)

    # --- what the artist does --------------------------------------------------------------------

    def changed(self) -> None:
        self._agreed = {}
        self._plan()

    def better(self, tier: str) -> None:
        self.panel.tier = tier
        self._plan()

    def revise(self) -> None:
        if self.round or not self.greeted:
            return
        try:
            target = self.canvas.note(self._source(), lasting=True)
        except Obstacle as exc:
            self._say(str(exc))
            return
        self._send(target, self.panel.choice())

    def again(self, on_top: bool) -> None:
        """From the original, with all the wishes that led here; or on top of what is shown."""
        if self.round or not self.greeted:
            return
        try:
            target = self.canvas.note(self._source(), lasting=True)
            if on_top and self.result:
                target = self.canvas.on_top(
                    self.result.target,
                    self.result.layers[
                        self.result.revision["variants"][self.result.shown]["number"]
                    ],
                )
        except Obstacle as exc:
            self._say(str(exc))
            return
        more: dict[str, Any] = {}
        if self.result:
            number = self.result.revision["variants"][self.result.shown]["number"]
            how = "on top" if on_top else "original"
            more = {"parent": self.result.revision["id"], "parent_variant": number, "again": how}
        self._send(target, self.panel.choice(), more)

    def _send(
        self, target: Target, choice: Mapping[str, Any], more: Mapping[str, Any] | None = None
    ) -> None:
        """more: of which revision this one goes on."""
        told: dict[str, Any] = {"edge": self.panel.more.edge(), **(more or {})}
        seed = self.panel.more.seeded()
        if seed is not None:
            told["seed"] = seed
        arguments.remember(Asked(choice, self.panel.more.edge(), target.source, seed))
        agreed, self._agreed = self._agreed, {}
        if agreed.get("home"):
            self._told(agreed["home"])
        self._begin(target).start(choice, told, agreed=agreed)

    def _told(self, home: str) -> None:
        self.courier.work(
            lambda: self.client.post("/v1/told", {"home": home}), lambda _: None, lambda _: None
        )

    def asks_first(self, plan: Mapping[str, Any]) -> None:
        """What goes where, and what it costs, to be read; the next press of the button is a yes."""
        self._ended()
        self._say(" ".join(filter(None, [plan["where"], plan["confirm"]])))
        self._agreed = reading(plan)

    def _make_again(self) -> None:
        """The selected layer of ours, with the wish it was made from and the model chosen now."""
        recipe = self._recipe
        if recipe is None or self.round:
            return
        try:
            target = self.canvas.note_again(recipe)
        except Obstacle as exc:
            self._say(str(exc))
            return
        model = self.panel.choice()["model"]
        chosen = {"model": model, "route": ""} if model else {}
        self._send(target, {**recipe.said["choice"], "prompt": recipe.said["prompt"], **chosen})

    def cancel(self) -> None:
        if self.round:
            self.round.cancel()

    def _key(self, _: Gtk.Window, event: Gdk.EventKey) -> bool:
        """, and . flip through the variants, unless the artist is writing."""
        typing = isinstance(self.gtk.get_focus(), (Gtk.TextView, Gtk.Entry))
        by = {Gdk.KEY_comma: -1, Gdk.KEY_period: 1}.get(event.keyval)
        if typing or by is None or self.result is None:
            return False
        self.step(by)
        return True

    # --- a round --------------------------------------------------------------------------------

    def _begin(self, target: Target) -> Round:
        self.target, self.result = target, None
        self.panel.strip.report("")
        self.panel.strip.result((), None, "")
        self.panel.running(self.panel.words["cancel_free"])
        self.panel.progress(None)
        self.round = Round(self.canvas, self.client, self.courier, target, self)
        return self.round

    def busy(self) -> bool:
        """Whether a button of the mouse, or the pen, is down: the artist draws."""
        display = Gdk.Display.get_default()
        pointer = display.get_default_seat().get_pointer()
        _, _, _, state = Gdk.Screen.get_default().get_root_window().get_device_position(pointer)
        return bool(state & BUTTONS)

    def state(self, revision: Mapping[str, Any]) -> None:
        variants = revision["variants"]
        paid = any(one["usd"] for one in variants)
        words = self.panel.words
        self.panel.running(words["cancel_paid"] if paid else words["cancel_free"])
        known = [one["fraction"] for one in variants if one["fraction"] is not None]
        self.panel.progress(sum(known) / len(variants) if known else None)
        notes = [one["note"] for one in variants if one["note"]]
        if notes:
            self.panel.strip.report(notes[0])

    def landed(self, layers: Mapping[int, str], revision: Mapping[str, Any]) -> None:
        self._ended()
        faults = [one["error"] for one in revision["variants"] if one["error"]]
        if layers and self.target:
            self.result = Result(self.canvas, self.target, revision, layers)
            self._show_result()
            self._price_finish()
        if faults:
            self._refused(faults[0]["sentence"], revision)
        elif not layers:
            self._say("")

    def failed(self, sentence: str, fault: Mapping[str, Any]) -> None:
        self._ended()
        self._say(sentence)

    def _refused(self, sentence: str, revision: Mapping[str, Any]) -> None:
        """The sentence, and the next able model with the same input, its price on the button."""
        self._say(sentence)
        if revision["instead"]:
            self._action, self._instead = "instead_of", revision
            self.panel.strip.report(sentence, revision["instead"]["button"])

    def _ended(self) -> None:
        self.round = None
        self.panel.running(None)
        self.panel.progress(None)
        self._plan()
        self._known = ""
        self._ask_for_history(offer=False)

    def _say(self, sentence: str, action: str = "") -> None:
        self._action = action
        self.panel.strip.report(sentence, self.panel.words.get(action, "") if action else "")
