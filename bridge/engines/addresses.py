"""Addresses that providers name, and where their names lead.

An address is read by the library that asks at it, so that what is checked is what is asked. Where
a name leads is looked at on the line itself, before a byte is sent on it: a name that is checked
first and asked for again when connecting may have moved in between.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from bridge.errors import Unreachable

if TYPE_CHECKING:  # loaded when somebody is asked; engines are named long before
    import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# What is no address of anybody's: proxies that catch all traffic of a machine name hosts by these.
STAND_INS = ipaddress.ip_network("198.18.0.0/15")
CARRIED_IPV4 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: IPv4 in networks of IPv6 alone


def address(text: str) -> httpx.URL | None:
    """None when nobody can be asked there."""
    import httpx

    try:
        url = httpx.URL(text)
        return url if url.host else None
    except (httpx.InvalidURL, ValueError):  # the second of names that no language writes
        return None


def joined(base: httpx.URL | str, target: str) -> httpx.URL | None:
    """Where `target`, named at `base`, leads; None when nobody can be asked there."""
    import httpx

    try:
        return address(str(httpx.URL(base).join(target)))
    except (httpx.InvalidURL, ValueError):
        return None


def host_of(text: str) -> str:
    """The name in it; "" when nobody can be asked there."""
    url = address(text)
    return url.host if url is not None else ""


def watch(host: str, label: str) -> Callable[[str, dict[str, Any]], Awaitable[None]]:
    """A `trace` of httpcore's that lets no line to `host` end inside this machine or its network.

    Unreachable then, and nothing was sent. A line to a proxy is the artist's own choice: its
    name is another one, and it is the proxy that looks `host` up.
    """
    asked = ""

    async def trace(event: str, found: dict[str, Any]) -> None:
        nonlocal asked
        if event == "connection.connect_tcp.started":
            asked = found["host"]
        elif event == "connection.connect_tcp.complete" and asked.lower() == host.lower():
            line = found["return_value"]
            address = line.get_extra_info("server_addr")[0]
            if is_inside(address):
                await line.aclose()
                raise Unreachable(
                    f"{label} is at {host}, but here that name leads to {address}, inside your own "
                    "network; nothing was sent. Check the network's name server."
                )

    return trace


def is_loopback(host: str) -> bool:
    """Whether this name or address is this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_inside(address: str) -> bool:
    """Whether it is this machine's or its network's, and nobody's in the world."""
    found: Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found in CARRIED_IPV4:
            found = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        elif found.ipv4_mapped is not None:
            found = found.ipv4_mapped
    if isinstance(found, ipaddress.IPv4Address) and found in STAND_INS:
        return False
    return not found.is_global or found.is_multicast
