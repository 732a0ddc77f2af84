"""Attacks. Each first succeeds where the guard it is about is missing: the test builds that."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bridge.app import create_app
from bridge.caller import Caller
from bridge.errors import HomeTrouble
from bridge.files import Files
from bridge.guard import Guard
from bridge.home import open_home
from bridge.jobs import Jobs
from bridge.patience import ASK_SECONDS, Impatient
from bridge.serve import OneLine, make_jobs
from bridge.session import Session, announce, find, new_token
from bridge.size import MOST_BYTES, SizeLimit
from tests.conftest import running_bridge, wait_for

OURS = "127.0.0.1:7041"
TOKEN = "token-of-the-test"
NOBODY = 65534
AUTHORIZED = {"authorization": f"Bearer {TOKEN}"}
root_only = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can act as a second user"
)


@pytest.fixture
def jobs(home: Path) -> Iterator[Jobs]:
    made = make_jobs(home)
    yield made
    made.history.close()


def guarded(app: ASGIApp) -> Guard:
    return Guard(app, TOKEN, lambda: frozenset({OURS}))


def asked(app: ASGIApp, path: str = "/v1/hello", **more: Any) -> httpx.Response:
    """One request, with the Host of an attacker's choice among its headers."""

    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{OURS}") as client:
            method = str(more.pop("method", "GET"))
            return await client.request(method, path, **more)

    return asyncio.run(run())


