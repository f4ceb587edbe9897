"""Addresses of the model's objects: what a pointer is to a script.

An address is never used twice, so a pointer kept too long is stale for certain, where in REAPER
it may be anything. Using one in a C function crashes the host; `is_valid` is what ValidatePtr asks.
"""

from __future__ import annotations

from typing import Any

FIRST = 0x0000_55AB_0000_1000
STEP = 0x40


class HostCrashed(BaseException):
    """REAPER would have died here. A BaseException: no guard of a script may swallow it."""


class Addresses:
    """Which object lies at which address."""

    def __init__(self) -> None:
        self._next = FIRST
        self._by_address: dict[int, Any] = {}
        self._by_identity: dict[int, int] = {}

    def address_of(self, thing: Any) -> int:
        """The address of an object; 0 for None."""
        if thing is None:
            return 0
        known = self._by_identity.get(id(thing))
        if known is not None:
            return known
        address, self._next = self._next, self._next + STEP
        self._by_address[address] = thing
        self._by_identity[id(thing)] = address
        return address

    def object_at(self, address: int, c_type: str) -> Any:
        """The living object of that type at an address, None at 0; anything else crashes."""
        if address == 0:
            return None
        thing = self._by_address.get(address)
        if thing is None:
            raise HostCrashed(f"no object lies at 0x{address:X} ({c_type} wanted)")
        if thing.c_type != c_type:
            raise HostCrashed(f"at 0x{address:X} lies a {thing.c_type}, not a {c_type}")
        return thing

    def find(self, address: int) -> Any:
        """The living object at an address, or None."""
        return self._by_address.get(address)

    def free(self, thing: Any) -> None:
        """The object ceases to be; its address is stale from now on."""
        address = self._by_identity.pop(id(thing), None)
        if address is not None:
            del self._by_address[address]
