"""Krita with our plug-in, as `redraft install` puts it there, and the test's hand beside it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.hosts.chroot import Chroot
from tests.hosts.install import VENV
from tests.hosts.running import Host, running

HERE = Path(__file__).parent
STEPS = HERE.parents[1] / "steps"
DESKTOP = """[Desktop Entry]
Type=Service
ServiceTypes=Krita/PythonPlugin
X-KDE-Library=redraft_driver
X-Python-2-Compatible=false
Name=The hand of the test
"""
SETTINGS = """[General]
showWelcome=false

[python]
enable_redraft_driver=true

[theme]
Theme={theme}
"""


@contextmanager
def krita(chroot: Chroot, theme: str = "Krita dark", **environment: str) -> Iterator[Host]:
    """environment: what the bridge that the plug-in starts is to know, too."""

    def prepare(home: Path) -> None:
        plugins = home / ".local/share/krita/pykrita"
        (plugins / "redraft_driver").mkdir(parents=True)
        shutil.copy(HERE / "driver.py", plugins / "redraft_driver" / "__init__.py")
        shutil.copy(HERE / "hand.py", plugins / "hand.py")
        (plugins / "redraft_driver.desktop").write_text(DESKTOP)
        (home / ".config").mkdir()
        (home / ".config" / "kritarc").write_text(SETTINGS.format(theme=theme))
        redraft = home / "redraft"
        redraft.mkdir(mode=0o700)
        shutil.copy(STEPS / "catalog.toml", redraft / "catalog.toml")
        inside = "/" + str(home.relative_to(chroot.root))
        variables = {"HOME": inside, "REDRAFT_HOME": f"{inside}/redraft"}
        chroot.run([f"{VENV}/bin/redraft", "install", "krita"], variables)

    with running(chroot, "krita --nosplash", prepare, **environment) as host:
        yield host
