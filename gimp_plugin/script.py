"""The procedures without a window: what a script, another plug-in or “repeat” asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gi.repository import Gimp, GLib

from .calls import Drawable
from .canvas import Canvas
from .client import Client, Lost, Refused
from .kept import Reference
from .round import Round
from .target import Arrived, Obstacle, Placed, Target, as_said
from .worker import Courier


class Failed(Exception):
    """The sentence that the caller gets."""


@dataclass
class Asked:
    """What a script asks for. max_usd: what the call may cost at most; None = whatever it costs.

    references: paths of picture files.
    """

    choice: Mapping[str, Any]
    edge: Mapping[str, Any] = field(default_factory=dict)
    source: str = "layer"
    seed: int | None = None
    max_usd: float | None = 0.0
    references: Sequence[str] = ()


class Script:
    """Runs a round to its end, with GIMP's own progress bar."""

    def __init__(self, canvas: Canvas, client: Client) -> None:
        self.canvas, self.client = canvas, client
        self._loop = GLib.MainLoop()
        self._layers: tuple[str, ...] = ()
        self._failure = ""

    def revise(self, asked: Asked, drawables: Sequence[Drawable]) -> list[Any]:
        """The new layers. Failed says why there are none."""
        target = self._noted(
            lambda: self.canvas.note(asked.source, lasting=True, drawables=drawables)
        )
        return self._round(target, lambda round: _start(round, asked))

    def revise_again(
        self, model: str, max_usd: float | None, drawables: Sequence[Drawable]
    ) -> list[Any]:
        """model: another one than the layer was made with, "" for the same."""

        def noted() -> tuple[Target, Mapping[str, Any]]:
            recipe = self.canvas.recipe_of(drawables)
            return self.canvas.note_again(recipe, drawables), recipe.said

        target, said = self._noted(noted)
        other = {"model": model, "route": ""} if model else {}
        asked = Asked({**as_said(said), **other}, max_usd=max_usd)
        return self._round(target, lambda round: _start(round, asked))

    def history(self) -> list[Mapping[str, Any]]:
        """The picture's revisions, newest first."""
        id = self.canvas.known_id()
        if not id:
            return []
        try:
            found: list[Mapping[str, Any]] = self.client.get(f"/v1/revisions?document={id}")[
                "revisions"
            ]
        except (Refused, Lost) as exc:
            raise Failed(exc.sentence) from exc
        return found

    def place(self, revision: str, drawables: Sequence[Drawable]) -> list[Any]:
        """The layers of an earlier revision once more; free."""
        wanted = next((one for one in self.history() if one["id"] == revision), None)
        if wanted is None:
            raise Failed(f"This picture has no revision {revision}.")
        target = self._noted(lambda: self.canvas.note("layer", lasting=True, drawables=drawables))
        return self._round(target, lambda round: round.fetch(wanted))

    # --- what a round tells ------------------------------------------------------------------

    def state(self, revision: Mapping[str, Any]) -> None:
        known = [one["fraction"] for one in revision["variants"] if one["fraction"] is not None]
        notes = [one["note"] for one in revision["variants"] if one["note"]]
        if notes:
            Gimp.progress_set_text(notes[0])
        if known:
            Gimp.progress_update(sum(known) / len(revision["variants"]))
        else:
            Gimp.progress_pulse()

    def landed(self, placed: Placed, layers: Sequence[Arrived]) -> None:
        self._layers += placed.layers

    def over(self, revision: Mapping[str, Any]) -> None:
        faults = [one["error"]["sentence"] for one in revision["variants"] if one["error"]]
        if faults and not self._layers:
            self._failure = faults[0]
        self._loop.quit()

    def failed(self, sentence: str, fault: Mapping[str, Any]) -> None:
        self._failure = sentence
        self._loop.quit()

    def priced(self, plan: Mapping[str, Any]) -> None:
        """Never: a script says with max-price what may go."""

    def busy(self) -> bool:
        return False

    # --- running -----------------------------------------------------------------------------

    def _noted(self, note: Callable[[], Any]) -> Any:
        try:
            return note()
        except Obstacle as exc:
            raise Failed(str(exc)) from exc

    def _round(self, target: Target, start: Callable[[Round], None]) -> list[Any]:
        round = Round(self.canvas, self.client, Courier(), target, self)
        Gimp.progress_init("Redraft")
        start(round)
        self._loop.run()
        Gimp.progress_end()
        if self._failure:
            raise Failed(self._failure)
        return self._noted(lambda: self.canvas.layers(self._layers, target))


def _start(round: Round, asked: Asked) -> None:
    seeded = {} if asked.seed is None else {"seed": asked.seed}

    def too_dear(plan: Mapping[str, Any]) -> str:
        if asked.max_usd is None or plan["usd"] <= asked.max_usd:
            return ""
        return (
            f"{plan['label']} costs {plan['price']}, more than the max-price of "
            f"{asked.max_usd:.2f}; raise it or choose another model."
        )

    shown = [Reference("file", Path(one).name, one) for one in asked.references]
    more = {"edge": dict(asked.edge), **seeded}
    round.start(asked.choice, more, shown, why_not=too_dear)
