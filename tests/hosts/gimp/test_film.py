"""A film in the real GIMP: animated by the visible controls, saved beside, its frames as layers."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import av
import cv2
import numpy as np
import pytest
from PIL import Image, ImageSequence

from tests.emulators.fal import FalEmulator
from tests.engines.asking import KEY
from tests.hosts.gimp.artist import PATIENCE, Pixels, array, layers, names, seen
from tests.hosts.gimp.screen import Screen

pytestmark = [pytest.mark.hosts, pytest.mark.timeout(600)]

WIDE, TALL = 480, 360
BOX = (120, 60, 440, 240)  # left, top, right, bottom
STEP = 6
FILM = "it turns · Gemini Omni 1.1"
GREET = "ours = hand.window()\nours._key_came(ours.client.get('/v1/hello'))"
SAVED = """
from gi.repository import Gio
file = Gio.File.new_for_path(str(folder / 'sea.xcf'))
hand.Gimp.file_save(hand.Gimp.RunMode.NONINTERACTIVE, img, file, None)
img.set_file(file)
"""
NEWEST = "max(hand.Gimp.get_images(), key=lambda one: one.get_id())"
DIALOG = """
from gi.repository import Gtk
dialog = next(one for one in Gtk.Window.list_toplevels() if one.get_name() == 'frames_dialog')
"""
# Beside what the dialog chooses: the same part of the film as the bridge gives it.
AGAIN = """
from redraft.film import film_of
front = hand.window().result.front()
film = film_of(front.revision, front.said)
cut = dialog.cut
hand.window().client.download(film.frames_address(cut), folder / 'again.zip')
result = [film.left, film.top, film.width, film.height, film.rate, cut.count]
"""
EXPORTED = """
from gi.repository import Gio
procedure = hand.Gimp.get_pdb().lookup_procedure('file-webp-export')
config = procedure.create_config()
config.set_property('image', made)
config.set_property('file', Gio.File.new_for_path(str(folder / 'turns.webp')))
for name in ('animation', 'lossless'):
    config.set_property(name, True)
procedure.run(config)
"""


# Frames of random pixels become layers of a picture of any kind, in our own window.
KINDS = """
import random
from redraft.film import Cut, Film
from redraft.png import Frame
from redraft.reel import Origin
random.seed(2)
pixels = bytes(random.randrange(256) for _ in range(40 * 30 * 3))
class Reel:
    def frame(self, at):
        return Frame(40, 30, pixels, profile)
