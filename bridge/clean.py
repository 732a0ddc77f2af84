"""A copy of a picture that tells nothing of how it was made: clean for delivery.

An .ora keeps its pixels byte for byte. What is left out: recipes (with them prompts, references
and reports) and the names of our layers, which are made of the wish. A layer is ours when a recipe
lies beside it. kra.py and xcf.py do the same for what hosts write.
"""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import dataclass
from pathlib import Path

from bridge.broken import BROKEN_ZIP, open_archive
from bridge.errors import BadRequest, Unsupported
from bridge.kra import clean_kra
from bridge.open import read_bytes
from bridge.ora import MIMETYPE, parsed
from bridge.write import write_whole
from bridge.xcf import clean_xcf

NAME = "Layer {number}"
GROUP = "Group {number}"
OTHERS = {".kra": clean_kra, ".xcf": clean_xcf}


@dataclass(frozen=True, slots=True)
class Cleaned:
    """How many notes were left out, and how many layers and groups were named anew."""

    notes: int
    renamed: int


def clean(path: Path, out: Path, *, keep_names: bool = False) -> Cleaned:
    """Writes the copy. Unsupported for other files; BadRequest for what is damaged."""
    data, kind = read_bytes(path), path.suffix.lower()
    names = None if keep_names else (NAME, GROUP)
    if kind in OTHERS:
        copied, notes, renamed = OTHERS[kind](data, path.name, names)
        write_whole(out, copied)
        return Cleaned(notes, renamed)
    if data[:2] != b"PK" or kind != ".ora":
        raise Unsupported(
            f"{path.name} is no .ora, .kra or .xcf; a flat picture that a host exports holds no "
            "recipe."
        )
    try:
        with open_archive(data, path.name) as archive:
            files = {name: archive.read(name) for name in archive.namelist() if name[-1:] != "/"}
            stack = archive.read("stack.xml")
    except BROKEN_ZIP as exc:
        raise BadRequest(f"{path.name} is not an OpenRaster picture, or it is damaged.") from exc
    recipes = {name for name, content in files.items() if _is_recipe(name, content)}
    root = parsed(stack, path.name)
    renamed = 0 if keep_names else _renamed(root, recipes)
    told = ET.tostring(root, "UTF-8", xml_declaration=True) if renamed else stack
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_STORED) as copy:
        copy.writestr("mimetype", MIMETYPE)
        for name, content in files.items():
            if name == "stack.xml":
                copy.writestr("stack.xml", told, zipfile.ZIP_DEFLATED)
            elif name != "mimetype" and name not in recipes:
                copy.writestr(name, content)
    write_whole(out, body.getvalue())
    return Cleaned(len(recipes), renamed)


def _is_recipe(name: str, content: bytes) -> bool:
    """Ours, and nobody else's notes: a JSON object in data/ that names a Redraft."""
    if not (name.startswith("data/") and name.endswith(".json")):
        return False
    try:
        told = json.loads(content)
    except ValueError:
        return False
    return isinstance(told, dict) and "redraft" in told


def _renamed(root: ET.Element, recipes: set[str]) -> int:
    """Gives plain names to our layers, and to groups that hold nothing else; returns how many."""
    ours = {
        layer
        for layer in root.iter("layer")
        if layer.get("src", "").removesuffix(".png") + ".json" in recipes
    }
    for number, layer in enumerate(sorted(ours, key=list(root.iter("layer")).index), 1):
        layer.set("name", NAME.format(number=number))
    groups = [
        group
        for group in root.iter("stack")
        if len(group) and all(one in ours for one in group) and "name" in group.attrib
    ]
    for number, group in enumerate(groups, 1):
        group.set("name", GROUP.format(number=number))
    return len(ours) + len(groups)
