"""A root folder with its own Debian suite, entered in a mount namespace that ends with the command.

Nothing stays mounted, whatever happens: the mounts belong to the command's own namespace.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

BASE_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/root",
    "DEBIAN_FRONTEND": "noninteractive",
}


@dataclass(frozen=True)
class Chroot:
    """binds: folders of this machine that are seen inside, by their place inside."""

    root: Path
    binds: Mapping[str, Path] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)

    def command(self, words: Sequence[str]) -> list[str]:
        """The words of a process on this machine that runs `words` inside."""
        script = ["set -e"]
        script += [f"mount --rbind /{name} {self._at(f'/{name}')}" for name in ("dev", "sys")]
        script += [f"mount -t proc proc {self._at('/proc')}"]
        for inside, outside in self.binds.items():
            script += [f"mkdir -p {self._at(inside)}"]
            script += [f"mount --bind {shlex.quote(str(outside))} {self._at(inside)}"]
        variables = {**BASE_ENVIRONMENT, **self.environment}
        settings = [f"{name}={value}" for name, value in variables.items()]
        inner = ["chroot", str(self.root), "/usr/bin/env", "-i", *settings, *words]
        script += [f"exec {shlex.join(inner)}"]
        return ["unshare", "--mount", "--propagation", "private", "bash", "-c", "\n".join(script)]

    def run(
        self, words: Sequence[str], *, check: bool = True, timeout: float = 1800
    ) -> subprocess.CompletedProcess[str]:
        """Output is captured; a failure shows its end."""
        done = subprocess.run(
            self.command(words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
        if check and done.returncode:
            raise RuntimeError(
                f"{shlex.join(words)} ended with {done.returncode}:\n{done.stdout[-3000:]}"
            )
        return done

    def _at(self, inside: str) -> str:
        return shlex.quote(f"{self.root}{inside}")
