"""A .kra without our notes: a ZIP whose every other file stays byte for byte.

    NAME/annotations/redraft/…    what we keep: the document's name, recipes, protection, references
    maindoc.xml                   names of layers, and a list of the annotations

Of maindoc.xml only our lines and the names of our layers change, so nothing of it need be
understood. A layer is ours when there is a recipe for it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from bridge.broken import BROKEN_ZIP, open_archive
from bridge.errors import BadRequest

MAIN = "maindoc.xml"
NOTES = "/annotations/redraft/"
NOTE = "redraft/"
RECIPE = "redraft/recipe/"
MOST_XML = 64_000_000  # bytes
NAME = re.compile(rb"""(?<=\s)name\s*=\s*("[^"]*"|'[^']*')""")
EMPTY_LIST = re.compile(rb"\s*<Annotations>\s*</Annotations>")


@dataclass
class Node:
    """A layer. tag: where its opening tag begins in the text."""

    id: str
    tag: int
    inside: list[Node] = field(default_factory=list)


@dataclass
class Found:
    """tops: layers that lie in no other. notes: where lines of ours begin. recipes: of whom."""

    tops: list[Node] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)
    recipes: set[str] = field(default_factory=set)


def clean_kra(data: bytes, name: str, names: tuple[str, str] | None) -> tuple[bytes, int, int]:
    """The copy, how many notes were left out, how many layers and groups were named anew.

    names: what layers and groups are called, with {number}; None leaves their names.
    BadRequest when it is damaged, or no .kra.
    """
    try:
        with open_archive(data, name) as archive:
            infos = archive.infolist()
            contents = {info.filename: archive.read(info) for info in infos}
            main = contents[MAIN]
    except BROKEN_ZIP as exc:
        raise BadRequest(f"{name} is not a .kra picture, or it is damaged.") from exc
    found = _found(main, name)
    renamed = {} if names is None else _names(found, names)
    notes = [one for one in contents if NOTES in one]
    contents[MAIN] = _without(main, found.notes, renamed)
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as copied:
        for info in infos:
            if info.filename not in notes:
                copied.writestr(copy(info), contents[info.filename])
    return body.getvalue(), len(notes), len(renamed)


# --- what is in maindoc.xml -----------------------------------------------------------------------


def _found(text: bytes, name: str) -> Found:
    """BadRequest when it is no XML, or one that swells when it is read."""
    if len(text) > MOST_XML or b"<!ENTITY" in text:
        raise BadRequest(f"{name} has a {MAIN} that no painting program writes.")
    found, around = Found(), [Node("", 0)]
    parser = expat.ParserCreate()

    def begin(tag: str, attributes: dict[str, str]) -> None:
        if tag == "layer":
            node = Node(_plain(attributes.get("uuid", "")), parser.CurrentByteIndex)
            around[-1].inside.append(node)
            around.append(node)
        elif tag == "Annotation" and attributes.get("type", "").startswith(NOTE):
            found.notes.append(parser.CurrentByteIndex)
            if attributes["type"].startswith(RECIPE):
                found.recipes.add(_plain(attributes["type"].removeprefix(RECIPE)))

    def end(tag: str) -> None:
        if tag == "layer":
            around.pop()

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    try:
        parser.Parse(text, True)
    except expat.ExpatError as exc:
        raise BadRequest(f"{name} has a damaged {MAIN}; save it again.") from exc
    found.tops = around[0].inside
    return found


def _plain(id: str) -> str:
    return id.strip("{}").lower()


def _names(found: Found, names: tuple[str, str]) -> dict[int, str]:
    """New names by where the tag begins: of our layers, and of groups that hold nothing else."""
    every = list(_every(found.tops))
    ours = [node for node in every if node.id in found.recipes]
    groups = [node for node in every if node.inside and all(one in ours for one in node.inside)]
    layers = {node.tag: names[0].format(number=at) for at, node in enumerate(ours, 1)}
    return layers | {node.tag: names[1].format(number=at) for at, node in enumerate(groups, 1)}


def _every(nodes: list[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _every(node.inside)


def _without(text: bytes, notes: list[int], renamed: Mapping[int, str]) -> bytes:
    """From behind, so that what lies before stays where it is."""
    for at in sorted((*notes, *renamed), reverse=True):
        end = _end_of_tag(text, at)
        if at in renamed:
            name = f"name={quoteattr(renamed[at])}".encode()
            tag = NAME.sub(lambda _, name=name: name, text[at:end], count=1)  # type: ignore[misc]
        else:
            before = len(text[:at].rstrip())
            end = (
                end
                if text[end - 2 : end] == b"/>"
                else text.index(b">", text.index(b"</", end)) + 1
            )
            at, tag = before, b""
        text = text[:at] + tag + text[end:]
    return EMPTY_LIST.sub(b"", text)


def _end_of_tag(text: bytes, at: int) -> int:
    """Behind its ">"; one within quotes does not count."""
    quote = b""
    for end in range(at, len(text)):
        sign = text[end : end + 1]
        if quote:
            quote = b"" if sign == quote else quote
        elif sign in (b'"', b"'"):
            quote = sign
        elif sign == b">":
            return end + 1
    raise AssertionError("the parser has seen its end")
