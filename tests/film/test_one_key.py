"""One key of fal, and no other, carries all six purposes: four to a layer, two to a film."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import pytest

from bridge.caller import call_bridge
from bridge.wire import Choice, VariantReply
from tests.conftest import wait_for
from tests.emulators.fal_rules import ENDPOINTS
from tests.film.studio import Studio, running, studio
from tests.revising import Canvas, rectangle

WISH = "turn it red"
HOLE = (220, 120, 420, 260)  # left, top, right, bottom
STILLS = ("realism", "detail", "fast", "precise")
FILMS = ("motion", "cinema")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [one for one in os.environ if one.startswith("REDRAFT_KEY_")]:
            patch.delenv(name)
        with studio(tmp_path_factory.mktemp("one")) as built, running(built) as ready:
            yield ready


def test_every_purpose_has_a_model_by_that_key(made: Studio) -> None:
    with call_bridge(made.home) as bridge:
        hello = bridge.hello()
    chosen = {purpose.id: purpose.model for purpose in hello.purposes}
    assert chosen.keys() == {*STILLS, *FILMS}
    models = {model.id: model for model in hello.models}
    for purpose, id in chosen.items():
        assert (models[id].home, models[id].usable) == ("fal", True), purpose
        assert (models[id].film is not None) == (purpose in FILMS)


@pytest.mark.parametrize("purpose", [*STILLS, *FILMS])
def test_one_key_leads_to(made: Studio, purpose: str) -> None:
    """What is chosen for the purpose alone, planned, paid once and composed."""
    before = len(made.there.ledger.charges)
    selection = rectangle(640, 360, HOLE) if purpose == "precise" else None
    canvas = Canvas(made.still, selection=selection)
    choice = Choice(purpose=purpose, prompt=WISH)
    with call_bridge(made.home) as bridge:
        plan = bridge.plan(canvas.plan(choice))
        assert (plan.usable, plan.home, plan.route) == (True, "fal", "fal")
        chosen = choice.model_copy(update={"model": plan.model})
        id = bridge.revise(*canvas.planned(chosen, plan)).id
        wait_for(lambda: bridge.http.get(f"/v1/revisions/{id}").json()["settled"])
        (only,) = bridge.http.get(f"/v1/revisions/{id}").json()["variants"]
        variant = VariantReply.model_validate(only)
        assert (variant.state, variant.error) == ("composed", None)
        header, parts = bridge.layer(id, 1)
        film = variant.film
        if film is not None:
            assert bridge.film(id, 1, "received") == made.film
    assert (film is not None) == (purpose in FILMS)
    (charge,) = made.there.ledger.charges[before:]
    assert ENDPOINTS[charge.model].film == (purpose in FILMS)
    assert charge.usd <= plan.usd + 1e-9
    patch = np.frombuffer(parts["patch"], np.uint8)
    assert patch.size == header.area.box().size.pixels * 4
    assert np.frombuffer(parts["mask"], np.uint8).any()
    if film is not None:
        assert (film.seconds > 2.9, film.sound > 2.9) == (True, True)
    print(f"{purpose}: {plan.label} by {charge.model}, ${charge.usd:.3f} of ${plan.usd:.3f} told")
