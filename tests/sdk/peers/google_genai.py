"""google-genai edits a picture, is refused twice, and waits for an interaction.

    python google_genai.py URL FOLDER

Reads picture.png and other.png in FOLDER, writes edit.jpg and job.jpg there, prints JSON.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

from google import genai
from google.genai import errors, types

URL, FOLDER = sys.argv[1], Path(sys.argv[2])
MODEL = "gemini-nano-banana-2.1"
WISH = "Put the balloon of image 2 into image 1"
PICTURE = (FOLDER / "picture.png").read_bytes()
OTHER = (FOLDER / "other.png").read_bytes()


def main() -> None:
    client = genai.Client(
        api_key="key-of-the-test", http_options=types.HttpOptions(base_url=URL, timeout=60_000)
    )
    print(
        json.dumps(
            {
                "edit": edit(client),
                "blocked": blocked(client),
                "refused": refused(client),
                "job": job(client),
                "listed": [model.name for model in client.models.list(config={"page_size": 50})],
            }
        )
    )


def generate(client: genai.Client) -> types.GenerateContentResponse:
    return client.models.generate_content(
        model=MODEL,
        contents=[
            WISH,
            types.Part.from_bytes(data=PICTURE, mime_type="image/png"),
            types.Part.from_bytes(data=OTHER, mime_type="image/png"),
        ],
        config=types.GenerateContentConfig(
            response_modalities=["IMAGE"],
            candidate_count=1,
            seed=42,
            image_config=types.ImageConfig(aspect_ratio="4:3", image_size="1K"),
            thinking_config=types.ThinkingConfig(thinking_level="HIGH", include_thoughts=True),
            safety_settings=[
                types.SafetySetting(
                    category="HARM_CATEGORY_SEXUALLY_EXPLICIT", threshold="BLOCK_ONLY_HIGH"
                )
            ],
        ),
    )


def edit(client: genai.Client) -> dict[str, object]:
    response = generate(client)
    parts = response.candidates[0].content.parts
    pictures = [part.inline_data for part in parts if part.inline_data and not part.thought]
    (FOLDER / "edit.jpg").write_bytes(pictures[-1].data)
    usage = response.usage_metadata
    return {
        "drafts": sum(bool(part.inline_data and part.thought) for part in parts),
        "finish": response.candidates[0].finish_reason.name,
        "tokens": [usage.prompt_token_count, usage.candidates_token_count],
        "modality": usage.candidates_tokens_details[0].modality.name,
    }


def blocked(client: genai.Client) -> dict[str, object]:
    response = generate(client)
    return {"reason": response.prompt_feedback.block_reason.name, "parts": response.parts}


def refused(client: genai.Client) -> dict[str, object]:
    try:
        generate(client)
    except errors.ClientError as exc:
        return {"code": exc.code, "status": exc.status, "message": exc.message}
    return {}


def job(client: genai.Client) -> dict[str, object]:
    shown = [
        {"type": "text", "text": WISH},
        {"type": "image", "data": base64.b64encode(PICTURE).decode(), "mime_type": "image/png"},
    ]
    asked = client.interactions.create(
        model=MODEL,
        input=shown,
        response_format={
            "type": "image",
            "aspect_ratio": "4:3",
            "image_size": "1K",
            "mime_type": "image/jpeg",
            "delivery": "inline",
        },
        background=True,
        store=True,
    )
    seen = [asked.status]
    while seen[-1] in ("queued", "in_progress"):
        found = client.interactions.get(asked.id)
        seen.append(found.status)
    block = [step for step in found.steps if step.type == "model_output"][-1].content[0]
    (FOLDER / "job.jpg").write_bytes(base64.b64decode(block.data))
    return {"seen": seen, "tokens": found.usage.total_output_tokens, "block": block.type}


main()
