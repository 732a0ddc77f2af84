"""Builds and caches the suites that hold the real hosts: `make hosts`, once per machine, as root.

A suite is built beside its place and moved there when it is whole. REDRAFT_HOSTS names another
folder for them. What a suite has today is taken and printed; only another major.minor of a host
than the tests name is an error.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.hosts.chroot import Chroot
from tests.hosts.desk import install_desk

STAMP = "redraft-suite.json"
FORMAT = 1  # raised when suites must be built anew
AT_ONCE = 2
TOOL_NAMES = (
    "python3-gi gir1.2-gtk-3.0 python3-venv python3-pip dbus-x11 openbox xvfb xauth xdotool "
    "imagemagick x11-apps procps fonts-dejavu-core adwaita-icon-theme"
)


@dataclass(frozen=True)
class Suite:
    """extra: a second suite that the packages in `from_extra` come from."""

    name: str
    hosts: dict[str, str]  # package -> the major.minor that the tests name
    packages: tuple[str, ...]
    extra: str = ""
    from_extra: tuple[str, ...] = ()


SUITES = (
    Suite("trixie", {"gimp": "3.0", "krita": "5.2"}, ("gimp", "krita", "python3-pyqt5")),
    Suite("forky", {"gimp": "3.2", "krita": "5.3"}, ("gimp", "krita", "python3-pyqt5")),
    Suite("sid", {"krita": "6.0"}, ("python3-pyqt6",), "experimental", ("krita",)),
)


def cache_folder() -> Path:
    return Path(os.environ.get("REDRAFT_HOSTS", "/var/cache/redraft-hosts"))


def built(suite: Suite) -> dict[str, str] | None:
    """The hosts' versions in a suite that is whole; None when it has to be built."""
    try:
        stamp = json.loads((cache_folder() / suite.name / STAMP).read_text())
    except (OSError, ValueError):
        return None
    versions: dict[str, str] = stamp["versions"]
    return versions if stamp["format"] == FORMAT else None


def build(suite: Suite) -> dict[str, str]:
    """Takes minutes and about 2 GB; returns the hosts' versions."""
    place = cache_folder() / suite.name
    part = place.with_suffix(".partial")
    shutil.rmtree(part, ignore_errors=True)
    part.parent.mkdir(parents=True, exist_ok=True)
    mirror = _mirror()
    script = Path("/usr/share/debootstrap/scripts") / suite.name
    known = [] if script.exists() else ["/usr/share/debootstrap/scripts/sid"]
    _run(["debootstrap", "--variant=minbase", suite.name, str(part), mirror, *known])
    _prepare(part, suite, mirror)
    chroot = Chroot(part)
    chroot.run(["apt-get", "update"])
    install = ["apt-get", "install", "-y", "--no-install-recommends"]
    chroot.run(
        [*install, *TOOL_NAMES.split(), *(p for p in suite.packages if p != "python3-pyqt6")]
    )
    if suite.extra:
        chroot.run([*install, "-t", suite.extra, *suite.from_extra])
        chroot.run([*install, *suite.packages])
    chroot.run(["apt-get", "clean"])
    versions = {package: _version(chroot, package) for package in suite.hosts}
    (part / STAMP).write_text(json.dumps({"format": FORMAT, "versions": versions}))
    shutil.rmtree(place, ignore_errors=True)
    part.rename(place)
    return versions


def _prepare(root: Path, suite: Suite, mirror: str) -> None:
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    lists = [f"deb {mirror} {name} main" for name in (suite.name, suite.extra) if name]
    (root / "etc/apt/sources.list").write_text("\n".join(lists) + "\n")
    for name in ("etc/apt/apt.conf.d", "etc/ssl/certs"):
        shutil.copytree(f"/{name}", root / name, dirs_exist_ok=True)
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")


def _version(chroot: Chroot, package: str) -> str:
    """ "5.2.9" of "1:5.2.9+dfsg-1"."""
    shown = chroot.run(["dpkg-query", "-W", "-f", "${Version}", package]).stdout
    found = re.search(r"(?:^|:)(\d+\.\d+(?:\.\d+)?)", shown)
    if not found:
        raise RuntimeError(f"{package} has no version that can be read: {shown}")
    return found[1]


def _mirror() -> str:
    """The one that this machine's own apt uses."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)|$(ORIGIN)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    sites = [line.split("|")[0] for line in listed.splitlines() if line.endswith("|Debian")]
    if not sites:
        _run(["apt-get", "update"])
        return _mirror()
    return next((site for site in sites if "security" not in site), sites[0])


def _run(words: list[str]) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}:\n{(done.stdout + done.stderr)[-3000:]}")


def _needs() -> str:
    """Why suites cannot be built here; "" when they can."""
    if sys.platform != "linux" or not shutil.which("apt-get"):
        return "The hosts are built from Debian packages: use Debian or Ubuntu."
    if os.geteuid() != 0:
        return "The hosts are built in root folders of their own: run this as root."
    return ""


def main() -> int:
    why_not = _needs()
    if why_not:
        print(why_not, file=sys.stderr)
        return 1
    install_desk()
    missing = [suite for suite in SUITES if built(suite) is None]
    if missing and not shutil.which("debootstrap"):
        _run(["apt-get", "install", "-y", "debootstrap"])
    started = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(build, missing))
    if missing:
        print(f"built {len(missing)} suites in {time.monotonic() - started:.0f} s")
    wrong = 0
    for suite in SUITES:
        versions = built(suite) or {}
        for host, named in suite.hosts.items():
            version = versions.get(host, "missing")
            fits = version.startswith(f"{named}.")
            wrong += not fits
            print(f"{suite.name:8} {host:6} {version}" + ("" if fits else f"  (wanted {named})"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
