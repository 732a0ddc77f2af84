"""Keys: the page behind a one-time link, the command line, and keychains that are not there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import keyring
import pytest
from keyring.backend import KeyringBackend

from bridge import keys
from bridge.caller import Caller, call_bridge
from bridge.errors import BadRequest, HomeTrouble, NotFound
from bridge.key_page import GOOD_SECONDS, Pages
from bridge.session import find
from tests.conftest import running_bridge
from tests.emulators.bfl import BflEmulator
from tests.emulators.serve import serve
from tests.hosts import desk

REDRAFT = [sys.executable, "-P", "-m", "bridge"]
SECRET = "key-of-the-test"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the one bridge that serves the pages of this file."""
    folder = tmp_path_factory.mktemp("home-of-keys")
    folder.chmod(0o700)
    return folder


@pytest.fixture(scope="module")
def served(place: Path) -> Iterator[tuple[Caller, BflEmulator]]:
    emulator = BflEmulator(SECRET)
    with pytest.MonkeyPatch.context() as patch, serve(emulator) as url:
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        patch.setenv("REDRAFT_BASE_BFL", url)
        patch.setenv("REDRAFT_HOME", str(place))
        with running_bridge(place), call_bridge(place) as caller:
            yield caller, emulator


@pytest.fixture
def bfl(served: tuple[Caller, BflEmulator]) -> BflEmulator:
    emulator = served[1]
    emulator.seen.clear()
    emulator.key = SECRET
    return emulator


@pytest.fixture
def bridge(served: tuple[Caller, BflEmulator], place: Path) -> Caller:
    """Without any key."""
    (place / "keys.json").unlink(missing_ok=True)
    return served[0]


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    """Somebody who holds cookies and no token."""
    with httpx.Client(trust_env=False, timeout=60) as client:
        yield client


def usable(bridge: Caller, model: str = "flux-2-pro") -> bool:
    return next(one.usable for one in bridge.hello().models if one.id == model)


# --- the page ---------------------------------------------------------------------------------


def test_a_key_is_given_on_the_page_tested_kept_and_never_shown(
    bridge: Caller, browser: httpx.Client, bfl: BflEmulator, place: Path
) -> None:
    url = bridge.key_page("bfl")
    assert not usable(bridge)
    shown = browser.get(url)
    assert shown.status_code == 200
    assert "Key for Black Forest Labs" in shown.text
    assert 'type="password"' in shown.text
    done = browser.post(url, data={"key": f" {SECRET} ", "in_file": "yes"})
    assert done.status_code == 200
    assert "takes the key" in done.text
    assert "file that only you can read" in done.text
    assert SECRET not in shown.text + done.text
    assert usable(bridge)
    assert [seen.path for seen in bfl.seen] == ["/v1/credits"]
    assert not bfl.ledger.charges
    kept = [path for path in place.rglob("*") if path.is_file() and SECRET in path.read_text("l1")]
    assert kept == [place / "keys.json"]
    assert kept[0].stat().st_mode & 0o777 == 0o600


def test_a_wrong_key_is_refused_and_not_kept(
    bridge: Caller, browser: httpx.Client, bfl: BflEmulator, place: Path
) -> None:
    url = bridge.key_page("bfl")
    browser.get(url)
    said = browser.post(url, data={"key": "a-wrong-<key>", "in_file": "yes"}).text
    assert "does not accept the key" in said
    assert "a-wrong" not in said
    assert not (place / "keys.json").exists()
    again = browser.post(url, data={"key": SECRET, "in_file": "yes"}).text
    assert "takes the key" in again


