"""From the name in a catalogue row to an engine."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from bridge.engines.addresses import is_loopback
from bridge.engines.base import Engine
from bridge.errors import BadRequest

NOWHERE: Mapping[str, str] = {}


def find_engine(name: str, bases: Mapping[str, str] = NOWHERE) -> Engine:
    """`name`: a file in this folder, or "package.module" for an engine installed beside Redraft.

    bases: by engine, where it is asked instead: a region by its name, or the address of a proxy
    or a gateway. REDRAFT_BASE_NAME goes before. BadRequest when there is no such engine, or
    nothing can be asked at that address.
    """
    module_name = name if "." in name else f"bridge.engines.{name}"
    try:
        kind: type[Engine] = importlib.import_module(module_name).ENGINE
    except (ImportError, AttributeError) as exc:
        raise BadRequest(
            f"The catalogue names the engine {name}, which is not installed; correct that row."
        ) from exc
    variable = f"REDRAFT_BASE_{name.upper().replace('.', '_')}"
    said = os.environ.get(variable, "")
    place = variable if said else f"catalog.toml, bases.{name}"
    base = said or bases.get(name, "")
    if not base:
        return kind()
    engine = kind(kind.regions.get(base, base))
    flaw = _flaw(engine)
    if flaw:
        raise BadRequest(f"{place}: {flaw} Correct it and start again.")
    engine.elsewhere = engine.base not in kind.regions.values()
    return engine


def _flaw(engine: Engine) -> str:
    """Why nothing can be asked at its address; "" when it can. Never the address: it may hold

    a name and a password.
    """
    try:
        parts = urlsplit(engine.base)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    regions = f" or {' or '.join(engine.regions)}" if engine.regions else ""
    if not host or parts.scheme not in ("http", "https"):
        return f"this is no address; write one such as {engine.usual_base}{regions}."
    if parts.username is not None or parts.query or parts.fragment:
        return f"an address holds no password, ? or #; write one such as {engine.usual_base}."
    if parts.scheme == "http" and engine.where == "hosted" and not is_loopback(host):
        return f"your key would go there unencrypted; write https://{host}."
    return ""
