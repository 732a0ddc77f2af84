"""An .xcf without our notes, each byte of which stays where it is, and so does every other one.

The file is full of addresses, so nothing in it may move: a note of ours becomes a note of the same
length that says nothing and goes when the picture is saved next; the name of a layer of ours is
filled up with spaces. A layer is ours when a recipe is attached to it.

    magic, version (4 letters), 0
    width, height, kind, from version 4 precision      u32 each, big endian
    properties                                         type u32, length u32, content; type 0 ends
    addresses of layers, until 0                       u32, from version 11 u64
    a layer: width, height, kind, name (length with its 0, bytes), properties, addresses of its
             pixels and of its mask (0 = none), which is a channel: the same without a kind
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bridge.errors import BadRequest
from bridge.hosts import XCF_MAGIC

NOTE = b"redraft"
RECIPE = b"redraft-recipe"
END, PARASITES, GROUP, PATH = 0, 21, 29, 30
WITH_PRECISION, WIDE = 4, 11  # versions
MOST_LAYERS = 100_000


@dataclass(frozen=True, slots=True)
class Note:
    """A parasite, as it lies in the file."""

    at: int
    end: int
    name: bytes


@dataclass(frozen=True, slots=True)
class Layer:
    """Or a channel. name: where it lies, without its length and its 0. path: the numbers of its

    parents and its own, () = at the top. end: where its properties end. mask: of a layer.
    """

    name: slice
    notes: tuple[Note, ...]
    group: bool
    path: tuple[int, ...]
    end: int
    mask: Layer | None = None

    @property
    def ours(self) -> bool:
        return any(note.name == RECIPE for note in self.notes)


def clean_xcf(data: bytes, name: str, names: tuple[str, str] | None) -> tuple[bytes, int, int]:
    """The copy, how many notes were emptied, how many layers and groups were named anew.

    names: as clean_kra. BadRequest when it is damaged, or no .xcf.
    """
    try:
        notes, layers = _read(data)
    except (struct.error, ValueError, IndexError) as exc:
        raise BadRequest(f"{name} is not an .xcf picture, or it is damaged.") from exc
    every = [note for note in notes if note.name.startswith(NOTE)]
    copied = bytearray(data)
    for note in every:
        copied[note.at : note.end] = _nothing(note.end - note.at)
    renamed = {} if names is None else _names(layers, names)
    for at, new in renamed.items():
        place = layers[at].name
        copied[place] = _filled(new.encode(), place.stop - place.start)
        mask = layers[at].mask
        if mask is not None:  # the host names it after its layer
            copied[mask.name] = _filled(b"Mask", mask.name.stop - mask.name.start)
    return bytes(copied), len(every), len(renamed)


def _nothing(length: int) -> bytes:
    """A note of so many bytes, named "-", of zeros; not to be kept when the picture is saved."""
    head = struct.pack(">I2sII", 2, b"-\0", 0, length - 14)
    return head + bytes(length - len(head))


def _filled(name: bytes, length: int) -> bytes:
    return name[:length].ljust(length)


def _names(layers: list[Layer], names: tuple[str, str]) -> dict[int, str]:
    """New names by the layer's number: of ours, and of groups that hold nothing else."""
    ours = [at for at, layer in enumerate(layers) if layer.ours]
    inside: dict[int, list[int]] = {at: [] for at, layer in enumerate(layers) if layer.group}
    places = {layer.path: at for at, layer in enumerate(layers) if layer.path}
    tops = [at for at, layer in enumerate(layers) if len(layer.path) < 2]
    places |= {(number,): at for number, at in enumerate(tops)}
    for at, layer in enumerate(layers):
        parent = places.get(layer.path[:-1])
        if parent in inside:
            inside[parent].append(at)
    groups = [at for at, those in inside.items() if those and all(one in ours for one in those)]
    renamed = {at: names[0].format(number=number) for number, at in enumerate(ours, 1)}
    return renamed | {at: names[1].format(number=number) for number, at in enumerate(groups, 1)}


# --- reading -------------------------------------------------------------------------------------


def _read(data: bytes) -> tuple[list[Note], list[Layer]]:
    """Every note of the picture, its layers and its channels, and the layers."""
    start = len(XCF_MAGIC)
    if not data.startswith(XCF_MAGIC) or data[start + 4 : start + 5] != b"\0":
        raise ValueError("another magic")
    said = data[start : start + 4]
    version = 0 if said == b"file" else int(said.removeprefix(b"v"))
    at = start + 5 + (16 if version >= WITH_PRECISION else 12)
    notes: list[Note] = []
    for kind, content in _properties(data, at):
        at = content.stop
        if kind == PARASITES:
            notes += _notes(data, content)
    at += 8  # what ends the properties
    layers = []
    addresses, at = _addresses(data, at, wide=version >= WIDE)
    for address in addresses:
        layer = _item(data, address, before=12)
        mask = _mask(data, layer.end, wide=version >= WIDE)
        layers.append(replace(layer, mask=mask))
        notes += (*layer.notes, *(mask.notes if mask else ()))
    channels, _ = _addresses(data, at, wide=version >= WIDE)
    for address in channels:
        notes += _item(data, address, before=8).notes
    return notes, layers


def _addresses(data: bytes, at: int, *, wide: bool) -> tuple[list[int], int]:
    """Until 0, and where they end."""
    form, found = ">Q" if wide else ">I", list[int]()
    while (address := struct.unpack_from(form, data, at)[0]) and len(found) < MOST_LAYERS:
        found.append(address)
        at += struct.calcsize(form)
    return found, at + struct.calcsize(form)


def _item(data: bytes, at: int, before: int) -> Layer:
    """A layer or channel. before: bytes of its size and kind."""
    at += before
    (length,) = struct.unpack_from(">I", data, at)
    name = slice(at + 4, at + 4 + max(0, length - 1))
    notes: list[Note] = []
    group, path = False, ()
    end = at + 4 + length
    for kind, content in _properties(data, end):
        end = content.stop
        if kind == PARASITES:
            notes += _notes(data, content)
        elif kind == GROUP:
            group = True
        elif kind == PATH:
            count = (content.stop - content.start) // 4
            path = struct.unpack_from(f">{count}I", data, content.start)
    return Layer(name, tuple(notes), group, path, end + 8)


def _mask(data: bytes, at: int, *, wide: bool) -> Layer | None:
    form = ">QQ" if wide else ">II"
    _, address = struct.unpack_from(form, data, at)
    return _item(data, address, before=8) if address else None


def _properties(data: bytes, at: int) -> Iterator[tuple[int, slice]]:
    """Each one's type, and where its content lies."""
    while True:
        kind, length = struct.unpack_from(">II", data, at)
        at += 8
        if kind == END:
            return
        if at + length > len(data):
            raise ValueError("cut")
        yield kind, slice(at, at + length)
        at += length


def _notes(data: bytes, content: slice) -> list[Note]:
    found, at = [], content.start
    while at < content.stop:
        (length,) = struct.unpack_from(">I", data, at)
        name = data[at + 4 : at + 4 + length].rstrip(b"\0")
        _, size = struct.unpack_from(">II", data, at + 4 + length)
        end = at + 12 + length + size
        if end > content.stop:
            raise ValueError("cut")
        found.append(Note(at, end, name))
        at = end
    return found
