"""From the name in a catalogue row to an engine."""

from __future__ import annotations

import importlib
import os

from bridge.engines.base import Engine
from bridge.errors import BadRequest


def find_engine(name: str) -> Engine:
    """`name`: a file in this folder, or "package.module" for an engine installed beside Redraft.

    REDRAFT_BASE_NAME asks it elsewhere: a region, a proxy, a gateway. BadRequest when there is
    no such engine.
    """
    module_name = name if "." in name else f"bridge.engines.{name}"
    try:
        kind: type[Engine] = importlib.import_module(module_name).ENGINE
    except (ImportError, AttributeError) as exc:
        raise BadRequest(
            f"The catalogue names the engine {name}, which is not installed; correct that row."
        ) from exc
    base = os.environ.get(f"REDRAFT_BASE_{name.upper().replace('.', '_')}", "")
    engine = kind(base) if base else kind()
    engine.elsewhere = bool(base)
    return engine
