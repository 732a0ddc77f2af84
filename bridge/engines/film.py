"""What all film models share: words for motion, what a film's bytes are, its first frame."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bridge.engines.answers import quote
from bridge.engines.base import Ask, Motion
from bridge.errors import Charged, EngineError, Nonsense, Unsupported
from bridge.geometry import Size
from bridge.pixels import Array, unit

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

POLL_SECONDS = 4.0  # films take minutes
POLLS = 900  # an hour
MOST_PIXELS = 4096 * 4096  # of one frame: more than any model makes
HEAD = 64  # bytes that tell what a file is
MP4, WEBM = "video/mp4", "video/webm"

GENTLY = "Bring the picture to life with gentle, natural motion"
SAME_START = "The film begins with exactly this picture."
STILL_CAMERA = "The camera stands still: no pan, no zoom, no cut. Only what is described moves."
SAME_END = "It ends on exactly the last picture."
LOOPS = "It ends exactly as it began, so that it can be repeated without a seam."
SILENT = "No speech and no music."


def motion_of(ask: Ask) -> Motion:
    """Unsupported when the ask is not for a film."""
    if ask.motion is None:
        raise Unsupported("This model makes films; choose Animate, or a model for pictures.")
    return ask.motion


def words(ask: Ask) -> str:
    """The wish as a film model is told it."""
    motion = motion_of(ask)
    wish = ask.wish.prompt.strip().rstrip(".") or GENTLY
    told = [f"{wish}."]
    if motion.still_camera:
        told.append(STILL_CAMERA)
    if motion.last is not None:
        told.append(LOOPS if motion.last is ask.picture else SAME_END)
    told.append(SAME_START)
    if not motion.audio:
        told.append(SILENT)
    return " ".join(told)


def aspect(size: Size) -> str:
    """Of the two that film models share."""
    return "16:9" if size.width >= size.height else "9:16"


def sniff(data: bytes | Path) -> str | None:
    """ "video/mp4" or "video/webm" when the bytes say so, whatever anybody else says."""
    if isinstance(data, Path):
        with data.open("rb") as file:
            data = file.read(HEAD)
    if data[4:8] == b"ftyp":
        return MP4
    return WEBM if data.startswith(b"\x1a\x45\xdf\xa3") else None


def first_frame(data: bytes, label: str) -> Array:
    """float32 (H, W, 3), sRGB. Nonsense, charged, when `data` is no whole film."""
    import io

    import av

    try:
        with av.open(io.BytesIO(data), mode="r") as film:
            return _rgb(next(film.decode(video=0)), label)
    except (av.error.FFmpegError, StopIteration, IndexError, ValueError) as exc:
        raise Nonsense(
            f"{label} answered with a damaged film. Ask again; it costs again.", charged="yes"
        ) from exc


def _rgb(frame: VideoFrame, label: str) -> Array:
    if frame.width * frame.height > MOST_PIXELS:
        raise Nonsense(
            f"{label} answered with a film of {frame.width}x{frame.height}, more than anything it "
            "offers; it was not opened. Ask again; it costs again.",
            charged="yes",
        )
    return unit(frame.to_ndarray(format="rgb24"))


# --- refusals ------------------------------------------------------------------------------------


def no_film(label: str, reason: str = "", charged: Charged = "unknown") -> EngineError:
    said = f" ({quote(reason).replace('_', ' ').lower()})" if reason else ""
    return Nonsense(
        f"{label} ended without a film{said}. Say more plainly what should move and ask again.",
        charged=charged,
    )


def not_a_film(label: str) -> Nonsense:
    return Nonsense(
        f"{label} delivered something that is not a film. Try again; the finished film is fetched "
        "anew, which is free.",
        charged="yes",
    )
