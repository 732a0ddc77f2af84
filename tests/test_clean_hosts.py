"""A picture of a host, clean for delivery: nothing of ours in it, everything else as it was.

Pictures are written here from what is known of the formats; the hosts' own tests clean real ones.
"""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path

import pytest

from bridge.clean import clean
from bridge.errors import BadRequest

SECRET = "a red balloon"
RECIPE = json.dumps({"said": {"prompt": SECRET}}).encode()
MAIN = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE DOC PUBLIC '-//KDE//DTD krita 2.0//EN' 'http://www.calligra.org/DTD/krita-2.0.dtd'>
<DOC xmlns="http://www.calligra.org/DTD/krita" editor="Krita">
 <IMAGE name="picture" width="160" height="120" description="a > b">
  <layers>
   <layer filename="layer1" name="a red balloon" nodetype="grouplayer" uuid="{GROUP}">
    <layers>
     <layer name="1 · Fill &quot;a red balloon&quot;" filename="layer2" uuid="{ours-1}">
      <masks><mask name="edge" filename="mask3" uuid="{m}"/></masks>
     </layer>
     <layer uuid="{OURS-2}" filename='layer4' name='2 · a red balloon'/>
    </layers>
   </layer>
   <layer name="sky &gt; a red balloon" filename="layer5" uuid="{mine}"/>
  </layers>
  <Annotations>
   <Annotation type="redraft/document" description="x"/>
   <Annotation type="redraft/recipe/{ours-1}" description="x"></Annotation>
   <Annotation type="redraft/recipe/{ours-2}" description="x"/>MORE
  </Annotations>
 </IMAGE>
