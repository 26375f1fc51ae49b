"""What kind of file a name stands for. A table of our own: the machine's differs from one to the next."""

from pathlib import PurePath

TYPES = {
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
    ".svg": "image/svg+xml; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
UNKNOWN = "application/octet-stream"
TRANSCODED = frozenset({".mkv", ".avi"})
"""Containers that browsers don't play."""


def content_type(name: str) -> str:
    return TYPES.get(PurePath(name).suffix.lower(), UNKNOWN)


def needs_transcoding(name: str) -> bool:
    return PurePath(name).suffix.lower() in TRANSCODED
