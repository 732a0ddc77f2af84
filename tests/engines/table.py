"""Every engine: where it is asked, and what the artist reads for every way it can fail.

A row is one way to ask; an engine may have several. `tests/engines/test_table.py` plays every
trouble of the row's emulator, and `python -m tests.engines.matrix` prints what is read.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.engines import (
    told_ark,
    told_bfl,
    told_fal,
    told_films,
    told_google,
    told_here,
    told_openai,
    told_openrouter,
)
from tests.engines.told import Row

TABLE: Mapping[str, Row] = {
    **told_here.ROWS,
    **told_google.ROWS,
    **told_openai.ROWS,
    **told_bfl.ROWS,
    **told_ark.ROWS,
    **told_fal.ROWS,
    **told_films.ROWS,
    **told_openrouter.ROWS,
}
