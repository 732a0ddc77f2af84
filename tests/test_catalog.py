"""The catalogue: whole for every path, honest about dates, and the artist's to change."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bridge.catalog import load
from bridge.engines.find import find_engine
from bridge.errors import BadRequest
from bridge.geometry import Size
from bridge.price import price

TODAY = date(2026, 11, 25)
CATALOG = load()
PATHS = """nano-banana nano-banana-2 nano-banana-2.1 nano-banana-pro seedream-5-pro seedream-5-flash
seedream-5-lite seedream-4.5 seedream-4.0 flux-2-pro flux-2-max flux-2-flex flux-2-klein-9b
flux-2-klein-4b flux-fill flux-erase flux-outpaint flux-kontext-pro flux-kontext-max gpt-image-2
gpt-image-2.5-sunburst gpt-image-2.5-flare"""


@pytest.mark.parametrize("id", PATHS.split())
def test_every_path_says_what_it_is_for_and_what_becomes_of_a_picture(id: str) -> None:
    row = CATALOG.model(id)
    home = CATALOG.home(row)
    assert row.purposes
    told = (row.strength, row.limitation, row.watermark, home.goes_to, home.stays, home.training)
    assert all(told)
    assert row.typical_seconds > 0
    assert row.price.rates[0].usd > 0
    assert row.as_of <= TODAY
    for route in row.routes:
        assert find_engine(route.engine).key_name


LIVES = [
    ("nano-banana-2.1", TODAY, "alive", ""),
    ("nano-banana-pro", TODAY, "alive", ""),
    (
        "nano-banana",
        TODAY,
        "unclear",
        "Nano Banana may have been switched off on 2 October 2026; our sources disagree. "
        "Its successor is Nano Banana 2.1.",
    ),
    (
        "nano-banana-2",
        date(2026, 10, 28),
        "deprecated",
        "Nano Banana 2 is being phased out and ends on 29 October 2026. "
        "Its successor is Nano Banana 2.1.",
    ),
    (
        "nano-banana-2",
        TODAY,
        "unclear",
        "Nano Banana 2 may have been switched off on 29 October 2026; our sources disagree. "
        "Its successor is Nano Banana 2.1.",
    ),
    (
        "seedream-4.0",
        TODAY,
        "unclear",
        "Some accounts can no longer use Seedream 4.0. Its successor is Seedream 5.0 Lite.",
    ),
    (
        "flux-kontext-pro",
        TODAY,
        "deprecated",
        "FLUX Kontext Pro is being phased out; no end date is announced. "
        "Its successor is FLUX.2 Pro.",
    ),
    ("gpt-image-2", TODAY, "alive", ""),
]


@pytest.mark.parametrize(("id", "day", "state", "sentence"), LIVES)
def test_what_is_known_of_its_life_is_said(id: str, day: date, state: str, sentence: str) -> None:
    alive = CATALOG.alive(CATALOG.model(id), day)
    assert (alive.state, alive.sentence) == (state, sentence)


@pytest.mark.parametrize("row", CATALOG.models, ids=lambda row: row.id)
def test_what_ends_or_is_in_doubt_names_a_successor(row: object) -> None:
    model = CATALOG.model(row.id)  # type: ignore[attr-defined]
    if CATALOG.alive(model, TODAY).state in ("deprecated", "gone"):
        assert model.successor


@pytest.mark.parametrize(
    ("id", "size", "tier", "references", "usd"),
    [
        ("nano-banana-pro", Size(2048, 2048), "2K", 2, 0.142 + 3 * 0.00112),
        ("flux-2-pro", Size(1024, 1024), "", 0, 0.03 + 0.015),
        ("flux-2-pro", Size(1600, 1024), "", 1, 0.03 + 0.015 + 2 * 0.015 + 0.015),
        ("seedream-5-pro", Size(1280, 960), "", 1, 0.045 + 0.003),
        ("seedream-5-pro", Size(2048, 2048), "", 3, 0.09 + 3 * 0.003),
        ("flux-fill", Size(1024, 1024), "", 0, 0.05),
    ],
)
def test_a_price_is_what_the_makers_list_says(
    id: str, size: Size, tier: str, references: int, usd: float
) -> None:
    one = price(CATALOG.model(id), size, tier, references, 1)
    assert one == pytest.approx(usd)
    assert price(CATALOG.model(id), size, tier, references, 4) == pytest.approx(4 * usd)


def own(folder: Path, text: str) -> Path:
    path = folder / "catalog.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_artists_file_changes_one_field_and_leaves_the_rest(tmp_path: Path) -> None:
    extra = own(tmp_path, '[models.flux-2-pro.price]\nrates = [{ usd = 0.02 }]\nnote = "ours"\n')
    row, usual = load(extra).model("flux-2-pro"), CATALOG.model("flux-2-pro")
    assert (row.price.rates[0].usd, row.price.note) == (0.02, "ours")
    assert (row.price.per_input_mp, row.takes) == (usual.price.per_input_mp, usual.takes)


def test_the_artists_file_adds_a_model_and_prefers_it(tmp_path: Path) -> None:
    extra = own(
        tmp_path,
        """
[purposes.fast]
order = ["mine", "nano-banana"]

[models.mine]
label = "Mine"
maker = "Me"
purposes = ["fast"]
strength = "it is mine"
limitation = "nobody else has it"
typical_seconds = 3
routes = [{ engine = "gemini", model = "tuned-1" }]
home = "google"
watermark = "none"
as_of = 2026-11-24
takes = { grid = { name = "nano-banana", tiers = ["1K"] } }
price = { rates = [{ usd = 0.01 }], confidence = "sure" }
""",
    )
    catalog = load(extra)
    assert catalog.model("mine").routes[0].model == "tuned-1"
    assert next(one for one in catalog.purposes if one.id == "fast").order[0] == "mine"
    assert len(catalog.models) == len(CATALOG.models) + 1


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[models.flux-2-pro]\nstrenght = 'typo'\n", "models.flux-2-pro.strenght"),
        ("[models.flux-2-pro]\nhome = 'nowhere'\n", 'flux-2-pro.home: "nowhere"'),
        ("[models.flux-2-pro]\nsuccessor = 'nothing'\n", 'flux-2-pro.successor: "nothing"'),
        ("[models.new]\nlabel = 'Half'\n", "models.new.maker"),
        ("[models.flux-2-pro.takes.grid]\nname = 'x'\ntiers = []\n", "either free or grid"),
        ("[purposes.fast]\norder = ['nothing']\n", 'fast.order: "nothing"'),
        ("[models\n", "not valid TOML"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(BadRequest) as caught:
        load(own(tmp_path, text))
    assert place in caught.value.sentence


@pytest.mark.parametrize("engine", ["gemini", "interactions", "bfl", "openai", "ark"])
def test_every_provider_can_be_asked_elsewhere(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_engine(engine).base.startswith("https://")
    monkeypatch.setenv(f"REDRAFT_BASE_{engine.upper()}", "https://gateway.studio.example/v1")
    assert find_engine(engine).base == "https://gateway.studio.example/v1"
    assert "gateway.studio.example" in find_engine(engine).hosts


def test_every_hosted_way_says_what_becomes_of_an_answer_that_is_being_made() -> None:
    catalog = load()
    ways = {route.engine for row in catalog.models for route in row.routes if row.home != "here"}
    assert ways <= set(catalog.under_way)
    asking = {engine for engine, said in catalog.under_way.items() if "you are asked" in said}
    assert asking == {"gemini", "openai", "ark", "openrouter"}  # the fault kit's, and a link's
