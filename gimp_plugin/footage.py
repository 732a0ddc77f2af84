"""Films of the picture that the window shows: Animate, the film as a file, and its frames."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gi.repository import GLib, Gtk

from .canvas import Canvas
from .client import PIECE_BYTES, Client, Refused
from .course import Course
from .cutting import Cutting
from .film import Cut, Film, beside, film_of, form_of
from .panel import Panel
from .reel import Origin, Reel, names
from .result import Variant
from .target import Obstacle, Target

if TYPE_CHECKING:
    from .worker import Courier

PURPOSE = "motion"
UNNAMED = "picture"  # what a film of a picture without a file is called by


class Footage:
    """course: of the picture that the window shows. gtk: what dialogs open above."""

    def __init__(
        self,
        canvas: Canvas,
        client: Client,
        courier: Courier,
        panel: Panel,
        course: Callable[[], Course],
        gtk: Callable[[], Gtk.Window],
    ) -> None:
        self.canvas, self.client, self.courier, self.panel = canvas, client, courier, panel
        self._course, self.gtk = course, gtk
        self._saved: set[tuple[str, int]] = set()  # films that went to a file, or are on their way
        self._busy = False

    def show(self, course: Course, *, ours: bool) -> None:
        """What can be done with what is shown; a film that has just landed is saved.

        ours: the selected layer is one that was kept.
        """
        front, film = _shown(course) if course.has_landed() else (None, None)
        planned = self.panel.moves.get_visible()  # then the button with the price says it
        picture = (front is not None or ours) and film is None and not planned
        frames = front is None and self.canvas.origin() is not None
        self.panel.strip.show_film(
            picture=picture and course.round is None, film=bool(film), frames=frames
        )
        if front and film and course.round is None and front.said["state"] == "composed":
            self._save_beside(course, front, film)

    def animate(self) -> None:
        """Only chooses: what is seen shall move. The artist still presses the priced button."""
        panel = self.panel
        panel.more.choose_source("visible")
        panel.model.choose("", PURPOSE)
        panel.wish.prompt.choose_all()  # what is typed next says how it shall move

    # --- the film as a file ------------------------------------------------------------------

    def _save_beside(self, course: Course, front: Variant, film: Film) -> None:
        """Once, by itself: beside the picture, or where this system keeps films."""
        if course.result is None or (front.id, front.number) in self._saved:
            return
        self._save(
            course, front, film, self._free_name(course.result.target, front.revision["title"])
        )

    def ask_where(self) -> None:
        course = self._course()
        front, film = _shown(course)
        origin = self.canvas.origin()
        if front is not None and film is not None and course.result is not None:
            typed = self._asked(self._free_name(course.result.target, front.revision["title"]))
            if typed:
                self._save(course, front, film, typed)
        elif origin is not None and not self._busy:
            title = f"{origin.title} {self.panel.words['retouched_title']}"
            typed = self._asked(self._free_name(None, title))
            if typed:
                self._save_painted(course, origin, typed)

    def _asked(self, path: Path) -> Path | None:
        """Where the artist wants it; None for nowhere."""
        save, title = Gtk.FileChooserAction.SAVE, self.panel.words["save_film"]
        chooser = Gtk.FileChooserNative.new(title, self.gtk(), save, None, None)
        chooser.set_do_overwrite_confirmation(True)
        chooser.set_current_folder(str(path.parent))
        chooser.set_current_name(path.name)
        typed = chooser.get_filename() if chooser.run() == Gtk.ResponseType.ACCEPT else None
        chooser.destroy()
        return Path(typed) if typed else None

    def _free_name(self, target: Target | None, title: str) -> Path:
        """target: of a result; None: of the picture that the artist called us for."""
        picture = self.canvas.file_of(target)
        if picture is None:
            films = GLib.get_user_special_dir(GLib.UserDirectory.DIRECTORY_VIDEOS)
            folder = Path(films) if films and Path(films).is_dir() else Path.home()
            picture = folder / UNNAMED
        return beside(picture, title, ".mp4")

    def _save(self, course: Course, front: Variant, film: Film, path: Path) -> None:
        self._saved.add((front.id, front.number))
        words, line = self.panel.words, str(front.said["line"])
        picture = self.canvas.file_of(course.result.target) if course.result else None
        said = [line, words["film_saved"], path.name]
        if picture is None or picture.parent != path.parent:
            said += [words["film_folder"], str(path.parent)]
        self.courier.work(
            lambda: self.client.download(film.address(form_of(front.said)), path),
            lambda _: course.say(" ".join(filter(None, said))),
            lambda exc: course.say(exc.sentence),
        )

    def _save_painted(self, course: Course, origin: Origin, path: Path) -> None:
        """Of a picture of frames: those that the artist has painted on as they are now."""
        words, told = self.panel.words, list[bytes]()
        # All of a film may be more than memory holds; it is open until it was sent.
        frames = tempfile.TemporaryFile()  # noqa: SIM115
        self._busy = True
        course.say(words["retouched_coming"])

        def over(said: str) -> None:
            self._busy = False
            frames.close()
            course.say(said)

        def body() -> Iterator[bytes]:
            yield told[0]
            frames.seek(0)
            while piece := frames.read(PIECE_BYTES):
                yield piece

        def send() -> None:
            if not frames.tell():
                over(words["retouched_none"])
                return
            length = len(told[0]) + frames.tell()
            said = [words["film_saved"], path.name, words["film_folder"], str(path.parent)]
            self.courier.work(
                lambda: self.client.download(f"{origin.path}/film/frames", path, body(), length),
                lambda _: over(" ".join(said)),
                lambda exc: over(exc.sentence),
            )

        steps = self.canvas.painted(origin, frames, told)
        self.courier.slices(steps, send, lambda exc: over(str(exc)), Obstacle)

    # --- its frames in a picture -------------------------------------------------------------

    def ask_for_frames(self) -> None:
        course = self._course()
        result, (front, film) = course.result, _shown(course)
        if self._busy or result is None or front is None or film is None:
            return
        try:
            pixel_bytes = self.canvas.pixel_bytes(result.target)
        except Obstacle as exc:
            course.say(str(exc))
            return

        def place(cut: Cut, new: bool) -> None:
            self.bring(course, result.target, front, film, cut, new=new)

        Cutting(film, self.panel.words, self.gtk(), pixel_bytes, place)

    def bring(
        self, course: Course, target: Target, front: Variant, film: Film, cut: Cut, *, new: bool
    ) -> None:
        """new: into a new picture, else into a group above the still."""
        words = self.panel.words
        folder = Path(tempfile.mkdtemp(prefix="redraft-"))
        self._busy = True
        course.say(words["frames_coming"])

        def over(said: str) -> None:
            self._busy = False
            shutil.rmtree(folder, ignore_errors=True)
            course.say(said)

        def came(reel: Reel) -> None:
            named = names(str(front.revision["title"]), film, cut)[: len(reel)]
            if new:
                origin = Origin(film.path, str(front.revision["title"]), cut)
                steps, word = self.canvas.frames_anew(reel, named, origin), "frames_in_new"
            else:
                title = f"{front.said['name']} · {words['frames_many']}"
                steps = self.canvas.frames_above(target, front.layer, title, film, reel, named)
                word = "frames_in_group"
            done = f"{len(named)} {words[word]}"
            self.courier.slices(steps, lambda: over(done), lambda exc: over(str(exc)), Obstacle)

        self.courier.work(
            lambda: self._fetched(film.frames_address(cut), folder / "frames.zip"),
            came,
            lambda exc: over(exc.sentence),
        )

    def _fetched(self, address: str, archive: Path) -> Reel:
        try:
            self.client.download(address, archive)
            return Reel(archive)
        except (OSError, zipfile.BadZipFile) as exc:
            raise Refused({"sentence": f"The frames could not be unpacked: {exc}."}) from exc


def _shown(course: Course) -> tuple[Variant | None, Film | None]:
    """What is seen of the result, and its film when it is one."""
    front = course.result.front() if course.result else None
    return front, film_of(front.revision, front.said) if front else None
