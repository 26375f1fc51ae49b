"""What a request carries beside its cookies to prove who sends it. Pure: verifies nothing."""

import re
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

_NAME = b"apikey="
_SECRETS = re.compile(r"(?i)(apikey=|bearer\s+)[^\s&\"'<>]+|(mvk_)[\w\-]{43}", re.ASCII)


class Kind(StrEnum):
    """What a credential is."""

    TOKEN = "token"  # noqa: S105  a kind of proof, not a secret
    KEY = "key"


class Credential(NamedTuple):
    """From a header or the query. It decides alone: cookies don't count beside it."""

    kind: Kind
    value: str


def presented(authorization: str | None, api_key: str | None, query_string: bytes) -> Credential | None:
    """`Authorization: Bearer` before `X-Api-Key` before `?apikey=`; None where there is none of them.

    A password of a proxy (`Authorization: Basic`) is not meant for this application.
    """
    words = (authorization or "").split(None, 1)
    if words and words[0].lower() == "bearer":
        return Credential(Kind.TOKEN, words[1].strip() if len(words) > 1 else "")
    if api_key is not None:
        return Credential(Kind.KEY, api_key.strip())
    for part in query_string.split(b"&"):
        if part.startswith(_NAME):
            quoted = part[len(_NAME) :].replace(b"+", b" ")
            return Credential(Kind.KEY, unquote_to_bytes(quoted).decode("latin-1"))
    return None


def without_key(query: str) -> str:
    """A query that an address may lead on with: without `apikey`."""
    name = _NAME.decode()
    return "&".join(part for part in query.split("&") if not part.startswith(name)) if name in query else query


def redacted(line: str) -> str:
    """A line of a log without keys and tokens."""
    return _SECRETS.sub(lambda secret: f"{secret[1] or secret[2]}********", line)
