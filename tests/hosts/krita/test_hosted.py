"""Models that cost: told where it goes, a price before, a second click, a limit, another model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulators.gemini import GeminiEmulator
from tests.hosts.krita.artist import landed, layers, opened, revise, wait
from tests.hosts.pages import give_key
from tests.hosts.running import Host
from tests.steps.polled import PolledServer

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(300)]

BIG = (20, 10, 130, 110)  # what Polled takes without a word of warning


@pytest.fixture(autouse=True)
def no_limits(krita: Host, paid: PolledServer) -> Iterator[None]:
    yield
    paid.refuse = paid.lose = False
    krita.do(
        "for name in ('second_click', 'limit', 'limit_day', 'limit_picture'):\n"
        "    hand.find(name).setValue(0)"
    )


@pytest.fixture
def told(krita: Host) -> None:
    """The artist has read what goes to this home."""
    krita.do("hand.docker().client.post('/v1/told', {'home': 'tests'})")


def chosen(krita: Host) -> None:
    opened(krita)
    krita.do(f"hand.select(doc, {BIG!r})\nhand.choose('model', 'polled')\nhand.type_prompt('same')")
    wait(krita, "hand.planned('Polled')")


def test_the_price_is_on_the_button_and_what_goes_where_is_read_before_it_goes(
    krita: Host, paid: PolledServer
) -> None:
    before = paid.submitted
    chosen(krita)
    assert krita.do("result = hand.find('revise').text()") == "Revise  $0.05"
    krita.do("hand.click('revise')")
    wait(krita, "'goes to the tests' in hand.said()")
    assert paid.submitted == before
    krita.do("hand.click('revise')")
    landed(krita)
    assert paid.submitted == before + 1
    wait(krita, "hand.find('spent').text().endswith('$0.05')")
    krita.do("hand.type_prompt('again')")
    wait(krita, "hand.planned('Polled') and hand.docker().planned()['where_new'] is False")


def test_every_variant_and_every_look_is_in_the_price(krita: Host) -> None:
    chosen(krita)
    krita.do("hand.type_prompt('the same\\nthe very same')")
    wait(krita, "'$0.10' in hand.find('revise').text()")
    krita.do("hand.find('variants').setValue(3)")
    wait(krita, "'$0.30' in hand.find('revise').text()")
    krita.do("hand.find('variants').setValue(1)")


def test_more_than_the_artists_amount_wants_a_second_click(
    krita: Host, paid: PolledServer, told: None
) -> None:
    before = paid.submitted
    chosen(krita)
    krita.do("hand.find('second_click').setValue(0.01)")
    wait(krita, "hand.docker().planned()['confirm']")
    krita.do("hand.click('revise')")
    wait(krita, "'Press again' in hand.said()")
    assert (paid.submitted, len(layers(krita))) == (before, 1)
    krita.do("hand.click('revise')")
    landed(krita)
    assert paid.submitted == before + 1


def test_a_yes_is_good_for_one_press_and_for_what_was_chosen_then(
    krita: Host, paid: PolledServer, told: None
) -> None:
    before = paid.submitted
    chosen(krita)
    krita.do("hand.find('second_click').setValue(0.01)")
    wait(krita, "hand.docker().planned()['confirm']")
    krita.do("hand.click('revise')")
    wait(krita, "'Press again' in hand.said()")
    krita.do("hand.course().say('')\nhand.type_prompt('the very same')")
    wait(krita, "hand.planned('Polled') and not hand.said()")
    krita.do("hand.click('revise')")
    wait(krita, "'Press again' in hand.said()")
    assert paid.submitted == before
    krita.do("hand.click('revise')")
    landed(krita)
    assert paid.submitted == before + 1
    krita.do("hand.click('revise')")
    wait(krita, "'Press again' in hand.said()")
    assert (paid.submitted, len(layers(krita))) == (before + 1, 2)


@pytest.mark.parametrize("limit", ["limit_picture", "limit_day", "limit"])
def test_what_would_break_a_limit_is_not_sent(krita: Host, told: None, limit: str) -> None:
    chosen(krita)
    krita.do(f"hand.find('{limit}').setValue(0.01)")
    wait(krita, "'limit' in hand.said() and not hand.find('revise').isEnabled()")
    krita.do(f"hand.find('{limit}').setValue(0)")
    wait(krita, "hand.planned('Polled') and not hand.said()")


def test_a_refusal_offers_the_next_able_model_with_its_price(
    krita: Host, paid: PolledServer, told: None
) -> None:
    chosen(krita)
    paid.refuse = True
    revise(krita, "polled", "the same")
    wait(krita, "'does not paint this' in hand.said() and 'instead' in hand.find('action').text()")
    krita.do("hand.click('action')")
    landed(krita)
    assert len(layers(krita)) == 2


def test_what_was_perhaps_paid_is_asked_about_and_can_be_given_up(
    krita: Host, paid: PolledServer, told: None
) -> None:
    """Nothing is sent a second time but by the artist's own press."""
    before = paid.submitted
    chosen(krita)
    paid.lose = True
    revise(krita, "polled", "the same")
    wait(krita, "hand.find('action').text() == 'Ask once more' and '$0.05' in hand.said()")
    assert paid.submitted == before + 1
    krita.do("hand.click('action')")
    wait(krita, "hand.course().round is None and hand.find('other_action').isVisible()")
    assert paid.submitted == before + 2
    assert krita.do("result = hand.find('other_action').text()") == "Give up"
    krita.do("hand.click('other_action')")
    wait(krita, "not hand.said() and not hand.find('other_action').isVisible()")
    assert paid.submitted == before + 2
    assert len(layers(krita)) == 1


def test_a_key_is_given_on_its_page_and_everything_is_as_it_was(
    krita: Host, gemini: GeminiEmulator
) -> None:
    """From a model without a key to its layer, against the provider's emulator."""
    opened(krita)
    krita.do(
        f"hand.select(doc, {BIG!r})\nbrowser = hand.Browser()\n"
        "hand.choose('model', 'nano-banana-2.1')\nhand.type_prompt('make the picture warmer')"
    )
    wait(krita, "hand.find('action').isVisible() and 'needs a key' in hand.said()")
    krita.do("hand.click('action')")
    (address,) = wait(krita, "browser.opened")
    give_key(address, gemini.key)
    wait(krita, "hand.planned('Nano Banana 2.1')")
    assert krita.do("result = hand.find('prompt').toPlainText()") == "make the picture warmer"
    price = krita.do("result = hand.docker().planned()['price']")
    assert "$" in price
    assert price in krita.do("result = hand.find('revise').text()")
    krita.do("hand.click('revise')")
    wait(krita, "'Google' in hand.said() and hand.course().round is None")
    assert gemini.ledger.charges == []
    krita.do("hand.click('revise')")
    landed(krita)
    assert len(gemini.ledger.charges) == 1
    assert len(layers(krita)) == 2
    wait(krita, "'$' in hand.find('spent').text()")
    wait(krita, "hand.find('finish').isVisible() and '$' in hand.find('finish').text()")
    krita.do("hand.click('finish')")
    wait(krita, "len(hand.layers(doc)) == 3 and hand.has_landed(doc)")
    assert len(gemini.ledger.charges) == 2
