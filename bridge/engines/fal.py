"""fal: many makers' models behind one queue and one key, for pictures and for films.

Hand over what is large, submit, poll, fetch. The submission names the addresses to poll, to fetch
from and to cancel at, and they are used as they are. What was made lies at a delivery host that
needs no key and gets none. fal tells nobody what a job cost. What a request holds is said in
fal_request.py.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from typing import Any, ClassVar

from bridge.engines import encode, fetch, film, refusals
from bridge.engines.addresses import host_of
from bridge.engines.answers import (
    dig,
    json_object,
    maybe_json,
    nothing_there,
    rows,
    text,
    whole_number,
)
from bridge.engines.base import (
    Answer,
    Ask,
    Engine,
    Json,
    KeyIn,
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
from bridge.engines.fal_request import body_of, pictures_of
from bridge.engines.selected import objection_to
from bridge.errors import BridgeError, EngineError
from bridge.geometry import Box

BASE = "https://queue.fal.run"
STORAGE = "https://rest.fal.ai/storage/auth/token?storage_type=fal-cdn-v3"
KEEP_SECONDS = 86400  # how long fal keeps what is handed over
INLINE_BYTES = 4_000_000  # of all pictures of a request; what is more is handed over before
FULL_SECONDS = 5.0  # a short pause before a full queue is asked again
POLL_SECONDS = 1.0
POLLS = 1800
LOST_AFTER = 3  # answers in a row that know nothing of the job
IN_PLACE = ";lies=in-place"  # said in the media type, for `decode` sees nothing but the answer
REFUSED = frozenset({"content_policy_violation", "face_detection_error"})


class Fal(Engine):
    id: ClassVar[str] = "fal"
    label: ClassVar[str] = "fal"
    where: ClassVar[Where] = "hosted"
    usual_base: ClassVar[str] = BASE
    other_hosts: ClassVar[tuple[str, ...]] = (
        "*.fal.run",
        "*.fal.ai",
        "*.fal.media",
        "*.falrun.com",
    )
    key_name: ClassVar[str] = "fal"

    def objection(
        self, wish: Wish, *, selection: Box | None, whole: Box, facts: Mapping[str, Json]
    ) -> str:
        return objection_to(facts, selection, whole)

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        if ref is None:
            ref = yield from self._submit(ask)
            yield Submitted(ref)
        pause, polls = (POLL_SECONDS, POLLS)
        if ask.motion:
            pause, polls = (film.POLL_SECONDS, film.POLLS)
        yield from self._wait(str(ref["status"]), pause, polls)
        yield from self._fetch(ask, ref)

    def cancel(self, ref: Ref) -> Steps:
        yield from send(self._with_key("PUT", str(ref["cancel"])))

    def decode(self, raw: bytes, media_type: str) -> Answer:
        if media_type.startswith("video/"):
            return Answer(film.first_frame(raw, self.label), "re-rendered")
        pixels = encode.picture(raw, self.label)
        return Answer(pixels, "in place" if media_type.endswith(IN_PLACE) else "re-rendered")

    def patience(self, response: Response) -> float | None:
        if response.status != 429:
            return None
        return retry_after(response) or FULL_SECONDS

    # --- submit, poll, download ----------------------------------------------------------------

    def _submit(self, ask: Ask) -> Generator[Step, Any, Ref]:
        pictures = yield from self._addresses(pictures_of(ask))
        model, body = body_of(ask, pictures)
        request = self._with_key("POST", f"{self.base}/{model}", body)
        response = yield from send(request, usd=ask.usd)
        if response.status not in (200, 201, 202):
            raise self._refusal(response, ask)
        found = json_object(response.body, self.label)
        job = text(found, "request_id")
        if not job:
            raise refusals.no_picture(self.label)
        own = f"{self.base}/{'/'.join(model.split('/')[:2])}/requests/{job}"
        return {
            "id": job,
            "status": text(found, "status_url") or f"{own}/status",
            "response": text(found, "response_url") or own,
            "cancel": text(found, "cancel_url") or f"{own}/cancel",
        }

    def _addresses(
        self, pictures: list[tuple[str, encode.Encoded]]
    ) -> Generator[Step, Any, list[tuple[str, str]]]:
        """Each picture's field, and its data or where it was handed over."""
        if sum(len(one.data) for _, one in pictures) <= INLINE_BYTES:
            return [(field, one.data_url) for field, one in pictures]
        asked = Request("POST", STORAGE, json={}, key=KeyIn("Authorization", "Key {}"))
        response = yield from send(asked)
        if response.status in (401, 403):
            raise refusals.key_wrong(self.label)
        found = maybe_json(response.body)
        base, token = text(found, "base_url"), text(found, "token")
        if not base or not token:
            raise _not_handed_over(self.label)
        kept = json.dumps({"expiration_duration_seconds": KEEP_SECONDS})
        handed = []
        for field, one in pictures:
            headers = {
                "Authorization": f"{text(found, 'token_type') or 'Bearer'} {token}",
                "Content-Type": one.media_type,
                "X-Fal-File-Name": one.filename,
                "X-Fal-Object-Lifecycle": kept,
                "X-Fal-Object-Lifecycle-Preference": kept,
            }
            upload = Request("POST", f"{base}/files/upload", headers, content=one.data)
            response = yield from send(upload)
            address = text(maybe_json(response.body), "access_url")
            if not address:
                raise _not_handed_over(self.label)
            handed.append((field, address))
        return handed

    def _wait(self, status: str, pause: float, polls: int) -> Generator[Step, Any, None]:
        lost = 0
        for _ in range(polls):
            response = yield from send(self._with_key("GET", status))
            found = maybe_json(response.body)
            stands = text(found, "status")
            if stands == "COMPLETED":
                return
            if response.status in (401, 403):
                raise refusals.key_wrong(self.label)
            lost = lost + 1 if nothing_there(response.status) else 0
            if lost == LOST_AFTER:
                raise refusals.job_lost(self.label)
            yield Progress(note=_note(stands, found))
            yield Wait(pause)
        raise refusals.still_working(self.label, polls * pause / 60)

    def _fetch(self, ask: Ask, ref: Ref) -> Steps:
        """What was made; its address is asked for anew each time."""
        made: dict[str, Any] = {}

        def where() -> Generator[Step, Any, Request]:
            nonlocal made
            made = yield from self._result(ask, str(ref["response"]))
            url = text(made, "video", "url") if ask.motion else text(made, "images", 0, "url")
            if not url:
                nothing = film.no_film if ask.motion else refusals.no_picture
                raise nothing(self.label, charged="yes")
            return Request("GET", url)

        found = yield from (fetch.movie if ask.motion else fetch.picture)(self.label, where)
        lies = IN_PLACE if ask.facts.get("in_place") else ""
        yield Received(found.raw, found.kind + lies, seed=whole_number(made, "seed"))

    def _result(self, ask: Ask, url: str) -> Generator[Step, Any, dict[str, Any]]:
        response = yield from send(self._with_key("GET", url))
        if response.status != 200:
            raise self._job_refused(response)
        return json_object(response.body, self.label, "yes")

    def _with_key(self, method: str, url: str, body: Json = None) -> Request:
        """The key goes to the queue only, whatever address an answer names."""
        host = host_of(url)
        ours = host == self.host or host.endswith((".fal.run", ".falrun.com"))
        return Request(
            method, url, json=body, key=KeyIn("Authorization", "Key {}") if ours else None
        )

    # --- refusals --------------------------------------------------------------------------------

    def _refusal(self, response: Response, ask: Ask) -> EngineError:
        kind, said = _error(response.body)
        if kind in REFUSED:
            return refusals.content_refused(self.label, said, "no")
        match response.status:
            case 401:
                return refusals.key_wrong(self.label)
            case 402:
                return refusals.no_credit(self.label)
            case 403:
                if "balance" in said.lower() or "locked" in said.lower():
                    return refusals.no_credit(self.label)
                return refusals.key_not_allowed(self.label, ask.name)
            case 404:
                return refusals.model_gone(self.label, ask.name, ask.successor)
            case 413:
                return refusals.too_big(self.label)
            case 429:
                return refusals.too_many_now(self.label, retry_after(response))
            case 503:
                return refusals.busy(self.label)
        return refusals.not_accepted(self.label, said)

    def _job_refused(self, response: Response) -> BridgeError:
        """The job has ended badly; whether it is charged is not stated where we read."""
        kind, said = _error(response.body)
        if kind in REFUSED:
            return refusals.content_refused(self.label, said, "unknown")
        if response.status in (401, 403):
            return refusals.key_wrong(self.label)
        if response.status == 404:
            return refusals.expired(self.label)
        return refusals.failed(self.label, said)


ENGINE = Fal


# --- what comes back -----------------------------------------------------------------------------


def _note(stands: str, found: Any) -> str:
    if stands != "IN_QUEUE":
        return "being made"
    before = dig(found, "queue_position")
    return (
        f"in the queue, {before} before you"
        if isinstance(before, int) and before
        else "in the queue"
    )


def _error(body: bytes) -> tuple[str, str]:
    """Its type and what it says, "" where it says nothing."""
    found = maybe_json(body)
    details = rows(found, "detail")
    if not details:
        return text(found, "error_type"), text(found, "detail") or text(found, "error")
    wrong = details[0]
    place = dig(wrong, "loc", -1)
    said = text(wrong, "msg")
    return text(wrong, "type"), f"{place}: {said}" if isinstance(place, str) else said


def _not_handed_over(label: str) -> EngineError:
    return EngineError(
        f"{label} did not take the pictures; nothing was asked. Try again, or choose a smaller "
        "size.",
        charged="no",
    )
