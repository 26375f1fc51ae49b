"""Why a request was not recorded."""

from enum import StrEnum


class Skip(StrEnum):
    """What is not sampled, or not of a chosen route, is not counted."""

    ALIKE = "enough of its form"
    BODY = "body"
    BROKEN = "recorder broken"
    CLIENT_LEFT = "client left"
    FULL = "file full"
    PATH = "path without its secret is another route's"
    QUEUE = "queue full"
    RATE = "rate"
    SECRET = "a secret where none belongs"  # noqa: S105  # a reason, not a secret
    UNWRITTEN = "file can't be written"
