"""A film that is told where to end, and what else it is shown: what leaves, what it costs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from bridge.caller import Refused, call_bridge
from bridge.catalog import load
from bridge.film.able import cannot
from bridge.geometry import Size
from bridge.pixels import Native
from bridge.png import write_png
from bridge.wire import Choice, FilmChoice, PartInfo
from tests.emulators.google_films import OmniEmulator
from tests.emulators.serve import serve
from tests.engines.asking import KEY
from tests.film.studio import SIZE, Studio, running, smooth, studio
from tests.profiles import wide
from tests.revising import RGB8, Canvas

ENDING = FilmChoice(seconds=3, last_frame=True)
CHOICE = Choice(model="omni-1.1", prompt="night falls", tier="360p", film=ENDING)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with studio(tmp_path_factory.mktemp("last")) as built, running(built) as ready:
        yield ready


def night(size: Size = SIZE) -> Native:
    """Of the same place, darker and bluer."""
    dark: Native = np.rint(smooth(size) * np.array([0.4, 0.5, 0.8])).astype(np.uint8)
    return dark


def test_it_ends_on_the_picture_it_was_told(made: Studio) -> None:
    Image.fromarray(night()).save(made.folder / "night.png")
    done = made.animate("dusk", "--last-frame", "night.png")
    assert done.returncode == 0, done.stderr
    assert "with a last frame goes to" in done.stdout
    np.testing.assert_array_equal(made.there.films.filmed[-1].last, night())
    frames = sorted((made.folder / "dusk").glob("*.png"))
    first, last = (np.asarray(Image.open(frames[at])).astype(int) for at in (0, -1))
    print(f"first frame: {_off(first, made.still):.2f} of 255, last: {_off(last, night()):.2f}")
    assert _off(first, made.still) <= 2
    assert _off(last, night()) <= 4


def test_it_is_fitted_as_the_first_frame_is(made: Studio) -> None:
    """Aspect, size and place; from a file of another size its middle; in the photo's colours."""
    square = np.ascontiguousarray(made.still[:, 140:500])
    Image.fromarray(square).save(made.folder / "square.png")
    Image.fromarray(np.ascontiguousarray(night()[:, 140:500])).save(made.folder / "dark.png")
    words = ["--model", "omni-1.1", "--size", "360p", "--seconds", "3"]
    done = made.redraft(
        "animate", "square.png", "-o", "square.mp4", "--last-frame", "dark.png", *words
    )
    assert done.returncode == 0, done.stderr
    cropped = made.there.films.filmed[-1]
    assert cropped.last is not None
    assert cropped.sent.shape == cropped.last.shape == (360, 640, 3)
    assert _off(cropped.last, cropped.sent * np.array([0.4, 0.5, 0.8])) <= 2
    large = night(Size(1280, 900))
    (made.folder / "large.png").write_bytes(write_png(large, wide()))
    done = made.animate("large.mp4", "--last-frame", "large.png")
    assert done.returncode == 0, done.stderr
    sent = made.there.films.filmed[-1].last
    assert sent is not None
    assert sent.shape == (360, 640, 3)
    assert abs(sent[..., 2].mean() - sent[..., 0].mean()) > 20  # wider blue, taken to sRGB


def test_references_go_along_where_the_model_takes_them(made: Studio) -> None:
    """A file of any size; who takes none says so before anything is sent."""
    lantern = smooth(Size(96, 64))
    Image.fromarray(lantern).save(made.folder / "lantern.png")
    refused = made.animate("x.mp4", "--ref", "lantern.png")
    assert refused.returncode == 3
    assert "takes no references; 1 are chosen" in refused.stderr
    there, words = OmniEmulator(), ["--route", "omni", "--ref", "lantern.png"]
    with serve(there) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("REDRAFT_KEY_GEMINI", KEY)
        patch.setenv("REDRAFT_BASE_OMNI", f"{url}/v1beta")
        home = made.folder / "other"
        home.mkdir(mode=0o700)
        other = replace(made, home=home)
        with running(other):
            done = other.animate("lit.mp4", *words, "--last-frame", "photo.png")
    assert done.returncode == 0, done.stderr
    assert "with a last frame and 1 reference goes to" in done.stdout
    (filmed,) = there.films.filmed
    np.testing.assert_array_equal(filmed.references[0], lantern)
    assert len(there.ledger.charges) == 1


