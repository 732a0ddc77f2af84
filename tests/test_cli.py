"""The command line as a host: real processes, real files, documented exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from bridge.photo import open_photo
from bridge.pixels import Native
from bridge.png import write_png
from tests.conftest import running_bridge, wait_for
from tests.revising import noise

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


def test_a_price_above_the_limit_sends_nothing(
    photo: Path, tmp_path: Path, home: Path, bridge_process: subprocess.Popen[bytes]
) -> None:
    bridge_process.terminate()
    bridge_process.wait()
    os.environ["REDRAFT_KEY_POLLED"] = "key"  # the home fixture's monkeypatch restores nothing here
    try:
        words = ("--model", "polled", "--prompt", "x", "--max-price", "0.01")
        done = redraft("revise", photo, *SELECT, *words, "-o", tmp_path / "out.png")
    finally:
        del os.environ["REDRAFT_KEY_POLLED"]
    assert done.returncode == 4
    assert "$0.05" in done.stderr


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
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        wait_for(lambda: b"working slowly" in running.stdout.readline())
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
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
