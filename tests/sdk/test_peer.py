"""A client that is not there is missed aloud."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sdk.peer import peer


def test_a_missing_client_skips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDRAFT_REQUIRE_SDK", raising=False)
    with pytest.raises(pytest.skip.Exception, match="type `make sdk`"):
        peer("nobody-1", "none.py", "", tmp_path)


def test_a_missing_client_fails_where_it_is_required(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDRAFT_REQUIRE_SDK", "1")
    with pytest.raises(pytest.fail.Exception, match="nobody-1 is not there"):
        peer("nobody-1", "none.py", "", tmp_path)
