"""What a panel shows before anything is sent: models and words, plans, what was spent."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter

from bridge.hello import Hello, Spent, hello
from bridge.jobs import Jobs
from bridge.quote import quote
from bridge.wire import WIRE, Message, PlanReply, PlanRequest


class Alive(Message):
    wire: int


def panel_routes(jobs: Jobs) -> APIRouter:
    routes = APIRouter()

    @routes.get("/v1/alive")
    async def alive() -> Alive:
        return Alive(wire=WIRE)

    @routes.get("/v1/hello")
    async def greet() -> Hello:
        return await asyncio.to_thread(lambda: hello(jobs.chooser, _spent(jobs)))

    @routes.post("/v1/plan")
    async def plan(asked: PlanRequest) -> PlanReply:
        return await asyncio.to_thread(quote, jobs.chooser, asked)

    return routes


def _spent(jobs: Jobs) -> Spent:
    totals = jobs.history.totals()
    return Spent(day=totals.day, month=totals.month)
