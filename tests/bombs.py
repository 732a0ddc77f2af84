"""Small files that swell when they are opened, and a child with little memory to open them in.

    python -m tests.bombs NAME FILE

opens FILE as NAME says and prints the sentence of the refusal, "opened" or "out of memory".
"""

from __future__ import annotations

import gzip
import io
import resource
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

from bridge.archive import read_file, take_in
from bridge.clean import clean
from bridge.engines.encode import jpeg, picture
from bridge.errors import BridgeError
from bridge.history import History
from bridge.open import open_photo

MOST_MB = 400  # of memory that opening may take, beyond what the program itself takes
HUGE_BYTES = 3_000_000_000  # what a bomb unpacks to
BLOCK = bytes(1 << 24)

# --- bombs ---------------------------------------------------------------------------------------


def zeros(count: int) -> bytes:
    """`count` zero bytes as raw deflate; every block but the last is the same, so it is quick."""
    packer = zlib.compressobj(9, wbits=-15)
    first = packer.compress(BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    return first * (count // len(BLOCK)) + zlib.compressobj(9, wbits=-15).flush()


def gzipped(count: int) -> bytes:
    """Its checksum is wrong: whoever gets that far has lost already."""
    return gzip.compress(b"")[:10] + zeros(count) + bytes(8)


def chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


def png_bomb(side: int = 60_000) -> bytes:
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(bytes(1000))), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def jpeg_bomb() -> bytes:
    data = bytearray(jpeg(np.zeros((16, 16, 3), np.float32)).data)
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", 65_000, 65_000)
    return bytes(data)


def webp_bomb() -> bytes:
    body = io.BytesIO()
    Image.new("RGB", (16, 16)).save(body, "WEBP", lossless=True)
    data = bytearray(body.getvalue())
    assert data[12:16] == b"VP8L"
    (bits,) = struct.unpack("<I", data[21:25])
    data[21:25] = struct.pack("<I", bits & ~0xFFFFFFF | 16_383 << 14 | 16_383)
    return bytes(data)


def tiff_bomb(side: int = 60_000) -> bytes:
    body = io.BytesIO()
    tifffile.imwrite(body, np.zeros((16, 16, 3), np.uint8), photometric="rgb", compression="zlib")
    data = bytearray(body.getvalue())
    (at,) = struct.unpack("<I", data[4:8])
    (count,) = struct.unpack("<H", data[at : at + 2])
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        (tag,) = struct.unpack("<H", data[entry : entry + 2])
        if tag in (256, 257, 278):  # width, length, rows of a strip
            data[entry + 2 : entry + 12] = struct.pack("<HII", 4, 1, side)
    return bytes(data)


def strip_bomb(packing: int, strip: bytes) -> bytes:
    """A TIFF of 16x16, whose one strip is a picture of its own, as the number of `packing` says."""
    body = io.BytesIO()
    tifffile.imwrite(body, np.zeros((16, 16, 3), np.uint8), photometric="rgb")
    data = bytearray(body.getvalue())
    (at,) = struct.unpack("<I", data[4:8])
    (count,) = struct.unpack("<H", data[at : at + 2])
    changed = {259: packing, 273: len(data), 279: len(strip)}  # packing, place, length
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        (tag,) = struct.unpack("<H", data[entry : entry + 2])
        if tag in changed:
            data[entry + 2 : entry + 12] = struct.pack("<HII", 4, 1, changed[tag])
    return bytes(data) + strip


def zip_bomb(names: tuple[str, ...]) -> bytes:
    """A zip whose every file unpacks to HUGE_BYTES / len(names), and says so."""
    each = HUGE_BYTES // len(names) // len(BLOCK) * len(BLOCK)
    packed, body = zeros(each), io.BytesIO()
    check = 0
    for _ in range(each // len(BLOCK)):
        check = zlib.crc32(BLOCK, check)
    listed = b""
    for name in names:
        head = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, check, len(packed), each, len(name), 0)
        at = body.tell()
        body.write(b"PK\x03\x04" + head + name.encode() + packed)
        listed += b"PK\x01\x02" + struct.pack("<H", 20) + head
        listed += struct.pack("<HHHII", 0, 0, 0, 0, at) + name.encode()
    at = body.tell()
    body.write(listed)
    counts = (0, 0, len(names), len(names), len(listed), at, 0)
    body.write(b"PK\x05\x06" + struct.pack("<HHHHIIH", *counts))
    return body.getvalue()


# --- who opens them -------------------------------------------------------------------------------


def _carelessly(path: Path) -> object:
    """As a program does that checks nothing."""
    data = path.read_bytes()
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    if data[:2] == b"\x1f\x8b":
        return zlib.decompressobj(wbits=31).decompress(data)
    if data[:2] == b"II":
        return tifffile.imread(path)
    Image.MAX_IMAGE_PIXELS = None
    try:
        opened = Image.open(path)
    except OSError as exc:
        if "could not create decoder" in str(exc):  # WebP's words for it
            raise MemoryError from exc
        raise
    with opened as image:
        return np.asarray(image.convert("RGBA"))


def _import(path: Path) -> object:
    return take_in(History(path.parent / "history"), read_file(path), path.name)


OPENERS: dict[str, Callable[[Path], object]] = {
    "careless": _carelessly,
    "photo": open_photo,
    "answer": lambda path: picture(path.read_bytes(), "Somebody"),
    "import": _import,
    "clean": lambda path: clean(path, path.with_name("clean.ora")),
}


def outcome(name: str, path: Path) -> str:
    """What the child printed."""
    command = [sys.executable, "-m", "tests.bombs", name, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def limit_memory(mb: int = MOST_MB) -> None:
    """To so much more than this process has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + mb * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def main() -> None:
    limit_memory()
    try:
        OPENERS[sys.argv[1]](Path(sys.argv[2]))
    except BridgeError as exc:
        print(exc.sentence)
    except MemoryError:
        print("out of memory")
    else:
        print("opened")


if __name__ == "__main__":
    main()
