"""Keys of providers: a page for one, a test, a question to all that have one."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.types import Scope

from bridge import key_page
from bridge.errors import BridgeError, NotAllowed, TooBig
from bridge.jobs import Jobs
from bridge.key_page import Page, Pages
from bridge.keys import keychain_open, set_key
from bridge.live import Heard, KeyPage, Live
from bridge.providers import Providers


def key_routes(jobs: Jobs, pages: Pages) -> APIRouter:
    routes = APIRouter()
    providers = jobs.providers

    @routes.post("/v1/keys/{name}/page")
    async def page(name: str) -> KeyPage:
        await asyncio.to_thread(providers.door_of, name)
        return KeyPage(path=pages.open_for(name))

    @routes.post("/v1/keys/{name}/test")
    async def test(name: str) -> Heard:
        """Asks the provider whether it takes the key; free."""
        return await providers.test(name)

    @routes.post("/v1/live")
    async def live() -> Live:
        """Asks each provider that has a key which models answer today; free."""
        return Live(heard=await providers.ask_all())

    @routes.get("/keys/{link}", include_in_schema=False)
    async def show(request: Request) -> HTMLResponse:
        page = _page(pages, request)
        home, in_file = await asyncio.to_thread(_about, providers, page)
        shown = key_page.form(home, "", "", in_file=in_file)
        return HTMLResponse(shown, headers=key_page.headers(pages.enter(page)))

    @routes.post("/keys/{link}", include_in_schema=False)
    async def give(request: Request) -> HTMLResponse:
        page = _page(pages, request)
        given = key_page.read_form(await _body(request))
        shown = await _given(providers, page, given)
        return HTMLResponse(shown, headers=key_page.headers(pages.enter(page)))

    return routes


def has_pass(pages: Pages, scope: Scope) -> bool:
    """Whether a request comes with the secret of a page that is open to it."""
    sent = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
    return pages.find(scope["path"], key_page.cookies_of("; ".join(sent))) is not None


async def _given(providers: Providers, page: Page, given: key_page.Given) -> str:
    """Tested first: a key that is refused is not kept. One that could not be tested is."""
    home, in_file = await asyncio.to_thread(_about, providers, page)
    if page.done:
        return key_page.done(home, "A key was already kept here.")
    try:
        said = await providers.test_this(page.name, given.key)
        kept = await asyncio.to_thread(set_key, page.name, given.key, in_file=given.in_file)
    except BridgeError as exc:
        return key_page.form(home, exc.sentence, "wrong", in_file=in_file)
    page.done = True
    return key_page.done(home, f"{said} {kept}")


def _about(providers: Providers, page: Page) -> tuple[str, bool]:
    """Whose key it is, as the artist calls it, and whether only a file can keep it."""
    return providers.label_for(page.name), not keychain_open()


def _page(pages: Pages, request: Request) -> Page:
    page = pages.find(request.url.path, request.cookies)
    if page is None:  # the guard lets nobody else so far
        raise NotAllowed("This link was used. Press the key's button again for a fresh one.")
    return page


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > key_page.MOST_BYTES:
            raise TooBig("That is too long for a key. Copy it again.")
    return bytes(body)
