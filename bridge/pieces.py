"""The answers of a picture that was asked for in tiles: one file, which grows by one at a time.

A zip: pieces.json says of every tile by its number what kind of answer came, or why none will;
answers/NUMBER is the answer as it came.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass

from bridge.broken import BROKEN_ZIP, open_archive
from bridge.errors import HomeTrouble

# Of the file, as the history has it: when every tile is in, and until then.
ALL_TILES = "application/x-redraft-tiles"
SOME_TILES = f"{ALL_TILES}; some=1"


@dataclass(frozen=True, slots=True)
class Piece:
    """media_type: of `raw`. why_not: why there is none, and none is asked for any more."""

    media_type: str = ""
    raw: bytes = b""
    why_not: str = ""


def read(data: bytes | None) -> dict[int, Piece]:
    """By the tile's number, from 0; none when nothing has come yet."""
    if data is None:
        return {}
    try:
        with open_archive(data, "The answers") as archive:
            told = json.loads(archive.read("pieces.json"))
            return {
                int(number): Piece(
                    one["media_type"],
                    archive.read(f"answers/{number}") if one["media_type"] else b"",
                    one["why_not"],
                )
                for number, one in told.items()
            }
    except (*BROKEN_ZIP, TypeError) as exc:
        raise HomeTrouble("The answers of the tiles are damaged; ask again.") from exc


def written(pieces: dict[int, Piece]) -> bytes:
    """The same file for the same pieces."""
    told = {
        str(number): {"media_type": piece.media_type, "why_not": piece.why_not}
        for number, piece in sorted(pieces.items())
    }
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo("pieces.json"), json.dumps(told))
        for number, piece in sorted(pieces.items()):
            if piece.media_type:
                archive.writestr(zipfile.ZipInfo(f"answers/{number}"), piece.raw)
    return body.getvalue()
