"""BytePlus' or Volcengine's client edits a picture, as one answer and as a stream, and is refused.

    python ark_images.py URL FOLDER

Reads picture.png and other.png in FOLDER, writes edit.png and streamed.jpg there, prints JSON.
"""

from __future__ import annotations

import base64
import json
import sys
import urllib.request
from pathlib import Path

try:
    from byteplussdkarkruntime import Ark
    from byteplussdkarkruntime._exceptions import ArkAPIError

    PRO, LITE = "dola-seedream-5-0-pro-260628", "seedream-5-0-260128"
except ImportError:
    from volcenginesdkarkruntime import Ark
    from volcenginesdkarkruntime._exceptions import ArkAPIError

    PRO, LITE = "doubao-seedream-5-0-pro-260628", "doubao-seedream-5-0-260128"

URL, FOLDER = sys.argv[1], Path(sys.argv[2])
WISH = "Put the balloon of image 2 into image 1"


def main() -> None:
    client = Ark(api_key="key-of-the-test", base_url=f"{URL}/api/v3", max_retries=0)
    print(
        json.dumps(
            {
                "edit": edit(client),
                "stream": stream(client),
                "partial": partial(client),
                "blocked": refused(client),
                "quota": refused(client),
                "listed": listed(client),
            }
        )
    )


def shown(name: str) -> str:
    data = base64.b64encode((FOLDER / name).read_bytes()).decode()
    return f"data:image/png;base64,{data}"


def generate(client: Ark) -> object:
    return client.images.generate(
        model=PRO,
        prompt=WISH,
        image=[shown("picture.png"), shown("other.png")],
        size="1280x960",
        seed=7,
        watermark=False,
        response_format="url",
        output_format="png",
    )


def edit(client: Ark) -> dict[str, object]:
    response = generate(client)
    (picture,) = response.data
    with urllib.request.urlopen(picture.url, timeout=60) as delivered:
        (FOLDER / "edit.png").write_bytes(delivered.read())
    return {"size": picture.size, "generated": response.usage.generated_images}


def stream(client: Ark) -> dict[str, object]:
    events = client.images.generate(
        model=LITE,
        prompt=WISH,
        image=shown("picture.png"),
        size="2304x1728",
        watermark=False,
        response_format="b64_json",
        stream=True,
    )
    seen, generated = [], 0
    for event in events:
        seen.append(event.type)
        if event.type == "image_generation.partial_succeeded":
            (FOLDER / "streamed.jpg").write_bytes(base64.b64decode(event.b64_json))
        if event.type == "image_generation.completed":
            generated = event.usage["generated_images"]  # this client leaves it as it came
    return {"seen": seen, "generated": generated}


def partial(client: Ark) -> dict[str, object]:
    response = generate(client)
    error = response.data[0].error  # this client leaves it as it came, too
    return {"code": error["code"], "generated": response.usage.generated_images}


def listed(client: Ark) -> list[str]:
    """It has no method for the list, but asks any path with its key."""
    found = client.get("/models", cast_to=object)
    return [row["id"] for row in found["data"]]


def refused(client: Ark) -> dict[str, object]:
    try:
        generate(client)
    except ArkAPIError as exc:
        return {"kind": type(exc).__name__, "status": exc.status_code, "code": exc.code}
    return {}


main()
