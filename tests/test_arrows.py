"""Who may import whom: the rooms stay rooms."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import bridge

ROOM = Path(bridge.__file__).parent
FILES = sorted(path for path in ROOM.rglob("*.py") if "plugins" not in path.parts)
LOWEST = {"errors": set(), "geometry": set(), "pixels": {"errors", "geometry"}}
OF_COMPOSE = {"compose", "geometry", "pixels", "errors"}
OF_ENGINES = {"engines", "errors", "pixels", "geometry"}
HOSTS = re.compile(r"krita|gimp", re.IGNORECASE)


def imports(path: Path) -> set[str]:
    """The modules of ours that a file imports anywhere, such as "engines.base"."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "bridge":
                found |= {alias.name for alias in node.names}
            elif node.module.startswith("bridge."):
                found.add(node.module.removeprefix("bridge."))
                found |= {f"{node.module.removeprefix('bridge.')}.{a.name}" for a in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.name.removeprefix("bridge.") for a in node.names if "bridge." in a.name}
    return found


def rooms(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)} - {"__version__"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOM))


@pytest.mark.parametrize("name", LOWEST)
def test_the_lowest_rooms_see_only_what_is_below_them(name: str) -> None:
    assert rooms(ROOM / f"{name}.py") <= LOWEST[name]


@pytest.mark.parametrize("path", sorted((ROOM / "compose").glob("*.py")), ids=name_of)
def test_compose_sees_no_engine_and_no_wire(path: Path) -> None:
    assert rooms(path) <= OF_COMPOSE


@pytest.mark.parametrize("path", sorted((ROOM / "engines").glob("*.py")), ids=name_of)
def test_engines_see_no_later_stage(path: Path) -> None:
    assert rooms(path) <= OF_ENGINES


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_one_file_knows_the_hosts_by_name(path: Path) -> None:
    assert path.name == "hosts.py" or not HOSTS.search(path.read_text())


@pytest.mark.parametrize("name", ["revise.py", "jobs.py", "admit.py", "finish.py", "app.py"])
def test_the_flow_knows_no_engine_by_name(name: str) -> None:
    known = {"engines.base", "engines.send", "engines.arriving", "engines"}
    named = {one for one in imports(ROOM / name) if one.startswith("engines")}
    assert {one for one in named if ".".join(one.split(".")[:2]) not in known} == set()


# --- the page that draws them -----------------------------------------------------------------


def of_the_rooms() -> set[str]:
    """What a reader finds in the folder: files, and folders as such."""
    skipped = {"__init__.py", "__main__.py", "README.md", "py.typed", "plugins/", "__pycache__/"}
    names = {f"{path.name}/" if path.is_dir() else path.name for path in ROOM.iterdir()}
    return names - skipped


def test_the_page_names_every_file_and_no_other() -> None:
    page = (ROOM / "README.md").read_text()
    named = set(re.findall(r"`([a-z_]+(?:\.py|\.toml|/))`", page))
    inside = {path.name for room in ("engines", "compose") for path in (ROOM / room).glob("*.py")}
    assert of_the_rooms() - named == set()
    assert named - of_the_rooms() - inside == set()