def test_what_is_transparent_in_it_shows_the_still(made: Studio) -> None:
    half = np.dstack([night(), np.zeros(night().shape[:2], np.uint8)])
    half[:, :320, 3] = 255
    Image.fromarray(half).save(made.folder / "half.png")
    done = made.animate("half.mp4", "--last-frame", "half.png")
    assert done.returncode == 0, done.stderr
    last = made.there.films.filmed[-1].last
    assert last is not None
    np.testing.assert_array_equal(last[:, :320], night()[:, :320])
    np.testing.assert_array_equal(last[:, 320:], made.still[:, 320:])


def test_who_cannot_end_there_says_so_before_the_click_and_who_can(made: Studio) -> None:
    charges = len(made.there.ledger.charges)
    asked = Choice(model="sora-2", film=FilmChoice(last_frame=True))
    with call_bridge(made.home) as bridge:
        plan = bridge.plan(Canvas(made.still).plan(asked))
    assert not plan.usable
    assert plan.why_not == (
        "Sora 2 cannot be told where to end. Take the last frame away, or choose another model."
    )
    assert plan.instead is not None
    assert load().model(plan.instead.model).film is not None
    done = made.redraft(
        "animate", "photo.png", "-o", "x.mp4", "--model", "sora-2", "--last-frame", "photo.png"
    )
    assert done.returncode == 3
    assert len(made.there.ledger.charges) == charges


def test_a_loop_has_no_other_end(made: Studio) -> None:
    done = made.animate("x.mp4", "--loop", "--last-frame", "photo.png")
    assert done.returncode != 0
    assert "A loop ends as it began" in done.stderr


@pytest.mark.parametrize("chosen", [True, False])
def test_a_last_frame_is_both_chosen_and_sent(made: Studio, chosen: bool) -> None:
    film = ENDING.model_copy(update={"last_frame": chosen})
    choice = CHOICE.model_copy(update={"film": film})
    canvas = Canvas(made.still)
    with call_bridge(made.home) as bridge:
        request, parts = canvas.planned(choice, bridge.plan(canvas.plan(choice)))
        if not chosen:
            info = PartInfo.of_pixels("last_frame", request.box.box().size, RGB8)
            request = request.model_copy(update={"parts": (*request.parts, info)})
            parts["last_frame"] = parts["source"]
        with pytest.raises(Refused, match="did not come" if chosen else "is not chosen"):
            bridge.revise(request, parts)


def test_its_price_is_told_with_the_picture_that_is_sent_besides(made: Studio) -> None:
    told = made.redraft(
        "animate", "photo.png", "-o", "x.mp4", "--model", "omni-1.1", "--size", "360p",
        "--seconds", "3", "--last-frame", "photo.png", "--dry-run", "--json",
    )  # fmt: skip
    plan = json.loads(told.stdout.splitlines()[0])
    assert (plan["film"]["last_frame"], plan["usd"]) == (True, pytest.approx(3 * 0.0375))


def test_how_long_a_film_may_be_that_is_told_where_to_end() -> None:
    model = load().model("omni-1.2")
    for film, said in (
        (FilmChoice(seconds=12), ""),
        (FilmChoice(seconds=10, last_frame=True), ""),
        (FilmChoice(seconds=12, loop=True), "in films of up to 10 seconds"),
        (FilmChoice(seconds=12, last_frame=True), "in films of up to 10 seconds"),
    ):
        assert said in cannot(model, Choice(film=film))
        assert bool(said) == bool(cannot(model, Choice(film=film)))


def _off(frame: np.ndarray, still: np.ndarray) -> float:
    return float(np.median(np.abs(frame.astype(float) - still)))
