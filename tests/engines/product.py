"""What can be chosen together: path, references, variants and size; and a world to try it in.

A path is a row of the catalogue asked at its maker's. A case goes the whole way: the command line,
a bridge of its own process, the engine, an emulator on another port, and back into a file.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bridge.catalog import Catalog, Model, load
from bridge.engines.base import TableSize
from bridge.geometry import Size
from tests.conftest import running_bridge
from tests.emulators.ark import ArkEmulator
from tests.emulators.bfl import BflEmulator
from tests.emulators.emulator import Emulator
from tests.emulators.interactions import InteractionsEmulator
from tests.emulators.model import write
from tests.emulators.openai import OpenAIEmulator
from tests.emulators.serve import serve
from tests.engines.asking import scene

EMULATORS: dict[str, tuple[Callable[[], Emulator], str]] = {  # and what its base ends in
    "gemini": (InteractionsEmulator, "/v1beta"),
    "bfl": (BflEmulator, ""),
    "openai": (OpenAIEmulator, "/v1"),
    "ark": (ArkEmulator, "/api/v3"),
}
VARIANTS = (1, 4)
PHOTO = Size(512, 512)
SELECT = {"flux-outpaint": "384,0,128,512"}  # it paints on over whole sides
PATIENCE_SECONDS = 110


@dataclass(frozen=True, slots=True)
class Case:
    """tier: a size, or for models of any size a quality; "" = the usual one."""

    path: str
    references: int
    variants: int
    tier: str


def paths(catalog: Catalog) -> list[Model]:
    return [row for row in catalog.models if row.engine in EMULATORS]


def tiers(catalog: Catalog, row: Model) -> tuple[str, ...]:
    sizes = catalog.limits(row).sizes
    if isinstance(sizes, TableSize):
        return tuple(sizes.tiers)
    return tuple(row.facts.get("qualities", ("",)))


def references(row: Model) -> tuple[int, ...]:
    """None, one, and as many as it takes."""
    return tuple(sorted({0, min(1, row.takes.references), row.takes.references}))


def product(catalog: Catalog) -> list[Case]:
    return [
        Case(row.id, count, variants, tier)
        for row in paths(catalog)
        for count in references(row)
        for variants in VARIANTS
        for tier in tiers(catalog, row)
    ]


def pairwise(cases: Sequence[Case], catalog: Catalog) -> list[Case]:
    """Fewer cases in which every two choices that can meet do meet."""
    most = {row.id: row.takes.references for row in catalog.models}

    def pairs(case: Case) -> set[tuple[tuple[str, object], ...]]:
        kind = "most" if case.references == most[case.path] > 1 else str(case.references)
        choices = [("path", case.path), ("references", kind), ("variants", case.variants)]
        return set(itertools.combinations([*choices, ("tier", case.tier)], 2))

    left = set().union(*map(pairs, cases))
    chosen = []
    while left:
        best = max(cases, key=lambda case: (len(pairs(case) & left), -case.variants))
        chosen.append(best)
        left -= pairs(best)
    return chosen


# --- the world -----------------------------------------------------------------------------------


@dataclass
class Ended:
    """told, recorded: USD before the click and afterwards. billed: what the ledger says."""

    case: Case
    code: int
    said: str
    told: float
    recorded: float
    reported: bool
    billed: float
    charges: int
    layers: int

    @property
    def wrong(self) -> str:
        """ "" when everything is as it was told."""
        if self.code:
            return self.said.strip().splitlines()[-1] if self.said.strip() else f"ended {self.code}"
        if self.charges != self.case.variants or self.layers != self.case.variants:
            return f"{self.charges} charges, {self.layers} layers"
        if self.billed > self.told + 1e-9:
            return f"billed {self.billed:.4f}, told {self.told:.4f}"
        if self.reported and abs(self.recorded - self.billed) > 1e-6:
            return f"recorded {self.recorded:.4f}, billed {self.billed:.4f}"
        if not self.reported and abs(self.recorded - self.told) > 1e-6:
            return f"estimated {self.recorded:.4f}, told {self.told:.4f}"
        return ""


@dataclass
class World:
    """`there`: the emulators by engine."""

    folder: Path
    home: Path
    there: dict[str, Emulator]

    def run(self, case: Case) -> Ended:
        row = load().model(case.path)
        emulator = self.there[row.engine]
        before = list(emulator.ledger.charges)
        done = self.command(case)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        plan = next((event for event in events if event["event"] == "plan"), {"usd": 0.0})
        states = [event for event in events if event["event"] == "revision"]
        variants = states[-1]["variants"] if states else []
        new = emulator.ledger.charges[len(before) :]
        return Ended(
            case,
            done.returncode,
            done.stderr,
            plan["usd"],
            states[-1]["usd"] if states else 0.0,
            bool(variants) and all(variant["usd_reported"] for variant in variants),
            sum(charge.usd for charge in new),
            len(new),
            sum(variant["state"] in ("composed", "delivered") for variant in variants),
        )

    def command(self, case: Case, *more: str) -> subprocess.CompletedProcess[str]:
        """`redraft revise`, in a process of its own."""
        out = self.folder / f"{'-'.join(map(str, (case.path, case.references, case.variants)))}.ora"
        words = ["--model", case.path, "--variants", str(case.variants), "--size", case.tier]
        for number in range(case.references):
            words += ["--ref", str(self.folder / f"reference-{number}.png")]
        words += ["--select", SELECT.get(case.path, "190,190,130,130"), "--force", "--json"]
        words += ["--prompt", "" if case.path == "flux-erase" else "a red balloon", *more]
        photo = str(self.folder / "photo.png")
        return subprocess.run(
            [sys.executable, "-P", "-m", "bridge", "revise", photo, *words, "-o", str(out)],
            env={**os.environ, "REDRAFT_HOME": str(self.home)},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )


@contextmanager
def world(folder: Path, key: str = "key-of-the-test") -> Iterator[World]:
    """Emulators on ports of their own and a bridge that takes them for the makers."""
    home = folder / "home"
    home.mkdir(mode=0o700, exist_ok=True)
    for name, size in [("photo", PHOTO), *((f"reference-{n}", Size(96, 64)) for n in range(16))]:
        pixels = np.rint(scene(size, len(name)) * 255).astype(np.uint8)
        (folder / f"{name}.png").write_bytes(write(pixels, "image/png"))
    there, changed = {}, dict(os.environ)
    with ExitStack() as open_now:
        for engine, (emulator, ending) in EMULATORS.items():
            there[engine] = emulator()
            there[engine].key = key
            url = open_now.enter_context(serve(there[engine]))
            os.environ[f"REDRAFT_BASE_{engine.upper()}"] = url + ending
            os.environ[f"REDRAFT_KEY_{engine.upper()}"] = key
        os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
        try:
            open_now.enter_context(running_bridge(home))
            yield World(folder, home, there)
        finally:
            os.environ.clear()
            os.environ.update(changed)
