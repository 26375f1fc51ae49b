"""Why a sampled request was not tried on modern first."""

from enum import StrEnum


class Skip(StrEnum):
    """`BROKEN`: the surroundings failed; who looks at it finds the error in the log."""

    BUSY = "busy"
    REQUEST_BODY = "request body"
    NOT_ISOLATED = "not isolated"
    ANSWER = "answer too large"
    CLIENT_LEFT = "client left"
    PRIMARY_FAILED = "primary failed"
    STOPPED = "stopped"
    BROKEN = "broken"