def test_a_key_that_cannot_be_tested_is_kept_and_that_is_said(
    home: Path, browser: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDRAFT_BASE_BFL", "http://127.0.0.1:9")  # nobody listens there
    with running_bridge(home), call_bridge(home) as bridge:
        url = bridge.key_page("bfl")
        browser.get(url)
        said = browser.post(url, data={"key": SECRET, "in_file": "yes"}, timeout=120).text
        assert "could not be tested" in said
        assert usable(bridge)


def test_a_link_opens_once_and_is_spent_by_the_first_who_opens_it(
    bridge: Caller, browser: httpx.Client
) -> None:
    url = bridge.key_page("bfl")
    assert browser.get(url).status_code == 200
    assert browser.get(url).status_code == 200  # the same browser may reload
    used = httpx.get(url, trust_env=False)
    assert used.status_code == 403
    assert "This link was used" in used.json()["error"]["sentence"]
    assert httpx.post(url, data={"key": "x"}, trust_env=False).status_code == 403


def test_a_link_is_good_for_a_while_only() -> None:
    now = [1000.0]
    pages = Pages(lambda: now[0])
    path = pages.open_for("bfl")
    assert pages.find(path, {}) is not None
    now[0] += GOOD_SECONDS + 1
    assert pages.find(path, {}) is None


@pytest.mark.parametrize(
    "headers", [{"host": "evil.example"}, {"origin": "http://evil.example"}, {"origin": "null"}]
)
def test_the_page_is_shown_to_no_other_site(bridge: Caller, headers: dict[str, str]) -> None:
    url = bridge.key_page("bfl")
    assert httpx.get(url, headers=headers, trust_env=False).status_code == 403
    assert httpx.get(url, trust_env=False).status_code == 200  # and it did not spend the link


@pytest.mark.parametrize("path", ["/keys/", "/keys/guessed", "/keys/%C3%A4", "/keys/../v1/hello"])
def test_a_guess_opens_nothing(bridge: Caller, place: Path, path: str) -> None:
    session = find(place)
    assert session is not None
    bridge.key_page("bfl")
    assert httpx.get(f"{session.url}{path}", trust_env=False).status_code == 403


def test_the_pass_of_the_page_opens_nothing_else(bridge: Caller, browser: httpx.Client) -> None:
    url = bridge.key_page("bfl")
    browser.get(url)
    base = url.split("/keys/")[0]
    cookies = dict(browser.cookies.items())
    assert cookies
    for path in ("/v1/hello", "/openapi.json", "/v1/keys/bfl/page"):
        assert httpx.get(f"{base}{path}", cookies=cookies, trust_env=False).status_code == 403


def test_the_page_loads_nothing_and_is_kept_nowhere(bridge: Caller, browser: httpx.Client) -> None:
    shown = browser.get(bridge.key_page("bfl"))
    policy = shown.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert shown.headers["cache-control"] == "no-store"
    assert "<script" not in shown.text
    assert "http" not in shown.text
    cookie = shown.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_too_long_a_key_is_refused(bridge: Caller, browser: httpx.Client) -> None:
    url = bridge.key_page("bfl")
    browser.get(url)
    assert browser.post(url, data={"key": "x" * 50_000}).status_code == 413


def test_a_key_nobody_uses_has_no_page(bridge: Caller) -> None:
    response = bridge.http.post("/v1/keys/nobody/page")
    assert response.status_code == 404
    assert "bfl" in response.json()["error"]["sentence"]


# --- the command line ---------------------------------------------------------------------------


def redraft(*words: str, said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*REDRAFT, *words], input=said, capture_output=True, text=True, check=False, timeout=100
    )


