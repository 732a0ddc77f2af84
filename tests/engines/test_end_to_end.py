"""From the command line through bridge and emulator into a file: every two choices together, what

is planned around or refused, and where the key goes.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridge.catalog import load
from tests.engines.product import Case, World, pairwise, product, world

KEY = "sk-planted-0123456789abcdef"
CATALOG = load()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("product"), KEY) as made:
        yield made


def engine_of(case: Case) -> str:
    return CATALOG.model(case.path).engine


@pytest.mark.timeout(1200)
def test_every_two_choices_lead_to_layers_at_no_more_than_was_told(here: World) -> None:
    cases = pairwise(product(CATALOG), CATALOG)
    ended = list(here.run_all(cases))
    assert {one.case: one.wrong for one in ended} == dict.fromkeys(cases, "")


AROUND = [("large", "flux-2-pro"), ("wide", "flux-kontext-pro"), ("large", "nano-banana")]
AROUND += [("tall", "nano-banana-2.1"), ("wide", "seedream-5-pro"), ("tall", "gpt-image-2")]


@pytest.mark.parametrize(("photo", "path"), AROUND)
def test_a_size_or_shape_the_model_does_not_take_is_planned_around(
    here: World, photo: str, path: str
) -> None:
    case = Case(path, 0, 1, "")
    assert here.run(case, here.there[engine_of(case)], photo).wrong == ""


REFUSED = [
    (Case("flux-2-pro", 8, 1, ""), (), "FLUX.2 Pro takes 7 references; 8 are chosen"),
    (Case("flux-fill", 1, 1, ""), (), "FLUX Fill takes no references; 1 are chosen"),
    (Case("nano-banana-2.1", 0, 1, "8K"), (), "This model has no size 8K; it has 1K, 2K, 4K."),
    (Case("gpt-image-2", 0, 1, "max"), (), "This model has no size max; it has low, medium, high."),
    (Case("seedream-4.5", 0, 1, ""), ("--max-price", "0.01"), "more than --max-price allows"),
    (Case("flux-outpaint", 0, 1, ""), ("--select", "200,200,50,50"), "whole sides"),
]


@pytest.mark.parametrize(("case", "more", "sentence"), REFUSED)
def test_what_cannot_be_is_refused_in_a_sentence_before_anything_is_sent(
    here: World, case: Case, more: tuple[str, ...], sentence: str
) -> None:
    emulator = here.there[engine_of(case)]
    seen = len(emulator.seen)
    done = here.command(case, *more)
    assert done.code in (3, 4, 5)
    assert sentence in done.err
    assert len(emulator.seen) == seen


PATHS = {
    "gemini": "nano-banana",
    "bfl": "flux-2-pro",
    "ark": "seedream-5-pro",
    "openai": "gpt-image-2",
}
TROUBLES = ["key", "bad_request", "error"]


@pytest.mark.timeout(1200)
def test_the_key_is_nowhere_but_with_its_maker(here: World) -> None:
    """Everything written and everything said, after successes and every kind of failure, by

    makers that quote the key they were given.
    """
    said = ""
    for engine, path in PATHS.items():
        emulator = here.there[engine]
        emulator.quotes_the_key = True
        for trouble in sorted(emulator.troubles & set(TROUBLES)):
            emulator.script.then(*[trouble] * 9)
            done = here.command(Case(path, 0, 1, ""))
            emulator.script.left.clear()
            said += done.out + done.err
        emulator.quotes_the_key = False
    assert "(key)" in said  # it was quoted, and hidden
    assert KEY not in said
    written = [file for file in here.folder.rglob("*") if file.is_file()]
    assert here.home / "history.db" in written
    assert [file for file in written if KEY.encode() in file.read_bytes()] == []