ATTACKS: dict[str, dict[str, str]] = {
    # A name of the attacker's that resolves to the loopback.
    "rebinding": {"host": "evil.example:7041", **AUTHORIZED},
    "rebinding without a port": {"host": "127.0.0.1", **AUTHORIZED},
    # A page in the artist's browser.
    "cross site": {"origin": "https://evil.example", **AUTHORIZED},
    "sandboxed page": {"origin": "null", **AUTHORIZED},
    # Another program or user of the machine.
    "no token": {},
    "a guessed token": {"authorization": "Bearer token-of-the-tesu"},
    "a token of another kind": {"authorization": f"Basic {TOKEN}"},
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_works_without_the_guard_and_not_with_it(jobs: Jobs, attack: str) -> None:
    app, headers = create_app(jobs), ATTACKS[attack]
    assert "models" in asked(app, headers=headers).json()
    refused = asked(guarded(app), headers=headers)
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "not_allowed"
    assert "access-control-allow-origin" not in refused.headers
    assert asked(guarded(app), headers=AUTHORIZED).status_code == 200


def test_a_form_of_another_page_changes_nothing(jobs: Jobs) -> None:
    """A simple request: no preflight stops it, so the bridge must."""
    app = create_app(jobs)
    wanted = {"headers": {"origin": "https://evil.example"}, "json": {"day": 0.5}}
    assert asked(app, "/v1/limits", method="POST", **wanted).status_code == 200
    assert jobs.history.limits().day == 0.5
    wanted["json"] = {"day": 9.0}
    assert asked(guarded(app), "/v1/limits", method="POST", **wanted).status_code == 403
    assert jobs.history.limits().day == 0.5


def test_a_preflight_is_refused(jobs: Jobs) -> None:
    headers = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    assert asked(guarded(create_app(jobs)), method="OPTIONS", headers=headers).status_code == 403


# --- bodies ----------------------------------------------------------------------------------


async def swallow(request: Request) -> Response:
    return JSONResponse({"taken": len(await request.body())})


def swallowing() -> Starlette:
    return Starlette(routes=[Route("/v1/plan", swallow, methods=["POST"])])


async def in_chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 1_000_000


@pytest.mark.parametrize("chunked", [False, True])
def test_an_oversized_body_is_taken_whole_only_without_the_guard(chunked: bool) -> None:
    count = MOST_BYTES // 1_000_000 + 1

    def body() -> object:
        return in_chunks(count) if chunked else b"x" * (count * 1_000_000)

    plain = asked(swallowing(), "/v1/plan", method="POST", content=body())
    assert plain.json()["taken"] > MOST_BYTES
    refused = asked(
        guarded(swallowing()), "/v1/plan", method="POST", content=body(), headers=AUTHORIZED
    )
    assert refused.status_code == 413
    assert refused.json()["error"]["code"] == "too_big"


def test_a_body_of_the_largest_size_is_taken() -> None:
    body = b"x" * MOST_BYTES
    assert asked(SizeLimit(swallowing()), "/v1/plan", method="POST", content=body).is_success


# --- slow-loris --------------------------------------------------------------------------------


def held_open(protocol: type[asyncio.Protocol] | str, patience: Callable[[], float]) -> bool:
    """Whether a connection that sends half of its headers is still open after `patience()`."""

    async def run() -> bool:
        config = uvicorn.Config(
            swallowing(),
            log_config=None,
            lifespan="off",
            http=protocol,
        )
        server = uvicorn.Server(config)
        listening = socket.create_server(("127.0.0.1", 0))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        writer.write(b"POST /v1/plan HTTP/1.1\r\nhost: x\r\n")
        await writer.drain()
        try:
            await asyncio.wait_for(reader.read(1), patience())
            return False
        except TimeoutError:
            return True
        finally:
            writer.close()
            server.should_exit = True
            await task

    return asyncio.run(run())


class Hasty(Impatient):
    ask_seconds = 0.2


def test_a_connection_that_never_asks_is_held_only_without_the_guard() -> None:
    assert held_open("h11", lambda: 1.0)
    assert not held_open(Hasty, lambda: 60.0)
    assert ASK_SECONDS <= 30


# --- the machine's other users ------------------------------------------------------------------


def as_nobody(code: str, *words: str) -> str:
    """What `code` prints as another user; it may import what it needs beforehand."""
    become = (
        "import os, urllib.request, encodings.idna\n"
        "os.setgroups([]); os.setgid({0}); os.setuid({0})\n"
    )
    command = [sys.executable, "-I", "-c", become.format(NOBODY) + code, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


@root_only
def test_a_second_user_reads_an_open_folder_and_not_ours(home: Path, tmp_path: Path) -> None:
    code = "import sys; print(open(sys.argv[1]).read())"
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(0o755)  # as a home folder may be
    careless = tmp_path / "careless"
    careless.mkdir()
    careless.chmod(0o755)
    (careless / "session.json").write_text("the token")
    assert as_nobody(code, str(careless / "session.json")) == "the token"
    announce(open_home(home), Session("http://127.0.0.1:1", "the token", 1))
    assert "PermissionError" in as_nobody(code, str(home / "session.json"))


@root_only
def test_a_second_user_is_refused_without_the_token(shared_bridge: Caller) -> None:
    code = (
        "import sys, urllib.request as u, urllib.error as e\n"
        "try: print(u.urlopen(sys.argv[1] + '/v1/hello').status)\n"
        "except e.HTTPError as x: print(x.code)"
    )
    assert as_nobody(code, str(shared_bridge.http.base_url).rstrip("/")) == "403"


def test_the_bridge_listens_on_the_loopback_only(home: Path) -> None:
    with running_bridge(home):
        session = find(home)
        assert session is not None
        port = int(session.url.rpartition(":")[2])
        listening = [
            line.split()[1]
            for table in ("tcp", "tcp6")
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
            if line.split()[3] == "0A" and line.split()[1].endswith(f":{port:04X}")
        ]
    assert listening == [f"0100007F:{port:04X}"]


# --- the session file ----------------------------------------------------------------------------


def session(url: str = "http://127.0.0.1:7041") -> Session:
    return Session(url, new_token(), os.getpid())


def test_a_token_of_an_earlier_bridge_is_refused(home: Path) -> None:
    with running_bridge(home):
        old = find(home)
        assert old is not None
    with running_bridge(home):
        new = find(home)
        assert new is not None
        stolen = {"authorization": f"Bearer {old.token}"}
        answer = httpx.get(f"{new.url}/v1/hello", headers=stolen, trust_env=False)
    assert answer.status_code == 403


def test_a_session_that_leads_elsewhere_is_not_followed(home: Path) -> None:
    announce(home, session())
    assert find(home) is not None
    announce(home, session("http://evil.example:80"))
    assert find(home) is None


@pytest.mark.parametrize("mode", [0o644, 0o620, 0o606])
def test_a_session_file_that_others_can_reach_is_not_believed(home: Path, mode: int) -> None:
    announce(home, session()).chmod(mode)
    assert json.loads((home / "session.json").read_text())["token"]  # a careless reader would
    assert find(home) is None


def test_a_session_file_that_is_a_link_is_not_believed(home: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    planted = announce(tmp_path / "elsewhere", session())
    (home / "session.json").symlink_to(planted)
    assert json.loads((home / "session.json").read_text())["token"]
    assert find(home) is None


# --- folders ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["objects", "incoming", "arriving", "history.db", "bridge.log"])
def test_a_link_in_our_folder_is_not_written_through(home: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (home / name).symlink_to(elsewhere)
    (home / name / "planted").touch()  # a careless writer would
    assert (elsewhere / "planted").exists()
    with pytest.raises(HomeTrouble, match="is a link"):
        open_home(home)


@root_only
@pytest.mark.parametrize("inside", [False, True])
def test_a_folder_of_another_user_is_not_used(home: Path, inside: bool) -> None:
    planted = home / "objects" if inside else home
    planted.mkdir(exist_ok=True)
    os.chown(planted, NOBODY, NOBODY)
    with pytest.raises(HomeTrouble, match="another user"):
        open_home(home)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a" * 63, "A" * 64, "a" * 63 + "/", ""])
def test_a_name_that_leads_out_of_the_history_is_no_name(home: Path, name: str) -> None:
    with pytest.raises(HomeTrouble, match="cannot exist"):
        Files(home).get(name)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/revisions/..%2f..%2f..%2fetc%2fpasswd",
        "/v1/revisions/%2e%2e/%2e%2e/history.db",
        "/v1/revisions/x/variants/..%2f1/layer",
        "/v1/../../etc/passwd",
    ],
)
def test_no_path_leads_to_a_file(jobs: Jobs, path: str) -> None:
    answer = asked(guarded(create_app(jobs)), path, headers=AUTHORIZED)
    assert answer.status_code in (404, 422)
    assert answer.json()["error"]["sentence"]


def test_what_was_sent_begins_no_line_of_the_log() -> None:
    sent = "x\n2026-01-01 ERROR redraft: forged \x1b[2J"
    record = logging.LogRecord("redraft", logging.WARNING, "", 0, "odd name: %s", (sent,), None)
    careless = logging.Formatter("%(levelname)s %(message)s").format(record)
    assert len(careless.splitlines()) == 2
    kept = OneLine("%(levelname)s %(message)s").format(record)
    assert len(kept.splitlines()) == 1
    assert "\x1b" not in kept


def test_the_slow_do_not_keep_others_waiting(shared_bridge: Caller) -> None:
    host, port = shared_bridge.http.base_url.host, shared_bridge.http.base_url.port
    slow = [socket.create_connection((host, port)) for _ in range(200)]
    try:
        for one in slow:
            one.sendall(b"GET /v1/alive HTTP/1.1\r\nhost: ")
        assert shared_bridge.http.get("/v1/alive").status_code == 200
        started = time.monotonic()
        for one in slow:
            one.settimeout(60)
        wait_for(lambda: slow[0].recv(1) == b"", 60)
        assert time.monotonic() - started < 60
    finally:
        for one in slow:
            one.close()
