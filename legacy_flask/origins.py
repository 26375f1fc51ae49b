"""Which page sent a request, as far as its browser tells. Pure."""

import re
from collections.abc import Collection

_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>[^/?#@\\\s,;:\[\]]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_FROM_US = ("", "none", "same-origin")
"""What Sec-Fetch-Site says of scripts, of the visitor's own typing, and of our pages. A neighbour is not us."""


def is_foreign(fetch_site: str, origin: str, host: str, allowed: Collection[str] = (), *, scheme: str = "http") -> bool:
    """Whether the browser says that another site sent this. Scripts send neither header and pass."""
    if origin and canonical(origin) in allowed:
        return False
    if fetch_site.strip().lower() not in _FROM_US:
        return True
    return bool(origin) and not origin_allowed(origin, host, allowed, scheme=scheme)


def origin_allowed(origin: str, host: str, allowed: Collection[str] = (), *, scheme: str = "http") -> bool:
    """Whether the page at `origin` may act for the visitor at `scheme`://`host`.

    `allowed` are further origins, as `canonical` writes them. A page on http is no part of a site on https; where the
    request seems to be on http, a proxy may have ended TLS, and a page on https is ours.
    """
    found = canonical(origin)
    if not found or found in allowed:
        return bool(found)
    page_scheme = found.partition(":")[0]
    if page_scheme == "http" and scheme == "https":
        return False
    return found == canonical(f"{page_scheme}://{host}")


def canonical(origin: str) -> str:
    """An origin as browsers write it: lower case, without its default port. Empty where it is none."""
    match = _ORIGIN.fullmatch(origin.lower())
    if match is None:
        return ""
    scheme, host, port = match["scheme"], match["host"], match["port"]
    return f"{scheme}://{host}" + (f":{port}" if port and port != _DEFAULT_PORTS[scheme] else "")
