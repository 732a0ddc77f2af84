"""Zip files from outside: what Python raises for broken ones, and those that swell.

It raises more than it says.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from bridge.errors import TooBig

BROKEN_ZIP = (
    *(zipfile.BadZipFile, zlib.error, struct.error, KeyError, OSError, EOFError, ValueError),
    *(RuntimeError, IndexError),
)
MOST_FILES = 4000
MOST_BYTES = 2_000_000_000  # unpacked
# Pictures in an archive are packed already; what unpacks to far more than it is, is a trap.
SWELLS = 50
SMALL = 64_000_000  # bytes unpacked, which may be anything


@contextmanager
def open_archive(data: bytes, name: str) -> Iterator[zipfile.ZipFile]:
    """TooBig when it says that it unpacks to more than it should; BROKEN_ZIP when it is none.

    What unpacks to more than it says is cut by Python, and its checksum does not hold.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        most = min(MOST_BYTES, max(SMALL, SWELLS * len(data)))
        if len(infos) > MOST_FILES or sum(info.file_size for info in infos) > most:
            raise TooBig(f"{name} unpacks to more than it should hold; it was not opened.")
        yield archive
