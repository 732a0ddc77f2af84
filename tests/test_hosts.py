"""Putting plug-ins into hosts and taking them out again."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bridge.errors import BadRequest, NotFound
from bridge.hosts import doctor, install, uninstall

KRITARC = "[General]\nshowWelcome=false\n\n[python]\nenable_other=true\n"


@pytest.fixture
def artist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder in which nothing was ever started."""
    folder = tmp_path / "artist"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def krita(artist: Path) -> Path:
    """Where the plug-ins of a Krita lie that was started once."""
    place = artist / ".local/share/krita/pykrita"
    place.parent.mkdir(parents=True)
    (artist / ".config").mkdir()
    (artist / ".config/kritarc").write_text(KRITARC)
    return place


def test_krita_gets_the_plug_in_enabled_with_the_command_that_starts_the_bridge(
    artist: Path, krita: Path, home: Path
) -> None:
    assert str(krita) in install("krita", None, home)
    assert (krita / "redraft.desktop").exists()
    assert (krita / "redraft/client.py").exists()
    setup = json.loads((krita / "redraft/bridge.json").read_text())
    assert setup["home"] == str(home)
    assert setup["command"][0] == sys.executable
    assert setup["command"][-2:] == ["--home", str(home)]
    settings = (artist / ".config/kritarc").read_text().splitlines()
    assert settings.count("enable_redraft=true") == 1
    assert "enable_other=true" in settings
    assert settings.index("[python]") < settings.index("enable_redraft=true")


def test_installing_twice_is_the_same_as_once(artist: Path, krita: Path, home: Path) -> None:
    install("krita", None, home)
    (krita / "redraft/left_over.py").touch()
    once = (artist / ".config/kritarc").read_text()
    install("krita", None, home)
    assert (artist / ".config/kritarc").read_text() == once
    assert not (krita / "redraft/left_over.py").exists()


def test_uninstalling_leaves_no_trace_but_the_switch(artist: Path, krita: Path, home: Path) -> None:
    install("krita", None, home)
    uninstall("krita", None)
    assert list(krita.iterdir()) == []
    assert "enable_redraft=true" not in (artist / ".config/kritarc").read_text()


def test_a_sandboxed_krita_is_found_and_its_own_settings_are_changed(
    artist: Path, home: Path
) -> None:
    sandbox = artist / ".var/app/org.kde.krita"
    (sandbox / "data/krita").mkdir(parents=True)
    install("krita", None, home)
    assert (sandbox / "data/krita/pykrita/redraft/bridge.json").exists()
    assert "enable_redraft=true" in (sandbox / "config/kritarc").read_text()
    assert not (artist / ".config/kritarc").exists()


# Where each host keeps its files, by system: what it makes when it is started once, where the
# plug-in has to lie, and which file switches it on ("" = its place alone does).
LAYOUTS = [
    ("linux", "krita", ".local/share/krita", "pykrita", ".config/kritarc"),
    ("linux", "krita", ".var/app/org.kde.krita/data/krita", "pykrita",
     ".var/app/org.kde.krita/config/kritarc"),
    ("linux", "krita", "snap/krita/current/.local/share/krita", "pykrita",
     "snap/krita/current/.config/kritarc"),
    ("darwin", "krita", "Library/Application Support/krita", "pykrita",
     "Library/Preferences/kritarc"),
    ("win32", "krita", "Roaming/krita", "pykrita", "Local/kritarc"),
    ("linux", "gimp", ".config/GIMP/3.0", "plug-ins", ""),
    ("linux", "gimp", ".config/GIMP/3.2", "plug-ins", ""),
    ("linux", "gimp", ".var/app/org.gimp.GIMP/config/GIMP/3.2", "plug-ins", ""),
    ("linux", "gimp", "snap/gimp/current/.config/GIMP/3.0", "plug-ins", ""),
    ("darwin", "gimp", "Library/Application Support/GIMP/3.2", "plug-ins", ""),
    ("win32", "gimp", "Roaming/GIMP/3.0", "plug-ins", ""),
]  # fmt: skip


@pytest.mark.parametrize(("system", "host", "made", "place", "switch"), LAYOUTS)
def test_every_layout_of_a_host_is_known(
    artist: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    system: str,
    host: str,
    made: str,
    place: str,
    switch: str,
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setenv("APPDATA", str(artist / "Roaming"))
    monkeypatch.setenv("LOCALAPPDATA", str(artist / "Local"))
    (artist / made).mkdir(parents=True)
    install(host, None, home)
    put = artist / made / place / "redraft"
    assert [one.parent for one in artist.rglob("bridge.json")] == [put]
    if host == "gimp":
        assert (put / "redraft.py").stat().st_mode & 0o111
    if switch:
        assert list(artist.rglob("kritarc")) == [artist / switch]
        assert "enable_redraft=true" in (artist / switch).read_text()
    uninstall(host, None)
    assert not put.exists()


def test_an_older_gimp_gets_nothing(artist: Path, home: Path) -> None:
    (artist / ".config/GIMP/2.10").mkdir(parents=True)
    with pytest.raises(NotFound, match="GIMP was not found"):
        install("gimp", None, home)


def test_a_folder_named_by_the_artist_is_used(artist: Path, tmp_path: Path, home: Path) -> None:
    install("krita", tmp_path / "plug-ins", home)
    assert (tmp_path / "plug-ins/redraft/bridge.json").exists()
    uninstall("krita", tmp_path / "plug-ins")
    assert not (tmp_path / "plug-ins/redraft").exists()


def test_a_folder_that_is_not_ours_is_never_replaced(krita: Path, home: Path) -> None:
    (krita / "redraft").mkdir(parents=True)
    (krita / "redraft/of_the_artist.py").touch()
    with pytest.raises(BadRequest, match="is not ours"):
        install("krita", None, home)
    assert (krita / "redraft/of_the_artist.py").exists()
    with pytest.raises(NotFound):
        uninstall("krita", None)


def test_a_host_that_is_not_here_is_a_sentence(artist: Path, home: Path) -> None:
    with pytest.raises(NotFound, match="start it once, or name"):
        install("krita", None, home)
    with pytest.raises(NotFound, match="There is no host paint"):
        install("paint", None, home)


def test_doctor_says_what_to_do_about_each_host(artist: Path, krita: Path, home: Path) -> None:
    def line() -> str:
        return next(line for line in doctor(home) if line.startswith("krita: "))

    assert line().endswith("type: redraft install krita")
    install("krita", None, home)
    assert line() == f"krita: the plug-in is in {krita}"
    setup = krita / "redraft/bridge.json"
    setup.write_text(json.dumps({"command": ["/gone/python"], "home": str(home)}))
    assert "/gone/python, which is gone" in line()
