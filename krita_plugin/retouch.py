"""Frames that the artist has painted on, made into a film: read one by one, sent, and saved."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from .calls import Document, Node
from .client import PIECE_BYTES, Client, Lost, Refused, framed
from .course import Course
from .film import painted_header
from .filmed import Filmed, printed
from .reel import plain
from .stored import pixel_format
from .tree import by_id
from .wanted import Offer
from .worker import Courier

EVERY = 8  # frames between two reports of how many are read


class Retouch:
    """One film. over: called when nothing more will come, whatever came of it.

    What was painted on goes to a file first: all frames of a film may be more than fits in memory.
    """

    def __init__(
        self,
        client: Client,
        courier: Courier,
        course: Course,
        words: Mapping[str, str],
        over: Callable[[], None],
    ) -> None:
        self.client, self.courier, self.course, self.words = client, courier, course, words
        self._over = over
        self._folder = Path(tempfile.mkdtemp(prefix="redraft-"))
        self._painted: list[int] = []
        self._stopped = False

    def save(self, document: Document, layer: Node, filmed: Filmed, to: Path) -> None:
        self.document, self.layer, self.filmed, self.to = document, layer, filmed, to
        self._left = sorted(filmed.times)
        self._next()

    def stop(self) -> None:
        self._stopped = True

    # --- reading ---------------------------------------------------------------------------------

    def _next(self) -> None:
        """One frame is read in a short call, and looked at while Krita is free."""
        filmed = self.filmed
        if self._stopped:
            self._end(self.words["retouched_stopped"])
        elif not self._left:
            self._send()
        elif by_id(self.document.rootNode(), self.layer.uniqueId().toString()) is None:
            self._end(self.words["retouched_gone"])
        else:
            at = self._left.pop(0)
            if at % EVERY == 0:
                self._say(f"{at + 1} / {filmed.cut.count} {self.words['frames_many']} …")
            pixels = plain(self.document, self.layer, filmed.film, filmed.times[at])
            self.courier.work(lambda: self._look(at, pixels), lambda _: self._next(), self._failed)

    def _look(self, at: int, pixels: bytes) -> None:
        if printed(pixels) == self.filmed.prints[at]:
            return
        try:
            with (self._folder / "painted").open("ab") as file:
                for number in self.filmed.numbers(at):
                    file.write(pixels)
                    self._painted.append(number)
        except OSError as exc:
            raise Refused({"sentence": f"The frames could not be kept: {exc}."}) from exc

    # --- sending ---------------------------------------------------------------------------------

    def _send(self) -> None:
        if not self._painted:
            self._end(self.words["retouched_none"])
            return
        self.course.say(self.words["retouched_coming"])
        path = f"{self.filmed.film.path}/film/frames"
        header = self._header()
        length = len(header) + (self._folder / "painted").stat().st_size
        self.courier.work(
            lambda: self.client.download(path, self.to, self._body(header), length),
            lambda _: self._end(f"{self.words['film_saved']} {self.to.name}"),
            self._failed,
        )

    def _header(self) -> bytes:
        film, form = self.filmed.film, pixel_format("RGBA", "U8")
        return framed(painted_header(self.filmed.cut, self._painted, film.width, film.height, form))

    def _body(self, header: bytes) -> Iterator[bytes]:
        yield header
        with (self._folder / "painted").open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece

    def _failed(self, exc: Refused | Lost) -> None:
        self._end(exc.sentence)

    def _end(self, sentence: str) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._over()
        self.course.say(sentence)

    def _say(self, sentence: str) -> None:
        words = self.words
        self.course.say(sentence, Offer(words["stop"], self.stop, words["stop_tip"]))
