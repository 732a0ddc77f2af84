"""One real server for all emulators."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulators.serve import serve
from tests.engines.asking import Stage


@pytest.fixture(scope="session")
def theatre() -> Iterator[tuple[Stage, str]]:
    """The stage, and the address it is at."""
    stage = Stage()
    with serve(stage) as url:
        yield stage, url
