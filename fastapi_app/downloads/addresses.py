"""Which addresses a worker may ask. Pure: nothing is resolved here."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

SCHEMES = ("http", "https")
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""Where NAT64 hides an IPv4 address in the last four bytes."""


def is_askable(url: str) -> bool:
    """Whether `url` is an address on the web, by its text: a scheme that is fetched, and a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def host_of(url: str) -> str:
    """The host of an address, for pacing; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def is_public(host: str) -> bool:
    """Whether an IP address in digits belongs to the public internet. A name is not public: it must be resolved first.

    Addresses that carry another one inside (mapped, 6to4, Teredo, NAT64) are as public as that one.
    """
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    inner = _carried(address) if isinstance(address, IPv6Address) else None
    if inner is not None:
        return is_public(str(inner))
    return address.is_global and not address.is_multicast


def _carried(address: IPv6Address) -> IPv4Address | None:
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour
