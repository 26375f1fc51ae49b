"""The name of a request, the same on both sides, in logs and in the answer."""

import os
import re
from itertools import count

HEADER = b"x-request-id"
_names = count()
_process = b""


def _begin() -> None:
    """Each process begins its names with 64 random bits of its own."""
    global _process  # noqa: PLW0603
    _process = os.urandom(8).hex().encode()


_begin()
os.register_at_fork(after_in_child=_begin)
_valid = re.compile(rb"[A-Za-z0-9._~:/+=@-]{1,128}").fullmatch


def is_valid(value: bytes) -> bool:
    """Whether a client's own request id may be taken: 1 to 128 characters that are safe in a log and a header."""
    return _valid(value) is not None


def new_request_id() -> bytes:
    """24 hexadecimal digits: the process, and its requests counted. A name and no secret, so it may be guessed."""
    return b"%b%08x" % (_process, next(_names))
