"""One start of each Krita serves every file here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hosts.conftest import KRITAS, host_suite
from tests.hosts.krita.artist import wait
from tests.hosts.krita.start import krita as run_krita
from tests.hosts.running import Host


@pytest.fixture(scope="session", params=KRITAS)
def krita(request: pytest.FixtureRequest, wheel: Path, known: dict[str, str]) -> Iterator[Host]:
    with run_krita(host_suite("krita", request.param, wheel), **known) as host:
        yield host


@pytest.fixture(autouse=True)
def fresh(krita: Host) -> None:
    """What earlier tests opened is closed, the docker is in sight and has greeted the bridge."""
    krita.do("import hand\nhand.close_older()\nhand.show_docker()")
    wait(krita, "hand.docker().greeted and hand.course().round is None", 60)
