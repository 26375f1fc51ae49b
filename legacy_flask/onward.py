"""Where a login leads."""

from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def inside(target: str, scheme: str, host: str) -> str:
    """`target` when it is a path, or an address of this very site, else `/`. Pure.

    Browsers drop control characters and read a backslash as a slash, so addresses with either are refused.
    """
    if not target or "\\" in target or any(ord(char) <= 0x20 or ord(char) == 0x7F for char in target):
        return "/"
    if target.startswith("/"):
        return "/" if target.startswith("//") else target
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/"
    if parts.scheme not in _DEFAULT_PORTS or not host:
        return "/"
    named = parts.netloc.removesuffix(_DEFAULT_PORTS[parts.scheme])
    return target if named == host.removesuffix(_DEFAULT_PORTS.get(scheme, "")) else "/"
