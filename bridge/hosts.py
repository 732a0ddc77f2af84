"""Puts plug-ins into hosts, and finds hosts: the only file here that knows them by name."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import bridge
from bridge.errors import BadRequest, HomeTrouble, NotFound

IDLE_SECONDS = 900  # a bridge that a plug-in started ends itself after this
ORA_IS_READ = "GIMP reads .ora as 8-bit; a .tif keeps all 16."  # said of what is written
XCF_MAGIC = b"gimp xcf "  # begins every .xcf
OURS = "bridge.json"  # marks a folder as put there by us


@dataclass(frozen=True, slots=True)
class Host:
    """name: of the folder that it gets. sources: what is copied. enable: switches it on."""

    id: str
    label: str
    name: str
    source: str
    places: Callable[[], list[Path]]
    enable: Callable[[Path], None]
    disable: Callable[[Path], None]


def install(id: str, into: Path | None, home: Path) -> str:
    """Copies the plug-in into every place where the host looks; returns what was done.

    into: that folder instead. NotFound when there is no such host here.
    """
    host = _host(id)
    places = [into] if into else [place for place in host.places() if _present(place)]
    if not places:
        raise NotFound(
            f"{host.label} was not found; start it once, or name its plug-in folder with --into."
        )
    for place in places:
        _copy(host, place, home)
        host.enable(place)
    where = " and ".join(str(place) for place in places)
    return f"{host.label}: the plug-in is in {where}. Restart {host.label}, if it runs."


def uninstall(id: str, into: Path | None) -> str:
    """Removes only what `install` put there. NotFound when there is nothing."""
    host = _host(id)
    removed = []
    for place in [into] if into else host.places():
        if (place / host.name / OURS).exists():
            shutil.rmtree(place / host.name)
            host.disable(place)
            removed.append(str(place))
    if not removed:
        raise NotFound(f"There is no plug-in of ours in {host.label}.")
    return f"{host.label}: removed from {' and '.join(removed)}. Revisions are kept."


def doctor(home: Path) -> Iterator[str]:
    """One line for each host and for the bridge: how it stands, and what to do."""
    from bridge.caller import find_running

    running = find_running(home)
    yield f"bridge: {'runs at ' + running.url if running else 'not running; hosts start it'}"
    yield f"revisions: {home}"
    for host in HOSTS:
        yield f"{host.id}: {_state(host)}"


def _state(host: Host) -> str:
    places = host.places()
    ours = [place for place in places if (place / host.name / OURS).exists()]
    if not ours:
        found = any(_present(place) for place in places)
        todo = f"type: redraft install {host.id}"
        return f"found, without the plug-in; {todo}" if found else "not found"
    command = json.loads((ours[0] / host.name / OURS).read_text())["command"]
    if not Path(command[0]).exists():
        return f"its plug-in starts {command[0]}, which is gone; type: redraft install {host.id}"
    return f"the plug-in is in {ours[0]}"


# --- copying -----------------------------------------------------------------------------------


def _host(id: str) -> Host:
    for host in HOSTS:
        if host.id == id.lower():
            return host
    raise NotFound(f"There is no host {id}; there are {', '.join(host.id for host in HOSTS)}.")


def _source(host: Host) -> Path:
    """In the wheel beside this file, in a checkout beside the package."""
    package = Path(bridge.__file__).parent
    for folder in (package / "plugins" / host.source, package.parent / host.source):
        if folder.is_dir():
            return folder
    raise HomeTrouble(f"This Redraft came without {host.source}; install it again.")


def _copy(host: Host, place: Path, home: Path) -> None:
    """Beside its place first, so that a host never loads half of it."""
    target, fresh = place / host.name, place / f".{host.name}.new"
    if target.exists() and not (target / OURS).exists() and any(target.iterdir()):
        raise BadRequest(f"{target} is not ours; move it away, then install again.")
    try:
        place.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(_source(host), fresh, ignore=shutil.ignore_patterns("__pycache__"))
        (fresh / OURS).write_text(json.dumps(_setup(home), indent=1), encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    except OSError as exc:
        raise BadRequest(f"{target} cannot be written ({exc.strerror}).") from exc


def _setup(home: Path) -> dict[str, object]:
    """What starts the bridge from there: this very Python, nothing of the host's on its path."""
    serve = ["serve", "--idle", str(IDLE_SECONDS), "--home", str(home.absolute())]
    return {
        "command": [sys.executable, "-P", "-m", "bridge", *serve],
        "home": str(home.absolute()),
    }


