"""What an engine is: facts, and a generator of steps.

The generator says what should happen next and is told what came of it; the runner does it:

    Send      one request, one response         -> Response
    Listen    one request, many events          -> Event, then Next -> Event | None
    Wait      let time pass                      -> None
    Work      a function in a child process      -> what it returned
    Progress  what the artist may see meanwhile  -> None
    Submitted the provider has the job; `ref` finds it again   (committed before going on)
    Received  the raw answer                                    (committed before going on)

So an engine holds no client, no key, never sleeps, retries or catches. Started with a `ref`,
the generator begins at polling and never submits again. One generator is one charge.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from bridge.engines.addresses import host_of
from bridge.engines.answers import seconds
from bridge.errors import Unsupported
from bridge.geometry import Box, Size
from bridge.pixels import Array

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Ref = dict[str, Json]  # plain JSON: what finds a submitted job again, in another process
Where = Literal["hosted", "own network", "this machine"]
Lies = Literal["in place", "re-rendered"]
Steps = Generator["Step", Any, None]


# --- what a model takes -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AnySize:
    """Free sizes: edges are multiples of `multiple` within the bounds (px); pixels in total."""

    multiple: int = 1
    min_edge: int = 16
    max_edge: int = 16384
    min_pixels: int = 256
    max_pixels: int = 64_000_000
    max_ratio: float = 64.0  # longer edge over shorter edge
    usual_pixels: int = 0  # sent when the artist names no size; 0 = as many as there are


@dataclass(frozen=True, slots=True)
class TableSize:
    """Only these sizes, in named tiers (such as 1K, 2K, 4K); the plan picks by aspect."""

    tiers: Mapping[str, tuple[Size, ...]]
    usual: str = ""  # the tier taken when the artist names none; "" = the first


@dataclass(frozen=True, slots=True)
class Limits:
    sizes: AnySize | TableSize
    qualities: tuple[str, ...] = ()  # asked for instead of a size, by models of any size
    references: int = 0  # pictures besides the one that is revised
    mask: bool = False  # the model itself takes a mask
    seed: bool = False
    prompt_chars: int = 4000
    native_variants: int = 1  # the most one request can return for one charge each


# --- what is asked, what is answered ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wish:
    """What the artist wants, before it is put into a model's own words."""

    prompt: str
    helper: str = ""  # id of the prompt helper chosen, "" = none
    how_far: str = ""  # touch | clear | free, "" = not said
    keep: tuple[str, ...] = ()  # ids of keep-constraints: composition, palette, …
    options: Mapping[str, Json] = field(default_factory=dict)  # old text, new text, style name, …


@dataclass(frozen=True, slots=True)
class Motion:
    """The picture shall move. last: float32 (H, W, 3), the frame to end on; None = any.

    audio: false where the model lets it be. still_camera: only what is shown may move.
    """

    seconds: int
    audio: bool = True
    last: Array | None = None
    negative: str = ""  # what shall not be seen
    still_camera: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """One charge: the picture as it will be sent, and the wish.

    picture: float32 (H, W, 3), 0..1, sRGB-encoded, already at the size to send.
    mask: float32 (H, W), 1 = repaint; None when nothing is selected.
    references: float32 (h, w, 3) each.
    model: the provider's own id. facts: what the catalogue's row says to this engine, among it
    `label` and `successor`, the names of the model and of the one that takes its place.
    motion: a film is asked for, which begins with the picture; None: a picture.
    """

    model: str
    picture: Array
    mask: Array | None
    wish: Wish
    size: Size
    tier: str = ""
    references: tuple[Array, ...] = ()
    seed: int | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)
    usd: float = 0.0  # what the artist was told this costs
    motion: Motion | None = None

    @property
    def name(self) -> str:
        """As the artist knows the model."""
        return str(self.facts.get("label") or self.model)

    @property
    def successor(self) -> str:
        """Its name; "" when there is none."""
        return str(self.facts.get("successor") or "")


@dataclass(frozen=True, slots=True)
class Answer:
    """pixels: float32 (h, w, 3) or (h, w, 4), 0..1, sRGB-encoded, straight alpha; of a film its

    first frame.
    """

    pixels: Array
    lies: Lies


@dataclass(frozen=True, slots=True)
class Listed:
    """What a provider says, for free, of what it has for this key. ids: its own names of models;

    None when it lists none. note: a sentence for the artist, such as the credit that is left.
    """

    ids: frozenset[str] | None = None
    note: str = ""


# --- steps ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyIn:
    """Where the key goes; the key itself is put there by the one door to the network."""

    header: str  # such as "Authorization"
    form: str = "{}"  # such as "Bearer {}"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart/form-data body."""

    name: str
    content: bytes | str
    filename: str = ""
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """At most one of json, form, content. `url` must lie on one of the engine's hosts."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Json = None
    form: tuple[Part, ...] = ()
    content: bytes = b""
    key: KeyIn | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """`body` when sent into memory, `file` when sent into a file (then body is empty)."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes = b""
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event, or one WebSocket message (name is "" or "binary")."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Send:
    request: Request
    usd: float = 0.0  # what is lost if this is answered by silence; 0 = free to repeat
    into: Literal["memory", "file"] = "memory"


