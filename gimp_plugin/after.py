"""What can be done once there is a result: flip, keep, finish, ask another, put back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gi.repository import Gdk, Gtk

from .canvas import Canvas, Obstacle, Target
from .client import Client
from .result import Result
from .round import Round, wants_a_click

if TYPE_CHECKING:
    from .panel import Panel
    from .worker import Courier

KEY_MS = 2000  # between two looks whether a missing key has come


class After:
    """A half of the window; the other begins rounds and looks at the picture."""

    canvas: Canvas
    client: Client
    courier: Courier
    panel: Panel
    gtk: Gtk.Window
    round: Round | None
    result: Result | None
    target: Target | None
    _action: str  # what the one button of the report line does
    _known: str
    _agreed: Mapping[str, str]
    _finish: Mapping[str, Any]
    _instead: Mapping[str, Any]
    _waiting: Mapping[str, Any]
    _shown_plan: Mapping[str, Any]
    _earlier: dict[str, Mapping[str, Any]]
    _begin: Callable[[Target], Round]
    _make_again: Callable[[], None]
    _plan: Callable[[], None]
    _say: Callable[..., None]
    _source: Callable[[], str]
    _told: Callable[[str], None]
    failed: Callable[[str, Mapping[str, Any]], None]

    # --- after the result -------------------------------------------------------------------------

    def _show_result(self) -> None:
        assert self.result is not None
        usd = self.result.revision["document_usd"]
        spent = f"{self.panel.words['spent']} ${usd:.2f}" if usd else ""
        self.panel.strip.result(self.result.states(), self.result.shown, spent)
        self._say(self.result.line())

    def _do(self, act: Callable[[Result], None]) -> bool:
        """`act` on the result, when there is one; what stands in the way is said."""
        if self.result is None:
            return False
        try:
            act(self.result)
        except Obstacle as exc:
            self._say(str(exc))
            return False
        return True

    def flip(self, variant: int) -> None:
        if self._do(lambda result: result.flip(variant)):
            self._show_result()
            self._price_finish()

    def step(self, by: int) -> None:
        if self._do(lambda result: result.step(by)):
            self._show_result()

    def original(self, wanted: bool) -> None:
        self._do(lambda result: result.original(wanted))

    def keep(self) -> None:
        if self._do(lambda result: result.keep()):
            self._forget_result()

    # --- finishing, and asking another ---------------------------------------------------------

    def _variant_path(self) -> str:
        assert self.result is not None
        number = self.result.revision["variants"][self.result.shown]["number"]
        return f"/v1/revisions/{self.result.revision['id']}/variants/{number}"

    def _price_finish(self) -> None:
        """What it would be to have the shown variant painted out in full detail."""
        path = f"{self._variant_path()}/finish"

        def priced(reply: Mapping[str, Any]) -> None:
            if self.result and f"{self._variant_path()}/finish" == path:
                self._finish = {**reply, "path": path}
                self.panel.strip.finish(reply["button"] if reply["usable"] else "", reply["label"])

        self.courier.work(
            lambda: self.client.get(path), priced, lambda _: self.panel.strip.finish("", "")
        )

    def finish(self) -> None:
        """Asks first what goes where, as the big button does."""
        if self.round or not self.result:
            return
        if wants_a_click(self._finish, self._agreed):
            self._say(" ".join(filter(None, [self._finish["where"], self._finish["confirm"]])))
            self._agreed = reading(self._finish)
            return
        if self._agreed.get("home"):
            self._told(self._agreed["home"])
        self._follow_up(self._finish["path"], self._finish)

    def _follow_up(self, path: str, wanted: Mapping[str, Any]) -> None:
        """A revision that the bridge makes from the pixels it has, placed as the last one was."""
        if self.round or not self.target:
            return
        told = {"model": wanted["model"], "max_usd": wanted["usd"]}
        round = self._begin(self.target)
        self.courier.work(
            lambda: self.client.post(path, told),
            round.attach,
            lambda exc: self.failed(exc.sentence, {}),
        )

    def _open_key_page(self) -> None:
        """In the artist's own browser; the panel asks again when it is in sight next."""
        path = f"/v1/keys/{self._shown_plan['key']}/page"

        def opened(address: str) -> None:
            Gtk.show_uri_on_window(self.gtk, address, Gdk.CURRENT_TIME)
            self.courier.every(KEY_MS, self._key_came)

        self.courier.work(
            lambda: self.client.address(self.client.post(path)["path"]),
            opened,
            lambda exc: self._say(exc.sentence),
        )

    def _key_came(self) -> bool:
        """Looks again whether the key is there, for as long as it is missing."""
        if self._action == "key_page" and not self.round:
            self._plan()
            return True
        return False

    # --- what waits, and what was ----------------------------------------------------------------

    def _ask_for_history(self, *, offer: bool = True) -> None:
        """What was revised in this picture. offer: also a result that never reached it."""
        id = self.canvas.known_id()
        if not id:
            self._earlier = {}
            self.panel.history.fill([])
        if not id or id == self._known:
            return
        self._known = id
        self.courier.work(
            lambda: self.client.get(f"/v1/revisions?document={id}"),
            lambda found: self._history_came(found, offer),
            lambda _: None,
        )

    def _history_came(self, found: Mapping[str, Any], offer: bool) -> None:
        self._earlier = {one["id"]: one for one in found["revisions"]}
        self.panel.history.fill(
            [(id, f"{one['title']} · {one['label']}", _summary(one)) for id, one in
             self._earlier.items()]
        )  # fmt: skip
        for revision in found["revisions"] if offer and not self.round else ():
            states = [one["state"] for one in revision["variants"]]
            if not revision["settled"] or "composed" in states:
                self._waiting = revision
                self._action = "place_now"
                words = self.panel.words
                self.panel.strip.report(
                    f"{words['waiting']} {revision['title']}", words["place_now"]
                )
                return

    def recall(self, id: str) -> None:
        """The layers of an earlier revision once more, free."""
        if not self.round:
            self._place(lambda round: round.fetch(self._earlier[id]))

    def act(self) -> None:
        """The one button of the report line."""
        if self._action.startswith("copy "):
            clipboard = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD)
            clipboard.set_text(self._action.removeprefix("copy "), -1)
        elif self._action == "place_now":
            self._place(lambda round: round.attach(self._waiting))
        elif self._action == "put_back":
            self._put_back()
        elif self._action == "again_original":
            self._make_again()
        elif self._action == "instead":
            self.panel.model.set_active_id(self._instead["model"])
        elif self._action == "instead_of":
            wanted = self._instead["instead"]
            self._follow_up(f"/v1/revisions/{self._instead['id']}/instead", wanted)
        elif self._action == "key_page":
            self._open_key_page()

    def _place(self, start: Callable[[Round], None]) -> None:
        try:
            target = self.canvas.note(self._source(), lasting=True)
        except Obstacle as exc:
            self._say(str(exc))
            return
        start(self._begin(target))

    def _put_back(self) -> None:
        """Free: the layers are fetched and placed once more."""
        if self.result and not self.round:
            target, revision = self.result.target, self.result.revision
            self._begin(target).fetch(revision)


def reading(plan: Mapping[str, Any]) -> Mapping[str, str]:
    """What the artist reads now; home: whose, "" when it was read before."""
    home = plan["home"] if plan["where_new"] else ""
    return {"where": plan["where"], "confirm": plan["confirm"], "home": home}


def _summary(revision: Mapping[str, Any]) -> str:
    spent = f", ${revision['usd']:.2f}" if revision["usd"] else ""
    states = ", ".join(one["state"] for one in revision["variants"])
    return f"{revision['prompt']}\n{revision['label']}: {states}{spent}"
