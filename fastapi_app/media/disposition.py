"""The Content-Disposition header, as Werkzeug writes it. Pure."""

import re
import unicodedata
from urllib.parse import quote

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+")
_EXTENDED_SAFE = "!#$&+-.^_`|~"


def inline(name: str) -> str:
    """`inline` with the file's name: plain, and in UTF-8 where it is not ASCII."""
    if name.isascii():
        return f"inline; filename={_quoted(name)}"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    extended = quote(name, safe=_EXTENDED_SAFE, errors="surrogateescape")
    return f"inline; filename={_quoted(plain)}; filename*=UTF-8''{extended}"


def _quoted(name: str) -> str:
    if _TOKEN.fullmatch(name):
        return name
    # A file name may hold line breaks; a header may not.
    safe = re.sub(r"[\x00-\x1f\x7f]", "_", name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{safe}"'
