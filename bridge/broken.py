"""What Python's reader of zip files raises for bytes that are broken: more than it says."""

from __future__ import annotations

import struct
import zipfile
import zlib

BROKEN_ZIP = (
    *(zipfile.BadZipFile, zlib.error, struct.error, KeyError, OSError, EOFError, ValueError),
    *(RuntimeError, IndexError),
)
