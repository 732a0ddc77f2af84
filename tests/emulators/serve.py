"""An ASGI app on a real server: its own thread, a free loopback port, a clean stop."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send


@contextmanager
def serve(app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """The base URL, such as "http://127.0.0.1:40213". port: one it had before; 0 = a free one.

    The port listens before the server runs, so a request sent at once waits instead of failing.
    What the app raises while it is served is raised again here at the end: an emulator that is
    broken must not look like a provider that misbehaves.
    """
    raised: list[Exception] = []
    listening = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(
        uvicorn.Config(
            _keep_errors(app, raised),
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://{host}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
    if raised:
        raise ExceptionGroup("the app under test broke", raised)


def _keep_errors(app: ASGIApp, raised: list[Exception]) -> ASGIApp:
    async def kept(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except Exception as error:
            raised.append(error)
            raise

    return kept
