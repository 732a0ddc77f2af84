"""A root folder with its own Debian suite, entered in namespaces that end with the command.

Nothing stays mounted or running, whatever happens: the mounts and the processes belong to the
command's own namespaces. The network is the machine's own.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

BASE_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/games",
    "LANG": "C.UTF-8",
    "HOME": "/root",
    "DEBIAN_FRONTEND": "noninteractive",
}


@dataclass(frozen=True)
class Chroot:
    """binds: folders and files of this machine that are seen inside, by their place inside."""

    root: Path
    binds: Mapping[str, Path] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)

    def command(
        self, words: Sequence[str], variables: Mapping[str, str] | None = None
    ) -> list[str]:
        """The words of a process on this machine that runs `words` inside."""
        script = ["set -e"]
        script += [f"mount --rbind /{name} {self._at(f'/{name}')}" for name in ("dev", "sys")]
        script += [f"mount -t proc proc {self._at('/proc')}"]
        for inside, outside in self.binds.items():
            place = self._at(inside)
            script += [
                f"mkdir -p {place}"
                if outside.is_dir()
                else f"mkdir -p $(dirname {place}) && touch {place}"
            ]
            script += [f"mount --bind {shlex.quote(str(outside))} {self._at(inside)}"]
        every = {**BASE_ENVIRONMENT, **self.environment, **(variables or {})}
        settings = [f"{name}={value}" for name, value in every.items()]
        inner = ["chroot", str(self.root), "/usr/bin/env", "-i", *settings, *words]
        script += [f"exec {shlex.join(inner)}"]
        namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"]
        return ["unshare", *namespaces, "bash", "-c", "\n".join(script)]

    def run(
        self,
        words: Sequence[str],
        variables: Mapping[str, str] | None = None,
        *,
        check: bool = True,
        timeout: float = 1800,
    ) -> subprocess.CompletedProcess[str]:
        """Output is captured; a failure shows its end."""
        done = subprocess.run(
            self.command(words, variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
        if check and done.returncode:
            end = done.stdout[-3000:]
            raise RuntimeError(f"{shlex.join(words)} ended with {done.returncode}:\n{end}")
        return done

    def _at(self, inside: str) -> str:
        return shlex.quote(f"{self.root}{inside}")
