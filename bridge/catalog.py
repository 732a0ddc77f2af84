"""What each model is for, what it takes, what it costs, and whether it is alive.

The facts live in `catalog.toml` beside this file; an artist's own file overrides or adds rows.
A row that says too little or contradicts itself is refused when it is read, never when a
revision is under way.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, field, replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import ConfigDict, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from bridge.engines.base import AnySize, Limits, TableSize
from bridge.errors import BadRequest, NotFound
from bridge.geometry import Size

Confidence = Literal["sure", "likely", "unclear"]
State = Literal["alive", "deprecated", "gone", "unclear"]
PurposeId = Literal["realism", "detail", "fast", "precise", "motion", "cinema"]

BUILT_IN = Path(__file__).with_name("catalog.toml")
HERE = "here"  # the home of models that run on this machine
MEGAPIXEL = 1024 * 1024  # px; the makers that charge by megapixel call 1024x1024 one

_STRICT = ConfigDict(extra="forbid")


# --- a row ------------------------------------------------------------------------------------


@dataclass(frozen=True, config=_STRICT)
class Claim:
    """A date, and how far it can be trusted: contradicting sources give several claims."""

    on: date
    confidence: Confidence = "sure"


@dataclass(frozen=True, config=_STRICT)
class FreeSizes:
    """As engines.base.AnySize; a row states every bound."""

    multiple: int
    min_edge: int
    max_edge: int
    min_pixels: int
    max_pixels: int
    max_ratio: float


@dataclass(frozen=True, config=_STRICT)
class GridSizes:
    """A part of a named grid: these tiers, without these aspect ratios."""

    name: str
    tiers: tuple[str, ...]
    without: tuple[str, ...] = ()


@dataclass(frozen=True, config=_STRICT)
class Takes:
    free: FreeSizes | None = None  # either this
    grid: GridSizes | None = None  # or this
    references: int = 0
    mask: bool = False
    seed: bool = False
    prompt_chars: int = 4000
    native_variants: int = 1

    @model_validator(mode="after")
    def one_kind_of_size(self) -> Self:
        if (self.free is None) == (self.grid is None):
            raise ValueError("needs either free or grid")
        return self


@dataclass(frozen=True, config=_STRICT)
class Film:
    """A row with this makes films, and its rates are for one second."""

    seconds: tuple[int, ...]  # how long one can be; the first is a draft's
    audio: Literal["always", "choice", "never"]
    last_frame: bool = False  # it can be told where to end …
    last_frame_seconds: int = 0  # … in films no longer than this; 0 = in all
    negative: bool = False  # it can be told what not to show
    exact: bool = False  # takes no picture but of exactly the film's size


@dataclass(frozen=True, config=_STRICT)
class Rate:
    """USD for one picture, or one second, when it is of this tier and no larger than this."""

    usd: float
    silent: float | None = None  # USD of a second without sound; None = the same
    tier: str = ""  # "" = any
    up_to_pixels: int | None = None  # None = any
    per_output_mp: float = 0.0  # for what lies above the first megapixel


@dataclass(frozen=True, config=_STRICT)
class Price:
    """The first rate that fits, plus what goes in: the picture itself and each reference."""

    rates: tuple[Rate, ...]
    confidence: Confidence
    per_input: float = 0.0  # USD for each picture that is sent …
    free_inputs: int = 0  # … after these
    per_input_mp: float = 0.0  # USD for each megapixel that is sent
    reference_pixels: int = MEGAPIXEL  # the engine sends no reference larger than this
    whole_megapixels: bool = False  # begun megapixels count whole
    note: str = ""


@dataclass(frozen=True, config=_STRICT)
class Route:
    """`model` is the id that `engine` (a file in bridge/engines) puts into its requests.

    What it says besides holds for this route instead of what the row says; None: as the row.
    """

    engine: str
    model: str
    home: str | None = None
    takes: Takes | None = None
    film: Film | None = None
    price: Price | None = None
    retires: tuple[Claim, ...] | None = None
    doubt: str | None = None
    facts: Mapping[str, Any] | None = None


@dataclass(frozen=True, config=_STRICT)
class Home:
    """Where pictures go and what becomes of them there."""

    label: str
    goes_to: str
    stays: str
    training: str
    commercial: str
    confidence: Confidence
    at_once: int = 4  # requests that are under way there at the same time
    fetch_seconds: float | None = None  # how long it hands out what it made; None = not known


@dataclass(frozen=True, config=_STRICT)
class Purpose:
    """`order`: the models that suit it, best first."""

    id: PurposeId
    label: str
    order: tuple[str, ...]


@dataclass(frozen=True, config=_STRICT)
class Model:
    """One path the artist can choose."""

    id: str
    label: str
    maker: str
    purposes: tuple[PurposeId, ...]
    strength: str
    limitation: str
    typical_seconds: float
    routes: tuple[Route, ...]  # the first is the maker's own
    takes: Takes
    price: Price
    home: str
    watermark: str
    as_of: date
    film: Film | None = None  # None = it makes pictures
    released: Claim | None = None  # None = not known
    deprecated: Claim | None = None  # None = not that we know
    retires: tuple[Claim, ...] = ()
    doubt: str = ""  # why nobody is sure that it answers
    successor: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)  # handed to the engine as Ask.facts

    @property
    def engine(self) -> str:
        return self.routes[0].engine

    def by(self, engine: str) -> Model:
        """This row as it is by one of its routes: with that one only, and what it says instead.

        NotFound when no route of it goes that way.
        """
        for route in self.routes:
            if route.engine == engine:
                said = {name: getattr(route, name) for name in OF_A_ROUTE}
                changes = {name: value for name, value in said.items() if value is not None}
                return replace(self, routes=(route,), **changes)
        raise NotFound(f"{self.label} cannot be asked by {engine}. Choose another model.")


OF_A_ROUTE = ("home", "takes", "film", "price", "retires", "doubt", "facts")


@dataclass(frozen=True, config=_STRICT)
class Alive:
    state: State
    sentence: str  # "" when there is nothing to say


# --- the whole --------------------------------------------------------------------------------


@dataclass(frozen=True, config=_STRICT)
class Catalog:
    models: tuple[Model, ...]
    homes: Mapping[str, Home]
    grids: Mapping[str, Mapping[str, Mapping[str, str]]]  # grid, tier, ratio -> "WxH"
    purposes: tuple[Purpose, ...]
    bases: Mapping[str, str] = field(default_factory=dict)  # by engine, where it is asked instead
    under_way: Mapping[str, str] = field(default_factory=dict)  # by engine, for the artist

    def model(self, id: str) -> Model:
        """NotFound, with the nearest names, when there is no such row."""
        for row in self.models:
            if row.id == id:
                return row
        near = get_close_matches(id, [row.id for row in self.models], n=3, cutoff=0.4)
        hint = f"Did you mean {' or '.join(near)}?" if near else "`redraft models` lists them all."
        raise NotFound(f"There is no model {id}. {hint}")

    def home(self, model: Model) -> Home:
        return self.homes[model.home]

    def limits(self, model: Model) -> Limits:
        takes = model.takes
        return Limits(
            sizes=self._sizes(takes),
            qualities=tuple(model.facts.get("qualities", ())),
            references=takes.references,
            mask=takes.mask,
            seed=takes.seed,
            prompt_chars=takes.prompt_chars,
            native_variants=takes.native_variants,
        )

    def facts(self, model: Model) -> dict[str, Any]:
        """What its engine is told: the row's own facts and the names the artist knows."""
        successor = self.model(model.successor).label if model.successor else ""
        return {**model.facts, "label": model.label, "successor": successor}

    def alive(self, model: Model, today: date) -> Alive:
        """What is known about whether it answers, with the successor's name where there is one."""
        state, said = _state(model, today)
        if state != "alive" and model.successor:
            said = f"{said} Its successor is {self.model(model.successor).label}."
        return Alive(state, said.strip())

    def _sizes(self, takes: Takes) -> AnySize | TableSize:
        if takes.free:
            return AnySize(**asdict(takes.free))
        assert takes.grid is not None  # one_kind_of_size
        chosen, grid = takes.grid, self.grids[takes.grid.name]
        return TableSize(
            {
                tier: tuple(
                    _size(size) for ratio, size in grid[tier].items() if ratio not in chosen.without
                )
                for tier in chosen.tiers
            }
        )


