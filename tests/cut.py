"""No test reaches beyond this machine: what tries is stopped here, at the loopback.

The process of the tests itself is always held back. With REDRAFT_CUT set, it and every process it
starts live in a network of their own that has the loopback and nothing else, where the system
allows that (Linux, root).
"""

from __future__ import annotations

import ctypes
import fcntl
import ipaddress
import os
import socket
import struct
import sys
from typing import Any

NEW_NETWORK = 0x40000000  # CLONE_NEWNET
SET_FLAGS = 0x8914  # SIOCSIFFLAGS
UP = 0x1  # IFF_UP
LOOPBACK_NAMES = ("", "localhost", "localhost.localdomain")


class Outside(OSError):
    """A test asked for somewhere else."""


def hold_back() -> None:
    """From now on, for as long as this process lives."""
    sys.addaudithook(_stop)


def cut() -> bool:
    """Whether this process and all it starts now have a network of their own."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return False
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_NETWORK) != 0:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh", b"lo", UP))
    return True


def _stop(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if host is not None and not is_here(str(host)):
        raise Outside(f"a test asked for {host}")


def is_here(host: str) -> bool:
    """Whether `host`, a name or an address, is this machine."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host in LOOPBACK_NAMES
