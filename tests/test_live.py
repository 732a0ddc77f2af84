"""`redraft models --live`: each provider is asked for free, and says what it has for the key."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bridge.caller import call_bridge
from bridge.catalog import load
from bridge.engines.ark import Ark
from bridge.engines.base import Listed
from bridge.engines.send import Door
from bridge.live import heard
from bridge.runner import answered
from tests.conftest import running_bridge
from tests.emulators.ark import ArkEmulator
from tests.emulators.bfl import BflEmulator
from tests.emulators.emulator import Emulator
from tests.emulators.gemini import GeminiEmulator
from tests.emulators.openai import OpenAIEmulator
from tests.emulators.openrouter import OpenRouterEmulator
from tests.emulators.serve import serve

BASES = {"gemini": "/v1beta", "openai": "/v1", "ark": "/api/v3", "bfl": "", "openrouter": "/api/v1"}

# Engines that ask the same address with the same key.
ALSO = {"gemini": ("interactions", "omni", "veo"), "openai": ("videos",)}


@dataclass(frozen=True)
class Providers:
    gemini: GeminiEmulator
    openai: OpenAIEmulator
    ark: ArkEmulator
    bfl: BflEmulator
    openrouter: OpenRouterEmulator

    def all(self) -> dict[str, Emulator]:
        return {name: getattr(self, name) for name in BASES}


@pytest.fixture
def providers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Providers]:
    """Five providers, each with a key in the environment of the bridge."""
    found = Providers(
        GeminiEmulator(), OpenAIEmulator(), ArkEmulator(), BflEmulator(), OpenRouterEmulator()
    )
    with ExitStack() as stack:
        for name, emulator in found.all().items():
            url = stack.enter_context(serve(emulator))
            for engine in (name, *ALSO.get(name, ())):
                monkeypatch.setenv(f"REDRAFT_BASE_{engine.upper()}", url + BASES[name])
            monkeypatch.setenv(f"REDRAFT_KEY_{name.upper()}", emulator.key)
        yield found


def test_each_provider_says_which_models_answer(home: Path, providers: Providers) -> None:
    providers.gemini.delisted.add("gemini-2.5-flash-image")
    providers.bfl.credits = 250.0
    with running_bridge(home), call_bridge(home) as bridge:
        said = {one.engine: one for one in bridge.live().heard}
    assert said["gemini"].works
    assert "not Nano Banana." in said["gemini"].sentence
    assert "gemini-3-pro-image" in (said["gemini"].ids or ())
    assert said["openai"].sentence == "OpenAI takes the key and lists all 3 models it is asked for."
    assert said["ark"].works
    assert said["bfl"].sentence == (
        "Black Forest Labs takes the key; which models answer it does not list. "
        "250 credits ($2.50) are left."
    )
    assert said["openrouter"].sentence.endswith("$74.50 of this key's limit are left.")
    assert all(not one.ledger.charges for one in providers.all().values())
    assert len([seen for seen in providers.openai.seen if seen.path == "/v1/models"]) == 1


def test_hello_carries_the_last_answer_into_the_next_bridge(
    home: Path, providers: Providers
) -> None:
    providers.gemini.delisted.add("gemini-2.5-flash-image")
    with running_bridge(home), call_bridge(home) as bridge:
        assert bridge.hello().heard == ()
        bridge.live()
    with running_bridge(home), call_bridge(home) as bridge:
        hello = bridge.hello()
    live = {model.id: model.live for model in hello.models}
    assert (live["nano-banana"], live["nano-banana-pro"]) == ("no", "yes")
    assert (live["flux-2-pro"], live["fill"]) == ("", "")
    assert {one.engine for one in hello.heard} >= {"gemini", "openai", "ark", "bfl"}


def test_what_its_provider_no_longer_lists_is_not_chosen_for_the_artist(
    home: Path, providers: Providers
) -> None:
    with running_bridge(home), call_bridge(home) as bridge:
        first = {one.id: one.model for one in bridge.hello().purposes}
        providers.gemini.delisted.add("gemini-3.1-flash-lite-image")
        bridge.live()
        then = {one.id: one.model for one in bridge.hello().purposes}
    assert first["fast"] == "nano-banana-2-lite"
    assert then["fast"] == "flux-2-klein-9b"


def test_a_key_that_is_refused_is_said_and_the_others_are_asked(
    home: Path, providers: Providers
) -> None:
    for emulator in providers.all().values():
        emulator.key = "another-key"
    with running_bridge(home), call_bridge(home) as bridge:
        said = bridge.live().heard
    assert [one.works for one in said] == [False] * len(said)
    assert {"does not accept the key" in one.sentence for one in said} == {True}
    assert "key-of-the-test" not in (home / "live.json").read_text()


def test_the_command_prints_what_was_found(home: Path, providers: Providers) -> None:
    command = [sys.executable, "-P", "-m", "bridge", "models", "--live"]
    with running_bridge(home):
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
    assert "OpenAI takes the key and lists all 3 models" in done.stdout
    assert "Nano Banana Pro: answers" in done.stdout
    assert "key-of-the-test" not in done.stdout


def test_without_keys_nobody_is_asked(home: Path) -> None:
    command = [sys.executable, "-P", "-m", "bridge", "models", "--live"]
    with running_bridge(home):
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
    assert done.stdout == "No provider has a key here; add one with `redraft keys set`.\n"


# --- who cannot be asked -------------------------------------------------------------------------

UNASKED = (
    "fal was not asked, for it has no free question about keys and models; whether it takes the "
    "key is seen with the first revision."
)
PLATFORM = "https://aiplatform.googleapis.com/v1/projects/mine/locations/global/publishers/google"


@pytest.fixture
def unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys of those that have no list: nothing is sent to them, so no address is needed."""
    monkeypatch.setenv("REDRAFT_KEY_FAL", "planted-key")
    monkeypatch.setenv("REDRAFT_KEY_GEMINI", "planted-key")
    for engine in ("gemini", "interactions", "omni", "veo"):
        monkeypatch.setenv(f"REDRAFT_BASE_{engine.upper()}", PLATFORM)


