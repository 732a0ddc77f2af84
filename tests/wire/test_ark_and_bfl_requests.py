"""What we send to Ark and to Black Forest Labs, held against what clients really sent.

Ark's is its official client, byteplus-python-sdk-v2 3.0.63. Black Forest Labs has none; theirs is
@ai-sdk/black-forest-labs 1.0.33, which is wrong where its maker's OpenAPI file says so.
"""

from __future__ import annotations

import pytest

from bridge.engines.ark import Ark
from bridge.engines.bfl import Bfl
from bridge.geometry import Size
from tests.emulators.ark import ArkEmulator
from tests.emulators.bfl import BflEmulator
from tests.engines.asking import Stage, ask_of, hole, revise, scene
from tests.wire.compare import check, recorded, sent

SQUARE = Size(1024, 1024)
LARGE = Size(2048, 2048)
LENT = (scene(Size(64, 64)),)
JSON_ONLY = ("*/*, not application/json", "an answer may be a picture or JSON")
# The recording's client runs in a browser's manner.
OF_A_BROWSER = {
    "header.accept-language": ("without *", "no language is asked for"),
    "header.sec-fetch-mode": ("without cors", "we are no browser"),
}


def test_an_edit_by_ark(theatre: tuple[Stage, str]) -> None:
    theatre[0].on = there = ArkEmulator()
    revise(Ark(), ask_of("seedream-4.5", size=LARGE, references=LENT), theatre[1], silence=60)
    reasons = {
        "header.accept": JSON_ONLY,
        "header.x-client-request-id": ("without <id>", "nobody would look it up"),
        "body.size": ("2048x2048, not 2K", "the plan has found the exact size"),
        "body.seed": ("without 1", "this model does not keep to one"),
        "body.optimize_prompt_options.mode": ("without standard", "it is the usual one"),
        "body.sequential_image_generation": (
            "disabled, not auto",
            "one request is one picture, and one charge",
        ),
        "body.sequential_image_generation_options.max_images": ("without 2", "as above"),
        "body.tools.0.type": ("without web_search", "an edit needs no web, and pays for none"),
        "body.output_format": ("without png", "this model refuses the field"),
        "body.layer_decomposition": ("without False", "it is off when nothing is said"),
    }
    check(sent(there.seen[0]), recorded("byteplus_ark_images", 0), reasons)


def test_an_edit_by_ark_as_a_stream(theatre: tuple[Stage, str]) -> None:
    theatre[0].on = there = ArkEmulator()
    revise(Ark(), ask_of("seedream-4.5", size=LARGE), theatre[1], silence=60)
    reasons = {
        "header.accept": JSON_ONLY,
        "header.x-client-request-id": ("without <id>", "nobody would look it up"),
        "body.watermark": ("with False", "nothing is stamped on the artist's picture"),
        "body.sequential_image_generation": ("with disabled", "one request is one picture"),
        "body.stream": (
            "without True",
            "one answer brings an address that serves for a day and is found again after a crash",
        ),
    }
    check(sent(there.seen[0]), recorded("byteplus_ark_images", 1), reasons)


@pytest.fixture
def bfl(theatre: tuple[Stage, str]) -> BflEmulator:
    theatre[0].on = emulator = BflEmulator()
    return emulator


def test_an_edit_by_flux(theatre: tuple[Stage, str], bfl: BflEmulator) -> None:
    ask = ask_of("flux-2-pro", size=SQUARE, seed=42, references=LENT)
    revise(Bfl(), ask, theatre[1], silence=60)
    check(sent(bfl.seen[0]), recorded("bfl_submit_poll_download", 0), OF_A_BROWSER)


def test_a_poll_of_flux(theatre: tuple[Stage, str], bfl: BflEmulator) -> None:
    revise(Bfl(), ask_of("flux-2-pro", size=SQUARE), theatre[1], silence=60)
    ours = sent(bfl.seen[1])
    ours["path"] = ours["path"].replace("job-000001", "4a1b")
    check(ours, recorded("bfl_submit_poll_download", 1), OF_A_BROWSER)


def test_a_download_of_flux(theatre: tuple[Stage, str], bfl: BflEmulator) -> None:
    revise(Bfl(), ask_of("flux-2-pro", size=SQUARE), theatre[1], silence=60)
    ours, theirs = sent(bfl.seen[2]), recorded("bfl_submit_poll_download", 3)
    ours["path"] = theirs["path"]  # the provider's own address, unchanged
    reasons = {
        **OF_A_BROWSER,
        "header.x-key": (
            "without PLACEHOLDER",
            "the delivery host gets no key; this client sends it there by mistake",
        ),
    }
    check(ours, theirs, reasons)


def test_a_fill_by_flux(theatre: tuple[Stage, str], bfl: BflEmulator) -> None:
    ask = ask_of("flux-fill", size=SQUARE, mask=hole(SQUARE, (300, 300, 700, 700)))
    revise(Bfl(), ask, theatre[1], silence=60)
    reasons = {
        **OF_A_BROWSER,
        "body.image": ("with <picture>", "so it is named in the maker's OpenAPI file"),
        "body.input_image": ("without <picture>", "this client has it wrong for this model"),
        "body.output_format": ("with png", "PNG loses nothing"),
        "body.safety_tolerance": ("with 2", "the maker's own middle, said aloud"),
    }
    check(sent(bfl.seen[0]), recorded("bfl_submit_poll_download", 4), reasons)
