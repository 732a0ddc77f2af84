"""google-genai 3 makes a film by an interaction, waits for it and fetches its file.

    python google_omni.py URL FOLDER

Reads picture.png in FOLDER, writes film.mp4 there, prints JSON.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

from google import genai
from google.genai import types

URL, FOLDER = sys.argv[1], Path(sys.argv[2])


def main() -> None:
    options = types.HttpOptions(base_url=URL, timeout=60_000)
    client = genai.Client(api_key="key-of-the-test", http_options=options)
    shown = base64.b64encode((FOLDER / "picture.png").read_bytes()).decode()
    asked = client.interactions.create(
        model="gemini-omni-1.2-flash",
        background=True,
        input=[
            {"type": "text", "text": "she turns to camera"},
            {"type": "image", "data": shown, "mime_type": "image/png"},
        ],
        response_format={
            "type": "video",
            "aspect_ratio": "16:9",
            "resolution": "360p",
            "duration": "4s",
            "delivery": "uri",
        },
        generation_config={"video_config": {"task": "image_to_video"}},
    )
    seen = [asked.status]
    while seen[-1] in ("queued", "in_progress"):
        found = client.interactions.get(asked.id)
        seen.append(found.status)
    block = [step for step in found.steps if step.type == "model_output"][-1].content[0]
    (FOLDER / "film.mp4").write_bytes(client.files.download(file=block.uri))
    told = {"seen": seen, "kind": block.type, "tokens": found.usage.total_output_tokens}
    print(json.dumps({**told, "referred": referred(client, shown)}))


def referred(client: genai.Client, shown: str) -> str:
    """With a last frame and a reference, which the words bind to their roles; no task is named."""
    picture = {"type": "image", "data": shown, "mime_type": "image/png"}
    roles = (
        "[# Sources <FIRST_FRAME>@Image1 <LAST_FRAME>@Image2] [# References <IMAGE_REF_0>@Image3]"
    )
    asked = client.interactions.create(
        model="gemini-omni-1.2-flash",
        background=True,
        input=[{"type": "text", "text": f"{roles} she turns"}, picture, picture, picture],
        response_format={
            "type": "video", "aspect_ratio": "16:9", "resolution": "360p", "duration": "3s",
            "delivery": "uri",
        },
    )  # fmt: skip
    return asked.status


main()
