"""What a host asks before the click, and what it is told: box, size, sharpness, price, and more."""

from __future__ import annotations

from typing import Annotated

from pydantic import Base64Bytes, Field, WithJsonSchema

from bridge.wire import (
    MAX_NUMBER,
    Again,
    Area,
    Choice,
    Document,
    FilmChoice,
    Instead,
    Message,
    Name,
    PixelFormat,
)

MAX_SAMPLE_EDGE = 512  # px
# Said so that those who read our OpenAPI by older rules understand it, too.
PAIR = {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}
Pair = Annotated[tuple[int, int], WithJsonSchema(PAIR)]


class Sample(Message):
    """Some real pixels from the middle of the selection, so that their flaws can be named."""

    format: PixelFormat
    width: Annotated[int, Field(ge=1, le=MAX_SAMPLE_EDGE)]
    height: Annotated[int, Field(ge=1, le=MAX_SAMPLE_EDGE)]
    pixels: Base64Bytes


class PlanRequest(Message):
    """parent, again: as in RevisionRequest."""

    document: Document
    selection: Area | None = None
    choice: Choice = Choice()
    sample: Sample | None = None
    parent: Name = ""
    parent_variant: Annotated[int, Field(ge=0, le=MAX_NUMBER)] = 1
    again: Again = ""


class Better(Message):
    """A larger size that would paint sharper, and what it costs more exactly: its price."""

    tier: str
    percent: int
    usd: float


class PlanReply(Message):
    """count: pictures in all, looks times variants. where: what goes where, to be read before it

    goes; "" when nothing leaves this machine. where_new: the artist has not been told yet of
    `home`; show `where`, wait for a click. confirm: a second click is wanted, and why; "" when it
    is not. What was clicked on is sent as agreed_home and agreed_usd, else the bridge refuses.
    hint: about the wish as it is written. key: the name of the key that is missing;
    POST /v1/keys/NAME/page opens its page. instead: when it is not usable.
    """

    box: Area
    send: Pair
    tier: str
    model: str
    label: str
    purpose: str
    why: str
    limitation: str
    seconds: float
    route: str = ""  # what Choice.route takes
    by: str = ""  # who is asked, in words; "" when it is the maker or this machine
    percent: int
    sharpness: str
    better: Better | None
    usd: float
    price: str
    button: str
    usable: bool
    why_not: str
    warnings: tuple[str, ...]
    looks: int = 1
    count: int = 1
    home: str = ""
    where: str = ""
    where_new: bool = False
    confirm: str = ""
    hint: str = ""
    key: str = ""
    instead: Instead | None = None
    film: FilmChoice | None = None  # what will be asked for of a film; None = it is a picture


class FinishReply(Message):
    """What it would be to have a variant painted out: as in PlanReply. POST to the same address

    with `model` and `usd` as max_usd.
    """

    model: str
    label: str
    limitation: str
    seconds: float
    send: Pair
    tier: str
    percent: int
    sharpness: str
    tiles: int = 1  # requests that it takes
    usd: float
    price: str
    button: str
    usable: bool
    why_not: str
    home: str = ""
    where: str = ""
    where_new: bool = False
    confirm: str = ""


class Elsewhere(Message):
    """What is kept, asked of another model. The rest as in a revision."""

    model: Name
    max_usd: Annotated[float, Field(ge=0)]
    agreed_home: Name = ""
    agreed_usd: Annotated[float, Field(ge=0)] = 0.0
