"""What becomes the first frame, what is lost, what a film costs, and where it is alive."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bridge.catalog import Model, Rate, load
from bridge.choose import Chooser
from bridge.engines.base import TableSize
from bridge.engines.find import find_engine
from bridge.errors import Unsupported
from bridge.film.able import draft_of, nearest, price_of_one, resolved
from bridge.film.plan import make_film_plan, warnings_of
from bridge.geometry import Box, Size
from bridge.instead import Need, plan_by
from bridge.wire import Choice, FilmChoice

CATALOG = load()
TODAY = date(2026, 11, 25)
WHOLE = Box.of(Size(1600, 1200))


def planned(
    model: str, selection: Box | None = None, tier: str = "", **film: object
) -> tuple[Box, Size]:
    limits = CATALOG.limits(CATALOG.model(model))
    plan = make_film_plan(WHOLE, selection, limits, tier, FilmChoice.model_validate(film))
    return plan.box, plan.send


def test_a_whole_picture_is_cropped_about_its_middle() -> None:
    assert planned("veo-3.1-fast") == (Box(0, 150, 1600, 1050), Size(1280, 720))


def test_or_its_edges_are_continued_when_the_artist_says_so() -> None:
    box, _ = planned("veo-3.1-fast", fit="pad")
    assert box.contains(WHOLE)
    assert box.width / box.height == pytest.approx(16 / 9, rel=1e-3)


def test_a_selection_grows_into_real_pixels_first() -> None:
    box, _ = planned("veo-3.1-fast", Box(600, 400, 1000, 800))
    assert WHOLE.contains(box)
    assert box.contains(Box(600, 400, 1000, 800))


def test_a_tall_selection_is_filmed_tall() -> None:
    assert planned("omni-1.2", Box(700, 200, 1000, 800), tier="1080p")[1] == Size(1080, 1920)


def test_what_shall_move_is_never_cut() -> None:
    """A cinemagraph shows what stands still as well, around what moves."""
    low, _ = planned("omni-1.2", Box(0, 1100, 400, 1200), cinemagraph=True)
    assert low == Box(0, 300, 1600, 1200)
    tall, _ = planned("omni-1.2", Box(0, 0, 400, 1200), cinemagraph=True)
    assert tall.contains(WHOLE)


def test_what_is_lost_is_said() -> None:
    model = CATALOG.model("omni-1.2")
    choice = resolved(model, Choice(film=FilmChoice(audio=False, negative="rain")))
    plan = make_film_plan(WHOLE, None, CATALOG.limits(model), "", choice.film or FilmChoice())
    said = warnings_of(model, plan, WHOLE, choice)
    assert said == (
        "25 % of the picture is cropped: top and bottom.",
        "Gemini Omni 1.2 always makes sound; it is left out of what is saved.",
        "Gemini Omni 1.2 is told in words what not to show; it may show it all the same.",
    )


def test_a_film_is_paid_by_the_second_and_by_its_sound() -> None:
    model = CATALOG.model("veo-3.1").by("fal")
    for sound, usd in ((True, 3.2), (False, 1.6)):
        choice = resolved(model, Choice(film=FilmChoice(seconds=8, audio=sound)))
        assert price_of_one(model, Size(1280, 720), "720p", 0, choice) == usd


def test_another_model_gets_the_nearest_length_it_can_make() -> None:
    model = CATALOG.model("veo-3.1")
    choice = nearest(model, CATALOG.limits(model), Choice(film=FilmChoice(seconds=15)))
    assert choice.film is not None
    assert choice.film.seconds == 8


@pytest.mark.parametrize(
    ("model", "tier", "near"),
    [("seedance-2", "4k", "1080p"), ("omni-1.2", "480p", "360p"), ("veo-3.1", "360p", "720p")],
)
def test_and_the_nearest_size(model: str, tier: str, near: str) -> None:
    """Not its draft: the artist had named a size."""
    need = Need(WHOLE.size, None, Choice(tier=tier, film=FilmChoice(seconds=4)), 0, 1)
    by = chooser("gemini", "fal")
    plan = plan_by(by, by.routed(CATALOG.model(model)), need)
    assert plan is not None
    assert plan.tier == near


WAYS = [
    pytest.param(model.by(route.engine), id=f"{model.id} by {route.engine}")
    for model in CATALOG.models
    if model.film
    for route in model.routes
]


@pytest.mark.parametrize("way", WAYS)
def test_what_nobody_names_is_the_cheapest_there_is(way: Model) -> None:
    """As a draft, by every route: no other length or size of it costs less."""
    limits, sizes = CATALOG.limits(way), CATALOG.limits(way).sizes
    assert isinstance(sizes, TableSize)
    assert way.film is not None
    draft = resolved(way, Choice())
    plan = make_film_plan(WHOLE, None, limits, "", draft.film or FilmChoice())
    least = price_of_one(way, plan.send, plan.tier, 0, draft)
    for tier in sizes.tiers:
        for seconds in way.film.seconds:
            other = resolved(way, Choice(film=FilmChoice(seconds=seconds)))
            assert price_of_one(way, plan.send, tier, 0, other) >= least


def test_a_draft_is_called_one() -> None:
    model = CATALOG.model("omni-1.2")
    plan = make_film_plan(WHOLE, None, CATALOG.limits(model), "", FilmChoice())
    assert draft_of(model, plan, Choice(film=FilmChoice(loop=True))) == (
        "A draft: 3 seconds of 360p, the shortest and smallest that Gemini Omni 1.2 makes. Name a "
        "length or a size for more."
    )
    assert draft_of(model, plan, Choice(film=FilmChoice(seconds=3))) == ""
    assert draft_of(model, plan, Choice(tier="360p")) == ""


@pytest.mark.parametrize(
    ("wished", "by"),
    [
        (Choice(model="seedance-2"), "fal"),  # cheaper at the size of a draft
        (Choice(model="seedance-2", tier="1080p"), "fal"),
        (Choice(model="omni-1.1"), "omni"),
        (Choice(model="omni-1.1", references=2), "omni"),
        (Choice(model="sora-2", film=FilmChoice(seconds=20)), "fal"),
    ],
    ids=str,
)
def test_the_cheapest_way_that_can_is_taken(wished: Choice, by: str) -> None:
    chosen = chooser("gemini", "fal", "openrouter").choose(wished, selected=False).model
    assert chosen.engine == by


def test_a_dearer_way_is_taken_when_the_cheaper_one_cannot() -> None:
    """Both are usable; only one of them is told where to end, or takes what is sent besides."""
    row = CATALOG.model("veo-3.1-fast").by("fal")
    assert row.film is not None
    cheap = replace(
        row.routes[0],
        engine="openrouter",
        film=replace(row.film, last_frame=False),
        price=replace(row.price, rates=(Rate(0.01),)),
    )
    model = replace(row, routes=(*row.routes, cheap))
    asked = chooser("fal", "openrouter")
    assert asked.routed(model).engine == "openrouter"
    ends = Choice(film=FilmChoice(last_frame=True))
    assert asked.routed(model, choice=ends).engine == "fal"


def test_a_length_that_cannot_be_is_refused() -> None:
    with pytest.raises(Unsupported, match="makes films of 4, 6, 8 seconds, not of 5"):
        resolved(CATALOG.model("veo-3.1"), Choice(film=FilmChoice(seconds=5)))


def chooser(*keys: str) -> Chooser:
    return Chooser(CATALOG, find_engine, set(keys).__contains__, lambda: TODAY)


def test_sora_at_its_maker_is_gone_and_its_successor_is_named() -> None:
    asked = chooser("openai").choose(Choice(model="sora-2"), selected=False).model
    said = chooser("openai").usable(asked).why_not
    assert said == ("Sora 2 was switched off on 24 September 2026. Its successor is Seedance 2.0.")


def test_sora_by_fal_is_doubted_aloud() -> None:
    asked = chooser("fal")
    model = asked.choose(Choice(model="sora-2"), selected=False).model
    assert (model.engine, asked.alive(model).state) == ("fal", "unclear")
    assert "which OpenAI switched off" in asked.alive(model).sentence


def test_veo_lives_on_by_fal() -> None:
    asked = chooser("gemini", "fal")
    assert asked.choose(Choice(model="veo-3.1"), selected=False).model.engine == "fal"
    assert (
        chooser("gemini")
        .usable(CATALOG.model("veo-3.1"))
        .why_not.startswith("Veo 3.1 was switched off on 22 October 2026.")
    )


def test_a_gateway_that_the_artist_named_may_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDRAFT_BASE_VEO", "https://gateway.example/v1beta")
    asked = chooser("gemini")
    assert asked.usable(CATALOG.model("veo-3.1"))
    assert asked.alive(CATALOG.model("veo-3.1").by("veo")).sentence == (
        "Veo 3.1 is asked where you said; it may answer there."
    )


def test_an_own_server_must_be_named_first(monkeypatch: pytest.MonkeyPatch) -> None:
    own = CATALOG.model("own-films")
    assert "Say where your film server is" in chooser().usable(own).why_not
    monkeypatch.setenv("REDRAFT_BASE_OWN_VIDEOS", "http://192.168.1.20:8000/v1")
    assert chooser().usable(own)
