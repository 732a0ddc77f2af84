"""The page on which an artist without a terminal gives a key: one field, behind a one-time link.

The link's secret opens the page once; from then on the page goes on by a cookie of its own, so
that who reads the link later (it stands in the browser's history and in lists of processes)
finds it used. What was typed is never shown again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Literal
from urllib.parse import parse_qs

PATH = "/keys/"
COOKIE = "redraft_page"
GOOD_SECONDS = 900.0  # for which a link can be opened and its page be used
MOST_LINKS = 20
MOST_BYTES = 10_000  # of what the page sends

Tone = Literal["", "good", "wrong"]


@dataclass
class Page:
    """One link and what became of it. cookie: "" until it was opened. done: a key was kept."""

    name: str
    link: str = field(repr=False)
    since: float
    cookie: str = field(default="", repr=False)
    done: bool = False


class Pages:
    """The links that are good. Asked from the event loop only."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pages: list[Page] = []

    def open_for(self, name: str) -> str:
        """A fresh path for the key of this name."""
        page = Page(name, secrets.token_urlsafe(32), self._clock())
        self._pages = [*self._good(), page][-MOST_LINKS:]
        return f"{PATH}{page.link}"

    def find(self, path: str, cookies: Mapping[str, str]) -> Page | None:
        """The page this path leads to, for whoever may see it; None for anybody else."""
        link = path.removeprefix(PATH)
        if not path.startswith(PATH) or not link.isascii():
            return None
        for page in self._good():
            if hmac.compare_digest(page.link, link):
                shown = cookies.get(COOKIE, "")
                first = not page.cookie
                ours = shown.isascii() and hmac.compare_digest(page.cookie, shown)
                return page if first or ours else None
        return None

    def enter(self, page: Page) -> str:
        """The cookie that carries the page on; the link alone opens it no more."""
        page.cookie = page.cookie or secrets.token_urlsafe(32)
        return f"{COOKIE}={page.cookie}; Path={PATH}{page.link}; HttpOnly; SameSite=Strict"

    def _good(self) -> list[Page]:
        oldest = self._clock() - GOOD_SECONDS
        return [page for page in self._pages if page.since >= oldest]


@dataclass(frozen=True, slots=True)
class Given:
    """What the page sent."""

    key: str = field(repr=False)
    in_file: bool


def read_form(body: bytes) -> Given:
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return Given(fields.get("key", [""])[0].strip(), fields.get("in_file", [""])[0] == "yes")


def cookies_of(header: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return {name: value for name, _, value in pairs}


def form(home: str, said: str, tone: Tone, *, in_file: bool) -> str:
    """in_file: there is no keychain, so the artist is asked whether a file will do."""
    ask = (
        '<p class="small">No keychain is open on this machine.</p>'
        '<label><input type="checkbox" name="in_file" value="yes" required> '
        "Keep the key in a file that only you can read</label>"
        if in_file
        else '<p class="small">The key is kept in the keychain of this machine and goes to '
        "its maker only.</p>"
    )
    body = (
        f"{_said(said, tone)}"
        '<form method="post" autocomplete="off">'
        '<label>Paste the key here<input type="password" name="key" required autofocus '
        'autocomplete="off" spellcheck="false" maxlength="4000"></label>'
        f"{ask}<button>Test and keep</button></form>"
    )
    return _page(home, body)


def done(home: str, said: str) -> str:
    back = "<p>Close this page and go back: the model can be chosen now.</p>"
    return _page(home, f"{_said(said, 'good')}{back}")


def headers(cookie: str = "") -> dict[str, str]:
    """Nothing from elsewhere, no frame around it, nothing kept."""
    digest = base64.b64encode(hashlib.sha256(_file("key.css").encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    sent = {
        "content-security-policy": policy,
        "referrer-policy": "same-origin",  # with none at all a form's own origin is withheld
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }
    return sent | ({"set-cookie": cookie} if cookie else {})


def _said(said: str, tone: Tone) -> str:
    return f'<p class="said {tone}" role="status">{html.escape(said)}</p>' if said else ""


def _page(home: str, body: str) -> str:
    page = _file("key.html").replace("{{style}}", _file("key.css"))
    return page.replace("{{home}}", html.escape(home)).replace("{{body}}", body)


def _file(name: str) -> str:
    return resources.files("bridge.web").joinpath(name).read_text(encoding="utf-8")
