"""Content-addressed files: a file is named by the SHA-256 of what it holds."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Collection
from pathlib import Path

from bridge.errors import HomeTrouble

CHUNK = 1 << 20
UNNAMED_SECONDS = 3600.0  # within which what was put is named by a revision
ROOM = 64_000_000  # bytes that must be free before anything is paid for


class Files:
    """Under `folder`: `objects/ab/abcdef…`, written whole or not at all; `incoming/` meanwhile;

    `arriving/`: answers to paid requests until they are among the objects.
    """

    def __init__(self, folder: Path) -> None:
        self.objects = folder / "objects"
        self.incoming = folder / "incoming"
        self.arriving = folder / "arriving"
        for each in (self.objects, self.incoming, self.arriving):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)

    def sweep(self, sending: Collection[Path] = ()) -> None:
        """Removes what an earlier bridge left half-written, but the answers to what is sending."""
        shutil.rmtree(self.incoming, ignore_errors=True)
        self.incoming.mkdir(mode=0o700, exist_ok=True)
        kept = {path.name for path in sending}
        for path in self.arriving.iterdir():
            if path.name.removesuffix(".part") not in kept:
                path.unlink(missing_ok=True)

    def arriving_path(self, revision: str, number: int, after: str = "") -> Path:
        """after: the answers that are here already, of a variant that takes several."""
        return self.arriving / "-".join(filter(None, (revision, str(number), after)))

    def check_room(self) -> None:
        """HomeTrouble when there is too little room for what is about to be paid for."""
        try:
            free = shutil.disk_usage(self.objects).free
        except OSError as exc:
            raise _trouble(exc, self.objects) from exc
        if free < ROOM:
            raise HomeTrouble(
                f"The disk that holds {self.objects} has {free // 10**6} MB left; free some room, "
                "then ask again. Nothing was sent."
            )

    def put(self, content: bytes) -> str:
        """Stores `content` durably and returns its name. HomeTrouble when the disk is full."""
        digest = hashlib.sha256(content).hexdigest()
        if self._wanted_again(self._path(digest)):
            return digest
        fresh = self.incoming / uuid.uuid4().hex
        try:
            with os.fdopen(
                os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
            ) as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            self._adopt(fresh, digest)
        except OSError as exc:
            fresh.unlink(missing_ok=True)
            raise _trouble(exc, self.objects) from exc
        return digest

    def put_file(self, source: Path) -> str:
        """Moves a file that lies in `incoming` in, and returns its name."""
        hasher = hashlib.sha256()
        try:
            with source.open("rb") as file:
                while piece := file.read(CHUNK):
                    hasher.update(piece)
                os.fsync(file.fileno())
            source.chmod(0o600)
            self._adopt(source, hasher.hexdigest())
        except OSError as exc:
            raise _trouble(exc, self.objects) from exc
        return hasher.hexdigest()

    def get(self, digest: str) -> bytes:
        """The content, checked. HomeTrouble names a file that is missing or damaged."""
        path = self._path(digest)
        try:
            content = path.read_bytes()
        except OSError as exc:
            raise HomeTrouble(f"The file {path} of the history cannot be read.") from exc
        if hashlib.sha256(content).hexdigest() != digest:
            raise HomeTrouble(f"The file {path} of the history is damaged; restore it.")
        return content

    def sizes(self) -> dict[str, int]:
        """Bytes of every file, by its name."""
        found = {}
        for path in self.objects.glob("*/*"):
            try:
                found[path.name] = path.stat().st_size
            except FileNotFoundError:  # it went meanwhile
                continue
        return found

    def drop(self, digest: str) -> bool:
        """Removes what no revision names, unless somebody has just put it: it will be named."""
        path, away = self._path(digest), self.incoming / uuid.uuid4().hex
        try:
            if time.time() - path.stat().st_mtime < UNNAMED_SECONDS:
                return False
            path.rename(away)  # from here on, who puts it writes it anew
            if time.time() - away.stat().st_mtime < UNNAMED_SECONDS:
                away.rename(path)
                return False
            away.unlink()
        except FileNotFoundError:
            return False
        except OSError as exc:
            raise _trouble(exc, self.objects) from exc
        return True

    def path(self, digest: str) -> Path:
        return self._path(digest)

    def _path(self, digest: str) -> Path:
        if len(digest) != 64 or not all(letter in "0123456789abcdef" for letter in digest):
            raise HomeTrouble("The history names a file that cannot exist; it is damaged.")
        return self.objects / digest[:2] / digest

    def _wanted_again(self, path: Path) -> bool:
        """Whether it is there; then it counts as put just now."""
        try:
            os.utime(path)
        except FileNotFoundError:
            return False
        except OSError as exc:
            raise _trouble(exc, self.objects) from exc
        return True

    def _adopt(self, fresh: Path, digest: str) -> None:
        path = self._path(digest)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        fresh.replace(path)
        if os.name == "posix":  # the new name must survive a power cut, too
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def _trouble(exc: OSError, folder: Path) -> HomeTrouble:
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return HomeTrouble(f"The disk that holds {folder} is full; free some room and try again.")
    return HomeTrouble(f"The folder {folder} cannot be written ({exc.strerror}).")
