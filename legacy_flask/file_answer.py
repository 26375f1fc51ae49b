"""A file as an answer, sent by Werkzeug: whole, in ranges, or not at all because the client has it."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from secrets import token_hex

from flask import Response, request
from werkzeug.http import is_resource_modified
from werkzeug.utils import send_file

from legacy_flask.errors import BadRange
from legacy_flask.ranges import Unsatisfiable, parse

_CHUNK_BYTES = 64 * 1024
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
"""A file name may hold line breaks; a header may not."""

_UNKNOWN = "application/octet-stream"
_TYPES = {
    ".mp4": "video/mp4",
    ".m4v": "video/x-m4v",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".flv": "video/x-flv",
    ".wmv": "video/x-ms-wmv",
    ".mkv": "video/x-matroska",
    ".avi": "video/x-msvideo",
    ".mpg": "video/mpeg",
    ".mpeg": "video/mpeg",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".bmp": "image/bmp",
    ".svg": "image/svg+xml",
    ".css": "text/css",
    ".js": "text/javascript",
    ".md": "text/markdown",
}
"""A table of our own: the machine's differs from one to the next."""


def answer_file(path: Path, name: str, kind: str = "") -> Response:
    """The file under `name`, or as much of it as the request asks for; its name tells its kind where `kind` does not.

    Raises BadRange.
    """
    environ = dict(request.environ)
    ranges = _ranges(path)
    if ranges:
        first, last = ranges[0]
        environ["HTTP_RANGE"] = f"bytes={first}-{last}"
        environ.pop("HTTP_IF_RANGE", None)
    kind = kind or _TYPES.get(Path(name).suffix.lower(), _UNKNOWN)
    sent: Response = send_file(  # type: ignore[assignment]  # it is of the class given
        path,
        environ,
        mimetype=kind,
        download_name=_UNPRINTABLE.sub("_", name),
        conditional=True,
        response_class=Response,
    )
    return _several(sent, path, ranges) if len(ranges) > 1 else _as_0_9(sent)


def _ranges(path: Path) -> list[tuple[int, int]]:
    """The ranges to send, none for the whole file."""
    header = request.headers.get("Range")
    if header is None or not _still_the_same(path):
        return []
    size = path.stat().st_size
    try:
        return parse(header, size)
    except Unsatisfiable:
        raise BadRange(size) from None


def _still_the_same(path: Path) -> bool:
    """Whether If-Range, where it is sent, names the file as it is."""
    if "HTTP_IF_RANGE" not in request.environ:
        return True
    probe = send_file(path, {}, mimetype=_UNKNOWN, conditional=False, response_class=Response)
    etag, modified = probe.headers["ETag"], probe.headers["Last-Modified"]
    probe.close()
    asked = {name: value for name, value in request.environ.items() if name in ("HTTP_RANGE", "HTTP_IF_RANGE")}
    return not is_resource_modified({"REQUEST_METHOD": "GET", **asked}, etag, None, modified, ignore_if_range=False)


def _as_0_9(sent: Response) -> Response:
    """Newer Werkzeugs announce ranges everywhere; 0.9 did with a range only. They also send the film with a 412."""
    if sent.status_code == HTTPStatus.PRECONDITION_FAILED:
        sent.close()
        kept = {name: sent.headers[name] for name in ("Cache-Control", "Content-Disposition", "ETag")}
        sent = Response(b"", sent.status_code, headers=kept)
        del sent.headers["Content-Type"]
    elif sent.status_code != HTTPStatus.PARTIAL_CONTENT:
        sent.headers.pop("Accept-Ranges", None)
    return sent


def _several(sent: Response, path: Path, ranges: list[tuple[int, int]]) -> Response:
    """Several ranges as multipart/byteranges, which Werkzeug can't send."""
    size, boundary, kind = path.stat().st_size, token_hex(16), sent.mimetype
    heads = [
        f"--{boundary}\r\nContent-Type: {kind}\r\nContent-Range: bytes {first}-{last}/{size}\r\n\r\n".encode("ascii")
        for first, last in ranges
    ]
    end = f"--{boundary}--\r\n".encode("ascii")

    def parts() -> Iterator[bytes]:
        with path.open("rb") as file:
            for head, (first, last) in zip(heads, ranges, strict=True):
                yield head
                file.seek(first)
                left = last + 1 - first
                while left and (chunk := file.read(min(left, _CHUNK_BYTES))):
                    left -= len(chunk)
                    yield chunk
                yield b"\r\n"
            yield end

    sent.close()
    answer = Response(parts(), 206, headers=sent.headers)
    del answer.headers["Content-Range"]
    answer.headers["Content-Type"] = f"multipart/byteranges; boundary={boundary}"
    answer.content_length = len(end) + sum(
        len(head) + last + 1 - first + 2 for head, (first, last) in zip(heads, ranges, strict=True)
    )
    return answer
