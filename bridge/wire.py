"""The messages between a host's plug-in and the bridge. estimate.py holds those before the click,

frame.py carries those with pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bridge.errors import BadRequest
from bridge.geometry import Box, Size
from bridge.pixels import Depth, Endian, Format, Model, Order

WIRE = 1  # raised when a message changes so that an older plug-in would misread it
MAX_FRAME = 2_000_000_000  # bytes of a whole frame; the document is never sent, only a box
MAX_EDGE = 200_000  # px of a document
MAX_PARTS = 40
MAX_VARIANTS = 16
MAX_NUMBER = 100_000  # of a variant: none has as many, and a database knows no larger numbers
MAX_GROWN = 500  # px that the edge of a result may move or be soft

Coordinate = Annotated[int, Field(ge=-MAX_EDGE, le=2 * MAX_EDGE)]
Edge = Annotated[int, Field(ge=1, le=MAX_EDGE)]
Text = Annotated[str, Field(max_length=32_000)]
Name = Annotated[str, Field(max_length=200)]
State = Literal[
    "queued",
    "sending",
    "submitted",
    "received",
    "composed",
    "delivered",
    "failed",
    "cancelled",
    "asking",
]
UNSUCCESSFUL: frozenset[str] = frozenset({"failed", "asking"})
SETTLED: frozenset[str] = frozenset({"composed", "delivered", "failed", "cancelled", "asking"})


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Area(Message):
    """A half-open rectangle in document pixels."""

    left: Coordinate
    top: Coordinate
    right: Coordinate
    bottom: Coordinate

    @model_validator(mode="after")
    def _not_empty(self) -> Area:
        if self.right <= self.left or self.bottom <= self.top:
            raise ValueError("is empty: right must be greater than left, bottom than top")
        return self

    def box(self) -> Box:
        return Box(self.left, self.top, self.right, self.bottom)

    @staticmethod
    def of(box: Box) -> Area:
        return Area(left=box.left, top=box.top, right=box.right, bottom=box.bottom)


class PixelFormat(Message):
    model: Model
    depth: Depth
    alpha: bool
    order: Order = "rgba"
    endian: Endian = "little"

    def format(self) -> Format:
        return Format(self.model, self.depth, self.alpha, self.order, self.endian)

    @staticmethod
    def of(form: Format) -> PixelFormat:
        depth, order, endian = form.depth, form.order, form.endian
        return PixelFormat(
            model=form.model, depth=depth, alpha=form.alpha, order=order, endian=endian
        )


class Document(Message):
    """`id` is opaque: the plug-in keeps it in the file. `name` is what the artist calls it."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
    width: Edge
    height: Edge
    name: Name = ""

    def size(self) -> Size:
        return Size(self.width, self.height)


class FilmChoice(Message):
    """How a picture shall move. loop: it can be repeated without a seam. cinemagraph: only what is

    selected moves, everything else stays the still. fit: what happens where the picture ends
    before the film's aspect is reached, "" = crop unless that cuts into what shall move.
    last_frame: part last_frame is sent, and the film ends on it.
    """

    seconds: Annotated[int, Field(ge=1, le=120)] | None = None  # None = the model's usual
    audio: bool = True
    loop: bool = False
    cinemagraph: bool = False
    negative: Text = ""  # what shall not be seen
    fit: Literal["", "crop", "pad"] = ""
    last_frame: bool = False

    @model_validator(mode="after")
    def _one_end(self) -> FilmChoice:
        if self.loop and self.last_frame:
            raise ValueError("a loop ends as it began: choose the loop or the last frame")
        return self


class Choice(Message):
    """What the artist chose; an empty model or purpose means: choose for me."""

    model: Name = ""
    route: Name = ""  # by whom it is asked, "" = whoever the keys allow, cheapest first
    purpose: Name = ""
    prompt: Text = ""
    helper: Name = ""
    how_far: Name = ""
    keep: tuple[Name, ...] = ()
    options: Mapping[str, str | float | bool] = {}
    variants: Annotated[int, Field(ge=1, le=MAX_VARIANTS)] = 1
    tier: Name = ""  # a size the model offers by name, "" = the usual one
    references: Annotated[int, Field(ge=0, le=32)] = 0
    tiles: bool = False  # of a draft: in as many requests as it takes to paint it sharply
    film: FilmChoice | None = None  # with a model that makes films; None = as it usually makes them


