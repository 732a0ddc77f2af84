"""The page for a key in a real browser: what an artist without a terminal sees and does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from bridge.caller import Caller, call_bridge
from tests.browser import Browser, browsing
from tests.conftest import running_bridge
from tests.emulators.bfl import BflEmulator
from tests.emulators.serve import serve
from tests.hosts import desk

SECRET = "key-of-the-test"
WIDEST = "return getComputedStyle(document.querySelector('main')).maxWidth"


@pytest.fixture(scope="module")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    home = tmp_path_factory.mktemp("home-of-the-page")
    home.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch, serve(BflEmulator(SECRET)) as url:
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        patch.setenv("REDRAFT_HOME", str(home))
        patch.setenv("REDRAFT_BASE_BFL", url)
        with running_bridge(home), call_bridge(home) as caller:
            yield caller


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    desk.require("firefox-esr")
    with browsing(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


def usable(bridge: Caller) -> bool:
    return next(one.usable for one in bridge.hello().models if one.id == "flux-2-pro")


def test_an_artist_gives_a_key_in_the_browser(
    bridge: Caller, browser: Browser, tmp_path: Path
) -> None:
    assert not usable(bridge)
    browser.open(bridge.key_page("bfl"))
    assert browser.text("h1") == "Key for Black Forest Labs"
    assert browser.run("return document.activeElement.name") == "key"
    assert (
        browser.run("return getComputedStyle(document.querySelector('main')).maxWidth") == "480px"
    )
    browser.screenshot(tmp_path / "asked.png")

    browser.type("input[name=key]", "a-wrong-key")
    browser.click("input[name=in_file]")
    browser.click("button")
    assert "does not accept the key" in browser.text("[role=status]")
    assert browser.run("return document.querySelector('input[name=key]').value") == ""
    browser.screenshot(tmp_path / "refused.png")

    browser.type("input[name=key]", SECRET)
    browser.click("input[name=in_file]")
    browser.click("button")
    said = browser.text("main")
    assert "Black Forest Labs takes the key" in said
    assert "go back" in said
    assert SECRET not in browser.source()
    browser.screenshot(tmp_path / "kept.png")
    assert usable(bridge)

    elsewhere = "return performance.getEntriesByType('resource').map(one => one.name)"
    assert browser.run(elsewhere) == []
    for name in ("asked", "refused", "kept"):
        seen = cv2.imread(str(tmp_path / f"{name}.png"))
        assert seen is not None
        assert seen.std() > 5  # something is on it


STRANGER = """
const one = document.createElement('script');
one.textContent = "document.title = 'it ran'";
document.body.append(one);
return document.title === 'it ran';
"""


def test_no_script_of_anybody_runs_on_the_page(bridge: Caller, browser: Browser) -> None:
    """Words that a stranger could have put there would be held by the page's own policy."""
    browser.open("data:text/html,<p>a page without a policy</p>")
    assert browser.run(STRANGER)
    browser.open(bridge.key_page("bfl"))
    assert not browser.run(STRANGER)
