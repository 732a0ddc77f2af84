"""The command line's way to a bridge: the one that runs, or one started for the call."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from bridge.errors import BridgeError, HomeTrouble
from bridge.estimate import Elsewhere, FinishReply, PlanReply, PlanRequest
from bridge.frame import cut_layer, write_frame
from bridge.hello import Hello
from bridge.home import open_home
from bridge.live import Heard, KeyPage, Live
from bridge.session import Session, find
from bridge.wire import WIRE, FrameHeader, LayerHeader, Message, RevisionReply, RevisionRequest

START_SECONDS = 20.0
IDLE_SECONDS = 60  # a bridge started for a call ends itself after this
CALL_SECONDS = 120.0
POLL_SECONDS = 0.05
FILM_SECONDS = 1800.0  # every frame is placed on the canvas

M = TypeVar("M", bound=Message)


class Refused(BridgeError):
    """The bridge said no; `code` and sentence are its own."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.said = code


@dataclass(frozen=True)
class Caller:
    """One bridge, asked from outside as any host asks it."""

    http: httpx.Client

    def hello(self) -> Hello:
        return self._get(Hello, "/v1/hello")

    def plan(self, asked: PlanRequest) -> PlanReply:
        return self._post(PlanReply, "/v1/plan", asked.model_dump_json().encode())

    def revise(self, request: RevisionRequest, parts: Mapping[str, bytes]) -> RevisionReply:
        frame = b"".join(write_frame(FrameHeader(revision=request), parts))
        return self._post(RevisionReply, "/v1/revisions", frame)

    def follow(self, revision: str) -> Iterator[RevisionReply]:
        """Each state of the revision until all of it is settled."""
        path = f"/v1/revisions/{revision}/events"
        with self.http.stream("GET", path, timeout=None) as response:
            _check(response)
            for line in response.iter_lines():
                if line.startswith("data: "):
                    yield RevisionReply.model_validate_json(line.removeprefix("data: "))

    def live(self) -> Live:
        """Asks every provider that has a key what it has for it."""
        return self._post(Live, "/v1/live", b"")

    def test_key(self, name: str) -> Heard:
        return self._post(Heard, f"/v1/keys/{name}/test", b"")

    def key_page(self, name: str) -> str:
        """The address of a page on which the key can be given, good once."""
        page = self._post(KeyPage, f"/v1/keys/{name}/page", b"")
        return str(self.http.base_url.join(page.path))

    def cancel(self, revision: str) -> RevisionReply:
        response = self.http.delete(f"/v1/revisions/{revision}")
        _check(response)
        return RevisionReply.model_validate_json(response.content)

    def instead(self, revision: str, wanted: Elsewhere) -> RevisionReply:
        """What failed of it, asked of another model."""
        asked = wanted.model_dump_json().encode()
        return self._post(RevisionReply, f"/v1/revisions/{revision}/instead", asked)

    def price_of_finish(self, revision: str, variant: int, model: str = "") -> FinishReply:
        path = f"/v1/revisions/{revision}/variants/{variant}/finish?model={model}"
        return self._get(FinishReply, path)

    def finish(self, revision: str, variant: int, wanted: Elsewhere) -> RevisionReply:
        asked = wanted.model_dump_json().encode()
        path = f"/v1/revisions/{revision}/variants/{variant}/finish"
        return self._post(RevisionReply, path, asked)

    def layer(self, revision: str, variant: int) -> tuple[LayerHeader, dict[str, bytes]]:
        response = self.http.get(f"/v1/revisions/{revision}/variants/{variant}/layer")
        _check(response)
        return cut_layer(response.content)

    def film(self, revision: str, variant: int, form: str) -> bytes:
        """form: as the route takes it."""
        path = f"/v1/revisions/{revision}/variants/{variant}/film"
        response = self.http.get(path, params={"form": form}, timeout=FILM_SECONDS)
        _check(response)
        return response.content

    def film_frames(self, revision: str, variant: int, step: int = 1) -> bytes:
        """A ZIP of PNGs."""
        path = f"/v1/revisions/{revision}/variants/{variant}/film/frames"
        response = self.http.get(path, params={"step": step}, timeout=FILM_SECONDS)
        _check(response)
        return response.content

    def delivered(self, revision: str, variant: int) -> None:
        self._post(RevisionReply, f"/v1/revisions/{revision}/variants/{variant}/delivered", b"")

    def _get(self, kind: type[M], path: str) -> M:
        response = self.http.get(path)
        _check(response)
        return kind.model_validate_json(response.content)

    def _post(self, kind: type[M], path: str, body: bytes) -> M:
        headers = {"content-type": "application/json"}
        response = self.http.post(path, content=body, headers=headers)
        _check(response)
        return kind.model_validate_json(response.content)


@contextmanager
def call_bridge(home: Path) -> Iterator[Caller]:
    """HomeTrouble when none runs and none can be started."""
    session = find_running(home) or _start(home)
    if session.wire != WIRE:
        raise HomeTrouble("Another version of Redraft is running; stop it, then try again.")
    with httpx.Client(
        base_url=session.url,
        headers={"authorization": f"Bearer {session.token}"},
        timeout=CALL_SECONDS,
        trust_env=False,  # no proxy stands between this machine and itself
    ) as http:
        yield Caller(http)


def find_running(home: Path) -> Session | None:
    """The session of a bridge that answers; None when there is none."""
    session = find(home)
    if session is None:
        return None
    try:
        httpx.get(f"{session.url}/v1/alive", timeout=2.0, trust_env=False).raise_for_status()
    except httpx.HTTPError:
        return None
    return session


def _start(home: Path) -> Session:
    open_home(home)
    child = subprocess.Popen(
        [*serve_command(IDLE_SECONDS), "--home", str(home)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the call; other hosts may use this bridge
    )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        session = find_running(home)
        if session is not None:
            return session
        if child.poll() is not None:
            _, complaint = child.communicate()
            said = complaint.decode(errors="replace").strip().splitlines()
            raise HomeTrouble(said[-1] if said else "The bridge ended as soon as it was started.")
        time.sleep(POLL_SECONDS)
    child.kill()
    raise HomeTrouble(f"The bridge did not start within {START_SECONDS:.0f} seconds. Try again.")


def serve_command(idle_seconds: int) -> list[str]:
    """What starts a bridge that ends itself; no folder of the caller's is on its path."""
    return [sys.executable, "-P", "-m", "bridge", "serve", "--idle", str(idle_seconds)]


def _check(response: httpx.Response) -> None:
    if response.is_success:
        return
    response.read()
    try:
        error: dict[str, Any] = json.loads(response.content)["error"]
        raise Refused(str(error["code"]), str(error["sentence"]))
    except (ValueError, KeyError, TypeError) as exc:
        raise Refused("error", f"The bridge answered with status {response.status_code}.") from exc