class EdgeChoice(Message):
    """How the result meets what is under it; changeable later without a new call."""

    grow_px: Annotated[int, Field(ge=0, le=MAX_GROWN)] = 0
    feather_px: Annotated[float, Field(ge=0, le=MAX_GROWN)] | None = (
        None  # None = chosen for the size
    )
    whole: bool = False  # the whole selection, not only what changed in it
    include_offer: bool = False  # also what the model changed outside (a shadow)
    outline: bool = False  # the outline of a transparent source may change
    wish: Literal["", "local", "light", "style", "new"] = ""  # "" = read it from the answer


Again = Literal["", "original", "on top"]
OF_THE_BOX = frozenset({"source", "selection", "beneath", "protect", "draft", "last_frame"})


class PartInfo(Message):
    """One part of a frame. Pixels have a format; a mask is one byte a pixel, 255 = repaint."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
    kind: Literal["pixels", "mask", "bytes"]
    bytes: Annotated[int, Field(ge=0, le=MAX_FRAME)]
    width: Annotated[int, Field(ge=0, le=MAX_EDGE)] = 0
    height: Annotated[int, Field(ge=0, le=MAX_EDGE)] = 0
    format: PixelFormat | None = None

    @model_validator(mode="after")
    def _adds_up(self) -> PartInfo:
        pixels = self.width * self.height
        if self.kind == "pixels":
            if self.format is None:
                raise ValueError(f"part {self.name} holds pixels but states no format")
            need = pixels * self.format.format().pixel_bytes
        elif self.kind == "mask":
            need = pixels
        else:
            return self
        if need != self.bytes or need == 0:
            raise ValueError(
                f"part {self.name} is {self.width}x{self.height} and needs {need} bytes, "
                f"it announces {self.bytes}"
            )
        return self

    def size(self) -> Size:
        return Size(self.width, self.height)

    @staticmethod
    def of_pixels(name: str, size: Size, form: Format) -> PartInfo:
        return PartInfo(
            name=name,
            kind="pixels",
            bytes=form.byte_count(size),
            width=size.width,
            height=size.height,
            format=PixelFormat.of(form),
        )

    @staticmethod
    def of_mask(name: str, size: Size) -> PartInfo:
        return PartInfo(
            name=name, kind="mask", bytes=size.pixels, width=size.width, height=size.height
        )


class RevisionRequest(Message):
    """Parts: source (pixels of `box`), selection (mask of `box`, when something is selected),

    profile (ICC), beneath (what lies under a transparent source, as source), reference_1 …
    (pixels of any size), protect (mask of `box`, never to be touched), draft (pixels of `box`
    with alpha, laid over the source: the composition that the model shall follow), last_frame
    (pixels of `box`, what is transparent shows the source: what a film ends on).

    again: with a parent, "original" = the source is the untouched picture, and the wishes that
    led to the parent are said once more before this one; else the source holds the parent's
    result, and the picture goes through a model once more.
    """

    document: Document
    box: Area
    selection: Area | None = None
    choice: Choice = Choice()
    edge: EdgeChoice = EdgeChoice()
    source: Literal["layer", "below", "visible"] = "layer"
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    parent: Name = ""  # the revision this one goes on from
    parent_variant: Annotated[int, Field(ge=0, le=MAX_NUMBER)] = 1
    again: Again = ""
    max_usd: Annotated[float, Field(ge=0)] | None = None  # the price the artist saw
    agreed_home: Name = ""  # of a plan with where_new or confirm that was read and clicked on …
    agreed_usd: Annotated[float, Field(ge=0)] = 0.0  # … and its price
    batch: bool = False  # nobody looks on: it waits behind those who do
    parts: Annotated[tuple[PartInfo, ...], Field(max_length=MAX_PARTS)]

    @model_validator(mode="after")
    def _parts_fit(self) -> RevisionRequest:
        names = [part.name for part in self.parts]
        if len(set(names)) != len(names):
            raise ValueError("two parts have the same name")
        box = self.box.box()
        for part in self.parts:
            if part.name in OF_THE_BOX:
                if part.size() != box.size:
                    raise ValueError(
                        f"part {part.name} is {part.size()}, the box {box.size}; they must match"
                    )
                wanted = "mask" if part.name in ("selection", "protect") else "pixels"
                if part.kind != wanted:
                    raise ValueError(f"part {part.name} must be of kind {wanted}")
            elif part.name == "profile":
                if part.kind != "bytes":
                    raise ValueError("part profile must be of kind bytes")
            elif not part.name.startswith("reference_") or part.kind != "pixels":
                raise ValueError(f"part {part.name} is not one a revision takes")
        if "source" not in names:
            raise ValueError("part source is missing")
        if self.selection is not None and "selection" not in names:
            raise ValueError("a selection is announced, but part selection is missing")
        return self

    def has(self, part: str) -> bool:
        return any(one.name == part for one in self.parts)


class FrameHeader(Message):
    """What heads a frame that carries a revision."""

    revision: RevisionRequest


class LayerHeader(Message):
    """What heads a frame that carries a layer. Parts: patch (pixels, with alpha), mask."""

    revision: str
    variant: int
    name: str
    group: str
    area: Area
    visible: bool
    verdict: Literal["trusted", "badged", "refused"]
    recipe: Mapping[str, Any]
    parts: tuple[PartInfo, ...]


# --- replies -------------------------------------------------------------------------------


class Fault(Message):
    """The one error shape. `next_model`: the next able model with the same input."""

    code: str
    sentence: str
    charged: Literal["no", "yes", "unknown"] = "no"
    next_model: str = ""
    next_label: str = ""
    next_usd: float | None = None


class ErrorReply(Message):
    error: Fault


class Instead(Message):
    """Another model that can do the same today. usd: of everything it would do. button: on it.

    confirm: as in a plan.
    """

    model: str
    label: str
    usd: float
    button: str
    confirm: str = ""


class OfferReply(Message):
    sentence: str


class FilmReply(Message):
    """A finished film. size: of the film itself. area: where it lies on the canvas. sound: seconds

    of sound, 0 = none. frame_bytes: of memory that one frame takes on the canvas. error: median
    difference of its first frame from the still, in 8-bit steps.
    """

    width: int
    height: int
    frames: int
    rate: float
    seconds: float
    sound: float
    area: Area
    frame_bytes: int
    error: float
    loop: bool
    cinemagraph: bool


class VariantReply(Message):
    number: int
    state: State
    name: str
    fraction: float | None = None
    note: str = ""
    line: str = ""
    verdict: str = ""
    wish: str = ""
    offer: OfferReply | None = None
    usd: float = 0.0
    usd_reported: bool = False
    seed: int | None = None
    error: Fault | None = None
    cancel: Literal["", "free", "paid"] = ""  # what cancelling now would mean; "" = too late
    again: Literal["", "free", "paid"] = ""  # what asking again would cost; "" = not possible
    film: FilmReply | None = None  # the layer is its poster; GET …/film and …/film/frames


class RevisionReply(Message):
    """passes: how often the picture has gone through a model. instead: when variants failed, who

    could do all of those; POST /v1/revisions/ID/instead asks it, with the same pixels.
    """

    id: str
    document: str
    created: float
    settled: bool
    title: str
    prompt: str
    model: str
    label: str
    usd: float
    document_cost: str  # so far, in words; "" when nothing was paid
    variants: tuple[VariantReply, ...]
    passes: int = 1
    parent: str = ""
    instead: Instead | None = None


# --- reading ---------------------------------------------------------------------------------

M = TypeVar("M", bound=Message)


def read_message(kind: type[M], text: bytes) -> M:
    """BadRequest names the first field that is wrong and why."""
    try:
        return kind.model_validate_json(text)
    except ValidationError as exc:
        raise BadRequest(first_complaint(exc.errors())) from exc


def first_complaint(errors: Any) -> str:
    """One sentence from a list of pydantic's complaints; never the value itself."""
    first = errors[0]
    place = ".".join(str(step) for step in first["loc"] if step != "body") or "the message"
    what = str(first["msg"]).removeprefix("Value error, ")
    return f"The message cannot be used: {place}: {what}."
