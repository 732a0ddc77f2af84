"""One model by several routes: the artist's keys decide, alive first, then the cheapest."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bridge.catalog import Catalog, load
from bridge.choose import Chooser
from bridge.engines.find import find_engine
from bridge.errors import BadRequest, NotFound
from bridge.estimate import PlanRequest
from bridge.history import History
from bridge.home import open_home
from bridge.quote import quote
from bridge.told import Told
from bridge.wire import Choice, Document

ROW = """
[[models."flux-2-pro".routes]]
engine = "bfl"
model = "flux-2-pro"

[[models."flux-2-pro".routes]]
engine = "ark"
model = "flux-dear"
home = "ark"
price = { rates = [{ usd = 0.09 }], confidence = "likely" }

[[models."flux-2-pro".routes]]
engine = "gemini"
model = "flux-cheap"
home = "google"
price = { rates = [{ usd = 0.01 }], confidence = "likely" }
retires = [{ on = 2026-12-31 }]
"""
BEFORE, AFTER = date(2026, 12, 1), date(2027, 1, 1)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    extra = tmp_path / "catalog.toml"
    extra.write_text(ROW)
    return load(extra)


def routed(catalog: Catalog, keys: set[str], today: date = BEFORE, by: str = "") -> str:
    chooser = Chooser(catalog, find_engine, keys.__contains__, lambda: today)
    model = chooser.choose(Choice(model="flux-2-pro", route=by), selected=False).model
    return model.routes[0].model


@pytest.mark.parametrize(
    ("keys", "today", "model"),
    [
        (set(), BEFORE, "flux-2-pro"),
        ({"bfl"}, BEFORE, "flux-2-pro"),
        ({"ark"}, BEFORE, "flux-dear"),
        ({"bfl", "ark"}, BEFORE, "flux-2-pro"),
        ({"bfl", "ark", "gemini"}, BEFORE, "flux-cheap"),
        ({"bfl", "ark", "gemini"}, AFTER, "flux-2-pro"),
    ],
)
def test_the_keys_lead_alive_and_cheapest_first(
    catalog: Catalog, keys: set[str], today: date, model: str
) -> None:
    assert routed(catalog, keys, today) == model


def test_the_artist_may_name_the_route(catalog: Catalog) -> None:
    assert routed(catalog, {"bfl", "gemini"}, by="bfl") == "flux-2-pro"


def test_a_route_that_is_not_there_is_said(catalog: Catalog) -> None:
    with pytest.raises(NotFound, match=r"FLUX\.2 Pro cannot be asked by openai"):
        routed(catalog, {"bfl"}, by="openai")


def test_the_plan_shows_who_is_asked_and_for_how_much(catalog: Catalog, tmp_path: Path) -> None:
    chooser = Chooser(catalog, find_engine, {"ark"}.__contains__, lambda: BEFORE)
    asked = PlanRequest(
        document=Document(id="d", width=1024, height=1024), choice=Choice(model="flux-2-pro")
    )
    home = open_home(tmp_path / "home")
    plan = quote(chooser, asked, History(home), Told(home))
    assert (plan.route, plan.by, plan.usd, plan.usable) == ("ark", "ByteDance", 0.09, True)


def test_a_route_is_checked_like_a_row(tmp_path: Path) -> None:
    extra = tmp_path / "catalog.toml"
    extra.write_text(ROW.replace('home = "ark"', 'home = "nowhere"'))
    with pytest.raises(BadRequest, match=r'flux-2-pro\.home: "nowhere" is not in the catalogue'):
        load(extra)
