"""fal-client hands over a picture, edits it by the queue, cancels one job, reads two refusals, and

makes a film that is told where to end.

    python fal_queue.py URL FOLDER

Reads picture.png in FOLDER, writes edit.png and film.mp4 there, prints JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import httpx
from fal_client import client as fal

URL, FOLDER = sys.argv[1], Path(sys.argv[2])
# The client knows no other way to be told where its service is.
fal.QUEUE_URL_FORMAT, fal.REST_URL, fal.CDN_URL = f"{URL}/", URL, URL
ENDPOINT = "fal-ai/nano-banana/edit"
FILM = "fal-ai/veo3.1/fast/first-last-frame-to-video"


def main() -> None:
    asked = fal.SyncClient(key="key-of-the-test", default_timeout=60)
    handed = asked.upload((FOLDER / "picture.png").read_bytes(), "image/png", "picture.png")
    print(
        json.dumps(
            {
                "handed": handed,
                "edit": edit(asked, handed),
                "cancelled": cancelled(asked, handed),
                "wrong": refused(asked, {"prompt": "x"}),
                "flagged": flagged(asked, handed),
                "film": film(asked, handed),
            }
        )
    )


def wish(handed: str) -> dict[str, object]:
    return {
        "prompt": "replace the bag",
        "image_urls": [handed],
        "num_images": 1,
        "aspect_ratio": "auto",
        "output_format": "png",
    }


def edit(asked: fal.SyncClient, handed: str) -> dict[str, object]:
    job = asked.submit(ENDPOINT, wish(handed))
    seen = [type(status).__name__ for status in job.iter_events(with_logs=True, interval=0.05)]
    result = job.get()
    picture = httpx.get(result["images"][0]["url"], trust_env=False).content
    (FOLDER / "edit.png").write_bytes(picture)
    return {"seen": seen, "kind": result["images"][0]["content_type"]}


def cancelled(asked: fal.SyncClient, handed: str) -> str:
    job = asked.submit(ENDPOINT, wish(handed))
    job.cancel()
    return job.request_id


def film(asked: fal.SyncClient, handed: str) -> dict[str, object]:
    frames = {"first_frame_url": handed, "last_frame_url": handed}
    wished = {"prompt": "it turns", "duration": "4s", "resolution": "720p", "aspect_ratio": "16:9"}
    job = asked.submit(FILM, {**wished, **frames, "generate_audio": True})
    seen = [type(status).__name__ for status in job.iter_events(with_logs=True, interval=0.05)]
    made = job.get()["video"]
    (FOLDER / "film.mp4").write_bytes(httpx.get(made["url"], trust_env=False).content)
    return {"seen": seen, "kind": made["content_type"]}


def refused(asked: fal.SyncClient, arguments: dict[str, object]) -> dict[str, object]:
    try:
        asked.submit(ENDPOINT, arguments)
    except fal.FalClientHTTPError as exc:
        return {"status": exc.status_code, "said": str(exc)}
    return {}


def flagged(asked: fal.SyncClient, handed: str) -> dict[str, object]:
    job = asked.submit(ENDPOINT, wish(handed))
    try:
        job.get()
    except fal.FalClientError as exc:
        return {"kind": type(exc).__name__, "said": str(exc)}
    return {}


if __name__ == "__main__":
    main()
