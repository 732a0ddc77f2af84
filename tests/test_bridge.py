"""The bridge from outside: a real server, asked as a host asks it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import numpy as np
import pytest

from bridge.caller import Caller, Refused, call_bridge
from bridge.pixels import DTYPES, Depth, Format, Model, Native, stored, unit, unpack
from bridge.session import find
from bridge.wire import Area, Choice, EdgeChoice, LayerHeader, RevisionReply
from tests import profiles
from tests.conftest import running_bridge, wait_for
from tests.revising import Canvas, noise, rectangle

KNOWN = Choice(model="known", prompt="the negative")


def revised(
    bridge: Caller, canvas: Canvas, choice: Choice = KNOWN, edge: EdgeChoice | None = None
) -> RevisionReply:
    """The revision when all of it is settled."""
    plan = bridge.plan(canvas.plan(choice))
    started = bridge.revise(*canvas.planned(choice, plan, edge))
    *_, last = bridge.follow(started.id)
    return last


def layer_of(
    bridge: Caller, reply: RevisionReply, number: int = 1
) -> tuple[LayerHeader, Native, Native]:
    header, parts = bridge.layer(reply.id, number)
    info = header.parts[0]
    assert info.format is not None
    patch = unpack(parts["patch"], info.format.format(), info.size())
    mask = np.frombuffer(parts["mask"], np.uint8).reshape(patch.shape[:2])
    return header, patch, mask


def canvas_of(form: Format, width: int = 80, height: int = 60) -> Canvas:
    base = unit(noise(width, height, form.channels)) * 0.8 + 0.1
    if form.alpha:
        base[..., -1] = 1
    scale = 100.0 if form.model == "cmyk" and form.depth.startswith("f") else 1.0
    pixels = (base * scale) if form.depth.startswith("f") else base
    native = stored(pixels, form.depth).astype(DTYPES[form.depth])
    profile = profiles.cmyk() if form.model == "cmyk" else b""
    return Canvas(native, form, rectangle(width, height, (20, 15, 50, 40)), profile)


# --- hello and plan ---------------------------------------------------------------------------


def test_hello_carries_words_models_and_purposes(shared_bridge: Caller) -> None:
    hello = shared_bridge.hello()
    assert {model.id for model in hello.models} >= {"fill", "looks", "known"}
    assert hello.words["revise"]
    assert any(purpose.model == "fill" for purpose in hello.purposes)


def test_hello_says_what_a_result_can_be_shown_as(shared_bridge: Caller) -> None:
    for wish in shared_bridge.hello().wishes:
        assert EdgeChoice.model_validate({"wish": wish.id}).wish == wish.id
    assert [wish.id for wish in shared_bridge.hello().wishes][:2] == ["", "local"]


def test_a_model_that_is_gone_names_its_successor(shared_bridge: Caller) -> None:
    gone = next(model for model in shared_bridge.hello().models if model.id == "gone")
    assert not gone.usable
    assert "switched off on 2 January 2026" in gone.why_not
    assert "Known" in gone.why_not


def test_without_a_key_the_built_in_engines_are_chosen_and_free(shared_bridge: Caller) -> None:
    canvas = Canvas(noise(700, 600), selection=rectangle(700, 600, (200, 200, 300, 300)))
    plan = shared_bridge.plan(canvas.plan(Choice()))
    assert (plan.model, plan.button, plan.usable) == ("fill", "Revise, free", True)


def test_the_plan_states_box_size_and_sharpness(shared_bridge: Caller) -> None:
    canvas = Canvas(noise(3000, 2000), selection=rectangle(3000, 2000, (0, 0, 2400, 1600)))
    plan = shared_bridge.plan(canvas.plan(Choice(model="polled")))
    assert plan.percent < 50
    assert plan.sharpness == f"painted at {plan.percent} %"
    assert max(plan.send) <= 1024
    assert plan.box.box().contains(canvas.plan(Choice()).selection.box())  # type: ignore[union-attr]


def test_a_wish_beyond_the_built_in_engines_is_refused_by_what_they_can(
    shared_bridge: Caller,
) -> None:
    canvas = Canvas(noise(100, 90), selection=rectangle(100, 90, (20, 20, 50, 50)))
    plan = shared_bridge.plan(canvas.plan(Choice(prompt="add a red hat")))
    assert not plan.usable
    assert "remove what is selected" in plan.why_not
    assert "key" in plan.why_not


# --- the main job -----------------------------------------------------------------------------


@pytest.mark.parametrize("depth", ["u8", "u16", "f16", "f32"])
@pytest.mark.parametrize("model", ["rgb", "gray", "cmyk", "lab"])
@pytest.mark.parametrize("alpha", [False, True])
def test_the_answer_comes_back_in_the_documents_own_form(
    shared_bridge: Caller, model: Model, depth: Depth, alpha: bool
) -> None:
    canvas = canvas_of(Format(model, depth, alpha))
    reply = revised(shared_bridge, canvas)
    assert [variant.state for variant in reply.variants] == ["composed"], reply.variants[0].error
    header, patch, mask = layer_of(shared_bridge, reply)
    assert patch.dtype == np.dtype(DTYPES[depth])
    assert header.area.box().size == canvas.size
    assert canvas.selection is not None
    assert not mask[canvas.selection == 0].any()
    assert mask.max() == 255


def test_the_known_answer_is_exact_at_eight_bit_srgb(shared_bridge: Caller) -> None:
    canvas = canvas_of(Format("rgb", "u8", False))
    _, patch, _ = layer_of(shared_bridge, revised(shared_bridge, canvas))
    assert np.array_equal(patch[..., :3], 255 - canvas.pixels)


def test_blue_first_pixels_come_back_blue_first(shared_bridge: Caller) -> None:
    straight = canvas_of(Format("rgb", "u16", False))
    swapped = Canvas(
        straight.pixels, Format("rgb", "u16", False, order="bgra", endian="big"), straight.selection
    )
    _, one, _ = layer_of(shared_bridge, revised(shared_bridge, straight))
    _, other, _ = layer_of(shared_bridge, revised(shared_bridge, swapped))
    assert np.array_equal(one, other)


def test_several_lines_are_several_looks_in_one_group(shared_bridge: Caller) -> None:
    canvas = canvas_of(Format("rgb", "u8", False))
    reply = revised(shared_bridge, canvas, Choice(model="looks", prompt="warmer\nsepia\ndarker"))
    names = [layer_of(shared_bridge, reply, n)[0] for n in (1, 2, 3)]
    assert [header.group for header in names] == ["warmer"] * 3
    assert [header.name[0] for header in names] == ["1", "2", "3"]


def test_a_transparent_source_stays_transparent(shared_bridge: Caller) -> None:
    canvas = canvas_of(Format("rgb", "u8", True))
    canvas.pixels[:, :40, 3] = 0
    header, patch, _ = layer_of(shared_bridge, revised(shared_bridge, canvas))
    assert header.recipe["matte"] == [0.5, 0.5, 0.5]
    assert not patch[:, :40, 3].any()
    assert (patch[:, 40:, 3] == 255).all()


def test_the_recipe_holds_what_it_takes_to_make_the_layer_again(shared_bridge: Caller) -> None:
    canvas = canvas_of(Format("rgb", "u8", False))
    header, _, _ = layer_of(shared_bridge, revised(shared_bridge, canvas))
    recipe = header.recipe
    assert (recipe["model"], recipe["prompt"]) == ("known", "the negative")
    assert recipe["choice"]["prompt"] == "the negative"
    assert (recipe["box"], recipe["sent"], recipe["matte"]) == ([0, 0, 80, 60], [80, 60], None)
    assert recipe["to_sent"] == [1, 0, 0, 0, 1, 0]
    assert {"redraft", "seed", "edge", "selection", "report"} <= recipe.keys()


def test_above_its_own_size_fill_says_how_sharply_it_paints(shared_bridge: Caller) -> None:
    canvas = Canvas(noise(2600, 1800), selection=rectangle(2600, 1800, (100, 100, 2300, 1600)))
    plan = shared_bridge.plan(canvas.plan(Choice(model="fill")))
    assert plan.send[0] * plan.send[1] <= 2_000_000
    assert plan.percent < 80
    assert plan.sharpness == f"painted at {plan.percent} %"


def test_another_edge_is_free_and_stays_inside(shared_bridge: Caller) -> None:
    canvas = canvas_of(Format("rgb", "u8", False))
    reply = revised(shared_bridge, canvas)
    _, before, mask = layer_of(shared_bridge, reply)
    path = f"/v1/revisions/{reply.id}/variants/1/edge"
    wanted = EdgeChoice(feather_px=0).model_dump()
    assert shared_bridge.http.post(path, json=wanted).status_code == 200
    _, after, harder = layer_of(shared_bridge, reply)
    assert np.array_equal(before, after)
    assert canvas.selection is not None
    assert np.array_equal(harder, canvas.selection)
    assert (mask <= harder).all()


def test_a_refusal_is_a_sentence_and_says_what_it_cost(shared_bridge: Caller) -> None:
    reply = revised(shared_bridge, canvas_of(Format("rgb", "u8", False)), Choice(model="failing"))
    fault = reply.variants[0].error
    assert fault is not None
    assert (fault.code, fault.charged) == ("content_refused", "no")
    assert reply.usd == 0


def test_a_slow_job_is_cancelled_at_once_and_costs_nothing(shared_bridge: Caller) -> None:
    canvas, choice = canvas_of(Format("rgb", "u8", False)), Choice(model="slow")
    started = shared_bridge.revise(*canvas.planned(choice, shared_bridge.plan(canvas.plan(choice))))
    ended = shared_bridge.cancel(started.id)
    assert [variant.state for variant in ended.variants] == ["cancelled"]
    assert ended.usd == 0


def test_revisions_are_found_by_their_document(shared_bridge: Caller) -> None:
    base = canvas_of(Format("rgb", "u8", False))
    canvas = Canvas(base.pixels, base.form, base.selection, id="another-document")
    reply = revised(shared_bridge, canvas)
    found = shared_bridge.http.get("/v1/revisions", params={"document": canvas.id}).json()
    assert [one["id"] for one in found["revisions"]] == [reply.id]


# --- refusals ---------------------------------------------------------------------------------


def test_an_unknown_model_names_the_nearest(shared_bridge: Caller) -> None:
    with pytest.raises(Refused, match="Did you mean") as refusal:
        shared_bridge.plan(canvas_of(Format("rgb", "u8", False)).plan(Choice(model="knwn")))
    assert refusal.value.said == "not_found"


def test_a_box_that_was_not_planned_is_refused(shared_bridge: Caller) -> None:
    canvas = canvas_of(Format("rgb", "u8", False))
    with pytest.raises(Refused, match="not the planned one"):
        shared_bridge.revise(*canvas.revision(KNOWN, Area(left=0, top=0, right=9, bottom=9)))


def test_the_price_told_is_enough(shared_bridge: Caller) -> None:
    canvas, choice = (
        canvas_of(Format("rgb", "u8", False), 400, 300),
        Choice(model="looks", prompt="warmer"),
    )
    plan = shared_bridge.plan(canvas.plan(choice))
    request, parts = canvas.revision(choice, plan.box, max_usd=0.0)
    assert shared_bridge.revise(request, parts).usd == 0


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/revisions/nothing", 404), ("/v1/nowhere", 404), ("/v1/revisions", 422)],
)
def test_every_refusal_has_the_one_shape(shared_bridge: Caller, path: str, status: int) -> None:
    response = shared_bridge.http.get(path)
    assert response.status_code == status
    assert re.fullmatch(r"[A-Z].*\.", response.json()["error"]["sentence"])


def test_a_complaint_names_the_field_and_not_its_value(shared_bridge: Caller) -> None:
    body = {"document": {"id": "x", "width": -5, "height": 5}}
    sentence = shared_bridge.http.post("/v1/plan", json=body).json()["error"]["sentence"]
    assert "document.width" in sentence
    assert "-5" not in sentence


# --- who may ask ------------------------------------------------------------------------------


def session_of(home: Path) -> tuple[str, str]:
    session = find(home)
    assert session is not None
    return session.url, session.token


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"host": "evil.example", "authorization": "Bearer {token}"},
        {"origin": "http://evil.example", "authorization": "Bearer {token}"},
    ],
)
def test_strangers_are_refused(
    shared_bridge: Caller, shared_home: Path, headers: dict[str, str]
) -> None:
    url, token = session_of(shared_home)
    sent = {name: value.format(token=token) for name, value in headers.items()}
    response = httpx.get(f"{url}/v1/hello", headers=sent, trust_env=False)
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "not_allowed"


def test_the_session_file_is_for_its_owner_and_goes_with_the_bridge(home: Path) -> None:
    with running_bridge(home):
        assert os.stat(home / "session.json").st_mode & 0o777 == 0o600
    assert not (home / "session.json").exists()


def test_a_second_bridge_on_one_home_says_so(home: Path) -> None:
    with running_bridge(home), running_bridge(home) as second:
        wait_for(lambda: second.poll() is not None)
        assert second.returncode == 7


def test_an_idle_bridge_ends_itself(home: Path) -> None:
    with running_bridge(home, "--idle", "1") as process:
        wait_for(lambda: process.poll() is not None)
        assert process.returncode == 0


def test_the_log_holds_no_prompt(home: Path) -> None:
    with running_bridge(home), call_bridge(home) as bridge:
        revised(
            bridge,
            canvas_of(Format("rgb", "u8", False)),
            Choice(model="failing", prompt="secret wish"),
        )
    assert "secret wish" not in (home / "bridge.log").read_text()


def test_no_heavy_library_is_loaded_to_greet(home: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from bridge.serve import make_jobs, open_home;"
        "from bridge.hello import Spent, hello;"
        "jobs = make_jobs(open_home(Path(sys.argv[1])));"
        "hello(jobs.chooser, Spent(day=0, month=0));"
        "heavy = {'cv2', 'imagecodecs', 'PIL', 'tifffile', 'patchmatch', 'av', 'httpx'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    words = [sys.executable, "-c", code, str(home)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("method", "ending"), [("POST", "delivered"), ("POST", "give_up"), ("GET", "layer")]
)
def test_a_number_that_no_database_knows_is_refused(
    shared_bridge: Caller, method: str, ending: str
) -> None:
    for number in (2**70, -(2**70)):
        path = f"/v1/revisions/none/variants/{number}/{ending}"
        response = shared_bridge.http.request(method, path)
        assert response.status_code == 422
        assert response.json()["error"]["code"] == "bad_request"
