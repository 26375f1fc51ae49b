"""Requests of a mix as bytes, in the order in which they are asked. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count, islice

from benchmarks.generator import request
from benchmarks.mixes import Ask, Library

MOST = 500
"""Requests of one load: asked in turn, over and over."""

_BOUNDARY = "edge-of-a-part"
_STEP = 0.6180339887498949
"""The golden ratio's share: multiples of it, without their whole parts, never come close to each other for long."""


def expanded(
    asks: Sequence[Ask],
    library: Library,
    logins: Mapping[str, Mapping[str, str]],
    *,
    routes: int = 0,
    words: Mapping[str, str] | None = None,
    pictures: Mapping[str, bytes] | None = None,
) -> tuple[bytes, ...]:
    """Every kind of request as often as its weight says, well mixed; ``{video}``, ``{artist}`` and ``{route}`` vary.

    ``logins`` are headers by kind of login, ``words`` what stands for ``$NAME`` in a body, ``pictures`` files by name.
    """
    is_varied = any("{" in ask.path for ask in asks)
    number = MOST if is_varied else sum(ask.weight for ask in asks)
    varied = _varied(library, routes)
    told = words or {}
    return tuple(
        _bytes(ask, ask.path.format_map(next(varied)), logins, told, pictures or {})
        for ask in islice(in_turn(asks), number)
    )


def in_turn(asks: Sequence[Ask]) -> Iterator[Ask]:
    """Without end, each as often as its weight says and as far apart as that allows: no dice, so every run is alike."""
    credit = [0] * len(asks)
    total = sum(ask.weight for ask in asks)
    while True:
        for place, ask in enumerate(asks):
            credit[place] += ask.weight
        chosen = max(range(len(asks)), key=lambda place: credit[place])
        credit[chosen] -= total
        yield asks[chosen]


def statuses(asks: Sequence[Ask]) -> tuple[int, ...]:
    """Every status that an answer may have."""
    return tuple(sorted({ask.status for ask in asks}))


def _varied(library: Library, routes: int) -> Iterator[dict[str, int]]:
    for number in count(1):
        place = number * _STEP % 1
        yield {
            "video": int(place * library.videos) + 1,
            "artist": int(place * library.artists) + 1,
            "route": int(place * routes),
        }


def _bytes(
    ask: Ask,
    path: str,
    logins: Mapping[str, Mapping[str, str]],
    words: Mapping[str, str],
    pictures: Mapping[str, bytes],
) -> bytes:
    headers = {**ask.headers, **(logins[ask.login] if ask.login else {})}
    body = ask.json.encode()
    for name, word in words.items():
        body = body.replace(f"${name}".encode(), word.encode())
    if ask.file:
        headers["Content-Type"] = f"multipart/form-data; boundary={_BOUNDARY}"
        body = _form(pictures[ask.file])
    elif body:
        headers["Content-Type"] = "application/json"
    return request(ask.method, path, body, headers)


def _form(content: bytes) -> bytes:
    head = [
        f"--{_BOUNDARY}",
        'Content-Disposition: form-data; name="file"; filename="picture.png"',
        "Content-Type: image/png",
        "",
        "",
    ]
    return "\r\n".join(head).encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
