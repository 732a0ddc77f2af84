"""openai makes a film by /v1/videos, waits for it, fetches it, and is refused twice.

    python openai_videos.py URL FOLDER

Reads picture.png in FOLDER, writes film.mp4 there, prints JSON.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import openai

URL, FOLDER = sys.argv[1], Path(sys.argv[2])
warnings.simplefilter("ignore", DeprecationWarning)  # the client says itself that these are gone


def main() -> None:
    client = openai.OpenAI(api_key="key-of-the-test", base_url=f"{URL}/v1", max_retries=0)
    print(
        json.dumps(
            {
                "film": film(client),
                "mismatch": refused(client, "720x1280"),
                "blocked": refused(client, "1280x720"),
            }
        )
    )


def asked(client: openai.OpenAI, size: str) -> openai.types.Video:
    return client.videos.create(
        model="sora-2",
        prompt="she turns",
        seconds="4",
        size=size,
        input_reference=FOLDER / "picture.png",
    )


def film(client: openai.OpenAI) -> dict[str, object]:
    job = asked(client, "1280x720")
    seen = [(job.status, job.progress)]
    while job.status in ("queued", "in_progress"):
        job = client.videos.retrieve(job.id)
        seen.append((job.status, job.progress))
    client.videos.download_content(job.id, variant="video").write_to_file(FOLDER / "film.mp4")
    gone = client.videos.delete(job.id)
    return {"seen": seen, "seconds": job.seconds, "size": job.size, "deleted": gone.deleted}


def refused(client: openai.OpenAI, size: str) -> dict[str, object]:
    try:
        asked(client, size)
    except openai.APIStatusError as exc:
        return {"status": exc.status_code, "code": exc.code, "said": exc.body["message"]}
    return {}


main()
