"""Pure: what the router reads from a request's headers, in one pass."""

from router.reply import EXPLAIN
from router.request_id import HEADER as REQUEST_ID
from router.request_id import is_valid, new_request_id
from router.types import Headers, Scope

_READ = frozenset({REQUEST_ID, EXPLAIN, b"content-length", b"transfer-encoding"})


Request = tuple[Headers, bytes, bool, int | None]
"""Headers with exactly one valid request id in them; that id; whether an explanation was asked for; the body's length.

The length is as HTTP/1 tells it: 0 where no body can follow, None where only its end will tell.
"""


def read_request(scope: Scope) -> Request:
    headers: Headers = scope["headers"]
    length = 0 if scope["http_version"][:1] == "1" else None
    found = [pair for pair in headers if pair[0] in _READ]
    if not found:
        request_id = new_request_id()
        return [*headers, (REQUEST_ID, request_id)], request_id, False, length
    return _read(headers, found, length)


def _read(headers: Headers, found: Headers, length: int | None) -> Request:
    explain = any(name == EXPLAIN for name, _ in found)
    lengths = [int(value) for name, value in found if name == b"content-length" and value.isdigit()]
    if any(name == b"transfer-encoding" for name, _ in found):
        length = None
    elif lengths:
        length = lengths[0]
    ids = [value for name, value in found if name == REQUEST_ID]
    if len(ids) == 1 and is_valid(ids[0]):
        return headers, ids[0], explain, length
    request_id = new_request_id()
    kept = [pair for pair in headers if pair[0] != REQUEST_ID]
    return [*kept, (REQUEST_ID, request_id)], request_id, explain, length