</DOC>
""".replace("·", "\u00b7")
OTHER_NOTE = '\n   <Annotation type="exif/of-somebody" description="y"/>'
KRA = {
    "mimetype": b"application/x-krita",
    "maindoc.xml": b"",
    "picture/layers/layer2": b"VERSION 2\n" + bytes(range(256)),
    "picture/annotations/icc": b"a profile",
    "picture/annotations/redraft/document": b"0123",
    "picture/annotations/redraft/recipe/{ours-1}": RECIPE,
    "picture/annotations/redraft/recipe/{ours-2}": RECIPE,
    "mergedimage.png": b"\x89PNG and pixels",
}


def kra(path: Path, more: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in KRA.items():
            main = MAIN.replace("MORE", more).encode()
            archive.writestr(name, main if name == "maindoc.xml" else content)
    return path


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_of_a_kra_only_our_notes_and_names_change(tmp_path: Path) -> None:
    out = tmp_path / "clean.kra"
    found = clean(kra(tmp_path / "it.kra", OTHER_NOTE), out)
    assert (found.notes, found.renamed) == (3, 3)
    after = contents(out)
    assert list(after) == [name for name in KRA if "redraft" not in name]
    for name, content in after.items():
        assert name == "maindoc.xml" or content == KRA[name]
    main = after["maindoc.xml"].decode()
    assert "redraft" not in main
    assert main.replace(
        ' name="Layer 1"', ' name="1 \u00b7 Fill &quot;a red balloon&quot;"'
    ).replace(' name="Layer 2"', " name='2 \u00b7 a red balloon'").replace(
        ' name="Group 1"', ' name="a red balloon"'
    ) == MAIN.replace('\n   <Annotation type="redraft/document" description="x"/>', "").replace(
        '\n   <Annotation type="redraft/recipe/{ours-1}" description="x"></Annotation>', ""
    ).replace('\n   <Annotation type="redraft/recipe/{ours-2}" description="x"/>', "").replace(
        "MORE", OTHER_NOTE
    )
    assert 'name="sky &gt; a red balloon"' in main  # the artist's own


def test_a_kra_that_held_only_our_notes_has_no_list_of_them(tmp_path: Path) -> None:
    out = tmp_path / "clean.kra"
    clean(kra(tmp_path / "it.kra"), out, keep_names=True)
    main = contents(out)["maindoc.xml"].decode()
    assert "Annotation" not in main
    assert main.count(SECRET) == MAIN.count(SECRET)


@pytest.mark.parametrize(
    "main", [b"<DOC", b"<!DOCTYPE DOC [<!ENTITY a 'b'>]><DOC>&a;</DOC>", b"\xff\xfe<", b""]
)
def test_a_kra_with_a_strange_heart_is_refused(tmp_path: Path, main: bytes) -> None:
    path = tmp_path / "it.kra"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("maindoc.xml", main)
    with pytest.raises(BadRequest):
        clean(path, tmp_path / "clean.kra")


# --- .xcf ----------------------------------------------------------------------------------------


def parasite(name: bytes, content: bytes) -> bytes:
    length = len(name) + 1
    return struct.pack(">I", length) + name + b"\0" + struct.pack(">II", 1, len(content)) + content


def properties(*rows: tuple[int, bytes]) -> bytes:
    packed = [struct.pack(">II", kind, len(content)) + content for kind, content in rows]
    return b"".join(packed) + struct.pack(">II", 0, 0)


def item(head: bytes, name: str, *rows: tuple[int, bytes]) -> bytes:
    told = name.encode() + b"\0"
    head += struct.pack(">I", len(told)) + told
    return head + properties((6, struct.pack(">I", 255)), *rows)


def layer(name: str, *rows: tuple[int, bytes]) -> tuple[bytes, bytes]:
    """And its mask, as the host names it."""
    head = struct.pack(">II", 16, 12)
    mask = item(head, f"{name} mask") + struct.pack(">Q", 77)
    return item(head + struct.pack(">I", 1), name, *rows), mask


def xcf(layers: list[tuple[bytes, bytes]], notes: bytes) -> bytes:
    head = b"gimp xcf v011\0" + struct.pack(">IIII", 16, 12, 0, 150)
    head += properties((17, b"\1"), (21, notes))
    at, addresses, bodies = len(head) + 8 * (len(layers) + 2), b"", b""
    for one, mask in layers:
        addresses += struct.pack(">Q", at)
        bodies += one + struct.pack(">QQ", 77, at + len(one) + 16) + mask
        at += len(one) + 16 + len(mask)
    return head + addresses + struct.pack(">QQ", 0, 0) + bodies + b"tiles" * 99


def pictured(balloon: bytes) -> bytes:
    path = [(30, struct.pack(f">{len(one)}I", *one)) for one in ((0,), (0, 0), (0, 1), (1,))]
    ours = (21, parasite(b"redraft-recipe", balloon))
    return xcf(
        [
            layer(SECRET, (29, b""), path[0]),
            layer(f"1 \u00b7 {SECRET}", path[1], ours),
            layer("hat", path[2], ours, (21, parasite(b"of-somebody", b"else"))),
            layer(f"sky and {SECRET}", path[3]),
        ],
        parasite(b"redraft-document", b"0123") + parasite(b"icc-profile", b"a profile"),
    )


def test_of_an_xcf_every_byte_stays_where_it_is(tmp_path: Path) -> None:
    data, out = pictured(RECIPE), tmp_path / "clean.xcf"
    (tmp_path / "it.xcf").write_bytes(data)
    found = clean(tmp_path / "it.xcf", out)
    assert (found.notes, found.renamed) == (3, 3)
    after = out.read_bytes()
    assert len(after) == len(data)
    assert b"redraft" not in after
    assert after.count(SECRET.encode()) == 2  # the artist's own, and its mask's
    for kept in (b"of-somebody\0", b"icc-profile\0", b"a profile", b"tiles" * 99):
        assert after.count(kept) == data.count(kept)
    for name in (b"Group 1      \0", b"Layer 1           \0", b"Lay\0"):
        assert name in after
    (tmp_path / "clean-again.xcf").write_bytes(after)
    again = clean(tmp_path / "clean-again.xcf", tmp_path / "twice.xcf")
    assert (again.notes, again.renamed) == (0, 0)
    assert (tmp_path / "twice.xcf").read_bytes() == after


def test_a_cut_xcf_is_refused_in_a_sentence(tmp_path: Path) -> None:
    data = pictured(RECIPE)
    for length in range(0, len(data) - 99 * 5 - 16, 7):
        (tmp_path / "it.xcf").write_bytes(data[:length])
        with pytest.raises(BadRequest):
            clean(tmp_path / "it.xcf", tmp_path / "clean.xcf")