def test_keys_are_set_listed_tested_and_removed(
    bridge: Caller, place: Path, bfl: BflEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDRAFT_HOME", str(place))
    kept = redraft("keys", "set", "bfl", "--file", said=f"{SECRET}\n")
    assert kept.returncode == 0, kept.stderr
    listed = redraft("keys", "list").stdout
    assert "bfl          file" in listed
    tested = redraft("keys", "test", "bfl")
    bfl.key = "another"
    refused = redraft("keys", "test", "bfl")
    assert (tested.returncode, refused.returncode) == (0, 3)
    assert "takes the key" in tested.stdout
    assert "does not accept the key" in refused.stderr
    assert redraft("keys", "remove", "bfl").returncode == 0
    assert "bfl          none" in redraft("keys", "list").stdout
    for one in (kept, tested, refused):
        assert SECRET not in one.stdout + one.stderr


def test_a_bridge_of_a_named_home_looks_for_its_keys_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("REDRAFT_HOME", str(tmp_path / "named"))
    assert redraft("keys", "set", "bfl", "--file", said=f"{SECRET}\n").returncode == 0
    monkeypatch.setenv("REDRAFT_HOME", str(tmp_path / "another"))
    with running_bridge(tmp_path / "named"), call_bridge(tmp_path / "named") as named:
        assert usable(named)


def test_without_a_keychain_it_says_what_to_do_and_keeps_nothing(home: Path) -> None:
    done = redraft("keys", "set", "bfl", said=f"{SECRET}\n")
    assert done.returncode == 7
    assert "--file" in done.stderr
    assert "REDRAFT_KEY_BFL" in done.stderr
    assert not (home / "keys.json").exists()
    assert SECRET not in done.stdout + done.stderr


def test_the_page_can_be_asked_for_by_hand(bridge: Caller, place: Path) -> None:
    url = redraft("keys", "page", "bfl", "--home", str(place)).stdout.strip()
    assert httpx.get(url, trust_env=False).status_code == 200


# --- keychains -----------------------------------------------------------------------------------


class Locked(KeyringBackend):
    """Waits for a window that nobody sees."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # keyring publishes no types for it
        self.opened = threading.Event()
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        self.opened.wait(60)
        return "key-in-the-keychain"

    def set_password(self, service: str, username: str, password: str) -> None:
        self.opened.wait(60)

    def delete_password(self, service: str, username: str) -> None:
        self.opened.wait(60)


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Iterator[Locked]:
    locked, before = Locked(), keyring.get_keyring()
    monkeypatch.setattr(keys, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(keys, "UNLOCK_SECONDS", 0.2)
    keys.forget_answers()
    keyring.set_keyring(locked)
    yield locked
    locked.opened.set()
    keyring.set_keyring(before)
    keys.forget_answers()


def test_a_locked_keychain_is_waited_for_once_and_passed_over(
    backend: Locked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDRAFT_KEY_BFL", "key-in-the-environment")
    found = {keys.key_of("bfl") for _ in range(5)}
    assert found == {"key-in-the-environment"}
    assert keys.key_of("openai") == ""
    assert backend.asked == 1
    assert not keys.keychain_open()


def test_when_it_is_opened_its_keys_are_found(backend: Locked) -> None:
    assert keys.key_of("bfl") == ""
    backend.opened.set()
    deadline = time.monotonic() + 60
    while not keys.key_of("bfl"):
        assert time.monotonic() < deadline
    assert keys.where_of("bfl") == "keychain"


def test_a_locked_keychain_keeps_nothing_and_says_so(backend: Locked) -> None:
    with pytest.raises(HomeTrouble, match="no open keychain"):
        keys.set_key("bfl", SECRET)


@pytest.mark.parametrize("key", ["", "  ", "two\nlines", "schlüssel"])
def test_what_cannot_be_a_key_is_refused(key: str) -> None:
    with pytest.raises(BadRequest, match="no key"):
        keys.set_key("bfl", key, in_file=True)


def test_a_key_that_is_not_there_cannot_be_removed() -> None:
    with pytest.raises(NotFound, match="No key for bfl"):
        keys.remove_key("bfl")


SERVICE_SCRIPT = textwrap.dedent(
    """
    import json, keyring
    from bridge import keys
    said = [keys.keychain_open(), keys.set_key("bfl", "key-in-the-service"), keys.where_of("bfl")]
    keys.forget_answers()
    said += [keys.key_of("bfl"), keys.remove_key("bfl"), keys.where_of("bfl")]
    print(json.dumps([type(keyring.get_keyring()).__module__, *said]))
    """
)


def test_a_real_secret_service_keeps_a_key(home: Path) -> None:
    """A session bus of its own with a keyring that its password has opened."""
    desk.require("dbus-run-session", "gnome-keyring-daemon")
    environment = {**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    environment.pop("PYTHON_KEYRING_BACKEND", None)
    environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
    script = (
        "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null && "
        f"{sys.executable} -c '{SERVICE_SCRIPT}'"
    )
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [
        "keyring.backends.SecretService",
        True,
        "The key for bfl is in the keychain.",
        "keychain",
        "key-in-the-service",
        "The key for bfl is forgotten.",
        "",
    ]
