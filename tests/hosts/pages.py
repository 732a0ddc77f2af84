"""What the artist does on a page of the bridge, in a browser."""

from __future__ import annotations

import httpx


def give_key(address: str, key: str) -> None:
    """Paste, agree to a file, press."""
    with httpx.Client(trust_env=False, timeout=60) as browser:
        page = browser.get(address)
        assert page.status_code == 200
        fields = {"key": key, "in_file": "yes"}
        origin = address.split("/keys/")[0]
        kept = browser.post(address, data=fields, headers={"Origin": origin})
    assert kept.status_code == 200
    assert "Close this page" in kept.text
