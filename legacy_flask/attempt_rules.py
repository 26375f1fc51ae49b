"""How many failures are enough. Pure: the clock is an argument; `attempts.py` keeps the counts.

Every limit counts for a subject, which is a text: an address, a name that nobody has, the second factor of a user.
"""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from legacy_flask.names import folded


@dataclass(frozen=True)
class Limit:
    """`failures` within `within` are answered by a block of `blocked_for`."""

    failures: int
    within: timedelta
    blocked_for: timedelta


@dataclass(frozen=True)
class Count:
    """The failures of one subject since `began`, and the end of the block that they brought."""

    failures: int
    began: datetime
    blocked_until: datetime | None = None


ACCOUNT = Limit(5, timedelta(days=1), timedelta(minutes=30))
"""As 0.9 locks an account; here for names that nobody has, so that a lock does not tell that there is an account."""
ADDRESS = Limit(60, timedelta(minutes=15), timedelta(minutes=15))
"""Everybody behind one address together, whatever names they try."""
HOME = Limit(10, timedelta(minutes=15), timedelta(minutes=15))
"""One account from an address that it logged in from before."""
CODE = Limit(5, timedelta(minutes=5), timedelta(minutes=5))
"""The second factor of one account: as long as a pending login lives, so that the last failure ends it."""
RESET = Limit(10, timedelta(minutes=15), timedelta(minutes=15))
"""Password resets from one address."""

HOME_FOR = timedelta(days=30)
"""How long an address is known to an account after a login from it."""
_IPV6_PREFIX = 64
_TOLD_REFUSALS = 20
_REFUSALS_WITHIN = timedelta(hours=1)
_SILENCE = timedelta(minutes=1)


def after_failure(count: Count | None, limit: Limit, at: datetime) -> Count:
    """The count after one more failure. During a block failures neither count nor prolong it."""
    if count is None or _is_over(count, limit, at):
        count = Count(0, at)
    if count.blocked_until is not None:
        return count
    failures = count.failures + 1
    return Count(failures, count.began, at + limit.blocked_for if failures >= limit.failures else None)


def blocked_until(count: Count | None, at: datetime) -> datetime | None:
    """The end of the present block, None while there is none."""
    until = count.blocked_until if count else None
    return until if until is not None and until > at else None


def seconds_until(until: datetime, at: datetime) -> int:
    """Whole seconds to wait, at least one: the value of Retry-After."""
    return max(1, -int((at - until).total_seconds() // 1))


def after_refusal(count: Count | None, at: datetime) -> tuple[Count, int | None]:
    """The count of refusals of this hour, and the same number when the audit trail is to tell of this one.

    It tells of the first twenty, then of one a minute, so that a flood can't fill the disk. `blocked_until` says how
    long it is silent.
    """
    if count is None or count.began + _REFUSALS_WITHIN <= at:
        count = Count(0, at)
    refusals = count.failures + 1
    if refusals <= _TOLD_REFUSALS:
        return Count(refusals, count.began), refusals
    if count.blocked_until is not None and count.blocked_until > at:
        return Count(refusals, count.began, count.blocked_until), None
    return Count(refusals, count.began, at + _SILENCE), refusals


def network(ip: str) -> str:
    """The address that is counted: an IPv6 visitor has a whole /64, so that is one address."""
    try:
        address = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return ip[:45]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
    return str(address)


def address_subject(ip: str) -> str:
    return f"address:{network(ip)}"


def home_subject(user_id: int, ip: str) -> str:
    return f"home:{user_id}:{network(ip)}"


def name_subject(name: str) -> str:
    """Names are kept as digests: people type passwords into the wrong field."""
    return f"name:{hashlib.sha256(folded(name).encode('utf-8', 'surrogatepass')).hexdigest()}"


def code_subject(user_id: int) -> str:
    return f"code:{user_id}"


def confirm_subject(user_id: int) -> str:
    """Where somebody who is logged in proves once more who they are."""
    return f"confirm:{user_id}"


def reset_subject(ip: str) -> str:
    return f"reset:{network(ip)}"


def refusals_subject(subject: str) -> str:
    """Whose refusals the audit trail counts by the minute."""
    return f"refused:{subject}"[:120]


def _is_over(count: Count, limit: Limit, at: datetime) -> bool:
    return (count.blocked_until or count.began + limit.within) <= at
