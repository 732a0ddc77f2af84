"""What is true of every plug-in: one client, no knowledge that belongs to the bridge."""

from __future__ import annotations

import json
import os
import re
import signal
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bridge.catalog import load
from bridge.frame import MAGIC, header_length
from bridge.hosts import install
from bridge.panel import panel
from bridge.wire import WIRE
from krita_plugin.client import Client, Lost, Refused, clean_environment
from krita_plugin.stored import transparent

CHECKOUT = Path(__file__).parents[1]
PLUGINS = (CHECKOUT / "krita_plugin", CHECKOUT / "gimp_plugin")
SOURCES = [path for folder in PLUGINS for path in sorted(folder.glob("*.py"))]
TOKEN = "token-of-the-test"


class Server(ThreadingHTTPServer):
    """Answers /v1/alive itself, and everything else with `answer(method, path, body)`."""

    daemon_threads = True

    def __init__(self, answer: Callable[[str, str, bytes], tuple[int, bytes]]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.tokens: list[str | None] = []
        self.withheld = 0  # bytes that are announced and never come


class Handler(BaseHTTPRequestHandler):
    server: Server

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/v1/alive":
            status, content = 200, b'{"wire": 1}'
        else:
            self.server.tokens.append(self.headers.get("Authorization"))
            status, content = self.server.answer(self.command, self.path, body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(content) + self.server.withheld))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = _serve

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., tuple[Client, Server]]]:
    """A client of a server that answers as it is told; `version`: the wire it speaks."""
    servers = []

    def start(
        answer: Callable[[str, str, bytes], tuple[int, bytes]], version: int = WIRE
    ) -> tuple[Client, Server]:
        server = Server(answer)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        session = {"url": url, "token": TOKEN, "pid": os.getpid(), "wire": version}
        (tmp_path / "session.json").write_text(json.dumps(session))
        return client(tmp_path, ["/nowhere/python"]), server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def client(folder: Path, command: list[str]) -> Client:
    (folder / "bridge.json").write_text(json.dumps({"command": command, "home": str(folder)}))
    return Client(folder)


# --- talking ----------------------------------------------------------------------------------


def test_a_call_carries_the_token_and_gives_json(serve: Any) -> None:
    calling, server = serve(lambda method, path, body: (200, b'{"spent": 1}'))
    assert calling.get("/v1/hello") == {"spent": 1}
    assert server.tokens == [f"Bearer {TOKEN}"]


def test_a_refusal_is_the_bridges_sentence_and_all_it_said(serve: Any) -> None:
    fault = {"code": "too_big", "sentence": "The box is too big; select less.", "charged": "no"}
    calling, _ = serve(lambda *_: (413, json.dumps({"error": fault}).encode()))
    with pytest.raises(Refused) as refused:
        calling.post("/v1/plan", {})
    assert refused.value.sentence == "The box is too big; select less."
    assert refused.value.fault == fault


def test_an_unreadable_refusal_is_still_a_sentence(serve: Any) -> None:
    calling, _ = serve(lambda *_: (502, b"<html>"))
    with pytest.raises(Refused, match="unreadable"):
        calling.get("/v1/hello")


