"""Where a login leads."""

import re
from urllib.parse import unquote, urlsplit

_LEAVES = re.compile(r"(?:/\.{1,2})*/[\x00-\x20]*[/\\]")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def inside(target: str, scheme: str, host: str) -> str:
    """`target` when it is a path, or an address of this very site, else `/`. Pure.

    Browsers drop control characters and read a backslash as a slash, so addresses with either are refused. So is a
    path that would name a host once a proxy has decoded or shortened it.
    """
    if not target or "\\" in target or any(ord(char) <= 0x20 or ord(char) == 0x7F for char in target):
        return "/"
    if target.startswith("/"):
        return "/" if _LEAVES.match(unquote(target)) else target
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/"
    if parts.scheme not in _DEFAULT_PORTS or not host:
        return "/"
    named = parts.netloc.removesuffix(_DEFAULT_PORTS[parts.scheme])
    return target if named == host.removesuffix(_DEFAULT_PORTS.get(scheme, "")) else "/"
