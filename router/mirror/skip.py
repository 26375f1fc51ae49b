"""Why a request was not mirrored."""

from enum import StrEnum


class Skip(StrEnum):
    """`OFF` is not counted: nobody asked for a mirror there. All others are, by route."""

    OFF = "off"
    METHOD = "method"
    UNMIRRORED = "unmirrored"
    SAMPLE = "sample"
    STRAIN = "strain"
    RATE = "rate"
    REQUEST_BODY = "request body"
    ANSWER = "answer too large"
    CLIENT_LEFT = "client left"
    PRIMARY_FAILED = "primary failed"
    QUEUE = "queue full"
    MEMORY = "queue bytes"
    STOPPED = "stopped"
    BROKEN = "mirror broken"
