"""Films of the picture in front: animating a result, saving the film, bringing in its frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from .canvas import Canvas
from .client import Client
from .course import Course
from .cutting import Cutting
from .film import Cut, Film, beside, film_of, form_of
from .frames import Frames
from .panel import Panel
from .qt import QtWidgets
from .result import Variant
from .retouch import Retouch
from .sight import Obstacle
from .target import Target
from .worker import Courier

PURPOSE = "motion"


class Motion:
    """course: of the picture in front. docker: what dialogs open above."""

    def __init__(
        self,
        canvas: Canvas,
        client: Client,
        courier: Courier,
        panel: Panel,
        course: Callable[[], Course],
        docker: Any,
    ) -> None:
        self.canvas, self.client, self.courier, self.panel = canvas, client, courier, panel
        self._course, self.docker = course, docker
        self._saved: set[tuple[str, int]] = set()  # films that went to a file, or are on their way
        self._heard: set[tuple[str, int]] = set()  # films whose sound came with their frames
        self._busy = False
        strip = panel.strip
        strip.animate.connect(self.animate)
        strip.frames.connect(self.ask_for_frames)
        strip.save_film.connect(self.ask_where)
        strip.retouched.connect(self.save_retouched)

    def show(self, course: Course) -> None:
        """What can be done with what is shown; a film that has just landed is saved."""
        front, film = _shown(course) if course.has_landed() else (None, None)
        self.panel.strip.show_film(
            picture=front is not None and film is None,
            film=bool(film),
            painted=self.canvas.filmed() is not None,
        )
        if front and film and course.round is None and front.said["state"] == "composed":
            self._save_beside(course, front, film)

    def animate(self) -> None:
        """Only chooses: what is seen shall move. The artist still presses the priced button."""
        panel = self.panel
        source, purpose = panel.more.source, panel.model.purpose
        panel.choose_model("")
        source.setCurrentIndex(max(0, source.findData("visible")))
        purpose.setCurrentIndex(max(0, purpose.findData(PURPOSE)))

    # --- the film as a file ------------------------------------------------------------------

    def _save_beside(self, course: Course, front: Variant, film: Film) -> None:
        """Once, when the picture is a file itself; else the artist is asked where, by a press."""
        assert course.result is not None
        picture = self.canvas.file_of(course.result.target)
        if picture is None or (front.id, front.number) in self._saved:
            return
        path = beside(picture, str(front.revision["title"]), ".mp4")
        self._save(course, front, film, path)

    def ask_where(self) -> None:
        course = self._course()
        front, film = _shown(course)
        if front is None or film is None or course.result is None:
            return
        picture = self.canvas.file_of(course.result.target) or _unsaved()
        path = self._asked(beside(picture, str(front.revision["title"]), ".mp4"))
        if path:
            self._save(course, front, film, path)

    def _asked(self, path: Path) -> Path | None:
        """Where the artist wants it."""
        title = self.panel.words["save_film"]
        typed, _ = QtWidgets.QFileDialog.getSaveFileName(self.docker, title, str(path), "*.mp4")
        return Path(typed) if typed else None

    def _save(self, course: Course, front: Variant, film: Film, path: Path) -> None:
        self._saved.add((front.id, front.number))

        def saved(_: object) -> None:
            course.say(f"{course.line()} {self.panel.words['film_saved']} {path.name}".strip())

        self.courier.work(
            lambda: self.client.download(film.address(form_of(front.said)), path),
            saved,
            lambda exc: course.say(exc.sentence),
        )

    # --- its frames in the picture -----------------------------------------------------------

    def ask_for_frames(self) -> None:
        course = self._course()
        result, (front, film) = course.result, _shown(course)
        if self._busy or result is None or front is None or film is None:
            return
        try:
            pixel = self.canvas.pixel_bytes(result.target)
        except Obstacle as exc:
            course.say(str(exc))
            return
        film = replace(film, frame_bytes=film.width * film.height * pixel)
        dialog = Cutting(film, self.panel.words, self.docker)
        dialog.setObjectName("frames_dialog")
        dialog.accepted.connect(lambda: self.bring(course, result.target, front, film, dialog.cut))
        dialog.open()

    def bring(self, course: Course, target: Target, front: Variant, film: Film, cut: Cut) -> None:
        words, self._busy = self.panel.words, True
        frames = Frames(self.canvas, self.client, self.courier, course, words, self._over)
        if (front.id, front.number) in self._heard:
            film = replace(film, sound=0.0)
        elif self.canvas.file_of(target):
            self._heard.add((front.id, front.number))
        frames.bring(target, front, film, cut)

    # --- a film of frames that were painted on --------------------------------------------------

    def save_retouched(self) -> None:
        """Beside the picture, when that is a file; the film as it came stays."""
        found = self.canvas.filmed()
        if self._busy or found is None:
            return
        document, layer, filmed = found
        words, name = self.panel.words, document.fileName()
        title = f"{filmed.title} {words['retouched_title']}"
        path: Path | None = beside(Path(name) if name else _unsaved(), title, ".mp4")
        if path and not name:
            path = self._asked(path)
        if path:
            self._busy = True
            Retouch(self.client, self.courier, self._course(), words, self._over).save(
                document, layer, filmed, path
            )

    def _over(self) -> None:
        self._busy = False


def _unsaved() -> Path:
    """What a picture is called that has no file."""
    return Path.home() / "picture"


def _shown(course: Course) -> tuple[Variant | None, Film | None]:
    """What is seen of the result, and its film when it is one."""
    front = course.result.front() if course.result else None
    return front, film_of(front.revision, front.said) if front else None