def _state(model: Model, today: date) -> tuple[State, str]:
    past = [claim for claim in model.retires if claim.on <= today]
    if any(claim.confidence != "unclear" for claim in past):
        return "gone", f"{model.label} was switched off on {_day(past[0].on)}."
    if past:
        return "unclear", (
            f"{model.label} may have been switched off on {_day(past[0].on)}; our sources disagree."
        )
    if model.doubt:
        return "unclear", model.doubt
    if model.deprecated and model.deprecated.on <= today:
        return "deprecated", f"{model.label} is being phased out{_until(model)}."
    return "alive", ""


def _until(model: Model) -> str:
    if not model.retires:
        return "; no end date is announced"
    first = min(claim.on for claim in model.retires)
    return f" and ends on {_day(first)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _size(text: str) -> Size:
    width, height = text.split("x")
    return Size(int(width), int(height))


# --- reading ----------------------------------------------------------------------------------


def load(extra: Path | None = None) -> Catalog:
    """The built-in catalogue; rows of `extra` override it field by field, new rows are added.

    BadRequest names the file, the row and the field.
    """
    tables = _parse(BUILT_IN)
    names = BUILT_IN.name
    if extra is not None:
        tables = _laid_over(tables, _parse(extra))
        names = f"{extra.name} over {BUILT_IN.name}"
    try:
        catalog = TypeAdapter(Catalog).validate_python(_with_ids(tables))
    except ValidationError as exc:
        raise BadRequest(_sentence(names, tables, exc)) from exc
    _check_names(names, catalog)
    return catalog


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise BadRequest(f"The catalogue {path} cannot be read: {exc.strerror}.") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise BadRequest(f"The catalogue {path} is not valid TOML: {exc}.") from exc


