"""A film is cancelled where its provider can, else it is kept: what is read, what is counted."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bridge.caller import Caller, call_bridge
from bridge.wire import Choice, FilmChoice, RevisionReply, VariantReply
from tests.conftest import running_bridge, wait_for
from tests.emulators.emulator import Emulator, Seen
from tests.emulators.fal import FalEmulator
from tests.emulators.google_films import OmniEmulator, VeoEmulator
from tests.emulators.openrouter import OpenRouterFilmEmulator
from tests.emulators.serve import serve
from tests.emulators.videos import OwnVideosEmulator, VideosEmulator
from tests.engines.asking import KEY
from tests.film.studio import SIZE, smooth
from tests.revising import Canvas


@dataclass(frozen=True)
class Way:
    """label: of its provider. at: where its API begins at the emulator."""

    label: str
    emulator: Callable[[], Emulator]
    key: str
    model: str
    at: str = ""
    tier: str = "720p"


@dataclass(frozen=True)
class UnderWay:
    """id: of the revision. told: USD."""

    there: Emulator
    process: subprocess.Popen[bytes]
    bridge: Caller
    id: str
    told: float

    @property
    def variant(self) -> VariantReply:
        reply = self.bridge.http.get(f"/v1/revisions/{self.id}").json()
        (only,) = RevisionReply.model_validate(reply).variants
        return only


WAYS = {
    "omni": Way("Google Gemini", OmniEmulator, "GEMINI", "omni-1.2", "/v1beta", "360p"),
    "videos": Way("OpenAI", VideosEmulator, "OPENAI", "sora-2", "/v1"),
    "own_videos": Way("Your film server", OwnVideosEmulator, "OPENAI", "own-films", "/v1"),
    "fal": Way("fal", FalEmulator, "FAL", "veo-3.1-fast"),
    "veo": Way("Google Veo", VeoEmulator, "GEMINI", "veo-3.1-fast", "/v1beta"),
    "openrouter": Way(
        "OpenRouter", OpenRouterFilmEmulator, "OPENROUTER", "veo-3.1-fast", "/api/v1"
    ),
}
CAN, CANNOT = ("omni", "videos", "fal"), ("veo", "openrouter")


@contextmanager
def under_way(home: Path, by: str) -> Iterator[UnderWay]:
    """A film that its provider has, and does not finish."""
    way = WAYS[by]
    there = way.emulator()
    there.script.then("pending")
    there.held = True
    film = FilmChoice(seconds=4)
    choice = Choice(model=way.model, route=by, prompt="it turns", tier=way.tier, film=film)
    canvas = Canvas(smooth(SIZE))
    with serve(there) as url, pytest.MonkeyPatch.context() as patch:
        if isinstance(there, FalEmulator):
            there.here = url
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        patch.setenv("NO_PROXY", "*")
        patch.setenv(f"REDRAFT_KEY_{way.key}", KEY)
        patch.setenv(f"REDRAFT_BASE_{by.upper()}", url + way.at)
        with running_bridge(home) as process, call_bridge(home) as bridge:
            plan = bridge.plan(canvas.plan(choice))
            assert plan.usable, plan.why_not
            id = bridge.revise(*canvas.planned(choice, plan)).id
            film_made = UnderWay(there, process, bridge, id, plan.usd)
            wait_for(lambda: film_made.variant.state == "submitted")
            yield film_made


@pytest.mark.parametrize("by", CAN)
def test_it_is_cancelled_where_its_provider_can(home: Path, by: str) -> None:
    """Nobody says what that costs: it is said so, and counted in full until the artist knows."""
    with under_way(home, by) as film:
        assert film.variant.cancel == "paid"
        film.bridge.cancel(film.id)
        *_, ended = film.bridge.follow(film.id)
        made = ended.variants[0]
        assert made.state == "cancelled"
        assert made.error is not None
        assert (made.error.code, made.error.charged) == ("cancelled", "unknown")
        assert made.error.sentence == (
            f"The revision was cancelled at {WAYS[by].label}, which does not say whether it "
            "charged. Look at your account there."
        )
        assert ended.instead is None
        assert ended.usd == pytest.approx(film.told)
        asked = [one for one in film.there.seen if stops(one)]
        assert len(asked) == 1
    assert len(film.there.ledger.charges) == 1


@pytest.mark.parametrize("by", CANNOT)
def test_else_it_goes_on_and_is_kept(home: Path, by: str) -> None:
    with under_way(home, by) as film:
        film.bridge.cancel(film.id)
        assert film.variant.state == "submitted"
        film.there.held = False
        *_, ended = film.bridge.follow(film.id)
        made = ended.variants[0]
        assert (made.state, made.error) == ("composed", None)
        assert made.film is not None
        assert ended.usd == pytest.approx(film.told)
        assert film.bridge.film(film.id, 1, "received")[4:8] == b"ftyp"
        assert not [one for one in film.there.seen if stops(one)]
    assert len(film.there.ledger.charges) == 1


def test_what_costs_nothing_stops_on_the_artists_own_server_too(home: Path) -> None:
    with under_way(home, "own_videos") as film:
        assert isinstance(film.there, OwnVideosEmulator)
        assert (film.told, film.variant.cancel) == (0, "free")
        film.bridge.cancel(film.id)
        *_, ended = film.bridge.follow(film.id)
        assert (ended.variants[0].state, ended.variants[0].error) == ("cancelled", None)
        assert [job.deleted for job in film.there.jobs.values()] == [True]
        assert ended.usd == 0


def test_a_film_of_the_artists_own_server(home: Path) -> None:
    with under_way(home, "own_videos") as film:
        film.there.held = False
        *_, ended = film.bridge.follow(film.id)
        assert (ended.variants[0].state, ended.usd) == ("composed", 0)
        assert ended.variants[0].film is not None
        assert not [one for one in film.there.seen if "authorization" in one.headers]


def test_a_bridge_killed_right_after_still_reads_it_as_cancelled(home: Path) -> None:
    with under_way(home, "videos") as film:
        assert isinstance(film.there, VideosEmulator)
        film.bridge.cancel(film.id)
        film.process.kill()
        film.process.wait()
        assert [job.deleted for job in film.there.jobs.values()] == [True]
        with running_bridge(home), call_bridge(home) as other:
            *_, ended = other.follow(film.id)
        assert ended.variants[0].state == "cancelled"


def stops(request: Seen) -> bool:
    return request.method in ("PUT", "DELETE") or request.path.endswith("/cancel")
