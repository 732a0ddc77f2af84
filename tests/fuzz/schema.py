"""Asks a real bridge everything its OpenAPI names, as schemathesis makes it up, with its token.

    python -m tests.fuzz.schema SCHEMATHESIS CASES

SCHEMATHESIS: the program, which lives in an environment of its own. CASES: of each operation.
Before it begins there are revisions in every state, so that every operation finds something to do;
frames are made by hooks.py. Prints how each operation was answered. Ends with 1 when any answer was
a 500, another 5xx than the OpenAPI names, or a refusal of another shape than all others; when an
operation never did what it is for; when less than a fifth of all requests did.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bridge.app import REFUSALS
from bridge.caller import Caller, call_bridge
from bridge.session import find
from bridge.wire import Choice, FilmChoice
from tests.conftest import CATALOG, running_bridge
from tests.emulators.bfl import BflEmulator
from tests.emulators.fal import FalEmulator
from tests.emulators.serve import serve
from tests.revising import Canvas, noise, rectangle
from tests.steps.streamed import StreamedServer

HOOKS = Path(__file__).with_name("hooks.py")
CHECKS = "not_a_server_error,response_schema_conformance,content_type_conformance"
LEAST_SHARE = 0.2  # of requests that do what they are for
EACH = 6  # revisions in a state
KEY = "key-of-the-test"
DOCUMENTS = ("document-1", "document-2", "document-3")
STATES = {
    "composed": Choice(model="known", prompt="a hat"),
    "failed": Choice(model="failing", prompt="a hat"),
    "asking": Choice(model="polled", prompt="a hat"),
    "preview": Choice(model="streamed", prompt="a hat"),
    "film": Choice(
        model="omni-1.1", route="fal", prompt="it turns", tier="360p", film=FilmChoice(seconds=3)
    ),
}


def main(program: str, cases: str) -> int:
    with tempfile.TemporaryDirectory(prefix="redraft-fuzz-") as name, makers() as environment:
        os.environ.update(environment)
        home, counts, known = (Path(name) / one for one in ("home", "counts.json", "known.json"))
        home.mkdir(mode=0o700)
        shutil.copy(CATALOG, home / "catalog.toml")
        with running_bridge(home):
            with call_bridge(home) as bridge:
                known.write_text(json.dumps(what_is_there(bridge)))
            session = find(home)
            assert session is not None
            named = httpx.get(
                f"{session.url}/openapi.json",
                headers={"authorization": f"Bearer {session.token}"},
                trust_env=False,
            ).json()
            command = [
                *(str(Path(program).absolute()), "run", f"{session.url}/openapi.json"),
                *("--header", f"Authorization: Bearer {session.token}"),
                *("--checks", CHECKS, "--max-examples", cases, "--seed", "1"),
                *("--phases", "examples,coverage,fuzzing", "--request-timeout", "60"),
            ]
            told = {
                "PYTHONPATH": str(HOOKS.parent),
                "SCHEMATHESIS_HOOKS": HOOKS.stem,
                "REDRAFT_FUZZ_KNOWN": str(known),
                "REDRAFT_FUZZ_COUNTS": str(counts),
            }
            ended = subprocess.run(command, cwd=name, env=os.environ | told, check=False)
        sound = show(json.loads(counts.read_text()), named)
    return 0 if sound and ended.returncode == 0 else 1


@contextmanager
def makers() -> Iterator[dict[str, str]]:
    """The environment of a bridge whose makers are all here; one of them always breaks."""

    async def broken(_: Request) -> PlainTextResponse:
        return PlainTextResponse("broken", 500)

    with ExitStack() as open_now:
        films, pictures = FalEmulator(), BflEmulator()
        films.here = open_now.enter_context(serve(films))
        routes = [Route("/{path:path}", broken, methods=["GET", "POST", "DELETE"])]
        yield {
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "NO_PROXY": "*",
            "REDRAFT_BASE_FAL": films.here,
            "REDRAFT_BASE_BFL": open_now.enter_context(serve(pictures)),
            "REDRAFT_BASE_TESTS_STEPS_STREAMED": open_now.enter_context(serve(StreamedServer())),
            "REDRAFT_BASE_TESTS_STEPS_POLLED": open_now.enter_context(
                serve(Starlette(routes=routes))
            ),
            **{f"REDRAFT_KEY_{name}": KEY for name in ("FAL", "BFL", "POLLED")},
        }


def what_is_there(bridge: Caller) -> dict[str, list[str]]:
    """Makes EACH revisions in every state. Names by what hooks.py asks for."""
    known = {
        state: [_revised(bridge, choice, number) for number in range(EACH)]
        for state, choice in STATES.items()
    }
    return {
        **known,
        "unsuccessful": known["failed"] + known["asking"],
        "models": ["known", "fill", "looks", "drifting", "failing", "streamed", "flux-2-pro", ""],
        "documents": list(DOCUMENTS),
        "homes": ["tests", "bfl", "fal"],
        "keys": ["bfl", "fal", "polled"],
    }


def _revised(bridge: Caller, choice: Choice, number: int) -> str:
    pixels = noise(96, 64, seed=number)
    selection = None if choice.film else rectangle(96, 64, (30, 20, 70, 50))
    where = Canvas(pixels, selection=selection, id=DOCUMENTS[number % len(DOCUMENTS)])
    started = bridge.revise(*where.planned(choice, bridge.plan(where.plan(choice))))
    for _ in bridge.follow(started.id):
        pass
    return started.id


def show(told: dict[str, object], named: dict[str, dict[str, dict[str, object]]]) -> bool:
    """Prints how each operation was answered; whether that is as it should be."""
    counted: dict[str, Counter[int]] = {}
    rows = told["counted"]
    assert isinstance(rows, list)
    for operation, status, count in rows:
        counted.setdefault(operation, Counter())[status] += count
    table = Table("operation", "asked", "2xx", "of which refused, by status")
    for operation, by_status in sorted(counted.items()):
        well = sum(count for status, count in by_status.items() if 200 <= status < 300)
        refused = {status: count for status, count in by_status.items() if status >= 300}
        said = ", ".join(f"{status}: {count}" for status, count in sorted(refused.items()))
        table.add_row(operation, str(by_status.total()), str(well), said)
    console = Console(width=140)
    console.print(table)
    every = sum(counted.values(), Counter[int]())
    well = sum(count for status, count in every.items() if 200 <= status < 300)
    operations = {
        f"{method.upper()} {path}" for path, ways in named["paths"].items() for method in ways
    }
    never = {
        operation
        for operation in operations
        if not any(200 <= status < 300 for status in counted.get(operation, ()))
    }
    broken = {status for status in every if status >= 500 and status not in REFUSALS}
    console.print(f"{every.total()} requests, {well} did what they are for ({_share(well, every)})")
    console.print(
        f"never: {', '.join(sorted(never)) or 'none'}; broken: {sorted(broken) or 'none'}"
    )
    console.print(f"refusals of another shape: {told['shapeless'] or 'none'}")
    enough = well >= LEAST_SHARE * every.total()
    return enough and not never and not broken and not told["shapeless"]


def _share(well: int, every: Counter[int]) -> str:
    return f"{100 * well / max(1, every.total()):.0f} %"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