profile = b""
film = Film("", 1, 24.0, 1 / 24, 0.0, 7, 5, 40, 30, 4800)
motion = hand.window().canvas.motion
def last(steps):
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return done.value
picture = hand.open_picture(80, 60, {precision!r}, profile={profile!r})
(layer,) = last(motion.layers(picture, film, Reel(), ["one (42ms)"]))
picture.insert_layer(layer, None, 0)
profile = bytes(picture.get_effective_color_profile().get_icc_profile())
origin = Origin("/v1/revisions/none/variants/0", "", Cut(0, 1, 1))
made = last(motion.picture(Reel(), ["one (42ms)"], origin))
same = made.get_effective_color_profile().is_equal(picture.get_effective_color_profile())
result = [
    hand.base64.b64encode(pixels).decode(), hand.pixels(layer), hand.pixels(made.get_layers()[0]),
    same,
]
made.delete()
picture.delete()
"""

LATER = "from gi.repository import GLib\nGLib.idle_add(lambda: hand.window().save_film() and False)"


@pytest.fixture
def fal(screen: Screen, fal_at: tuple[FalEmulator, str]) -> Iterator[FalEmulator]:
    """Its key is there, and what goes to it was read."""
    emulator, _ = fal_at
    keys = screen.gimp.folder / "home/redraft/keys.json"
    keys.parent.mkdir(exist_ok=True)
    keys.write_text(json.dumps({"fal": KEY}))
    keys.chmod(0o600)
    for folder in (screen.gimp.folder, screen.gimp.folder / "home"):  # of an earlier run
        for film in folder.glob("*.mp4"):
            film.unlink()
    yield emulator
    emulator.held = False
    keys.unlink()
    screen.ours.do(f"{GREET}\nhand.find('film_part').set_active(False)")


def opened(screen: Screen) -> None:
    screen.gimp.do(
        f"img = hand.open_picture({WIDE}, {TALL}, drawn=hand.landscape)\n"
        f"hand.select(img, {BOX!r})\nhand.show(img)"
    )


def called(screen: Screen) -> None:
    screen.call()
    screen.ours.do(f"hand.window().client.post('/v1/told', {{'home': 'fal'}})\n{GREET}")


def animated(screen: Screen) -> None:
    """What is planned, by the two presses that it may take."""
    screen.wait("'$' in hand.text('revise') and hand.find('revise').is_sensitive()")
    screen.ours.do("before = hand.window().result")
    screen.click("revise")
    screen.landed()
    screen.wait("'saved as' in hand.said()")


def asked_for(screen: Screen, **choices: Any) -> tuple[str, list[Any], list[Pixels]]:
    """The dialog of frames, filled in: what it says they take, where they lie, and the frames."""
    screen.click("frames")
    chosen = [f"hand.find({name!r}, dialog).{act}" for name, act in choices.items()]
    screen.ours.do(DIALOG + "\n".join(chosen))
    takes = screen.ours.do("result = hand.find('frames_takes', dialog).get_text()")
    place = screen.ours.do(AGAIN)
    packed = (screen.gimp.folder / "again.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        pngs = [archive.read(name) for name in sorted(archive.namelist())]
    frames = [cv2.imdecode(np.frombuffer(one, np.uint8), cv2.IMREAD_COLOR) for one in pngs]
    screen.ours.do("dialog.response(Gtk.ResponseType.OK)")
    return takes, place, [np.asarray(one)[..., ::-1] for one in frames]


def painted_and_saved(screen: Screen, width: int) -> list[Pixels]:
    """The third frame of `made` has a red square; the window is called from there, the film saved.

    Its frames, of a film that has sound. Then the first picture is in front again.
    """
    screen.gimp.do(
        "square = (10, 10, 20, 20)\n"
        "hand.fill(made.get_layers()[-3], bytes([255, 0, 0]) * 400, square)\n"
        "img, first = made, img"
    )
    screen.call()
    screen.wait("hand.text('save_film') == 'Save retouched film' and not hand.shown('animate')")
    screen.ours.do(LATER)
    screen.wait("hand.chooser() is not None")
    screen.ours.do(f"hand.answer('{screen.gimp.inside}/retouched.mp4')")
    screen.wait("'saved as retouched.mp4' in hand.said()")
    screen.gimp.do("hand.close(made.get_id())\nimg = first")
    screen.call()
    with av.open(str(screen.gimp.folder / "retouched.mp4")) as read:
        assert read.streams.audio
        assert read.streams.video[0].width == width
        return [one.to_ndarray(format="rgb24").astype(float) for one in read.decode(video=0)]


def test_a_kept_layer_is_animated_saved_beside_and_its_frames_are_layers_to_the_pixel(
    screen: Screen, fal: FalEmulator
) -> None:
    opened(screen)
    screen.gimp.do(SAVED)
    called(screen)
    screen.ask()
    screen.landed()
    screen.click("keep")
    screen.wait("hand.window().result is None and not hand.shown('animate')")
    screen.gimp.do("img.set_selected_layers([hand.layer(img, 'the negative · Known')])")
    screen.wait("hand.shown('animate')")
    screen.click("animate")
    screen.wait("hand.text('revise').startswith('Animate  $')")
    assert screen.ours.do("result = hand.panel().source()") == "visible"
    screen.ours.do("hand.choose('model', 'omni-1.1')\nhand.choose('film_seconds', '3')")
    screen.ours.do("hand.x('type', 'it turns')")
    screen.wait("hand.planned('Gemini Omni 1.1')")
    assert screen.ours.do("result = hand.panel().wish.prompt.get_text()") == "it turns"
    assert not screen.ours.do("result = hand.shown('film_sound')")  # this model always has it
    assert not screen.ours.do("result = hand.shown('animate')")  # the button with the price says it
    background = screen.gimp.do("result = str(hand.layer(img, 'Background').get_tattoo())")
    screen.ours.do(
        f"hand.panel().moves._fill_ends()\nhand.choose_item('film_last', {background!r})"
    )
    screen.wait("'ends on Background' in hand.text('film_last')")
    before = len(fal.ledger.charges)
    animated(screen)
    filmed = fal.films.filmed[-1]
    assert filmed.last is not None
    red, _, blue = filmed.last.mean((0, 1)) - filmed.sent.mean((0, 1))
    assert blue > red + 20  # from the negative to what is under it
    assert len(fal.ledger.charges) == before + 1
    assert names(screen.gimp) == [FILM, "the negative · Known", "Background"]
    poster = "hand.layer(img, 'it turns · Gemini Omni 1.1')"
    assert screen.gimp.do(f"result = {poster}.get_parasite('redraft-recipe') is not None")
    (film,) = screen.gimp.folder.glob("sea - *.mp4")
    with av.open(str(film)) as read:
        assert sum(1 for _ in read.decode(video=0)) == 72
        assert read.streams.audio

    takes, (left, top, width, height, rate, count), frames = asked_for(
        screen, frames_to="set_value(2.0)", frames_step=f"set_value({STEP})"
    )
    assert takes == f"{count} frames, {1000 * STEP / rate:.0f} ms each, 1 MB of memory"
    assert len(frames) == count
    screen.wait("'in a new image' in hand.said()")
    made = screen.gimp.do(
        f"made = {NEWEST}\n"
        "shown = [at for at in range(1, 500) if hand.Gimp.Display.id_is_valid(at)]\n"
        "hand.SHOWN[made.get_id()] = hand.Gimp.Display.get_by_id(max(shown))\n"
        "result = [made.get_width(), made.get_height(), made.is_dirty(), hand.tree(made)]"
    )
    assert made[:3] == [width, height, False]
    assert [one[0] for one in made[3]] == [f"it turns {at} (250ms)" for at in range(count, 0, -1)]
    for at, expected in enumerate(frames):
        layer = f"made.get_layers()[{count - 1 - at}]"
        assert np.array_equal(array(screen.gimp, layer, size=(width, height)), expected), at
    screen.gimp.do(EXPORTED)
    with Image.open(screen.gimp.folder / "turns.webp") as webp:
        played = [np.asarray(one.convert("RGB")) for one in ImageSequence.Iterator(webp)]
    assert all(np.array_equal(one, two) for one, two in zip(played, frames, strict=True))

    retouched = painted_and_saved(screen, width)
    assert len(retouched) == count
    reds = [one[10:30, 10:30].mean((0, 1)) - one[10:30, 40:60].mean((0, 1)) for one in retouched]
    assert [bool(red[0] > 40) for red in reds] == [at == 2 for at in range(count)]

    before_it = seen(screen.gimp, size=(WIDE, TALL))
    _, _, frames = asked_for(
        screen, frames_group="set_active(True)", frames_from="set_value(1.0)",
        frames_step=f"set_value({STEP})",
    )  # fmt: skip
    screen.wait("'in a group above the still' in hand.said()")
    (group, *rest) = layers(screen.gimp)
    assert group[0] == f"{FILM} · frames"
    assert [one[1] for one in group[2]] == [False] * (len(group[2]) - 1) + [True]
    assert [one[0] for one in rest] == [FILM, "the negative · Known", "Background"]
    lowest = "img.get_layers()[0].get_children()[-1]"
    assert screen.gimp.do(f"result = list({lowest}.get_offsets())[1:]") == [left, top]
    pixels = array(screen.gimp, lowest, channels=4, size=(width, height))
    assert np.array_equal(pixels[..., :3], frames[0])
    screen.gimp.do("hand.press('ctrl+z')")
    screen.gimp.until("len(img.get_layers()) == 3", PATIENCE)
    assert np.array_equal(seen(screen.gimp, size=(WIDE, TALL)), before_it)


def test_in_a_cinemagraph_only_the_selection_moves_and_cancel_ends_a_film(
    screen: Screen, fal: FalEmulator
) -> None:
    opened(screen)
    called(screen)
    still = array(screen.gimp, "hand.layer(img, 'Background')", size=(WIDE, TALL))
    screen.ours.do("hand.choose('model', 'omni-1.1')\nhand.type_prompt('it turns')")
    screen.wait("hand.planned('Gemini Omni 1.1')")
    screen.ours.do("hand.choose('film_seconds', '3')\nhand.find('film_part').set_active(True)")
    screen.wait("hand.planned('Gemini Omni 1.1')")
    fal.script.then("pending")
    fal.held = True
    screen.click("revise")
    screen.wait("hand.find('revise').get_label().startswith('Sent') and ' s' in hand.said()")
    screen.click("revise")
    screen.wait("hand.settled()")
    assert any(job.cancelled for job in fal.jobs.values())
    assert len(layers(screen.gimp)) == 1
    fal.held = False
    animated(screen)
    home = screen.gimp.folder / "home"
    assert [one.name for one in home.glob("*.mp4")] == ["picture - it turns.mp4"]
    assert screen.ours.do("result = hand.said()").endswith("mp4 in " + f"{screen.gimp.inside}/home")
    _, (left, top, width, height, *_), frames = asked_for(
        screen, frames_group="set_active(True)", frames_step=f"set_value({STEP})"
    )
    screen.wait("'in a group above the still' in hand.said()")
    fixed = np.ones((TALL, WIDE), bool)
    fixed[BOX[1] : BOX[3], BOX[0] : BOX[2]] = False
    fixed = fixed[top : top + height, left : left + width]
    assert fixed.any()
    lain = still[top : top + height, left : left + width]
    for at, expected in enumerate(frames):
        layer = f"img.get_layers()[0].get_children()[{len(frames) - 1 - at}]"
        placed = array(screen.gimp, layer, channels=4, size=(width, height))
        assert np.array_equal(placed[..., :3], expected), at
        assert (placed[..., 3] == 255).all()
        assert np.array_equal(placed[..., :3][fixed], lain[fixed]), at
    assert any(not np.array_equal(one[~fixed], lain[~fixed]) for one in frames)


@pytest.mark.parametrize(
    ("precision", "profile", "dtype", "top"),
    [
        ("U8_NON_LINEAR", "new_rgb_adobe", np.uint8, 255),
        ("U16_NON_LINEAR", "", np.uint16, 65535),
        ("U32_LINEAR", "", np.uint32, 2**32 - 1),
        ("HALF_LINEAR", "", np.float16, 1),
        ("FLOAT_PERCEPTUAL", "", np.float32, 1),
    ],
)
def test_frames_keep_their_values_in_every_depth_and_profile(
    screen: Screen, precision: str, profile: str, dtype: type[Any], top: float
) -> None:
    screen.open()
    code = KINDS.format(precision=precision, profile=profile)
    *found, same = screen.ours.do(code)
    frame, layer, alone = (base64.b64decode(one) for one in found)
    values = np.frombuffer(frame, np.uint8).reshape(30, 40, 3)
    stored = np.frombuffer(layer, dtype).reshape(30, 40, 4)
    assert np.abs(stored[..., :3] / top - values / 255).max() < (1e-6 if top > 1 else 5e-4)
    assert np.abs(stored[..., 3] / top - 1).max() < 1e-6  # in 3.2 by way of floats
    assert alone == frame
    assert same
