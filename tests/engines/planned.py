"""A case of the product as far as its paid requests: planned, let in, and judged by its maker.

In one process, with the bridge's own functions from the plan to the door. The emulators judge what
comes as strictly as ever and write down what it costs; only their painting is left out.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import numpy.typing as npt

from bridge.admit import Admission, consider
from bridge.catalog import Catalog
from bridge.choose import Chooser
from bridge.engines.base import Ask, Engine, Listen, Send, Step
from bridge.engines.find import find_engine
from bridge.engines.send import Door
from bridge.estimate import PlanReply
from bridge.geometry import Affine, Size
from bridge.history import History
from bridge.intake import take_in
from bridge.pixels import pack
from bridge.quote import quote
from bridge.revise import Order, ask_for
from bridge.told import Told
from bridge.wire import Choice, PartInfo, RevisionRequest
from tests.emulators.bfl import BflEmulator
from tests.emulators.emulator import Emulator
from tests.emulators.model import Bytes, Made, Model
from tests.engines.product import EMULATORS, Case, wish_of
from tests.revising import RGB8, Canvas, noise

REFERENCE = Size(96, 64)
PAINTED = np.full((8, 8, 3), 90, np.uint8)


class Idle(Model):
    """Takes what it is sent and answers with a few pixels, whatever size was asked for.

    pictures: how many it was shown last.
    """

    pictures = 0

    def edit(
        self,
        picture: Bytes,
        size: Size,
        mask: npt.NDArray[np.bool_] | None = None,
        references: tuple[Bytes, ...] = (),
    ) -> Made:
        self.pictures = 1 + len(references)
        untouched = np.zeros(picture.shape[:2], np.bool_)
        return Made(picture, picture, untouched, Affine(), PAINTED, (90, 90, 90))


@dataclass(frozen=True)
class Desk:
    """Where cases are planned; with the keys of the makers alone, as `redraft` would be."""

    catalog: Catalog
    chooser: Chooser
    history: History
    told: Told
    folder: Path

    @classmethod
    def at(cls, folder: Path, catalog: Catalog) -> Desk:
        """find_engine must lead to a loopback address, for then no date retires a model."""
        chooser = Chooser(catalog, find_engine, EMULATORS.__contains__)
        return cls(catalog, chooser, History(folder), Told(folder), folder)

    def plan(self, case: Case, canvas: Canvas) -> PlanReply:
        return quote(self.chooser, canvas.plan(choice_of(case)), self.history, self.told)

    def admit(
        self, case: Case, canvas: Canvas, plan: PlanReply
    ) -> tuple[Admission, RevisionRequest, dict[str, bytes]]:
        """As the bridge lets a revision in that costs no more than the artist was told."""
        request, parts = canvas.revision(
            choice_of(case), plan.box, max_usd=plan.usd, agreed_home=plan.home
        )
        infos = list(request.parts)
        for number in range(1, case.references + 1):
            name = f"reference_{number}"
            parts[name] = pack(noise(REFERENCE.width, REFERENCE.height, seed=number), RGB8)
            infos.append(PartInfo.of_pixels(name, REFERENCE, RGB8))
        request = request.model_copy(update={"parts": tuple(infos)})
        return consider(self.history, self.chooser, self.told, request), request, parts

    def ask(self, case: Case, canvas: Canvas, plan: PlanReply) -> Ask:
        """Of one variant."""
        admission, request, parts = self.admit(case, canvas, plan)
        model = admission.model
        order = Order(
            model=model.id,
            label=model.label,
            provider_model=model.routes[0].model,
            facts=self.catalog.facts(model),
            tier=admission.plan.tier,
            usd=admission.usd,
            prompt=admission.looks[0],
            number=1,
            seed=None,
        )
        job = take_in(request, parts, admission.plan)
        return ask_for(job, admission.choice, order, request.edge)

    def send(self, case: Case, canvas: Canvas) -> Sent:
        """The first request of one variant; those of the others are the same."""
        plan = self.plan(case, canvas)
        ask = self.ask(case, canvas, plan)
        engine = find_engine(plan.route)
        model = Idle()
        emulator = watched(engine.id, model)
        step = next(engine.revise(ask))
        assert isinstance(step, Send | Listen)
        said = asyncio.run(_said_against(engine, step, emulator, self.folder))
        charges = emulator.ledger.charges
        return Sent(ask, step.usd, said, sum(one.usd for one in charges), len(charges), model)


@dataclass(frozen=True)
class Sent:
    """promised: USD that the history keeps before it leaves. refused: what the maker said against

    it, "" when it was accepted. billed: USD by the maker's own ledger.
    """

    ask: Ask
    promised: float
    refused: str
    billed: float
    charges: int
    model: Idle

    def wrong(self, told: float, variants: int) -> str:
        """ "" when it was accepted, and `variants` of it cost no more than `told`, in USD."""
        if self.refused:
            return self.refused
        if self.charges != 1:
            return f"{self.charges} charges"
        if self.model.pictures != 1 + len(self.ask.references):
            return f"{self.model.pictures} pictures seen"
        if self.billed * variants > told + 1e-9:
            return f"{variants} times {self.billed:.4f} billed, {told:.4f} told"
        if abs(self.promised * variants - told) > 1e-6:
            return f"{variants} times {self.promised:.4f} kept, {told:.4f} told"
        return ""


def choice_of(case: Case) -> Choice:
    return Choice(
        model=case.path,
        prompt=wish_of(case),
        variants=case.variants,
        tier=case.tier,
        references=case.references,
    )


def watched(engine: str, model: Idle) -> Emulator:
    emulator = EMULATORS[engine][0]()
    emulator.model = model
    if isinstance(emulator, BflEmulator):
        emulator.in_place = model
    return emulator


async def _said_against(engine: Engine, step: Step, emulator: Emulator, folder: Path) -> str:
    """What the maker says against it; "" when it accepts."""
    there = httpx.ASGITransport(app=emulator)
    async with Door(engine, lambda: emulator.key, folder, transport=there) as door:
        if isinstance(step, Listen):
            event = await door.listen(step.request, step.usd)
            assert event is not None
            return event.data.decode() if event.name == "http_error" else ""
        assert isinstance(step, Send)
        response = await door.send(step)
        return "" if response.status == 200 else f"{response.status} {response.body.decode()}"
