"""The application: its routes by noun, and how a refusal looks, once for all of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from bridge import __version__
from bridge.errors import BridgeError
from bridge.jobs import Jobs
from bridge.key_page import Pages
from bridge.replies import fault_of
from bridge.routes.films import film_routes
from bridge.routes.keys import key_routes
from bridge.routes.panel import panel_routes
from bridge.routes.revisions import revision_routes
from bridge.routes.variants import variant_routes
from bridge.wire import ErrorReply, Fault, first_complaint

REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorReply}
    for status in (400, 401, 402, 403, 404, 405, 409, 410, 411, 413, 422, 429, 502, 503, 504, 507)
}
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(jobs: Jobs, lifespan: Lifespan | None = None, pages: Pages | None = None) -> FastAPI:
    """The bridge as an application, to be put behind the guard."""
    app = FastAPI(
        title="Redraft",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,  # their pages would load scripts from elsewhere
        redoc_url=None,
        responses=REFUSALS,
    )
    _explain_errors(app)
    for routes in (panel_routes, revision_routes, variant_routes, film_routes):
        app.include_router(routes(jobs))
    app.include_router(key_routes(jobs, pages or Pages()))
    return app


# --- one shape for every refusal -----------------------------------------------------------


def _explain_errors(app: FastAPI) -> None:
    @app.exception_handler(BridgeError)
    async def explained(request: Request, exc: BridgeError) -> JSONResponse:
        return _refusal(exc.status, fault_of(exc))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, exc: RequestValidationError) -> JSONResponse:
        return _refusal(422, Fault(code="bad_request", sentence=first_complaint(exc.errors())))

    @app.exception_handler(HTTPException)
    async def unrouted(request: Request, exc: HTTPException) -> JSONResponse:
        sentence = f"The bridge has no {request.method} {request.url.path[:200]}."
        return _refusal(exc.status_code, Fault(code="not_found", sentence=sentence))

    @app.exception_handler(Exception)
    async def mistaken(request: Request, exc: Exception) -> JSONResponse:
        sentence = "Redraft made a mistake here; its log says more. Try again."
        return _refusal(500, Fault(code="error", sentence=sentence))


def _refusal(status: int, fault: Fault) -> JSONResponse:
    return JSONResponse(ErrorReply(error=fault).model_dump(mode="json"), status)
