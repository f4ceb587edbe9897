"""Which hosts a URL from a server may lead to.

A server that is not ours names the URLs we fetch. It must not make us talk to what only this
machine or its network can reach: a router, another user's program, a provider's metadata service.
Unless the API itself lives there, as the sandbox does.
"""

from __future__ import annotations

import socket
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

_NAT64 = ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in its last 32 bits

Address = IPv4Address | IPv6Address


class Reach:
    """The addresses that may be talked to, seen from an API at `base_url`."""

    def __init__(self, base_url: str) -> None:
        self._base_host = urlsplit(base_url).hostname or ""

    def allows(self, text: str) -> bool:
        """Whether an address may be talked to; `text` as a socket tells it."""
        address = _plain(text)
        if address is None or address.is_multicast or address.is_unspecified:
            return False
        if address.is_global:
            return True
        return self._base_is_private and not address.is_link_local

    def allows_host(self, host: str) -> bool:
        """As `allows` for a literal address; a name is decided when it is resolved."""
        return _plain(host) is None or self.allows(host)

    @cached_property
    def _base_is_private(self) -> bool:
        """Whether the API is on this machine or in a private network; asks the name server."""
        if (literal := _plain(self._base_host)) is not None:
            return not literal.is_global
        try:
            found = socket.getaddrinfo(self._base_host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return False
        addresses = [_plain(str(entry[4][0])) for entry in found]
        return bool(addresses) and all(a is not None and not a.is_global for a in addresses)


def is_public_host(host: str) -> bool:
    """False for a host that is certainly no use to a server elsewhere; a name counts as public."""
    if host.rstrip(".") == "localhost" or host.endswith((".localhost", ".local")):
        return False
    address = _plain(host)
    return address is None or address.is_global


def _plain(text: str) -> Address | None:
    """The address that packets really go to; None when `text` is none."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped or address.sixtofour:
            return address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address