def test_a_revision_is_sent_as_the_frame_that_the_bridge_reads(serve: Any) -> None:
    bodies = []

    def answer(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        bodies.append((method, path, body))
        return 201, b"{}"

    calling, _ = serve(answer)
    calling.send({"box": 1}, {"source": b"abc", "selection": b"de"})
    ((method, path, body),) = bodies
    assert (method, path) == ("POST", "/v1/revisions")
    length = header_length(body)
    assert json.loads(body[12 : 12 + length]) == {"revision": {"box": 1}}
    assert body[12 + length :] == b"abcde"


def test_a_layer_is_cut_into_its_parts(serve: Any) -> None:
    header = {"parts": [{"name": "patch", "bytes": 3}, {"name": "mask", "bytes": 2}]}
    text = json.dumps(header).encode()
    frame = MAGIC + struct.pack("<I", len(text)) + text + b"abcde"
    calling, _ = serve(lambda *_: (200, frame))
    assert calling.layer("r1", 0) == (header, {"patch": b"abc", "mask": b"de"})


def test_a_download_is_a_file_of_what_came(serve: Any, tmp_path: Path) -> None:
    film = bytes(range(256)) * 9000
    calling, _ = serve(lambda *_: (200, film))
    calling.download("/v1/film", tmp_path / "film.mp4")
    assert (tmp_path / "film.mp4").read_bytes() == film


def test_half_a_download_leaves_what_was_there_and_nothing_else(serve: Any, tmp_path: Path) -> None:
    calling, server = serve(lambda *_: (200, b"half"))
    server.withheld = 4
    (tmp_path / "out").mkdir()
    (tmp_path / "out/film.mp4").write_bytes(b"earlier")
    with pytest.raises(Lost, match="try once more"):
        calling.download("/v1/film", tmp_path / "out/film.mp4")
    assert [path.read_bytes() for path in (tmp_path / "out").iterdir()] == [b"earlier"]


def test_a_download_to_nowhere_asks_for_another_folder(serve: Any, tmp_path: Path) -> None:
    calling, _ = serve(lambda *_: (200, b"film"))
    with pytest.raises(Refused, match="choose another folder"):
        calling.download("/v1/film", tmp_path / "nowhere/film.mp4")


def test_a_download_that_is_refused_says_why(serve: Any, tmp_path: Path) -> None:
    fault = {"code": "conflict", "sentence": "There is no film of this variant."}
    calling, _ = serve(lambda *_: (409, json.dumps({"error": fault}).encode()))
    with pytest.raises(Refused, match="no film"):
        calling.download("/v1/film", tmp_path / "film.mp4")
    assert not list(tmp_path.glob("film*"))


def test_following_gives_every_state_and_no_heartbeat(serve: Any) -> None:
    events = b'event: revision\ndata: {"id": 1}\n\n: still here\n\ndata: {"id": 2}\n\n'
    calling, _ = serve(lambda *_: (200, events))
    assert list(calling.follow("r1")) == [{"id": 1}, {"id": 2}]


# --- finding and starting ---------------------------------------------------------------------


@pytest.mark.parametrize(("version", "who"), [(2, "older"), (0, "newer")])
def test_another_wire_version_is_said_by_who_is_behind(serve: Any, version: int, who: str) -> None:
    calling, _ = serve(lambda *_: (200, b"{}"), version)
    with pytest.raises(Lost, match=f"This plug-in is {who} than"):
        calling.get("/v1/hello")


def test_a_plug_in_that_was_not_installed_says_so(tmp_path: Path) -> None:
    with pytest.raises(Lost, match="redraft install"):
        Client(tmp_path).get("/v1/hello")


def test_a_program_that_cannot_be_started_is_handed_over_to_be_typed(tmp_path: Path) -> None:
    with pytest.raises(Lost, match="cannot be started from here") as lost:
        client(tmp_path, ["/nowhere/python", "-m", "bridge"]).get("/v1/hello")
    assert lost.value.command == "/nowhere/python -m bridge"


def test_a_bridge_that_ends_at_once_is_quoted(tmp_path: Path) -> None:
    complaint = "import sys; print('The disk is full.', file=sys.stderr); sys.exit(1)"
    with pytest.raises(Lost, match=r"The disk is full\."):
        client(tmp_path, [sys.executable, "-c", complaint]).get("/v1/hello")


def test_a_bridge_starts_knowing_nothing_of_the_host() -> None:
    polluted = {
        "LD_LIBRARY_PATH": "/host", "PYTHONHOME": "/host", "QT_PLUGIN_PATH": "/host",
        "HOME": "/home/artist", "PATH": "/bin",
    }  # fmt: skip
    assert clean_environment(polluted) == {"HOME": "/home/artist", "PATH": "/bin"}


# The bridge outlives the client that started it: that is what it is for.
@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
def test_many_callers_of_a_polluted_host_start_one_real_bridge(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/nowhere")
    install("krita", tmp_path / "pykrita", home)
    clients = [Client(tmp_path / "pykrita" / "redraft") for _ in range(2)] * 2
    try:
        with ThreadPoolExecutor(4) as pool:
            hellos = list(pool.map(lambda one: one.get("/v1/hello"), clients))
        assert [hello["wire"] for hello in hellos] == [WIRE] * 4
    finally:
        pid = json.loads((home / "session.json").read_text())["pid"]
        os.kill(pid, signal.SIGTERM)


# --- what plug-ins must not know ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["client.py", "film.py", "kept.py", "wanted.py"])
def test_both_plug_ins_have_the_same(name: str) -> None:
    first, second = (folder / name for folder in PLUGINS)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_plug_in_names_no_model_and_no_price(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for model in load().models:
        for name in (model.id, model.label):
            assert not re.search(rf"[\"'“]{re.escape(name)}[\"'”]", text), name
    assert not re.search(r"\$\d", text)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_plug_in_asks_only_for_words_that_the_bridge_has(path: Path) -> None:
    asked = re.findall(r"words\[[\"'](\w+)[\"']\]", path.read_text(encoding="utf-8"))
    assert set(asked) <= set(panel().words)


@pytest.mark.parametrize(
    ("depth", "code", "opaque", "nearly"),
    [("U8", "B", 255, 254), ("U16", "H", 65535, 65534), ("F16", "e", 1.0, 0.9995)]
    + [("F32", "f", 1.0, one) for one in (0.99999994, 0.9, 0.5, 0.25)],
)
@pytest.mark.parametrize(("model", "colors"), [("RGBA", 3), ("GRAYA", 1), ("CMYKA", 4)])
def test_only_what_is_wholly_opaque_in_krita_lets_nothing_through(
    model: str, colors: int, depth: str, code: str, opaque: float, nearly: float
) -> None:
    def pixels(*alphas: float) -> bytes:
        return b"".join(struct.pack(f"<{colors + 1}{code}", *[0] * colors, a) for a in alphas)

    assert transparent(pixels(opaque, opaque), model, depth) == "none"
    assert transparent(pixels(opaque, nearly, opaque), model, depth) == "some"
    assert transparent(pixels(nearly, nearly), model, depth) == "some"
    assert transparent(pixels(0, opaque), model, depth) == "some"
    assert transparent(pixels(0, 0), model, depth) == "all"
    if depth.startswith("F"):
        assert transparent(pixels(opaque, 2.5), model, depth) == "none"
        assert transparent(pixels(opaque, -0.5), model, depth) == "some"