def _laid_over(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Tables merge, anything else is replaced."""
    merged = dict(under)
    for key, value in over.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            value = _laid_over(old, value)
        merged[key] = value
    return merged


def _with_ids(tables: dict[str, Any]) -> dict[str, Any]:
    """Rows are tables named by their id; the values carry it themselves."""
    rows = {
        part: tuple({"id": id, **row} for id, row in tables.get(part, {}).items())
        for part in ("models", "purposes")
    }
    return {**tables, **rows}


def _sentence(names: str, tables: dict[str, Any], exc: ValidationError) -> str:
    first = exc.errors()[0]
    part, *where = first["loc"]
    if part in ("models", "purposes") and where and isinstance(where[0], int):
        where[0] = list(tables[str(part)])[where[0]]
    place = ".".join(str(step) for step in (part, *where))
    return f"{names}, {place}: {first['msg'].lower()}. Correct that line and start again."


def _check_names(names: str, catalog: Catalog) -> None:
    """Every name in a row must lead somewhere."""
    ids = {row.id for row in catalog.models}
    for row in catalog.models:
        _must(row.successor in ids | {""}, names, row.id, "successor", row.successor)
        _must(bool(row.routes), names, row.id, "routes", "")
        for way in (row, *(row.by(route.engine) for route in row.routes)):
            _check_way(names, catalog, way)
    engines = {route.engine for row in catalog.models for route in row.routes}
    for engine in catalog.bases:
        _must(engine in engines, names, "bases", engine, engine)
    for purpose in catalog.purposes:
        for id in purpose.order:
            _must(id in ids, names, purpose.id, "order", id)


def _check_way(names: str, catalog: Catalog, row: Model) -> None:
    _must(row.home in catalog.homes, names, row.id, "home", row.home)
    _must(bool(row.price.rates), names, row.id, "price.rates", "")
    if row.takes.grid:
        grid = catalog.grids.get(row.takes.grid.name)
        _must(grid is not None, names, row.id, "takes.grid.name", row.takes.grid.name)
        for tier in row.takes.grid.tiers:
            _must(tier in (grid or {}), names, row.id, "takes.grid.tiers", tier)


def _must(holds: bool, names: str, row: str, place: str, value: str) -> None:
    if not holds:
        said = f'"{value}" is not in the catalogue' if value else "is empty"
        raise BadRequest(f"{names}, {row}.{place}: {said}. Correct that line and start again.")
