"""When a typed name is the stored one. Pure.

The database compares without regard to case and accents, and knows more look-alikes than anybody expects: to it
`ädmin` is `admin`. Here only ASCII letters may differ, and only in case.
"""

import re
import string

_SHORTEST, _LONGEST = 3, 30
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def folded(name: str) -> str:
    """`name` with its ASCII capitals in lower case, and every other character as it is."""
    return name.translate(_LOWER)


def is_same(given: str, stored: str) -> bool:
    """Whether `given` names the account or the address that is stored as `stored`."""
    return folded(given) == folded(stored)


def fault(name: str) -> str | None:
    """Why no account may be called `name` from now on, in 0.9's words; None when one may."""
    if len(name) < _SHORTEST:
        return f"Username must be at least {_SHORTEST} characters long"
    if len(name) > _LONGEST:
        return f"Username must be no more than {_LONGEST} characters long"
    if not _NAME.fullmatch(name):
        return "Username can only contain letters, numbers, underscores, and hyphens"
    return None