def _present(place: Path) -> bool:
    """Whether the host keeps its files there: the folder above its plug-ins is made by it."""
    return place.parent.is_dir()


# --- Krita ---------------------------------------------------------------------------------------


def _krita_places() -> list[Path]:
    home = Path.home()
    if sys.platform == "win32":
        return [Path(os.environ.get("APPDATA", str(home))) / "krita" / "pykrita"]
    if sys.platform == "darwin":
        return [home / "Library/Application Support/krita/pykrita"]
    data = Path(os.environ.get("XDG_DATA_HOME", str(home / ".local/share")))
    return [
        data / "krita" / "pykrita",
        home / ".var/app/org.kde.krita/data/krita/pykrita",
        home / "snap/krita/current/.local/share/krita/pykrita",
    ]


def _krita_settings(place: Path) -> Path | None:
    """kritarc of the Krita whose plug-ins lie in `place`; None for a folder we do not know."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(home))) / "kritarc"
    if sys.platform == "darwin":
        return home / "Library/Preferences/kritarc"
    if "org.kde.krita" in place.parts:
        return home / ".var/app/org.kde.krita/config/kritarc"
    if "snap" in place.parts:
        return home / "snap/krita/current/.config/kritarc"
    return Path(os.environ.get("XDG_CONFIG_HOME", str(home / ".config"))) / "kritarc"


def _enable_in_krita(place: Path) -> None:
    """The .desktop file by which Krita knows the plug-in, and the switch; it finds .action."""
    shutil.copy(place / "redraft" / "redraft.desktop", place / "redraft.desktop")
    _set_in_krita(place, "true")


def _disable_in_krita(place: Path) -> None:
    (place / "redraft.desktop").unlink(missing_ok=True)
    _set_in_krita(place, "false")


def _set_in_krita(place: Path, value: str) -> None:
    """[python] enable_redraft=… in kritarc, every other line as it was."""
    path = _krita_settings(place)
    if path is None:
        return
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    lines = [line for line in lines if not line.startswith("enable_redraft=")]
    if "[python]" not in lines:
        lines += ["", "[python]"]
    lines.insert(lines.index("[python]") + 1, f"enable_redraft={value}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


# --- GIMP ----------------------------------------------------------------------------------------


def _gimp_places() -> list[Path]:
    """GIMP keeps a folder for each version; every one that is there gets the plug-in."""
    home = Path.home()
    if sys.platform == "win32":
        roots = [Path(os.environ.get("APPDATA", str(home))) / "GIMP"]
    elif sys.platform == "darwin":
        roots = [home / "Library/Application Support/GIMP"]
    else:
        config = Path(os.environ.get("XDG_CONFIG_HOME", str(home / ".config")))
        roots = [
            config / "GIMP",
            home / ".var/app/org.gimp.GIMP/config/GIMP",
            home / "snap/gimp/current/.config/GIMP",
        ]
    return [folder / "plug-ins" for root in roots for folder in sorted(root.glob("3.*"))]


def _enable_in_gimp(place: Path) -> None:
    """GIMP runs the file that is named like its folder, when it may be run."""
    (place / "redraft" / "redraft.py").chmod(0o755)


def _nothing(place: Path) -> None:
    """GIMP forgets a plug-in whose folder is gone."""


HOSTS = (
    Host(
        "krita",
        "Krita",
        "redraft",
        "krita_plugin",
        _krita_places,
        _enable_in_krita,
        _disable_in_krita,
    ),
    Host("gimp", "GIMP", "redraft", "gimp_plugin", _gimp_places, _enable_in_gimp, _nothing),
)
