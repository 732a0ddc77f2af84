"""OpenRaster: the photograph as it was, and a group of layers for every revision over it.

    mimetype, stack.xml, mergedimage.png, Thumbnails/thumbnail.png, data/*.png
    data/NAME.json beside a layer of ours: its recipe

Layers of an archive that was opened are carried over byte for byte; nothing is ever unpacked to
disk, and no name in an archive is used as a path.
"""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from bridge.broken import BROKEN_ZIP, open_archive
from bridge.errors import BadRequest, Unsupported
from bridge.flat import blended, with_edge
from bridge.geometry import Box, Size
from bridge.hosts import ORA_IS_READ
from bridge.photo import Archive, FileLayer, Photo, check_pixels, photo_of
from bridge.pixels import Format, Native, stored, unit
from bridge.png import read_png, write_png
from bridge.write import write_whole

MIMETYPE = b"image/openraster"
MOST_XML = 4_000_000  # bytes
THUMBNAIL = 256  # px, its longer edge


def check_ora(form: Format) -> None:
    """Unsupported when OpenRaster cannot hold such pictures."""
    if form.model not in ("gray", "rgb") or form.depth not in ("u8", "u16"):
        raise Unsupported(
            f".ora holds grey and RGB of 8 and 16 bits, this is {form.model} of {form.depth}; "
            "write .tif instead."
        )


# --- reading -----------------------------------------------------------------------------------


def read_ora(data: bytes, name: str) -> Photo:
    """The merged picture, with its layers beside it. BadRequest when it is no .ora."""
    try:
        with open_archive(data, name) as archive:
            infos = archive.infolist()
            stack = archive.read("stack.xml")
            merged = archive.read("mergedimage.png")
            files = {
                info.filename: archive.read(info)
                for info in infos
                if info.filename.startswith("data/") and not info.is_dir()
            }
    except BROKEN_ZIP as exc:
        raise BadRequest(f"{name} is not an OpenRaster picture, or it is damaged.") from exc
    root = parsed(stack, name)
    check_pixels(_stated(merged, name), name)
    pixels, profile = read_png(merged, name)
    photo = photo_of(pixels, profile)
    if str(photo.size) != f"{root.get('w')}x{root.get('h')}":
        raise BadRequest(f"{name} contradicts itself about its size; save it again.")
    return Photo(photo.pixels, photo.form, profile, Archive(stack, files))


def parsed(stack: bytes, name: str) -> ET.Element:
    """The root of a stack.xml. BadRequest when it is none, or one that swells when it is read."""
    if len(stack) > MOST_XML or b"<!DOCTYPE" in stack or b"<!ENTITY" in stack:
        raise BadRequest(f"{name} has a stack.xml that no painting program writes.")
    try:
        root = ET.fromstring(stack)
    except ET.ParseError as exc:
        raise BadRequest(f"{name} has a damaged stack.xml; save it again.") from exc
    if root.tag != "image" or root.find("stack") is None:
        raise BadRequest(f"{name} has a stack.xml without a stack; save it again.")
    return root


def _stated(png: bytes, name: str) -> Size:
    if len(png) < 24 or not png.startswith(b"\x89PNG"):
        raise BadRequest(f"{name} has no merged picture; save it again.")
    return Size(int.from_bytes(png[16:20]), int.from_bytes(png[20:24]))


# --- writing -----------------------------------------------------------------------------------


def save_ora(photo: Photo, title: str, layers: list[FileLayer], path: Path) -> list[str]:
    """One group for `layers` above what is there. Sentences the artist should read."""
    check_ora(photo.form)
    archive = photo.archive or _fresh(photo)
    root = ET.fromstring(archive.stack)
    below = root.find("stack")
    assert below is not None  # read_ora and _fresh see to it
    group = ET.Element("stack", name=title)
    below.insert(0, group)  # the first is the topmost
    files, merged = dict(archive.files), photo.pixels.copy()
    for number, layer in enumerate(layers, start=1):
        edged = with_edge(layer)
        source = _free(files, number)
        files[source] = write_png(edged, photo.profile)
        files[source.replace(".png", ".json")] = layer.recipe.encode()
        shown = layer.visible and number == _first_visible(layers)
        group.insert(0, _element(layer, source, shown=shown))
        if shown:
            rows, columns = layer.area.slices(Box.of(photo.size))
            merged[rows, columns] = blended(merged[rows, columns], edged, photo.form)
    write_whole(
        path, _zipped(ET.tostring(root, "UTF-8", xml_declaration=True), files, photo, merged)
    )
    return [ORA_IS_READ] if photo.form.depth == "u16" else []


def _first_visible(layers: list[FileLayer]) -> int:
    """Of several variants one is shown; 0 when none may be."""
    return next((number for number, layer in enumerate(layers, 1) if layer.visible), 0)


def _fresh(photo: Photo) -> Archive:
    size = photo.size
    root = ET.Element("image", version="0.0.3", w=str(size.width), h=str(size.height))
    stack = ET.SubElement(root, "stack")
    attributes = {"name": "photograph", "src": "data/photograph.png", "x": "0", "y": "0"}
    ET.SubElement(stack, "layer", attributes)
    content = write_png(photo.pixels, photo.profile)
    return Archive(ET.tostring(root), {"data/photograph.png": content})


def _element(layer: FileLayer, source: str, *, shown: bool) -> ET.Element:
    return ET.Element(
        "layer",
        {
            "name": layer.name,
            "src": source,
            "x": str(layer.area.left),
            "y": str(layer.area.top),
            "visibility": "visible" if shown else "hidden",
        },
    )


def _free(files: dict[str, bytes], number: int) -> str:
    while f"data/revision{number}.png" in files:
        number += 1
    return f"data/revision{number}.png"


def _zipped(stack: bytes, files: dict[str, bytes], photo: Photo, merged: Native) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("mimetype", MIMETYPE)  # first and uncompressed, as the format demands
        archive.writestr("stack.xml", stack, zipfile.ZIP_DEFLATED)
        for name, content in files.items():
            archive.writestr(name, content)
        archive.writestr("mergedimage.png", write_png(merged, photo.profile))
        archive.writestr("Thumbnails/thumbnail.png", _thumbnail(merged))
    return body.getvalue()


def _thumbnail(merged: Native) -> bytes:
    steps = stored(unit(merged), "u8")
    image = Image.fromarray(np.squeeze(steps, axis=2) if steps.shape[2] == 1 else steps)
    image.thumbnail((THUMBNAIL, THUMBNAIL))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
