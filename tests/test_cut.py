"""The suite asks nobody outside: not in its own process, nor, when cut, in any it starts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import httpx
import pytest

from tests.cut import Outside

SOMEWHERE = "192.0.2.1"  # kept for examples by RFC 5737; nobody is there


def test_an_address_elsewhere_is_not_reached() -> None:
    with socket.socket() as plug, pytest.raises(Outside):
        plug.connect((SOMEWHERE, 443))


def test_a_name_elsewhere_is_not_looked_up() -> None:
    with pytest.raises(httpx.ConnectError):
        httpx.get("https://api.maker.example/", trust_env=False)


def test_this_machine_is_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        socket.create_connection(listening.getsockname(), timeout=60).close()


@pytest.mark.skipif(not os.environ.get("REDRAFT_CUT"), reason="only with REDRAFT_CUT")
def test_a_process_of_ours_has_no_way_out() -> None:
    code = f"import socket; socket.create_connection(('{SOMEWHERE}', 443), timeout=60)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "Network is unreachable" in done.stderr