def test_who_has_no_list_was_not_asked_and_has_not_failed(home: Path, unasked: None) -> None:
    with running_bridge(home), call_bridge(home) as bridge:
        said = {one.engine: one for one in bridge.live().heard}
        models = bridge.hello().models
    assert (said["fal"].works, said["fal"].ids, said["fal"].sentence) == (None, None, UNASKED)
    assert said["gemini"].works is None
    assert said["gemini"].sentence == (
        "Google Gemini was not asked, for at this address it lists no models; whether it takes "
        "the key is seen with the first revision."
    )
    assert {model.live for model in models} == {""}


def test_a_key_that_cannot_be_tested_is_called_neither_good_nor_bad(
    home: Path, unasked: None
) -> None:
    command = [sys.executable, "-P", "-m", "bridge"]
    with running_bridge(home):
        tested = subprocess.run(
            [*command, "keys", "test", "fal"],
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        listed = subprocess.run(
            [*command, "models", "--live"], capture_output=True, text=True, check=True, timeout=100
        )
    assert (tested.returncode, tested.stdout) == (3, "")  # what was to be found out was not
    assert UNASKED in tested.stderr
    assert UNASKED in listed.stdout
    assert "accept" not in tested.stderr + listed.stdout


@pytest.mark.parametrize("region", Ark.regions)
def test_both_of_arks_lists_are_read_by_the_names_of_the_catalogue(
    tmp_path: Path, region: str
) -> None:
    emulator, engine, catalog = ArkEmulator(), Ark(Ark.regions[region]), load()
    emulator.delisted |= {"seedream-4-0-250828", "doubao-seedream-4-0-250828"}

    async def asked() -> Listed:
        there = httpx.ASGITransport(app=emulator)
        async with Door(engine, lambda: emulator.key, tmp_path, transport=there) as door:
            return await answered(engine.live(), door)

    found = heard("ark", engine, catalog, asyncio.run(asked()))
    assert found.works
    assert found.sentence == ("ByteDance takes the key and lists 4 of 5 models: not Seedream 4.0.")
