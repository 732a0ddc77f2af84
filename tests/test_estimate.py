"""What the artist reads before the click: what goes where, how many, hints, and who else could."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.caller import Caller, Refused, call_bridge
from bridge.hints import describes_a_scene
from bridge.wire import Choice
from tests.conftest import running_bridge
from tests.revising import Canvas, noise, rectangle

PICTURE = Canvas(noise(900, 700), selection=rectangle(900, 700, (300, 200, 420, 380)))
WHOLE = Canvas(noise(900, 700))


def test_what_goes_where_is_said_until_the_artist_has_read_it(home: Path) -> None:
    asked = PICTURE.plan(Choice(model="polled", prompt="x", references=1))
    with running_bridge(home), call_bridge(home) as bridge:
        first = bridge.plan(asked)
        bridge.http.post("/v1/told", json={"home": first.home}).raise_for_status()
        second = bridge.plan(asked)
    box = first.box.box().size
    assert first.where == (
        f"This box, {box} px, with 1 reference goes to the tests. There: as long as the test. "
        "Used for training: no."
    )
    assert (first.home, first.where_new, second.where_new) == ("tests", True, False)
    assert second.where == first.where
    with running_bridge(home), call_bridge(home) as bridge:
        assert not bridge.plan(asked).where_new


def test_nothing_is_said_of_what_stays_here(shared_bridge: Caller) -> None:
    plan = shared_bridge.plan(PICTURE.plan(Choice(model="fill")))
    assert (plan.where, plan.where_new, plan.home, plan.key) == ("", False, "", "")


def test_a_home_that_is_not_there_cannot_be_agreed_to(shared_bridge: Caller) -> None:
    response = shared_bridge.http.post("/v1/told", json={"home": "nowhere"})
    assert response.status_code == 404


def test_several_lines_and_variants_are_counted_and_priced(shared_bridge: Caller) -> None:
    plan = shared_bridge.plan(PICTURE.plan(Choice(model="polled", prompt="a\n\nb\nc", variants=2)))
    assert (plan.looks, plan.count, plan.usd, plan.button) == (3, 6, 0.3, "Revise  $0.30")


@pytest.mark.parametrize(
    ("canvas", "choice", "hint"),
    [
        (PICTURE, Choice(), "what is selected will be removed"),
        (WHOLE, Choice(model="polled"), "Say what should change"),
        (PICTURE, Choice(prompt="A castle on a hill, at dusk"), "“Add a castle on a hill”"),
        (WHOLE, Choice(prompt="portrait of a king, 8k"), "“Turn it into portrait of a king”"),
        (PICTURE, Choice(prompt="a tower by the river"), "“Add a tower by the river”"),
        (PICTURE, Choice(prompt="a hat", helper="add"), ""),
        (PICTURE, Choice(prompt="remove the man"), ""),
    ],
)
def test_a_wish_that_says_no_change_gets_a_hint(
    shared_bridge: Caller, canvas: Canvas, choice: Choice, hint: str
) -> None:
    said = shared_bridge.plan(canvas.plan(choice)).hint
    assert hint in said
    assert bool(hint) == bool(said)


@pytest.mark.parametrize(
    "change",
    [
        "make the sky darker",
        "the sky darker, please",
        "a little warmer",
        "the man should look to the left",
        "remove the people",
        "den Himmel dunkler",
        "plus de contraste",
        "black and white",
        "the same in winter",
    ],
)
def test_a_change_is_not_taken_for_a_scene(change: str) -> None:
    assert not describes_a_scene(change)


def test_too_many_references_are_refused_before_the_click(shared_bridge: Caller) -> None:
    plan = shared_bridge.plan(PICTURE.plan(Choice(model="known", prompt="x", references=3)))
    assert not plan.usable
    assert "Known takes 2 references; 3 are chosen" in plan.why_not


def test_a_parent_that_is_not_there_is_said(shared_bridge: Caller) -> None:
    asked = PICTURE.plan(Choice(model="known")).model_copy(
        update={"parent": "nothing", "again": "original"}
    )
    with pytest.raises(Refused, match="no such revision"):
        shared_bridge.plan(asked)


# --- money --------------------------------------------------------------------------------------


def test_above_the_artists_amount_a_second_click_is_asked_for(home: Path) -> None:
    one = PICTURE.plan(Choice(model="polled", prompt="x"))
    four = PICTURE.plan(Choice(model="polled", prompt="x", variants=4))
    with running_bridge(home), call_bridge(home) as bridge:
        assert bridge.plan(four).confirm == ""
        bridge.http.post("/v1/limits", json={"second_click": 0.1}).raise_for_status()
        assert bridge.plan(one).confirm == ""
        assert bridge.plan(four).confirm == (
            "This costs $0.20, more than $0.10. Press again to spend it."
        )
        assert bridge.hello().limits.second_click == 0.1


def test_a_limit_is_said_before_the_click(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDRAFT_KEY_POLLED", "planted-key")
    asked = PICTURE.plan(Choice(model="polled", prompt="x", variants=4))
    with running_bridge(home), call_bridge(home) as bridge:
        assert bridge.plan(asked).usable
        bridge.http.post("/v1/limits", json={"month": 0.15}).raise_for_status()
        plan = bridge.plan(asked)
        assert not plan.usable
        assert "pass your limit of $0.15" in plan.why_not
        assert bridge.http.post("/v1/limits", json={"month": -1}).status_code == 422
        wrong = bridge.http.post("/v1/limits", json={"providers": {"nobody": 1}})
        assert wrong.status_code == 404


def test_keep_constraints_are_offered_where_they_mean_something(shared_bridge: Caller) -> None:
    models = {model.id: model for model in shared_bridge.hello().models}
    assert models["fill"].keep == models["looks"].keep == ()
    assert "identity" in models["gpt-image-2"].keep


@pytest.mark.parametrize(
    ("canvas", "purpose", "model", "why"),
    [
        (PICTURE, "", "flux-fill", "The best you have for precise local edit."),
        (WHOLE, "", "flux-2-klein-9b", "The best you have for fast looks."),
        (WHOLE, "detail", "flux-2-max", "The best you have for detail and comparison."),
        (PICTURE, "realism", "flux-2-pro", "The best you have for realism and continuity."),
    ],
)
def test_a_purpose_chooses_the_model_and_says_why(
    canvas: Canvas, purpose: str, model: str, why: str, with_bfl: Caller
) -> None:
    plan = with_bfl.plan(canvas.plan(Choice(purpose=purpose, prompt="make it brighter")))
    assert (plan.model, plan.why) == (model, why)


@pytest.fixture(scope="module")
def with_bfl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    home = tmp_path_factory.mktemp("home-with-a-key")
    home.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        patch.setenv("REDRAFT_KEY_BFL", "key-of-the-test")
        with running_bridge(home), call_bridge(home) as caller:
            yield caller
