"""GIMP with our plug-in, as `redraft install` puts it there, and the test's hand beside it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.hosts.build import STAMP
from tests.hosts.chroot import Chroot
from tests.hosts.install import VENV
from tests.hosts.running import Host, running

HERE = Path(__file__).parent
STEPS = HERE.parents[1] / "steps"
# A version other than the one that was used last is welcomed by a dialog.
SETTINGS = """(config-version "{version}")
(show-welcome-dialog no)
(color-profile-policy keep)
(check-updates no)
"""
SHORTCUTS = """(file-version 1)
(action "redraft-revise" "<Primary><Alt>r")
(action "redraft-history" "<Primary><Alt>h")
"""
# The hand in our own window: Python runs this before the plug-in; nothing else is changed.
CUSTOMIZE = """import os, sys
if sys.argv and sys.argv[0].endswith("/redraft.py"):
    sys.path.insert(0, os.environ["HOME"] + "/hand")
    import driver
    driver.within_a_window()
"""
# The artist's browser: it notes what it is to open.
BROWSER = """[Desktop Entry]
Type=Application
Name=Browser
Exec=sh -c 'printf %%s "$1" > "$RUN/opened.new"; mv "$RUN/opened.new" "$RUN/opened"' sh %u
MimeType=x-scheme-handler/http;
"""
BROWSES = """[Default Applications]
x-scheme-handler/http=browser.desktop
"""
BATCH = (
    "import sys, os, pathlib; sys.path.insert(0, os.environ['HOME'] + '/hand'); "
    "import driver; driver.serve(pathlib.Path(os.environ['RUN']))"
)
OPTIONS = "--no-splash --quit --batch-interpreter=python-fu-eval"


@contextmanager
def gimp(chroot: Chroot, program: str, **environment: str) -> Iterator[Host]:
    """program: gimp-console for pictures alone, gimp for the window, too.

    environment: what the bridge that the plug-in starts is to know.
    """

    def prepare(home: Path) -> None:
        version = json.loads((chroot.root / STAMP).read_text())["versions"]["gimp"]
        folder = home / ".config/GIMP" / version.rpartition(".")[0]
        folder.mkdir(parents=True)
        (folder / "gimprc").write_text(SETTINGS.format(version=version))
        (folder / "shortcutsrc").write_text(SHORTCUTS)
        hand = home / "hand"
        hand.mkdir()
        for name in ("driver.py", "hand.py", "pictures.py"):
            shutil.copy(HERE / name, hand / name)
        for python in (chroot.root / "usr/lib").glob("python3.*"):
            site = home / ".local/lib" / python.name / "site-packages"
            site.mkdir(parents=True)
            (site / "usercustomize.py").write_text(CUSTOMIZE)
        (home.parent / "window").mkdir()
        applications = home / ".local/share/applications"
        applications.mkdir(parents=True)
        (applications / "browser.desktop").write_text(BROWSER)
        (applications / "mimeapps.list").write_text(BROWSES)
        redraft = home / "redraft"
        redraft.mkdir(mode=0o700)
        shutil.copy(STEPS / "catalog.toml", redraft / "catalog.toml")
        inside = "/" + str(home.relative_to(chroot.root))
        variables = {"HOME": inside, "REDRAFT_HOME": f"{inside}/redraft"}
        chroot.run([f"{VENV}/bin/redraft", "install", "gimp"], variables)

    command = f'{program} {OPTIONS} -b "{BATCH}"'
    with running(chroot, command, prepare, **environment) as host:
        yield host
