"""What a panel shows before anything is sent: models and words, plans, what was spent."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter

from bridge.catalog import Catalog
from bridge.errors import NotFound
from bridge.estimate import PlanReply, PlanRequest
from bridge.hello import Hello, Spent, Standing, hello
from bridge.jobs import Jobs
from bridge.quote import quote
from bridge.spending import SpendingLimits
from bridge.wire import WIRE, Message, Name


class Alive(Message):
    wire: int


class Read(Message):
    """home: as a plan names it."""

    home: Name


def panel_routes(jobs: Jobs) -> APIRouter:
    routes = APIRouter()

    @routes.get("/v1/alive")
    async def alive() -> Alive:
        return Alive(wire=WIRE)

    @routes.get("/v1/hello")
    async def greet() -> Hello:
        return await asyncio.to_thread(lambda: _hello(jobs))

    @routes.post("/v1/limits")
    async def limits(wanted: SpendingLimits) -> SpendingLimits:
        """What may be spent, and above what sum a second click is wanted; the whole of it."""
        for home in wanted.providers:
            known_home(jobs.chooser.catalog, home)
        await asyncio.to_thread(jobs.history.set_limits, wanted)
        return wanted

    @routes.post("/v1/plan")
    async def plan(asked: PlanRequest) -> PlanReply:
        return await asyncio.to_thread(quote, jobs.chooser, asked, jobs.history, jobs.told)

    @routes.post("/v1/told")
    async def told(read: Read) -> Read:
        """The artist has read what goes where, and agreed."""
        await asyncio.to_thread(jobs.told.add, known_home(jobs.chooser.catalog, read.home))
        return read

    return routes


def known_home(catalog: Catalog, home: str) -> str:
    if home not in catalog.homes:
        raise NotFound(f"There is no home of models named {home}; a plan names the one it means.")
    return home


def _standing(jobs: Jobs) -> Standing:
    return Standing(jobs.history.limits(), jobs.told.homes(), jobs.providers.live.read())


def _hello(jobs: Jobs) -> Hello:
    totals = jobs.history.totals()
    spent = Spent(day=totals.day, month=totals.month, providers=totals.providers)
    return hello(jobs.chooser, spent, _standing(jobs))
