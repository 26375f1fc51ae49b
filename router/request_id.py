"""The name of a request, the same on both sides, in logs and in the answer."""

import random
import re

HEADER = b"x-request-id"
_valid = re.compile(rb"[A-Za-z0-9._~:/+=@-]{1,128}").fullmatch


def is_valid(value: bytes) -> bool:
    """Whether a client's own request id may be taken: 1 to 128 characters that are safe in a log and a header."""
    return _valid(value) is not None


def new_request_id() -> bytes:
    """96 random bits. A name and no secret, so no system call is spent on it."""
    return b"%024x" % random.getrandbits(96)
