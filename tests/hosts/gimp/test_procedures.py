"""The procedures as scripts and other plug-ins see them, without a window."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tests.hosts.gimp.artist import PATCH, area, layers, mask, names, opened, refusal, revise
from tests.hosts.running import Host
from tests.steps.polled import PolledServer

# Of our processes, or of our files: the run's own folder has such a name, too.
OURS_SAID = re.compile(r"redraft\.py|\(redraft|plug-ins/redraft/")
pytestmark = [pytest.mark.hosts, pytest.mark.timeout(600)]

README = Path(__file__).parents[3] / "README.md"
OURS = ("redraft-revise", "redraft-revise-again", "redraft-history", "redraft-window")


@pytest.mark.parametrize("name", OURS)
def test_a_procedure_and_all_its_arguments_are_documented(console: Host, name: str) -> None:
    about = console.do(
        f"one = hand.Gimp.get_pdb().lookup_procedure({name!r})\n"
        "result = [one.get_blurb(), one.get_help(), one.get_authors(), one.get_copyright(),"
        " one.get_date()]"
    )
    assert all(about)
    said = console.do(
        "result = [[spec.name, spec.nick, spec.blurb]"
        " for spec in [*one.get_arguments(), *one.get_return_values()]]"
    )
    assert len(said) >= 2
    for argument, nick, blurb in said:
        assert nick, argument
        assert len(blurb) > 5, argument


def test_only_what_a_script_was_told_may_cost_is_spent(console: Host, paid: PolledServer) -> None:
    opened(console, box=(20, 10, 130, 110))
    before = paid.submitted
    said = refusal(console, model="polled", max_price=0.04)
    assert "Polled costs $0.05, more than the max-price of 0.04" in said
    assert (paid.submitted, len(layers(console))) == (before, 1)
    revise(console, model="polled", max_price=0.05)
    assert (paid.submitted, len(layers(console))) == (before + 1, 2)


@pytest.mark.parametrize(("feather", "levels"), [(0, range(2, 3)), (12, range(9, 256))])
def test_the_edge_is_as_soft_as_a_script_says(console: Host, feather: int, levels: range) -> None:
    opened(console)
    revise(console, feather=feather)
    left, top, right, bottom = area(console)
    found = mask(console, PATCH, (right - left, bottom - top))
    assert len(np.unique(found)) in levels


def test_a_script_shows_files_as_references(console: Host) -> None:
    opened(console)
    path = console.do(
        "from gi.repository import Gio\n"
        "red = hand.open_picture(40, 30, drawn=lambda w, h, *_: b'\\xff\\x00\\x00' * (w * h))\n"
        "path = Gio.File.new_for_path(str(folder / 'red.png'))\n"
        "hand.Gimp.file_save(hand.Gimp.RunMode.NONINTERACTIVE, red, path, None)\n"
        "red.delete()\nresult = str(folder / 'red.png')"
    )
    said = refusal(console, model="heard", references=f"{path}\n{path}\n")
    assert "Shown ff0000. Shown ff0000." in said
    said = refusal(console, model="heard", references="/nowhere/gone.png")
    assert "“gone.png” cannot be opened" in said


def test_a_refusal_of_the_model_is_the_callers_sentence(console: Host) -> None:
    opened(console)
    assert "say it in other words" in refusal(console, model="failing")
    assert len(layers(console)) == 1


def test_what_a_script_asks_for_reaches_the_model(console: Host) -> None:
    opened(console)
    said = refusal(
        console,
        prompt="a red hat",
        model="heard",
        helper="replace",
        how_far="touch",
        keep="palette, identity",
        seed=7,
    )
    assert "a red hat | replace | touch | palette+identity | 7" in said


def test_several_variants_come_back_as_layers_of_a_group(console: Host) -> None:
    opened(console)
    assert len(revise(console, variants=2)) == 2
    (group, _) = layers(console)
    assert len(group[2]) == 2


def test_history_lists_and_places_once_more(console: Host) -> None:
    opened(console)
    revise(console)
    console.do("img.remove_layer(img.get_layers()[0])")
    (row,) = console.do("result = list(hand.call('redraft-history', img).index(1))", 60)
    id, states, model, title = row.split("\t")
    assert (states, model, title) == ("delivered", "Known", "the negative")
    console.do(f"hand.call('redraft-history', img, revision={id!r})", 60)
    assert names(console) == ["the negative · Known", "Background"]


def test_the_line_of_script_fu_in_the_readme_revises_a_file(console: Host) -> None:
    """As it stands there, with this run's paths; run by GIMP's own Script-Fu interpreter."""
    (line,) = re.findall(r"^(\(let\* .*redraft-revise.*\))'$", README.read_text(), re.MULTILINE)
    opened(console)
    console.do(
        "from gi.repository import Gio\n"
        "def save(name):\n"
        "    file = Gio.File.new_for_path(str(folder / name))\n"
        "    hand.Gimp.file_save(hand.Gimp.RunMode.NONINTERACTIVE, img, file, None)\n"
        "save('photo.xcf')"
    )
    script = line.replace("photo.jpg", f"{console.inside}/photo.xcf")
    script = script.replace("revised.xcf", f"{console.inside}/revised.xcf")
    console.do(
        "run = hand.Gimp.get_pdb().lookup_procedure('plug-in-script-fu-eval')\n"
        "config = run.create_config()\nconfig.set_property('script', " + repr(script) + ")\n"
        "config.set_property('run-mode', hand.Gimp.RunMode.NONINTERACTIVE)\n"
        "run.run(config)",
        60,
    )
    console.do(
        "img = hand.Gimp.file_load(hand.Gimp.RunMode.NONINTERACTIVE,"
        " Gio.File.new_for_path(str(folder / 'revised.xcf')))"
    )
    assert len(layers(console)) == 2


def test_nothing_of_ours_warns_on_the_console(console: Host) -> None:
    """Of what our calls add, and of what names us since GIMP started, refusals alone are left."""
    opened(console)
    before = len(console.log())
    revise(console)
    refusal(console, model="failing")
    console.do("hand.call('redraft-history', img)", 60)
    assert told(console.log()[before:]) == []
    assert [line for line in told(console.log()) if OURS_SAID.search(line)] == []


def told(log: str) -> list[str]:
    """Lines of a log, without the refusals, which GIMP tells every caller."""
    refused = r"(?m)^GIMP-Error: Calling error for procedure 'redraft[^\n]*\n[^\n]*\n"
    return [line for line in re.sub(refused, "", log).splitlines() if line.strip()]
