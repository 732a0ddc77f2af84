"""An artist's own catalog.toml says where a maker is asked: a region, a proxy, a gateway."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.caller import call_bridge
from bridge.catalog import load
from bridge.engines.find import find_engine
from bridge.errors import BadRequest
from bridge.serve import make_chooser
from bridge.wire import Choice
from tests.conftest import running_bridge
from tests.emulators.serve import serve
from tests.revising import Canvas, noise
from tests.steps.polled import PolledServer

CANVAS = Canvas(noise(900, 700))
CHOICE = Choice(model="polled", prompt="the same")


def own(folder: Path, bases: str) -> Path:
    path = folder / "catalog.toml"
    before = path.read_text() if path.exists() else ""
    path.write_text(f"{before}\n[bases]\n{bases}\n")
    return path


def test_a_call_goes_where_the_artists_file_says(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = PolledServer()
    monkeypatch.setenv("REDRAFT_KEY_POLLED", "planted-key")
    with serve(server) as url:
        own(home, f'"tests.steps.polled" = "{url}"')
        with running_bridge(home), call_bridge(home) as bridge:
            plan = bridge.plan(CANVAS.plan(CHOICE))
            started = bridge.revise(*CANVAS.planned(CHOICE, plan))
            *_, last = bridge.follow(started.id)
    assert [variant.state for variant in last.variants] == ["composed"]
    assert server.submitted == 1
    assert "goes to the tests, by 127.0.0.1 as you set it. There:" in plan.where


@pytest.mark.parametrize(
    ("engine", "said", "base"),
    [
        ("bfl", "eu", "https://api.eu.bfl.ai"),
        ("ark", "volcengine", "https://ark.cn-beijing.volces.com/api/v3"),
        ("openai", "https://gateway.studio.example/v1/", "https://gateway.studio.example/v1"),
        ("gemini", "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("own_videos", "http://192.168.1.20:8000/v1", "http://192.168.1.20:8000/v1"),
    ],
)
def test_a_region_has_a_name_and_everything_else_an_address(
    tmp_path: Path, engine: str, said: str, base: str
) -> None:
    catalog = load(own(tmp_path, f'{engine} = "{said}"'))
    found = make_chooser(catalog, tmp_path).engine_of(engine)
    assert (found.base, found.elsewhere) == (base, "://" in said)
    other = make_chooser(catalog, tmp_path).engine_of("fal")
    assert (other.base, other.elsewhere) == ("https://queue.fal.run", False)


def test_a_region_is_its_makers_and_the_makers_dates_hold_there(tmp_path: Path) -> None:
    for said, state in (("eu", "deprecated"), ("https://gateway.example", "unclear")):
        path = tmp_path / "catalog.toml"
        path.write_text(f'[bases]\nbfl = "{said}"\n')
        chooser = make_chooser(load(path), tmp_path)
        model = chooser.catalog.model("flux-kontext-pro").by("bfl")
        assert chooser.alive(model).state == state
        assert chooser.own_address(model) in ("api.eu.bfl.ai", "gateway.example")


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDRAFT_BASE_BFL", "us")
    assert find_engine("bfl", {"bfl": "eu"}).base == "https://api.us.bfl.ai"


@pytest.mark.parametrize(
    ("engine", "said", "sentence"),
    [
        ("bfl", "asia", "this is no address; write one such as https://api.bfl.ai or eu or us."),
        ("openai", "gateway.example/v1", "this is no address; write one such as https://api.op"),
        ("openai", "https://[::1/v1", "this is no address"),
        ("openai", "https://gateway.example:port/v1", "this is no address"),
        ("openai", "ftp://gateway.example/v1", "this is no address"),
        ("openai", "https://me:secret@gateway.example/v1", "an address holds no password"),
        ("openai", "https://gateway.example/v1?key=secret", "an address holds no password, ? or #"),
        (
            "openai",
            "http://gateway.example/v1",
            "your key would go there unencrypted; write https://gateway.example.",
        ),
    ],
)
def test_a_bad_address_is_said_and_the_model_is_not_asked(
    tmp_path: Path, engine: str, said: str, sentence: str
) -> None:
    catalog = load(own(tmp_path, f'{engine} = "{said}"'))
    chooser = make_chooser(catalog, tmp_path)
    with pytest.raises(BadRequest) as caught:
        chooser.engine_of(engine)
    assert caught.value.sentence.startswith(f"catalog.toml, bases.{engine}: {sentence}")
    assert caught.value.sentence.endswith(" Correct it and start again.")
    assert "secret" not in caught.value.sentence
    model = next(row for row in catalog.models if row.engine == engine and not row.film)
    assert chooser.usable(model).why_not == caught.value.sentence
    assert chooser.usable(catalog.model("fill"))


def test_an_engine_that_no_model_is_asked_by_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r'bases.bflx: "bflx" is not in the catalogue'):
        load(own(tmp_path, 'bflx = "eu"'))
