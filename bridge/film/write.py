"""A film as a file: an MP4 with its sound, a lossless animated WebP, or one PNG for each frame."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from PIL import Image

from bridge.pixels import Native

if TYPE_CHECKING:
    from typing_extensions import Buffer

CRF = 12  # H.264: visually without loss
SOUND_SAMPLES = 1024
PNG_NAME, BGRA_NAME = "{:05d}.png", "{:05d}.bgra"


def write_mp4(
    frames: Iterator[Native],
    rate: Fraction,
    out: Path,
    sound_of: Path | None,
    sound_start: float = 0.0,
) -> int:
    """H.264 of BT.709 in `out`, with the sound of `sound_of` from second `sound_start` on, cut to

    the pictures' length.

    Odd edges get one more row or column, as the format wants even ones. Returns the frames written.
    """
    count = 0
    with av.open(str(out), "w", format="mp4") as film:
        video = film.add_stream("libx264", rate=rate, options={"crf": str(CRF)})
        sound = film.add_stream("aac", rate=48_000, layout="stereo") if sound_of else None
        for count, frame in enumerate(frames, start=1):
            even = _even(frame)
            if count == 1:
                video.height, video.width = even.shape[:2]
                video.pix_fmt = "yuv420p"
                video.color_range, video.colorspace = 1, 1
            picture = av.VideoFrame.from_ndarray(even, format="rgb24")
            picture = picture.reformat(format="yuv420p", dst_colorspace="itu709")
            picture.pts, picture.time_base = count - 1, 1 / rate
            film.mux(video.encode(picture))
        film.mux(video.encode(None))
        if sound is not None and sound_of is not None:
            for heard in _heard(sound_of, sound_start, float(count / rate)):
                film.mux(sound.encode(heard))
            film.mux(sound.encode(None))
    return count


def write_sound(film: Path, out: Path) -> bool:
    """The sound as it is, in an MP4 of its own; False when there is none."""
    with av.open(str(film), mode="r") as source:
        if not source.streams.audio:
            return False
        heard = source.streams.audio[0]
        with av.open(str(out), "w", format="mp4") as target:
            copied = target.add_stream_from_template(heard)
            for packet in source.demux(heard):
                if packet.dts is not None:
                    packet.stream = copied
                    target.mux(packet)
    return True


def write_webp(frames: Iterator[Native], rate: Fraction, profile: bytes | None) -> bytes:
    """Lossless, repeated without end; the milliseconds of its frames add up to the film's."""
    pictures = [Image.fromarray(frame) for frame in frames]
    ends = [round(1000 * (at + 1) / rate) for at in range(len(pictures))]
    lasts = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    buffer = io.BytesIO()
    pictures[0].save(
        buffer,
        "WEBP",
        save_all=True,
        append_images=pictures[1:],
        duration=lasts,
        loop=0,
        lossless=True,
        exact=True,
        quality=20,  # how hard it tries to be small, not what is lost
        method=0,
        **({"icc_profile": profile} if profile else {}),
    )
    return buffer.getvalue()


def zipped(
    frames: Iterator[Native], first: int, step: int, write: Callable[[Native], bytes], name: str
) -> Iterator[bytes]:
    """A ZIP of frames, each named by its number in the film, as it is made; on its way to a host,

    which reads them at once: not packed. name: with a place for the number.
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for at, frame in enumerate(frames):
            archive.writestr(name.format(first + at * step), write(frame))
            yield sink.taken()
    yield sink.taken()


def bgra(frame: Native) -> bytes:
    """As some hosts store 8 bits: blue first, opaque."""
    return np.dstack([frame[..., ::-1], np.full(frame.shape[:2], 255, np.uint8)]).tobytes()


class _Sink(io.RawIOBase):
    """Takes what is written and hands it out; never looked back into."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer) -> int:
        piece = bytes(memoryview(data))
        self._held += piece
        return len(piece)

    def taken(self) -> bytes:
        piece, self._held = bytes(self._held), bytearray()
        return piece


def _even(frame: Native) -> Native:
    height, width = frame.shape[:2]
    if height % 2 or width % 2:
        return np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return frame


def _heard(film: Path, start: float, seconds: float) -> Iterator[av.AudioFrame]:
    """The sound for so long: cut when it is longer, silent at its end when it is shorter."""
    skip, left = round(start * 48_000), round(seconds * 48_000)
    at = 0
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=48_000)
    with av.open(str(film), mode="r") as source:
        if source.streams.audio:
            for frame in source.decode(audio=0):
                for heard in resampler.resample(frame):
                    samples = heard.to_ndarray()[:, skip : skip + left]
                    skip = max(0, skip - heard.samples)
                    if samples.shape[1]:
                        yield _piece(samples, at)
                        at, left = at + samples.shape[1], left - samples.shape[1]
    while left > 0:
        quiet = np.zeros((2, min(left, SOUND_SAMPLES)), np.float32)
        yield _piece(quiet, at)
        at, left = at + quiet.shape[1], left - quiet.shape[1]


def _piece(samples: Native, at: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(samples), format="fltp", layout="stereo"
    )
    frame.sample_rate, frame.pts, frame.time_base = 48_000, at, Fraction(1, 48_000)
    return frame
