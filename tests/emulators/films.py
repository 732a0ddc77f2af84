"""The "film model": it really animates the picture it is sent, as an MP4 with sound.

The first frame is the picture, re-rendered with drift as any model does; in it a disc travels from
the left to the right and back, so that every frame's place in time can be read from its pixels. The
sound is a tone that rises from second to second. What was done is kept, exactly.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from fractions import Fraction

import av
import cv2
import numpy as np

from bridge.geometry import Affine, Size
from tests.emulators.model import Bytes, Drift, Made, Model, movement

RATE = 24  # frames per second
SOUND_RATE = 48_000
SAMPLES = 1024  # of one packet of sound
COLOR = (214, 40, 160)
# A film model moves the picture a little and shifts its colours less than an image model.
NOWHERE = np.zeros((1, 1), np.bool_)
OF_FILMS = Drift(1.003, (1.5, -1.0), (1.01, 1.0, 0.99), (1.0, 0.0, 0.0))


@dataclass(frozen=True, slots=True)
class Filmed:
    """One film and the truth about it.

    sent: (H, W, 3). moved: from pixels of `sent` to pixels of the film. middles: of the disc, by
    frame, in pixels of the film. radius: of the disc, px. film: the MP4. last: as it was sent.
    """

    sent: Bytes
    size: Size
    frames: int
    moved: Affine
    middles: tuple[tuple[float, float], ...]
    radius: float
    audio: bool
    film: bytes
    last: Bytes | None
    references: tuple[Bytes, ...]


class FilmModel(Model):
    """`filmed`: every film it made, oldest first."""

    def __init__(self, drift: Drift | None = None) -> None:
        super().__init__(drift or OF_FILMS)
        self.filmed: list[Filmed] = []

    def animate(
        self,
        picture: Bytes,
        size: Size,
        seconds: float,
        *,
        audio: bool = True,
        last: Bytes | None = None,
        references: tuple[Bytes, ...] = (),
    ) -> Filmed:
        """last: the picture it fades to; the one it began with: the disc is back where it began in

        the last frame. Else it stays on the right.
        """
        frames = round(seconds * RATE)
        loops = last is not None and np.array_equal(last, picture)
        moved = movement(Size(picture.shape[1], picture.shape[0]), size, self.drift)
        still = self._render(picture, moved, size)
        radius = min(size.width, size.height) / 10
        middles = tuple(_middle(size, at / (frames - 1), loops) for at in range(frames))
        ends = still if last is None or loops else self._render(last, moved, size)
        shown = [
            _with_disc(_between(still, ends, at / (frames - 1)), middle, radius)
            for at, middle in enumerate(middles)
        ]
        film = _kept(shown, audio)
        filmed = Filmed(
            picture, size, frames, moved, middles, radius, audio, film, last, references
        )
        self.filmed.append(filmed)
        self.made.append(Made(picture, picture, NOWHERE, moved, shown[0], COLOR))
        return filmed


_KEPT: dict[str, bytes] = {}  # a film is made once for all tests that ask for the same


def _kept(frames: list[Bytes], audio: bool) -> bytes:
    hasher = hashlib.sha256(f"{len(frames)} {audio}".encode())
    for frame in (frames[0], frames[len(frames) // 2], frames[-1]):
        hasher.update(f"{frame.shape}".encode() + frame.tobytes())
    name = hasher.hexdigest()
    if name not in _KEPT:
        _KEPT[name] = mp4(frames, audio=audio)
    return _KEPT[name]


def mp4(frames: list[Bytes], *, rate: int = RATE, audio: bool = True, crf: int = 14) -> bytes:
    """H.264 in BT.709, limited range, with a rising tone of the same length when `audio`."""
    buffer = io.BytesIO()
    height, width = frames[0].shape[:2]
    with av.open(buffer, "w", format="mp4") as out:
        video = out.add_stream(
            "libx264", rate=rate, options={"crf": str(crf), "preset": "superfast"}
        )
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.color_range, video.colorspace = 1, 1  # limited, BT.709
        sound = out.add_stream("aac", rate=SOUND_RATE, layout="mono") if audio else None
        for at, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace="itu709")
            frame.pts, frame.time_base = at, Fraction(1, rate)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if sound is not None:
            for packet in _tone(len(frames) / rate):
                out.mux(sound.encode(packet))
            out.mux(sound.encode(None))
    return buffer.getvalue()


def _between(still: Bytes, ends: Bytes, part: float) -> Bytes:
    if ends is still:
        return still
    return np.asarray(cv2.addWeighted(still, 1 - part, ends, part, 0), np.uint8)


def _middle(size: Size, part: float, loops: bool) -> tuple[float, float]:
    way = 1 - abs(2 * part - 1) if loops else part
    return size.width * (0.25 + 0.5 * way), size.height * 0.5


def _with_disc(still: Bytes, middle: tuple[float, float], radius: float) -> Bytes:
    """Anti-aliased, at a fraction of a pixel."""
    frame = still.copy()
    place = tuple(round((value - 0.5) * 16) for value in middle)
    cv2.circle(frame, place, round(radius * 16), COLOR, -1, cv2.LINE_AA, 4)
    return frame


def _tone(seconds: float) -> list[av.AudioFrame]:
    count = round(seconds * SOUND_RATE)
    at = np.arange(count) / SOUND_RATE
    wave = (0.2 * np.sin(2 * np.pi * (220 + 110 * np.floor(at)) * at)).astype(np.float32)
    packets = []
    for start in range(0, count, SAMPLES):
        piece = wave[None, start : start + SAMPLES]
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = SOUND_RATE, start
        frame.time_base = Fraction(1, SOUND_RATE)
        packets.append(frame)
    return packets
