"""Files for the artist: written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bridge.errors import BadRequest


def write_whole(path: Path, content: bytes) -> None:
    """Beside its place first, then moved there. BadRequest when the folder cannot be written."""
    try:
        handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            umask = os.umask(0)
            os.umask(umask)
            Path(fresh).chmod(0o666 & ~umask)  # mkstemp made it private; this is the artist's file
            Path(fresh).replace(path)
        except BaseException:
            Path(fresh).unlink(missing_ok=True)
            raise
    except OSError as exc:
        raise BadRequest(f"{path} cannot be written ({exc.strerror}); name another.") from exc
