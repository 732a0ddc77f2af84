"""google-genai 2 makes a film by the older shape, waits for it, fetches it, and sees one filtered.

    python google_veo.py URL FOLDER

Reads picture.png in FOLDER, writes film.mp4 there, prints JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from google import genai
from google.genai import types

URL, FOLDER = sys.argv[1], Path(sys.argv[2])
MODEL = "veo-3.1-generate-preview"


def main() -> None:
    options = types.HttpOptions(base_url=URL, api_version="v1beta", timeout=60_000)
    client = genai.Client(api_key="key-of-the-test", http_options=options)
    print(json.dumps({"film": film(client), "filtered": filtered(client)}))


def asked(client: genai.Client) -> types.GenerateVideosOperation:
    picture = types.Image(image_bytes=(FOLDER / "picture.png").read_bytes(), mime_type="image/png")
    return client.models.generate_videos(
        model=MODEL,
        prompt="she turns to camera",
        image=picture,
        config=types.GenerateVideosConfig(
            number_of_videos=1,
            duration_seconds=4,
            aspect_ratio="16:9",
            resolution="720p",
            person_generation="allow_adult",
            negative_prompt="text",
            last_frame=picture,
        ),
    )


def film(client: genai.Client) -> dict[str, object]:
    operation = asked(client)
    seen = []
    while not operation.done:
        operation = client.operations.get(operation)
        seen.append(bool(operation.done))
    video = operation.response.generated_videos[0].video
    (FOLDER / "film.mp4").write_bytes(client.files.download(file=video))
    return {"seen": seen, "name": operation.name}


def filtered(client: genai.Client) -> dict[str, object]:
    operation = asked(client)
    while not operation.done:
        operation = client.operations.get(operation)
    answer = operation.response
    return {
        "films": len(answer.generated_videos or ()),
        "count": answer.rai_media_filtered_count,
        "reasons": answer.rai_media_filtered_reasons,
    }


main()
