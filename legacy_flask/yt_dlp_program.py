"""yt-dlp as a program of its own, kept away from private networks. Run by its path: it imports nothing of ours.

`python yt_dlp_program.py public|any ARGUMENTS…`. With `public` every connection to an address that is not on the public
internet is refused when it is made, after the name was resolved: redirects and playlists gain nothing.
"""

import ctypes
import ipaddress
import signal
import sys
from importlib import import_module
from typing import Any

_CONNECTIONS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_PR_SET_PDEATHSIG = 1
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(host: str) -> bool:
    """Whether an address in digits is on the public internet, also one that carries another inside."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner: Any = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(str(inner))
    return address.is_global and not address.is_multicast


def refuse_private(event: str, arguments: tuple[Any, ...]) -> None:
    """For Python's audit: raises PermissionError before a packet leaves."""
    if event not in _CONNECTIONS or arguments[1] is None:
        return
    host = arguments[1][0] if isinstance(arguments[1], tuple) else None
    if not isinstance(host, str) or not is_public(host):
        raise PermissionError("the address leads into a private network")


def main() -> None:
    """Ends when the process that started it is killed, and with yt-dlp's own exit code otherwise."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if sys.argv[1] == "public":
        sys.addaudithook(refuse_private)
    import_module("yt_dlp").main(sys.argv[2:])  # after the hook


if __name__ == "__main__":
    main()