@dataclass(frozen=True, slots=True)
class Listen:
    request: Request
    usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Next:
    """The next event of the stream opened last; None when it has ended."""


@dataclass(frozen=True, slots=True)
class Wait:
    seconds: float


@dataclass(frozen=True, slots=True)
class Work:
    """`function` must be importable by name; arguments and result must pickle."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    deadline_seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Progress:
    fraction: float | None = None  # 0..1; None = unknown
    preview: bytes | None = None  # an encoded picture (PNG, JPEG or WebP)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Submitted:
    ref: Ref


@dataclass(frozen=True, slots=True)
class Received:
    """The answer as it came. `usd` only when the provider reported what it charged."""

    raw: bytes | Path
    media_type: str
    usd: float | None = None
    seed: int | None = None


Step = Send | Listen | Next | Wait | Work | Progress | Submitted | Received


class Engine(ABC):
    """A provider. Its file in `bridge/engines/` is named by its `id` and sets ENGINE to its class.

    `base` is where it is asked: a region, a proxy, a gateway, the artist's own machine; the usual
    address when nobody said another. "" for what asks nobody.
    """

    id: ClassVar[str]
    label: ClassVar[str]  # shown in menus and error sentences
    where: ClassVar[Where]
    usual_base: ClassVar[str] = ""
    regions: ClassVar[Mapping[str, str]] = {}  # other addresses of the maker's, by short names
    other_hosts: ClassVar[tuple[str, ...]] = ()  # that may answer, too, such as "*.example.com"
    key_name: ClassVar[str] = ""  # the name its key is kept under; "" = needs none
    # Whether keep-constraints mean anything: it is told of them, or drifts and is measured.
    keeps: ClassVar[bool] = True
    # The artist said where it is asked, and not only in which region of its maker's: the maker's
    # dates need not hold there.
    elsewhere: bool = False
    # Statuses by which this provider says that nothing was begun, so nothing is charged.
    before_work: ClassVar[frozenset[int]] = frozenset({400, 401, 402, 403, 404, 413, 422, 429})

    def __init__(self, base: str = "") -> None:
        self.base = (base or self.usual_base).rstrip("/")

    @property
    def host(self) -> str:
        """The one it is asked at; "" when it asks nobody."""
        return host_of(self.base)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Hosts it may be sent to or answer from."""
        return (self.host, *self.other_hosts) if self.host else self.other_hosts

    @abstractmethod
    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        """Steps from the request to Received; only from `ref` on when it is given."""

    @property
    def unready(self) -> str:
        """A sentence when it must be set up before it can be asked at all; else ""."""
        return ""

    def objection(
        self, wish: Wish, *, selection: Box | None, whole: Box, facts: Mapping[str, Json]
    ) -> str:
        """A sentence when it is known beforehand that this wish cannot be met; else "".

        selection: its box in `whole`, which is what there is of the picture; None = nothing is
        selected. facts: as in Ask.
        """
        return ""

    def cancel(self, ref: Ref) -> Steps:
        """Steps that stop a submitted job; none where the provider has no way."""
        yield from ()

    @abstractmethod
    def decode(self, raw: bytes, media_type: str) -> Answer:
        """A function of the saved bytes alone, so that it can be repeated for free."""

    def live(self) -> Generator[Step, Any, Listed]:
        """Steps that cost nothing and find out whether the key is taken, and what for.

        EngineError when the provider refuses. Unsupported when it has no way to be asked.
        """
        yield from ()
        raise Unsupported(
            f"{self.label} was not asked, for it has no free question about keys and models; "
            "whether it takes the key is seen with the first revision."
        )

    def patience(self, response: Response) -> float | None:
        """Seconds after which a request refused before work may be repeated; None = not at all."""
        return retry_after(response)


def retry_after(response: Response) -> float | None:
    """The Retry-After header in seconds; None when absent or a date."""
    return seconds(response.headers.get("retry-after", ""))


# --- typed ways to yield -----------------------------------------------------------------


def send(
    request: Request, usd: float = 0.0, into: Literal["memory", "file"] = "memory"
) -> Generator[Step, Any, Response]:
    response: Response = yield Send(request, usd, into)
    return response


def listen(request: Request, usd: float = 0.0) -> Generator[Step, Any, Event | None]:
    """Opens the stream; returns its first event. `following` returns each later one."""
    event: Event | None = yield Listen(request, usd)
    return event


def following() -> Generator[Step, Any, Event | None]:
    event: Event | None = yield Next()
    return event
