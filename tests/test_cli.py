"""The command line as a host: real processes, real files, documented exit codes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import cv2
import numpy as np
import pytest

from bridge.caller import call_bridge
from bridge.open import open_photo
from bridge.pixels import Native
from bridge.png import write_png
from tests.conftest import PATIENCE_SECONDS, running_bridge, wait_for
from tests.revising import noise
from tests.steps.polled import PolledServer

REDRAFT = [sys.executable, "-P", "-m", "bridge"]
SELECT = ("--select", "60,50,70,60")


@pytest.fixture(autouse=True)
def bridge_process(home: Path) -> object:
    """One bridge for the test, so that each command does not start its own."""
    with running_bridge(home) as process:
        yield process


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(write_png(noise(220, 180), None))
    return path


def redraft(*words: object) -> subprocess.CompletedProcess[str]:
    command = [*REDRAFT, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)


def outside(pixels: Native) -> Native:
    """Everything that SELECT leaves alone."""
    kept = np.ones(pixels.shape[:2], bool)
    kept[50:110, 60:130] = False
    selected: Native = pixels[kept]
    return selected


def test_a_removal_changes_the_selection_and_nothing_else(photo: Path, tmp_path: Path) -> None:
    done = redraft("revise", photo, *SELECT, "-o", tmp_path / "out.png")
    assert done.returncode == 0, done.stderr
    before, after = open_photo(photo).pixels, open_photo(tmp_path / "out.png").pixels
    assert np.array_equal(outside(before), outside(after))
    assert not np.array_equal(before, after)


def test_an_ora_holds_the_photograph_and_a_group_for_each_revision(
    photo: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "one.ora", tmp_path / "two.ora"
    assert redraft("revise", photo, *SELECT, "-o", first).returncode == 0
    words = ("--prompt", "warmer", "--prompt", "sepia")
    assert redraft("revise", first, "--select", "0,0,40,40", *words, "-o", second).returncode == 0
    archive = open_photo(second).archive
    assert archive is not None
    stack = archive.stack.decode()
    assert stack.index('name="warmer"') < stack.index('name="remove"') < stack.index("photograph")
    assert stack.count("<layer") == 4


def test_a_mask_file_selects_softly(photo: Path, tmp_path: Path) -> None:
    mask = np.zeros((180, 220), np.uint8)
    cv2.circle(mask, (110, 90), 40, 255, -1, cv2.LINE_AA)
    cv2.imwrite(str(tmp_path / "mask.png"), mask)
    out = tmp_path / "out.png"
    words = ("--mask", tmp_path / "mask.png", "--prompt", "much darker", "-o", out)
    assert redraft("revise", photo, *words).returncode == 0
    before, after = open_photo(photo).pixels, open_photo(out).pixels
    assert np.array_equal(before[mask == 0], after[mask == 0])
    assert after[90, 110].mean() < before[90, 110].mean()


def test_a_dry_run_prints_and_sends_nothing(photo: Path, tmp_path: Path, home: Path) -> None:
    done = redraft("revise", photo, *SELECT, "--dry-run", "-o", tmp_path / "out.png")
    assert done.returncode == 0
    assert "sent as" in done.stdout
    assert "free" in done.stdout
    assert not (tmp_path / "out.png").exists()
    assert not list((home / "objects").iterdir())


def test_machines_read_json_lines(photo: Path, tmp_path: Path) -> None:
    done = redraft("revise", photo, *SELECT, "--json", "-o", tmp_path / "out.png")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[0]["event"] == "plan"
    assert events[-1]["event"] == "written"


def test_nothing_is_overwritten_without_force(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    out.write_bytes(b"mine")
    refused = redraft("revise", photo, *SELECT, "-o", out)
    assert (refused.returncode, out.read_bytes()) == (3, b"mine")
    assert "--force" in refused.stderr
    assert redraft("revise", photo, *SELECT, "--force", "-o", out).returncode == 0


PAID = ("--model", "polled", "--prompt", "the same again", "--agree")


def started_again(bridge: subprocess.Popen[bytes], home: Path) -> AbstractContextManager[object]:
    """With the environment as it is now."""
    bridge.terminate()
    bridge.wait()
    return running_bridge(home)


def test_a_price_above_the_limit_sends_nothing(
    photo: Path,
    tmp_path: Path,
    home: Path,
    bridge_process: subprocess.Popen[bytes],
    server: PolledServer,
) -> None:
    out = tmp_path / "out.png"
    with started_again(bridge_process, home):
        dear = redraft("revise", photo, *SELECT, *PAID, "--max-price", "0.01", "-o", out)
        assert (dear.returncode, server.submitted) == (4, 0)
        assert "This costs $0.05, more than --max-price allows" in dear.stderr
        assert not out.exists()
        paid = redraft("revise", photo, *SELECT, *PAID, "--max-price", "0.05", "-o", out)
        assert (paid.returncode, server.submitted) == (0, 1)
        assert f"{out}  ($0.05)" in paid.stdout


def test_what_is_asked_twice_in_a_panel_needs_a_price_here(
    photo: Path,
    tmp_path: Path,
    home: Path,
    bridge_process: subprocess.Popen[bytes],
    server: PolledServer,
) -> None:
    with started_again(bridge_process, home), call_bridge(home) as bridge:
        bridge.http.post("/v1/limits", json={"second_click": 0.01}).raise_for_status()
        dear = redraft("revise", photo, *SELECT, *PAID, "-o", tmp_path / "out.png")
    assert (dear.returncode, server.submitted) == (4, 0)
    assert "add --max-price 0.05 to spend it" in dear.stderr


@contextlib.contextmanager
def hanging_up() -> Iterator[str]:
    """A server that takes whatever it is sent and hangs up without a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def take() -> None:
            with contextlib.suppress(OSError):  # closed: it is over
                while True:
                    connection, _ = listening.accept()
                    connection.recv(65536)
                    connection.close()

        taking = threading.Thread(target=take)
        taking.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        taking.join()


