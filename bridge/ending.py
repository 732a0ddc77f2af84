"""How a variant ends that brought no layer: in which state, with what sentence, charged or not."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.choose import Chooser
from bridge.engines.refusals import cancelled
from bridge.errors import (
    BridgeError,
    Busy,
    Cancelled,
    Charged,
    EngineError,
    KeyMissing,
    KeyWrong,
    TooMany,
    UnknownFate,
    Unreachable,
)
from bridge.history import History, RevisionRow, VariantRow
from bridge.instead import instead_of
from bridge.pieces import SOME_TILES
from bridge.replies import fault_of, with_next
from bridge.spending import Fate
from bridge.stop import was_stopped
from bridge.wire import Fault

FATES: dict[Charged, Fate] = {"no": "free", "yes": "charged", "unknown": "unknown"}
# The provider has the job and could not be asked for it: that says nothing about the job.
PASSING = (Unreachable, Busy, TooMany, KeyMissing, KeyWrong)


@dataclass(frozen=True, slots=True)
class Ending:
    history: History
    chooser: Chooser
    row: VariantRow

    def put(self, exc: BridgeError | None) -> None:
        """None: cancelled before it cost anything. Conflict when it has ended otherwise."""
        kept = self.history.revision(self.row.revision)
        exc = self._as_it_stands(kept, exc)
        state = "failed"
        fate: Fate | None = None
        if exc is None or isinstance(exc, Cancelled):
            state, fate = "cancelled", None if exc is None else "unknown"
        elif isinstance(exc, EngineError):
            state = "asking" if isinstance(exc, UnknownFate) else "failed"
            fate = FATES[exc.charged]
        error = None if exc is None else self._fault(kept, exc).model_dump_json()
        row = self.row
        self.history.move(row.revision, row.number, state, fate=fate, error=error)

    def _as_it_stands(self, kept: RevisionRow, exc: BridgeError | None) -> BridgeError | None:
        """UnknownFate for a passing trouble with what the provider already has; Cancelled for what

        it no longer has, or did not finish, when it was asked to stop it.
        """
        now = self.history.variant(self.row.revision, self.row.number)
        if type(exc) is EngineError and exc.charged == "unknown" and was_stopped(now):
            home = self.chooser.catalog.homes[kept.provider]
            return cancelled(home.label) if now.usd_told > 0 else None
        if not isinstance(exc, PASSING):
            return exc
        here = now.answer and now.media_type != SOME_TILES
        if now.ref is None or here or now.usd_told <= 0:
            return exc
        return UnknownFate(
            f"{kept.label} has this and may have charged up to ${now.usd_told:.2f}. "
            f"{exc.sentence} Looking again is free."
        )

    def _fault(self, kept: RevisionRow, exc: BridgeError) -> Fault:
        """With the next able model for this variant, when the model was what failed."""
        from bridge.admit import routed
        from bridge.rerun import need_of

        fault = fault_of(exc)
        if not isinstance(exc, EngineError) or isinstance(exc, Cancelled):
            return fault
        try:
            failed = routed(self.chooser.catalog, kept)
            need = need_of(kept, (self.row,))
            return with_next(fault, instead_of(self.chooser, failed, fault.code, need))
        except BridgeError:  # a row that the catalogue no longer has: then nothing is offered
            return fault


def in_the_dark(row: VariantRow, kept: RevisionRow) -> UnknownFate:
    """A bridge died while this was being sent, with no whole answer in its hands."""
    return UnknownFate(
        f"The bridge stopped while this was being sent to {kept.label}; up to "
        f"${row.usd_told:.2f} may have been charged. Look at your account there before you "
        "ask again."
    )


def mistaken() -> BridgeError:
    return BridgeError("Redraft made a mistake here; its log says more. Try again.")
