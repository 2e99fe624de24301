"""Which addresses outbound requests may reach.

A name is looked up once and the connection goes to the very address that was checked here, so that a name which
answers differently a moment later (DNS rebinding) gains nothing. The lists are the IANA special-purpose registries,
written out, because what `ipaddress` calls global differs between Python's releases.
"""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

IPAddress = IPv4Address | IPv6Address


class Reach(StrEnum):
    """What an address is to us."""

    PUBLIC = "public"
    PRIVATE = "private"  # reached only where the operator allows it: loopback, private, shared address space
    NEVER = "never"  # link-local (cloud metadata), multicast, unspecified, reserved, documentation, tunnels


_V4_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_V4_NEVER = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",
            "169.254.0.0/16",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
_V6_PRIVATE = tuple(map(ip_network, ("::1/128", "fc00::/7")))
_V6_UNICAST = ip_network("2000::/3")
_V6_NEVER = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
_NAT64 = ip_network("64:ff9b::/96")


def reach(address: IPAddress) -> Reach:
    """Return what `address` is to us; an IPv4 address inside an IPv6 one (mapped, NAT64) is judged as itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif address in _NAT64:
            address = IPv4Address(int(address) & 0xFFFFFFFF)
    private, never = (_V4_PRIVATE, _V4_NEVER) if isinstance(address, IPv4Address) else (_V6_PRIVATE, _V6_NEVER)
    if any(address in network for network in private):
        return Reach.PRIVATE
    if isinstance(address, IPv6Address) and address not in _V6_UNICAST:
        return Reach.NEVER
    return Reach.NEVER if any(address in network for network in never) else Reach.PUBLIC


def refusal(address: str, *, scheme: str, allow_private: bool) -> str | None:
    """Return why `address` (as text) must not be reached over `scheme`, or None where it may.

    Plain http is for private targets only: nothing public is sent in the clear.
    """
    try:
        place = reach(ip_address(address))
    except ValueError:
        return "the name's answer is no IP address"
    if place is Reach.NEVER:
        return "it leads to a link-local, multicast, reserved or unspecified address"
    if place is Reach.PRIVATE and not allow_private:
        return "it leads to a loopback or private address"
    if place is Reach.PUBLIC and scheme != "https":
        return "public servers are reached over https only"
    return None
