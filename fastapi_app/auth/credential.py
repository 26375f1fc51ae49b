"""Which credential a request carries beside its cookies. Pure: verifies nothing."""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote_to_bytes

_BEARER = "bearer"
_IN_QUERY = re.compile(rb"(?:^|&)apikey=([^&]*)")
_MASK = "********"
_IN_TEXT = re.compile(r"(apikey=)[^&\s\"'<>]+|(mvk_)[A-Za-z0-9_\-]{43}|(bearer\s+)[^\s\"'<>]+", re.IGNORECASE)


class Kind(StrEnum):
    """What a credential is."""

    TOKEN = "token"  # noqa: S105 - a kind of proof, not a secret
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Credential:
    """What a client put into a header or the query to prove who it is. It decides alone: cookies don't count then."""

    kind: Kind
    value: str


def presented(authorization: str | None, api_key: str | None, query_string: bytes) -> Credential | None:
    """The first of `Authorization: Bearer`, `X-Api-Key` and `?apikey=`, or None.

    Other schemes of Authorization are none of ours: proxies with passwords of their own send them along.
    """
    if authorization is not None:
        scheme, _, value = authorization.strip().partition(" ")
        if scheme.lower() == _BEARER:
            return Credential(Kind.TOKEN, value.strip())
    if api_key is not None:
        return Credential(Kind.KEY, api_key.strip())
    found = _IN_QUERY.search(query_string)
    return None if found is None else Credential(Kind.KEY, _text(found[1]))


def without_key(query_string: bytes) -> bytes:
    """A query string that leads on: without `apikey`, which must not reach an address bar or a log."""
    if b"apikey=" not in query_string:
        return query_string
    return b"&".join(part for part in query_string.split(b"&") if not part.startswith(b"apikey="))


def redacted(text: str) -> str:
    """A line of a log without the keys and tokens in it."""
    return _IN_TEXT.sub(lambda found: (found[1] or found[2] or found[3]) + _MASK, text)


def _text(quoted: bytes) -> str:
    return unquote_to_bytes(quoted.replace(b"+", b" ")).decode("latin-1")
