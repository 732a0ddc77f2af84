"""Models that cost: told where it goes, a price before, a second click, another model, a key."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hosts.gimp.artist import layers
from tests.hosts.gimp.screen import Screen
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
    paid.refuse = False


def told(screen: Screen) -> None:
    """The artist has read what goes to this home."""
    screen.ours.do("hand.window().client.post('/v1/told', {'home': 'tests'})")


def test_the_price_is_on_the_button_and_what_goes_where_is_read_before_it_goes(
    costly: Screen, paid: PolledServer
) -> None:
    before = paid.submitted
    assert "$0.05" in costly.ours.do("result = hand.text('revise')")
    costly.click("revise")
    costly.wait("'goes to the tests' in hand.said() and hand.settled()")
    assert (paid.submitted, len(layers(costly.gimp))) == (before, 1)
    costly.click("revise")
    costly.landed()
    assert paid.submitted == before + 1
    costly.wait("hand.text('spent').endswith('$0.05')")


def test_another_choice_takes_the_first_click_back(costly: Screen, paid: PolledServer) -> None:
    """What was read is what is sent: after a change the question is asked anew."""
    before = paid.submitted
    costly.ours.do("hand.window().client.post('/v1/limits', {'second_click': 0.01})")
    told(costly)
    costly.click("revise")
    costly.wait("hand.said() and hand.settled()")
    costly.ours.do("hand.type_prompt('the very same')")
    costly.wait("hand.planned('Polled')")
    costly.click("revise")
    costly.wait("hand.said() and hand.settled()")
    assert paid.submitted == before
    costly.click("revise")
    costly.landed()
    assert paid.submitted == before + 1
    costly.ours.do("hand.window().client.post('/v1/limits', {})")


def test_a_refusal_offers_the_next_able_model_with_its_price(
    costly: Screen, paid: PolledServer
) -> None:
    told(costly)
    paid.refuse = True
    costly.click("revise")
    costly.wait("hand.settled() and hand.shown('action') and hand.said()")
    assert len(layers(costly.gimp)) == 1
    costly.click("action")
    costly.landed()
    assert len(layers(costly.gimp)) == 2


def test_a_missing_key_is_given_on_a_page_in_the_artists_browser(screen: Screen) -> None:
    screen.open(box=BIG)
    screen.ours.do("hand.choose('model', 'nano-banana-2.1')\nhand.type_prompt('a red hat')")
    screen.wait("hand.shown('action') and 'key' in hand.said()")
    screen.click("action")
    address = screen.gimp.until("(folder / 'opened').exists() and (folder / 'opened').read_text()")
    assert address.startswith("http://127.0.0.1:")
    assert "/keys/" in address
    assert screen.ours.do("result = hand.panel().wish.prompt.get_text()") == "a red hat"
    screen.ours.do("hand.choose('model', '')")
