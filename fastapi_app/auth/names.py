"""When a typed name is the stored one. Pure.

The database compares without regard to case and accents, and knows more look-alikes than anybody expects: to it
`ädmin` is `admin`. Here only ASCII letters may differ, and only in case.
"""

import string

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def folded(name: str) -> str:
    """`name` with its ASCII capitals in lower case, and every other character as it is."""
    return name.translate(_LOWER)


def is_same(given: str, stored: str) -> bool:
    """Whether `given` names the account or the address that is stored as `stored`."""
    return folded(given) == folded(stored)