def test_a_paid_request_without_an_answer_has_its_own_exit_code_and_its_amount(
    photo: Path,
    tmp_path: Path,
    home: Path,
    bridge_process: subprocess.Popen[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with hanging_up() as url:
        monkeypatch.setenv("REDRAFT_BASE_TESTS_STEPS_POLLED", url)
        monkeypatch.setenv("REDRAFT_KEY_POLLED", "planted-key")
        with started_again(bridge_process, home):
            done = redraft("revise", photo, *SELECT, *PAID, "-o", tmp_path / "out.png")
    assert done.returncode == 6
    assert "$0.05" in done.stderr
    assert not (tmp_path / "out.png").exists()


def test_several_looks_are_all_in_an_ora_and_one_in_a_flat_picture(
    photo: Path, tmp_path: Path
) -> None:
    looks = ("--prompt", "warmer", "--prompt", "sepia", "--prompt", "much darker")
    layered = redraft("revise", photo, *SELECT, *looks, "-o", tmp_path / "out.ora")
    assert layered.returncode == 0, layered.stderr
    archive = open_photo(tmp_path / "out.ora").archive
    assert archive is not None
    assert archive.stack.count(b"<layer") == 4
    flat = redraft("revise", photo, *SELECT, *looks, "-o", tmp_path / "out.webp")
    assert "shows the first result only; write .ora to have them all" in flat.stdout
    assert "out.webp is re-encoded: every pixel changes a little" in flat.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of its own")
def test_on_a_terminal_a_bar_shows_what_goes_on(photo: Path, tmp_path: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    words = ("--model", "slow", "--prompt", "1 s", "-o", str(tmp_path / "out.png"))
    command = [*REDRAFT, "revise", str(photo), *SELECT, *words]
    with subprocess.Popen(
        command, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm"}
    ) as running:
        os.close(theirs)
        seen = b""
        with contextlib.suppress(OSError):  # the terminal is gone when they are
            while chunk := os.read(ours, 4096):
                seen += chunk
    os.close(ours)
    assert running.returncode == 0
    assert b"working slowly" in seen
    assert "━".encode() in seen


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--select", "5,5"), "not X,Y,W,H"),
        (("--select", "900,900,5,5"), "outside the picture"),
        (("--select", "5,5,0,5"), "at least 1"),
        (("--mask", "missing.png"), "not a picture"),
        ((*SELECT, "--mask", "x.png"), "exclude each other"),
        ((*SELECT, "--model", "fil"), "Did you mean fill"),
        ((*SELECT, "--prompt", "add a red hat"), "add a key"),
        ((*SELECT, "--model", "known", "--ref", "missing.png"), "no file"),
        (("--prompt", "remove it", "--model", "fill"), "Nothing is selected"),
    ],
)
def test_bad_wishes_are_sentences_and_write_nothing(
    photo: Path, tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    done = redraft("revise", photo, *words, "-o", tmp_path / "out.png")
    assert done.returncode == 3
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.png").exists()


def test_a_model_that_fails_has_its_own_exit_code(photo: Path, tmp_path: Path) -> None:
    words = ("--model", "failing", "--prompt", "x", "-o", tmp_path / "out.png")
    done = redraft("revise", photo, *SELECT, *words)
    assert done.returncode == 5
    assert "other words" in done.stderr


def test_interrupting_cancels(photo: Path, tmp_path: Path, home: Path) -> None:
    words = ("--model", "slow", "--prompt", "30 s", "--json", "-o", str(tmp_path / "out.png"))
    command = [*REDRAFT, "revise", str(photo), *SELECT, *words]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Where the tests run behind a shell's &, it would not hear the signal at all.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as running:
        assert running.stdout is not None
        wait_for(lambda: b"working slowly" in running.stdout.readline())
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=PATIENCE_SECONDS)
    assert running.returncode == 130
    assert b"nothing was charged" in said
    assert not (tmp_path / "out.png").exists()


def test_models_are_listed_with_limitation_price_and_life() -> None:
    done = redraft("models", "--json")
    rows = {row["id"]: row for row in json.loads(done.stdout)}
    assert rows["fill"]["price"] == "free"
    assert rows["gone"]["alive"] == "gone"
    assert all(row["limitation"] for row in rows.values())
    shown = redraft("models").stdout
    assert "switched off on 2 January 2026" in shown


def test_a_call_without_a_bridge_starts_one_that_ends_itself(
    photo: Path, tmp_path: Path, home: Path, bridge_process: subprocess.Popen[bytes]
) -> None:
    bridge_process.terminate()
    bridge_process.wait()
    done = redraft("revise", photo, *SELECT, "-o", tmp_path / "out.png")
    assert done.returncode == 0
    session = json.loads((home / "session.json").read_text())
    os.kill(session["pid"], signal.SIGTERM)
    wait_for(lambda: not (home / "session.json").exists())
