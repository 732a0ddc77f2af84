"""Everything that can be refused, and how it is said.

    BridgeError                     what we can explain to the artist
    ├── BadRequest          400     the message or the pixels make no sense
    ├── NotAllowed          403     the caller may not talk to the bridge
    ├── NotFound            404     no such revision, layer, model
    ├── Conflict            409     not possible in the state it is in
    │   ├── OverLimit       409     it would pass a limit of spending the artist set
    │   └── NotAgreed       409     where it goes or what it costs has not been agreed to
    ├── TooBig              413     more pixels or bytes than we take
    ├── Unsupported         422     understood, but this cannot be done with it
    ├── HomeTrouble         507     the folder of revisions: locked, full, read-only, damaged
    └── EngineError         502     the model's side; says whether it was charged
        ├── ContentRefused  422
        ├── KeyMissing      401
        ├── KeyWrong        401
        ├── NoCredit        402
        ├── TooMany         429
        ├── TooBigForModel  413
        ├── ModelGone       410
        ├── Busy            503
        ├── Unreachable     502
        ├── Nonsense        502
        ├── Cancelled       409     the artist said so, after the provider had it
        └── UnknownFate     504     sent and perhaps paid; never sent again by itself

Anything else that is raised is a bug and keeps its traceback. A sentence says who, what, with
the value; then what to do. It never holds a key or a raw body.
"""

from __future__ import annotations

from typing import ClassVar, Literal

Charged = Literal["no", "yes", "unknown"]


class BridgeError(Exception):
    """Explainable to the artist: `code` for programs, `sentence` for people."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class BadRequest(BridgeError):
    code = "bad_request"
    status = 400


class NotAllowed(BridgeError):
    code = "not_allowed"
    status = 403


class NotFound(BridgeError):
    code = "not_found"
    status = 404


class Conflict(BridgeError):
    code = "conflict"
    status = 409


class OverLimit(Conflict):
    code = "over_limit"


class NotAgreed(Conflict):
    code = "not_agreed"


class TooBig(BridgeError):
    code = "too_big"
    status = 413


class Unsupported(BridgeError):
    code = "unsupported"
    status = 422


class HomeTrouble(BridgeError):
    code = "home_trouble"
    status = 507


class EngineError(BridgeError):
    """The model's side failed. `charged`: what we know of the money."""

    code = "engine_failed"
    status = 502
    usually_charged: ClassVar[Charged] = "no"

    def __init__(self, sentence: str, *, charged: Charged | None = None) -> None:
        super().__init__(sentence)
        self.charged: Charged = charged or self.usually_charged


class ContentRefused(EngineError):
    code = "content_refused"
    status = 422


class KeyMissing(EngineError):
    code = "key_missing"
    status = 401


class KeyWrong(EngineError):
    code = "key_wrong"
    status = 401


class NoCredit(EngineError):
    code = "no_credit"
    status = 402


class TooMany(EngineError):
    code = "too_many"
    status = 429


class TooBigForModel(EngineError):
    code = "too_big_for_model"
    status = 413


class ModelGone(EngineError):
    code = "model_gone"
    status = 410


class Busy(EngineError):
    code = "busy"
    status = 503


class Unreachable(EngineError):
    code = "unreachable"
    status = 502


class Nonsense(EngineError):
    """The provider answered, but not with what it promises."""

    code = "nonsense"
    status = 502
    usually_charged = "unknown"


class Cancelled(EngineError):
    code = "cancelled"
    status = 409
    usually_charged = "unknown"


class UnknownFate(EngineError):
    """A paid request left us and no answer came: it may have been charged."""

    code = "unknown_fate"
    status = 504
    usually_charged = "unknown"
