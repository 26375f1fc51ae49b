"""One-time passwords."""

import secrets
from collections.abc import Callable, MutableSequence, Sequence

_KINDS = ("abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "@$!%*?&")
"""What the password policy asks for, without the letters that look like others."""
_LENGTH = 20
_SYMBOLS = 2


def generate(
    choose: Callable[[Sequence[str]], str] = secrets.choice,
    shuffle: Callable[[MutableSequence[str]], None] | None = None,
) -> str:
    """A password of 20 characters that satisfies the policy: lower, upper, digit and symbol."""
    lower, upper, digits, symbols = _KINDS
    required = [lower, upper, digits, *[symbols] * _SYMBOLS]
    letters = [choose(kind) for kind in required]
    letters += [choose(lower + upper + digits) for _ in range(_LENGTH - len(letters))]
    (shuffle or secrets.SystemRandom().shuffle)(letters)
    return "".join(letters)
