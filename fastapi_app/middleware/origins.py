"""Which page sent a request, as far as its browser tells. Pure."""

from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_OURS = frozenset({"", "none", "same-origin"})
"""Values of Sec-Fetch-Site: absent, typed by the visitor, our own page. `same-site` is a neighbour, and not us."""

Site = tuple[str, int]


def origin_allowed(origin: str, host: str, allowed: Collection[str] = (), *, scheme: str = "http") -> bool:
    """Whether the page at `origin` may act for the visitor here.

    `host` and `scheme` are those of the request (behind a proxy: what the visitor sees), `allowed` further origins
    as `canonical` writes them. A page on http is no part of a site on https. A request whose scheme is http may have
    come through a proxy that ends TLS and does not say so: then an origin on https is ours too.
    """
    parts = _origin(origin)
    if parts is None:
        return False
    if canonical(origin) in allowed:
        return True
    own = _site(host, parts.scheme)
    is_downgrade = scheme == "https" and parts.scheme == "http"
    return own is not None and own == _site(parts.netloc, parts.scheme) and not is_downgrade


def is_foreign(fetch_site: str, origin: str, host: str, allowed: Collection[str] = (), *, scheme: str = "http") -> bool:
    """Whether the browser says that another site sent this. Scripts send neither header and pass."""
    if origin and canonical(origin) in allowed:
        return False
    if fetch_site.strip().lower() not in _OURS:
        return True
    return bool(origin) and not origin_allowed(origin, host, allowed, scheme=scheme)


def canonical(origin: str) -> str:
    """An origin as browsers write it: lower case, without its default port. Empty where it is none."""
    parts = _origin(origin)
    if parts is None:
        return ""
    netloc = parts.netloc.lower()
    return f"{parts.scheme}://{netloc.removesuffix(f':{_DEFAULT_PORTS[parts.scheme]}')}"


def _origin(text: str) -> SplitResult | None:
    """A scheme, a host, perhaps a port, and nothing else."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    more = parts.path or parts.query or parts.fragment or text.endswith(("?", "#"))
    return None if parts.scheme not in _DEFAULT_PORTS or more or _site(parts.netloc, parts.scheme) is None else parts


def _site(netloc: str, scheme: str) -> Site | None:
    """Host and port; None for what names no host, or a user beside it."""
    try:
        parts = urlsplit(f"//{netloc}")
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or "@" in netloc or parts.path or any(char in netloc for char in "\\ \t,;"):
        return None
    return parts.hostname, _DEFAULT_PORTS[scheme] if port is None else port
