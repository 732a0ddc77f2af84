"""openai edits a picture with a mask, in one answer and as a stream, and is refused twice.

    python openai_images.py URL FOLDER

Reads picture.png, other.png and mask.png in FOLDER, writes edit.png and streamed.png there,
prints JSON.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

import openai

URL, FOLDER = sys.argv[1], Path(sys.argv[2])
PICTURE, OTHER, MASK = (FOLDER / name for name in ("picture.png", "other.png", "mask.png"))


def main() -> None:
    client = openai.OpenAI(api_key="key-of-the-test", base_url=f"{URL}/v1", max_retries=0)
    print(
        json.dumps(
            {
                "edit": edit(client),
                "stream": stream(client),
                "blocked": refused(client),
                "quota": refused(client),
                "listed": [model.id for model in client.models.list()],
            }
        )
    )


def edit(client: openai.OpenAI) -> dict[str, object]:
    response = client.images.edit(
        model="gpt-image-2.5-sunburst",
        image=[PICTURE, OTHER],
        mask=MASK,
        prompt="replace the bag",
        n=1,
        size="1024x768",
        quality="high",
        background="auto",
        output_format="png",
        safety_identifier="u1",
    )
    (FOLDER / "edit.png").write_bytes(base64.b64decode(response.data[0].b64_json))
    details = response.usage.input_tokens_details
    return {
        "size": response.size,
        "quality": response.quality,
        "tokens": [details.text_tokens, details.image_tokens, response.usage.output_tokens],
    }


def stream(client: openai.OpenAI) -> dict[str, object]:
    events = client.images.edit(
        model="gpt-image-2",
        image=PICTURE,
        prompt="replace the bag",
        size="1024x768",
        stream=True,
        partial_images=2,
    )
    seen, output = [], 0
    for event in events:
        seen.append(event.type)
        if event.type == "image_edit.completed":
            output = event.usage.output_tokens
            (FOLDER / "streamed.png").write_bytes(base64.b64decode(event.b64_json))
    return {"seen": seen, "output": output}


def refused(client: openai.OpenAI) -> dict[str, object]:
    try:
        client.images.edit(model="gpt-image-2", image=PICTURE, prompt="replace the bag")
    except openai.APIStatusError as exc:
        return {"kind": type(exc).__name__, "status": exc.status_code, "code": exc.code}
    return {}


main()
