"""Models that cost: told where it goes, a price before, a second click, a limit, another model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulators.gemini import GeminiEmulator
from tests.hosts.gimp.artist import layers
from tests.hosts.gimp.screen import Screen
from tests.hosts.install import VENV
from tests.hosts.pages import give_key
from tests.steps.polled import PolledServer

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(600)]

BIG = (20, 10, 130, 110)  # what Polled takes without a word of warning


@pytest.fixture
def costly(screen: Screen, paid: PolledServer) -> Iterator[Screen]:
    """A model chosen that costs, and a wish that is its own."""
    screen.open(box=BIG)
    screen.ours.do("hand.choose('model', 'polled')\nhand.type_prompt('the same')")
    screen.wait("hand.planned('Polled')")
    yield screen
    paid.refuse = paid.lose = False
    screen.ours.do("hand.find('second_click').set_value(0)\nhand.find('limit').set_value(0)")


@pytest.fixture
def told(costly: Screen) -> None:
    """The artist has read what goes to this home."""
    costly.ours.do("hand.window().client.post('/v1/told', {'home': 'tests'})")


def test_the_price_is_on_the_button_and_what_goes_where_is_read_before_it_goes(
    costly: Screen, paid: PolledServer
) -> None:
    before = paid.submitted
    assert costly.ours.do("result = hand.text('revise')") == "Revise  $0.05"
    costly.click("revise")
    costly.wait("'goes to the tests' in hand.said() and hand.settled()")
    assert (paid.submitted, len(layers(costly.gimp))) == (before, 1)
    costly.click("revise")
    costly.landed()
    assert paid.submitted == before + 1
    costly.wait("hand.text('spent').endswith('$0.05')")
    costly.ours.do("hand.type_prompt('once more')")
    costly.wait("hand.planned('Polled') and hand.window()._planned['where_new'] is False")


def test_every_variant_and_every_look_is_in_the_price(costly: Screen) -> None:
    costly.ours.do("hand.type_prompt('the same\\nthe very same')")
    costly.wait("'$0.10' in hand.text('revise')")
    costly.ours.do("hand.find('variants').set_value(3)")
    costly.wait("'$0.30' in hand.text('revise')")
    costly.ours.do("hand.find('variants').set_value(1)")


def test_a_model_is_shown_with_its_seconds_and_its_limitation(costly: Screen) -> None:
    facts = costly.ours.do("result = hand.find('facts').get_text()")
    assert facts == "Polled, about 1 s\ndear"
    tip = costly.ours.do("result = hand.find('facts').get_tooltip_text()")
    assert tip.splitlines()[:2] == ["+ the same picture, for money", "− dear"]


def test_more_than_the_artists_amount_wants_a_second_click(
    costly: Screen, paid: PolledServer, told: None
) -> None:
    before = paid.submitted
    costly.ours.do("hand.find('second_click').set_value(0.01)")
    costly.wait("hand.planned('Polled') and hand.window()._planned['confirm']")
    costly.click("revise")
    costly.wait("'Press again' in hand.said() and hand.settled()")
    assert (paid.submitted, len(layers(costly.gimp))) == (before, 1)
    costly.click("revise")
    costly.landed()
    assert paid.submitted == before + 1


def test_another_choice_takes_the_first_click_back(
    costly: Screen, paid: PolledServer, told: None
) -> None:
    """What was read is what is sent: after a change the question is asked anew."""
    before = paid.submitted
    costly.ours.do("hand.find('second_click').set_value(0.01)")
    costly.wait("hand.planned('Polled') and hand.window()._planned['confirm']")
    costly.click("revise")
    costly.wait("'Press again' in hand.said() and hand.settled()")
    costly.ours.do("hand.type_prompt('the very same')\nhand.window().course.say('')")
    costly.wait("hand.planned('Polled') and not hand.said()")
    costly.click("revise")
    costly.wait("'Press again' in hand.said() and hand.settled()")
    assert paid.submitted == before
    costly.click("revise")
    costly.landed()
    assert paid.submitted == before + 1


@pytest.mark.parametrize("limit", ["limit_picture", "limit_day", "limit"])
def test_what_would_break_a_limit_is_not_sent(costly: Screen, told: None, limit: str) -> None:
    costly.ours.do(f"hand.find('{limit}').set_value(0.01)")
    costly.wait("'limit' in hand.said() and not hand.find('revise').is_sensitive()")
    costly.ours.do(f"hand.find('{limit}').set_value(0)")
    costly.wait("hand.planned('Polled') and not hand.said()")


def test_a_refusal_offers_the_next_able_model_with_its_price(
    costly: Screen, paid: PolledServer, told: None
) -> None:
    paid.refuse = True
    costly.ours.do("before = hand.window().result")
    costly.click("revise")
    costly.wait("'does not paint this' in hand.said() and 'instead' in hand.text('action')")
    assert len(layers(costly.gimp)) == 1
    costly.click("action")
    costly.landed()
    assert len(layers(costly.gimp)) == 2


def test_an_unknown_fate_is_asked_about_and_can_be_given_up(
    costly: Screen, paid: PolledServer, told: None
) -> None:
    before, paid.lose = paid.submitted, True
    costly.click("revise")
    costly.wait("hand.settled() and hand.shown('second') and hand.text('second') == 'Give up'")
    assert costly.ours.do("result = hand.text('action')") == "Ask once more"
    assert costly.ours.do("result = '$0.05' in hand.said()")
    costly.click("second")
    costly.wait("not hand.shown('second')")
    assert (paid.submitted, len(layers(costly.gimp))) == (before + 1, 1)


def test_an_unknown_fate_is_asked_once_more_at_the_artists_press_alone(
    costly: Screen, paid: PolledServer, told: None
) -> None:
    before, paid.lose = paid.submitted, True
    costly.ours.do("before = hand.window().result")
    costly.click("revise")
    costly.wait(
        "hand.settled() and hand.text('action') == 'Ask once more' and hand.shown('action')"
    )
    assert paid.submitted == before + 1
    paid.lose = False
    costly.click("action")
    costly.landed()
    assert paid.submitted == before + 2


def test_from_a_model_without_a_key_to_its_layer_and_painted_out(
    screen: Screen, gemini: GeminiEmulator
) -> None:
    """Against the provider's emulator: the key's page, the price, what goes where, Finish."""
    remove_key(screen)
    screen.open(box=BIG)
    (screen.gimp.folder / "opened").unlink(missing_ok=True)
    wish = "make the picture warmer"
    screen.ours.do(f"hand.choose('model', 'nano-banana-2.1')\nhand.type_prompt({wish!r})")
    screen.wait("hand.shown('action') and 'needs a key' in hand.said()")
    screen.click("action")
    address = screen.gimp.until("(folder / 'opened').exists() and (folder / 'opened').read_text()")
    assert address.startswith("http://127.0.0.1:")
    give_key(address, gemini.key)
    screen.wait("hand.planned('Nano Banana 2.1')")
    assert screen.ours.do("result = hand.window().panel.wish.prompt.get_text()") == wish
    price = screen.ours.do("result = hand.window()._planned['price']")
    assert "$" in price
    assert price in screen.ours.do("result = hand.text('revise')")
    screen.ours.do("before = hand.window().result")
    screen.click("revise")
    screen.wait("'Google' in hand.said() and hand.settled()")
    assert gemini.ledger.charges == []
    screen.click("revise")
    screen.landed()
    assert (len(gemini.ledger.charges), len(layers(screen.gimp))) == (1, 2)
    screen.wait("'$' in hand.text('spent')")
    screen.wait("hand.shown('finish') and '$' in hand.text('finish')")
    screen.ours.do("before = hand.window().result")
    screen.click("finish")
    screen.landed()
    assert (len(gemini.ledger.charges), len(layers(screen.gimp))) == (2, 3)
    screen.ours.do("hand.choose('model', '')")


@pytest.mark.parametrize("purpose", ["realism", "fast", "detail"])
def test_a_purpose_preselects_a_model_and_says_why(
    screen: Screen, gemini: GeminiEmulator, purpose: str
) -> None:
    screen.open(box=BIG)
    path = "hand.window().client.post('/v1/keys/gemini/page')['path']"
    give_key(screen.ours.do(f"result = hand.window().client.address({path})"), gemini.key)
    said = screen.ours.do(
        "result = {one['id']: one for one in hand.window().client.get('/v1/hello')['purposes']}"
    )
    assert len({one["model"] for one in said.values()} - {""}) > 2
    screen.ours.do("hand.choose('model', '')\nhand.type_prompt('a red hat')")
    screen.ours.do(f"hand.choose('purpose', {purpose!r})")
    screen.wait(f"hand.window()._planned.get('purpose') == {purpose!r}")
    plan = screen.ours.do("result = hand.window()._planned")
    assert plan["model"] == said[purpose]["model"]
    assert screen.ours.do("result = hand.find('facts').get_text()").startswith(plan["label"])
    assert screen.ours.do("result = hand.find('purpose').get_tooltip_text()") == plan["why"] != ""
    screen.ours.do("hand.choose('purpose', '')")


def remove_key(screen: Screen) -> None:
    """One that an earlier run of the test gave."""
    home = f"{screen.gimp.inside}/home"
    variables = {"HOME": home, "REDRAFT_HOME": f"{home}/redraft"}
    variables["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    remove = f"{VENV}/bin/redraft keys remove gemini || true"  # usually there is none
    screen.gimp.chroot.run(["bash", "-c", remove], variables)
