"""The name of a request, the same on both sides, in logs and in the answer."""

import os
import random
import re

HEADER = b"x-request-id"
# Its own generator: an application that seeds the shared one would make names repeat.
_chance = random.Random()  # noqa: S311  # names, no secrets
os.register_at_fork(after_in_child=_chance.seed)
_valid = re.compile(rb"[A-Za-z0-9._~:/+=@-]{1,128}").fullmatch


def is_valid(value: bytes) -> bool:
    """Whether a client's own request id may be taken: 1 to 128 characters that are safe in a log and a header."""
    return _valid(value) is not None


def new_request_id() -> bytes:
    """96 random bits. A name and no secret, so no system call is spent on it."""
    return b"%024x" % _chance.getrandbits(96)
