"""Black Forest Labs' FLUX models: submit, poll, download.

The submission names an address to poll, often in another region than the one that was asked; the
finished picture lies for some minutes at a delivery host, which never gets the key.

Facts of a catalogue row, all optional; without any, the row is asked as FLUX.2 is:

    picture     field of the picture ("input_image")
    reference   field of further pictures, from {} = 2 on ("input_image_{}"; "" = takes none)
    mask        field of the mask, white where it repaints ("" = takes none)
    size        "edges" (width, height), "aspect" (aspect_ratio), "canvas" (what is selected lies
                beyond the picture's edges) or "" (that of the picture)
    words       "instruct", "describe", "optional" (described, when the artist wrote any) or ""
                (takes none)
    in_place    true: what is not repainted stays where it is
    budget      pixels of all pictures together, in and out
    fixed       fields that are always the same
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from typing import Any, ClassVar

from bridge.engines import encode, fetch, refusals
from bridge.engines.addresses import host_of
from bridge.engines.answers import (
    amount,
    dig,
    json_object,
    maybe_json,
    nothing_there,
    text,
    whole_number,
)
from bridge.engines.base import (
    Answer,
    Ask,
    Engine,
    Json,
    KeyIn,
    Listed,
    Progress,
    Received,
    Ref,
    Request,
    Response,
    Step,
    Steps,
    Submitted,
    Wait,
    Where,
    Wish,
    retry_after,
    send,
)
from bridge.engines.prompts import describe, instruct
from bridge.engines.selected import known_span, mask_of, objection_to
from bridge.engines.shrink import shrunk
from bridge.errors import BridgeError, EngineError
from bridge.geometry import Box
from bridge.pixels import Array

BASE = "https://api.bfl.ai"
OLD_DELIVERY = "bfldeliveryprod.blob.core.windows.net"
USD_PER_CREDIT = 0.01
MOST_BYTES = 15_000_000  # of one picture; base64 adds a third
MOST_REFERENCE_PIXELS = 1024 * 1024  # what the price before the click counts for each
FIRST_POLLS = (0.25, 0.5)  # seconds; the smallest models are done by then
POLL_SECONDS = 1.0
POLLS = 900  # a quarter of an hour
ACTIVE_TASKS_SECONDS = 5.0  # a short pause before a full account is asked again
LOST_AFTER = 3  # answers in a row that know nothing of the job: regions learn of it late

MODERATED = frozenset({"Request Moderated", "Content Moderated"})
FAILED = frozenset({"Error", "Failed"})
LOST = "Task not found"
IN_PLACE = ";lies=in-place"  # said in the media type, for `decode` sees nothing but the answer


class Bfl(Engine):
    id: ClassVar[str] = "bfl"
    label: ClassVar[str] = "Black Forest Labs"
    where: ClassVar[Where] = "hosted"
    usual_base: ClassVar[str] = BASE
    regions: ClassVar[Mapping[str, str]] = {
        "eu": "https://api.eu.bfl.ai",
        "us": "https://api.us.bfl.ai",
    }
    other_hosts: ClassVar[tuple[str, ...]] = ("*.bfl.ai", OLD_DELIVERY)
    key_name: ClassVar[str] = "bfl"

    def objection(
        self, wish: Wish, *, selection: Box | None, whole: Box, facts: Mapping[str, Json]
    ) -> str:
        return objection_to(facts, selection, whole)

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        if ref is None:
            ref = yield from self._submit(ask)
            yield Submitted(ref)
        job: dict[str, Any] = {}

        def where() -> Generator[Step, Any, Request]:
            """Asked for anew each time: an address serves for some minutes only."""
            nonlocal job
            job = yield from self._result(ref)
            sample = text(job, "result", "sample")
            if not sample:
                raise refusals.no_picture(self.label, charged="yes")
            return Request("GET", sample)

        found = yield from fetch.picture(self.label, where, "within ten minutes that is free")
        yield Received(
            found.raw,
            found.kind + IN_PLACE if ask.facts.get("in_place") else found.kind,
            usd=_usd(ref),
            seed=whole_number(job, "result", "seed"),
        )

    def live(self) -> Generator[Step, Any, Listed]:
        """There is no list of models; the credit that is left says that the key is taken."""
        response = yield from send(self._with_key("GET", f"{self.base}/v1/credits"))
        if response.status != 200:
            raise refusals.not_listed(self.label, response)
        credits = amount(json_object(response.body, self.label, "no"), "credits")
        if credits is None:
            return Listed()
        return Listed(note=f"{credits:g} credits (${credits * USD_PER_CREDIT:.2f}) are left.")

    def decode(self, raw: bytes, media_type: str) -> Answer:
        pixels = encode.picture(raw, self.label)
        return Answer(pixels, "in place" if media_type.endswith(IN_PLACE) else "re-rendered")

    def patience(self, response: Response) -> float | None:
        if response.status != 429:
            return None
        return retry_after(response) or ACTIVE_TASKS_SECONDS

    # --- submit, poll, download ----------------------------------------------------------------

    def _submit(self, ask: Ask) -> Generator[Step, Any, Ref]:
        url = f"{self.base}/v1/{ask.model}"
        response = yield from send(self._with_key("POST", url, _body(ask)), usd=ask.usd)
        if response.status != 200:
            raise self._refusal(response, ask)
        found = json_object(response.body, self.label)
        job = text(found, "id")
        if not job:
            raise refusals.no_picture(self.label)
        poll = text(found, "polling_url") or f"{self.base}/v1/get_result?id={job}"
        return {"id": job, "poll": poll, "credits": amount(found, "cost")}

    def _result(self, ref: Ref) -> Generator[Step, Any, dict[str, Any]]:
        """The finished job; its picture may be fetched for some minutes."""
        lost = 0
        for count in range(POLLS):
            response = yield from send(self._with_key("GET", str(ref["poll"])))
            found = maybe_json(response.body)  # a failed job may be told under an error status
            status = text(found, "status")
            if status == "Ready":
                return dict(found)
            if status in MODERATED or status in FAILED:
                raise self._job_refused(status, found)
            if response.status in (401, 403):
                raise refusals.key_wrong(self.label)
            lost = lost + 1 if status == LOST or nothing_there(response.status) else 0
            if lost == LOST_AFTER:
                raise refusals.job_lost(self.label)
            yield Progress(amount(found, "progress"), note=status.lower())
            yield Wait(FIRST_POLLS[count] if count < len(FIRST_POLLS) else POLL_SECONDS)
        raise refusals.still_working(self.label, POLLS * POLL_SECONDS / 60)

    def _with_key(self, method: str, url: str, body: Json = None) -> Request:
        """The key goes to the API only, whatever address an answer names."""
        host = host_of(url)
        ours = host == self.host or host.endswith(".bfl.ai")
        return Request(method, url, json=body, key=KeyIn("x-key") if ours else None)

    # --- refusals --------------------------------------------------------------------------------

    def _refusal(self, response: Response, ask: Ask) -> EngineError:
        said = _said(response.body)
        match response.status:
            case 401 | 403:
                return refusals.key_wrong(self.label)
            case 402:
                return refusals.no_credit(self.label)
            case 404:
                return refusals.model_gone(self.label, ask.name, ask.successor)
            case 413:
                return refusals.too_big(self.label)
            case 429:
                return refusals.too_many_now(self.label, retry_after(response))
        return refusals.not_accepted(self.label, said)

    def _job_refused(self, status: str, found: Any) -> BridgeError:
        """Whether a job that was refused or failed is charged is not stated where we read."""
        if status in MODERATED:
            reasons = dig(found, "details", "Moderation Reasons")
            first = str(reasons[0]) if isinstance(reasons, list) and reasons else ""
            return refusals.content_refused(self.label, first or status, "unknown")
        return refusals.failed(self.label, text(found, "details", "error"))


ENGINE = Bfl


# --- what is sent --------------------------------------------------------------------------------


def _body(ask: Ask) -> Json:
    facts = ask.facts
    body: dict[str, Json] = {"output_format": "png"}
    fixed = facts.get("fixed")
    if isinstance(fixed, dict):
        body.update(fixed)
    words = _words(ask)
    if words is not None:
        body["prompt"] = words
    if ask.seed is not None:
        body["seed"] = ask.seed
    return {**body, **_pictures(ask), **_size(ask)}


def _words(ask: Ask) -> str | None:
    """None: this model is told nothing."""
    match ask.facts.get("words", "instruct"):
        case "instruct":
            return instruct(ask)
        case "describe":
            return describe(ask)
        case "optional":
            return describe(ask) if ask.wish.prompt.strip() else None
    return None


def _pictures(ask: Ask) -> dict[str, Json]:
    """Raw base64; no data URL, which this API does not promise to read."""
    facts = ask.facts
    known = ask.picture[known_span(ask)] if facts.get("size") == "canvas" else ask.picture
    sent: dict[str, Json] = {str(facts.get("picture", "input_image")): _encoded(known)}
    if facts.get("mask"):
        sent[str(facts["mask"])] = encode.png(mask_of(ask)).base64
    field = str(facts.get("reference", "input_image_{}"))
    if field:
        most = _reference_pixels(ask)
        for number, reference in enumerate(ask.references, start=2):
            sent[field.format(number)] = _encoded(shrunk(reference, most))
    return sent


def _encoded(pixels: Array) -> str:
    return encode.fitting(pixels, MOST_BYTES, Bfl.label).base64


def _reference_pixels(ask: Ask) -> int:
    """What the budget leaves to each reference, after the picture on its way in and out."""
    budget = ask.facts.get("budget")
    if not isinstance(budget, int) or not ask.references:
        return MOST_REFERENCE_PIXELS
    left = (budget - 2 * ask.size.pixels) // len(ask.references)
    return min(MOST_REFERENCE_PIXELS, left)


def _size(ask: Ask) -> dict[str, Json]:
    size = ask.size
    match ask.facts.get("size", "edges"):
        case "edges":
            return {"width": size.width, "height": size.height}
        case "aspect":
            part = math.gcd(size.width, size.height)
            return {"aspect_ratio": f"{size.width // part}:{size.height // part}"}
        case "canvas":
            rows, columns = known_span(ask)
            return {
                "width": size.width,
                "height": size.height,
                "reference_offset_x": columns.start,
                "reference_offset_y": rows.start,
            }
    return {}


# --- what comes back -----------------------------------------------------------------------------


def _usd(ref: Ref) -> float | None:
    credits = ref.get("credits")
    return credits * USD_PER_CREDIT if isinstance(credits, (int, float)) else None


def _said(body: bytes) -> str:
    """The provider's reason: a sentence, or the first field it found wrong and why."""
    found = maybe_json(body)
    wrong = dig(found, "detail", 0)
    if wrong is None:
        return text(found, "detail") or text(found, "message")
    place = dig(wrong, "loc", -1)
    return f"{place}: {text(wrong, 'msg')}" if isinstance(place, str) else text(wrong, "msg")
