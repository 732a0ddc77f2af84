"""Frames of a film on their way into a picture: fetched, then put in one by one, then placed.

Between two frames the artist works on, and may stop it: nothing changes before the last is in.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Generator, Mapping
from pathlib import Path

from . import marks
from .calls import Audible, Document
from .canvas import Canvas
from .client import Client, Lost, Refused
from .course import Course
from .film import Cut, Film, beside
from .filmed import Filmed, printed
from .reel import Reel, pace_of
from .result import Variant
from .round import is_drawing
from .sight import Obstacle
from .target import Target
from .wanted import Offer
from .worker import Courier

EVERY = 8  # frames between two reports of how many are in
PIXEL = 4  # bytes, as frames come
BROKEN = (OSError, zipfile.BadZipFile)


class Frames:
    """One import. over: called when nothing more will come, whatever came of it."""

    def __init__(
        self,
        canvas: Canvas,
        client: Client,
        courier: Courier,
        course: Course,
        words: Mapping[str, str],
        over: Callable[[], None],
    ) -> None:
        self.canvas, self.client, self.courier = canvas, client, courier
        self.course, self.words, self._over = course, words, over
        self._folder = Path(tempfile.mkdtemp(prefix="redraft-"))
        self._reel: Reel | None = None
        self._prints: dict[int, str] = {}
        self._stopped = False

    def bring(self, target: Target, front: Variant, film: Film, cut: Cut) -> None:
        self.target, self.front, self.film, self.cut = target, front, film, cut
        self._pixels = self._read()
        self._say(self.words["frames_coming"])
        address, archive = f"{film.frames_address(cut)}&form=bgra", self._folder / "frames.zip"
        self.courier.work(
            lambda: self.client.download(address, archive), lambda _: self._begin(), self._failed
        )

    def stop(self) -> None:
        self._stopped = True
        self.course.say(self.words["frames_stopped"])

    def _read(self) -> Generator[tuple[int, bytes], None, None]:
        """Each frame that has a place in the timeline, and which it is; on any thread."""
        assert self._reel is not None
        try:
            with zipfile.ZipFile(self._folder / "frames.zip") as archive:
                for at, name in enumerate(sorted(archive.namelist())):
                    if at in self._reel.pace.times:
                        pixels = archive.read(name)
                        if len(pixels) != self.film.width * self.film.height * PIXEL:
                            raise OSError(f"{name} has not the size of the film")
                        self._prints[at] = printed(pixels)
                        yield at, pixels
        except BROKEN as exc:
            raise Refused({"sentence": f"The frames could not be unpacked: {exc}."}) from exc

    # --- on the main thread ----------------------------------------------------------------------

    def _begin(self) -> None:
        if self._stopped:
            self._end()
            return
        try:
            document = self.canvas.document_of(self.target)
            pace = pace_of(document, self.film, self.cut)
            app, settings = self.canvas.app, self.canvas.sight.new_settings
            self._reel = Reel(app, settings, document, self.film, pace)
        except Obstacle as exc:
            self._end(str(exc))
            return
        self._next()

    def _next(self) -> None:
        """One frame is unpacked while Krita is free; then it is put in, in one short call."""
        self.courier.work(lambda: next(self._pixels, None), self._came, self._failed)

    def _came(self, frame: tuple[int, bytes] | None) -> None:
        assert self._reel is not None
        if self._stopped:
            self._end()
        elif frame is None:
            self._place()
        else:
            self._reel.put(*frame)
            if frame[0] % EVERY == 0:
                self._say(f"{frame[0] + 1} / {self.cut.count} {self.words['frames_many']} …")
            self._next()

    def _place(self) -> None:
        """Never while the artist draws or has a tool open."""
        assert self._reel is not None
        if self._stopped:
            self._end()
            return
        try:
            if is_drawing() or not self.canvas.ready(self.target):
                self.canvas.later(self._place)
                return
            document = self.canvas.document_of(self.target)
            name = f"{self.front.revision['title']} · {self.words['frames_many']}"
            node = self._reel.place(document, self.front.layer, name)
            marks.keep_filmed(document, node, self._filmed())
        except Obstacle as exc:
            self._end(str(exc))
            return
        said = f"{len(self._reel.pace.times)} {self.words['frames_placed']}"
        if not self._reel.pace.own:
            said = f"{said} {self.words['frames_own_rate']}"
        self._end(said)
        self._add_sound(document, said)

    def _filmed(self) -> Filmed:
        assert self._reel is not None
        title, times = str(self.front.revision["title"]), self._reel.pace.times
        return Filmed(self.film, self.cut, title, times, self._prints)

    def _add_sound(self, document: Document, said: str) -> None:
        """Beside the picture; where Krita can play it with the frames, it does."""
        picture = self.canvas.file_of(self.target)
        if not self.film.sound or picture is None:
            return
        sound = beside(picture, f"{self.front.revision['title']} sound", ".mp4")

        def saved() -> None:
            can_play = isinstance(document, Audible) and not document.audioTracks()
            if can_play and not self.cut.first:  # else it would be late
                document.setAudioTracks([str(sound)])
            self.course.say(f"{said} {self.words['sound_beside']} {sound.name}")

        self.courier.work(
            lambda: self.client.download(self.film.address("sound"), sound),
            lambda _: saved(),
            lambda exc: self.course.say(f"{said} {exc.sentence}"),
        )

    def _failed(self, exc: Refused | Lost) -> None:
        self._end(exc.sentence)

    def _end(self, sentence: str = "") -> None:
        self._pixels.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._reel is not None:
            self._reel.drop()
        self._over()
        if sentence and not self._stopped:
            self.course.say(sentence)

    def _say(self, sentence: str) -> None:
        if not self._stopped:
            words = self.words
            self.course.say(sentence, Offer(words["stop"], self.stop, words["stop_tip"]))
