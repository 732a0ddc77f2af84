"""What can be chosen together: path, references, variants and size; and a world to try it in.

A path is a row of the catalogue asked at its maker's. A case goes the whole way: the command line
in a process of its own, a bridge in another, the engine, an emulator behind a port, and back into
a file.
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

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
from tests.engines import command
from tests.engines.asking import scene

EMULATORS: dict[str, tuple[Callable[[], Emulator], str]] = {  # and what its base ends in
    "gemini": (InteractionsEmulator, "/v1beta"),
    "bfl": (BflEmulator, ""),
    "openai": (OpenAIEmulator, "/v1"),
    "ark": (ArkEmulator, "/api/v3"),
}
VARIANTS = (1, 4)
PHOTO = Size(512, 512)
# More pixels than some models take, and shapes that most do not know.
PHOTOS = {
    "photo": PHOTO,
    "large": Size(3000, 2000),
    "wide": Size(2400, 240),
    "tall": Size(200, 1600),
}
WORDLESS = frozenset({"flux-erase"})  # takes no wish
WHOLE_SIDES = frozenset({"flux-outpaint"})  # paints on over whole sides
PATIENCE_SECONDS = 300  # for one revision: the machine may be busy
AT_ONCE = 3  # calls of the command line, each of another engine


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


def wish_of(case: Case) -> str:
    return "" if case.path in WORDLESS else "a red balloon"


def selected(path: str, size: Size) -> tuple[int, int, int, int]:
    """Left, top, width, height: a box in the middle, or the right edge."""
    if path in WHOLE_SIDES:
        return size.width - size.width // 4, 0, size.width // 4, size.height
    width, height = size.width // 4, size.height // 4
    return (size.width - width) // 2, (size.height - height) // 2, width, height


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
    """`there`: the emulators by engine. callers: processes in which `redraft` is called."""

    folder: Path
    home: Path
    there: dict[str, Emulator]
    callers: Executor

    def run_all(self, cases: Iterable[Case]) -> Iterator[Ended]:
        """Each as it ends; those of one engine one after the other, for they share a ledger."""
        engines = {row.id: row.engine for row in load().models}
        by_engine: dict[str, list[Case]] = {}
        for case in cases:
            by_engine.setdefault(engines[case.path], []).append(case)
        over: SimpleQueue[Ended | None] = SimpleQueue()  # None: an engine has no more

        def of_one(engine: str) -> None:
            try:
                for case in by_engine[engine]:
                    over.put(self.run(case, self.there[engine]))
                    self.there[engine].let_go()
            finally:
                over.put(None)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            running = [pool.submit(of_one, engine) for engine in by_engine]
            for _ in running:
                yield from iter(over.get, None)
            for one in running:
                one.result()

    def run(self, case: Case, emulator: Emulator, photo: str = "photo") -> Ended:
        before = len(emulator.ledger.charges)
        done = self.command(case, photo=photo)
        events = [json.loads(line) for line in done.out.splitlines()]
        plan = next((event for event in events if event["event"] == "plan"), {"usd": 0.0})
        states = [event for event in events if event["event"] == "revision"]
        variants = states[-1]["variants"] if states else []
        new = emulator.ledger.charges[before:]
        return Ended(
            case,
            done.code,
            done.err,
            plan["usd"],
            states[-1]["usd"] if states else 0.0,
            bool(variants) and all(variant["usd_reported"] for variant in variants),
            sum(charge.usd for charge in new),
            len(new),
            sum(variant["state"] in ("composed", "delivered") for variant in variants),
        )

    def command(self, case: Case, *more: str, photo: str = "photo") -> command.Ended:
        """`redraft revise`."""
        name = "-".join(map(str, (photo, case.path, case.references, case.variants, case.tier)))
        words = [
            "revise",
            str(self.folder / f"{photo}.png"),
            "-o",
            str(self.folder / f"{name}.ora"),
        ]
        words += ["--model", case.path, "--variants", str(case.variants), "--size", case.tier]
        for number in range(case.references):
            words += ["--ref", str(self.folder / f"reference-{number}.png")]
        words += ["--select", ",".join(map(str, selected(case.path, PHOTOS[photo])))]
        words += ["--prompt", wish_of(case), "--agree", "--force", "--json", *more]
        return self.callers.submit(command.redraft, words).result(PATIENCE_SECONDS)


@contextmanager
def world(folder: Path, key: str = "key-of-the-test") -> Iterator[World]:
    """Emulators on ports of their own and a bridge that takes them for the makers."""
    home = folder / "home"
    home.mkdir(mode=0o700, exist_ok=True)
    pictures = {**PHOTOS, **{f"reference-{number}": Size(96, 64) for number in range(16)}}
    for name, size in pictures.items():
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
        os.environ["REDRAFT_HOME"] = str(home)
        try:
            open_now.enter_context(running_bridge(home))
            started_anew = multiprocessing.get_context("spawn")  # threads are running here
            callers = ProcessPoolExecutor(AT_ONCE, started_anew)
            yield World(folder, home, there, open_now.enter_context(callers))
        finally:
            os.environ.clear()
            os.environ.update(changed)
