"""Who may talk to the bridge: plain ASGI, in front of everything else.

Three locks, each enough against one attack: an exact Host (DNS rebinding), an Origin that is our
own or absent (other web pages), and a bearer token from the session file (other programs and
users of the machine). No CORS headers are ever sent.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from bridge.errors import BridgeError, NotAllowed
from bridge.size import SizeLimit, refuse

PAGES = "/keys/"  # opened by secrets of their own, not by the token
OPEN_PATHS = frozenset({"/v1/alive"})  # says only that a bridge is here


class Guard:
    def __init__(
        self,
        app: ASGIApp,
        token: str,
        hosts: Callable[[], frozenset[str]],
        has_pass: Callable[[Scope], bool] = lambda _: False,
    ) -> None:
        """hosts: the Host values that are us, such as "127.0.0.1:7041". has_pass: whether a request

        may be let in without the token, by a secret of its own.
        """
        self.app = SizeLimit(app)
        self.token = token
        self.hosts = hosts
        self.has_pass = has_pass

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self.app(scope, receive, send)
        else:
            await refuse(send, refusal)

    def _refusal(self, scope: Scope) -> BridgeError | None:
        sent = scope["headers"]
        hosts = [value.decode("latin-1") for name, value in sent if name == b"host"]
        if len(hosts) != 1 or hosts[0] not in self.hosts():
            return NotAllowed("This address is not the bridge's own; use the one it announced.")
        origins = [value.decode("latin-1") for name, value in sent if name == b"origin"]
        if any(origin not in {f"http://{host}" for host in self.hosts()} for origin in origins):
            return NotAllowed("Another web page may not talk to the bridge.")
        if scope["path"] in OPEN_PATHS or self.has_pass(scope):
            return None
        if scope["path"].startswith(PAGES):
            return NotAllowed("This link was used or is too old. Ask for a fresh one.")
        tokens = [value for name, value in sent if name == b"authorization"]
        wanted = f"Bearer {self.token}".encode()
        if len(tokens) != 1 or not hmac.compare_digest(tokens[0], wanted):
            return NotAllowed("The token is not this bridge's; read the session file again.")
        return None
