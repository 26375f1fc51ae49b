"""What went wrong, in the words of a job: the error class, a sentence for people, and whether it is worth another try.

Classes
├── for the queue   bot-check, disk-full, mount-missing: nothing succeeds until a person acts
├── for now         rate-limit, network
└── for good        forbidden, not-found, geo, too-low-quality, bad-file, unsupported-url, private-address,
                    outside-library, no-url, extraction
"""

import errno
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from fastapi_app.jobs.work import Failed, FailedForNow, QueueBlocked

_LONGEST_WAIT = 6 * 3600.0
_RATE_LIMIT_WAIT = 300.0
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_UNWRITABLE = frozenset({errno.EROFS, errno.EACCES, errno.EPERM, errno.ENODEV, errno.EIO, errno.ENOTCONN, errno.ESTALE})


class ErrorClass(StrEnum):
    """Why a download failed."""

    BOT_CHECK = "bot-check"
    RATE_LIMIT = "rate-limit"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    GEO = "geo"
    NETWORK = "network"
    DISK_FULL = "disk-full"
    MOUNT_MISSING = "mount-missing"
    TOO_LOW_QUALITY = "too-low-quality"
    BAD_FILE = "bad-file"
    UNSUPPORTED_URL = "unsupported-url"
    PRIVATE_ADDRESS = "private-address"
    OUTSIDE = "outside-library"
    NO_URL = "no-url"
    EXTRACTION = "extraction"


@dataclass(frozen=True)
class Facts:
    """What is known about a failure: every message on the way, the HTTP status and its Retry-After, the `errno`."""

    text: str = ""
    status: int | None = None
    retry_after: str | None = None
    number: int | None = None
    unsupported: bool = False
    restricted: bool = False
    transport: bool = False


_SENTENCES: tuple[tuple[re.Pattern[str], ErrorClass], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"not a bot|unusual traffic|captcha|cloudflare anti-bot", ErrorClass.BOT_CHECK),
        (r"try again later|too many requests|rate.?limit", ErrorClass.RATE_LIMIT),
        (r"available in your (country|region|location)|geo.?restrict|from your location", ErrorClass.GEO),
        (r"private video|video (is )?unavailable|has been removed|does not exist|terminated", ErrorClass.NOT_FOUND),
        (r"no longer available|isn't available|not available", ErrorClass.NOT_FOUND),
        (r"confirm your age|members-only|registered users|log ?in|sign in|premium|drm protect", ErrorClass.FORBIDDEN),
        (r"is not a valid url|unsupported url|live ?stream|premieres in|no video formats", ErrorClass.UNSUPPORTED_URL),
        (
            r"timed out|connection (reset|refused|aborted)|name resolution|temporary failure|bytes read|giving up",
            ErrorClass.NETWORK,
        ),
        (
            r"expected \d+ bytes|network is unreachable|remote end closed|did not get any data",
            ErrorClass.NETWORK,
        ),
    )
)

MESSAGES: Mapping[ErrorClass, str] = {
    ErrorClass.BOT_CHECK: "The site asks for proof that this is no robot. Upload fresh cookies, then resume the queue",
    ErrorClass.RATE_LIMIT: "The site says that it was asked too often",
    ErrorClass.FORBIDDEN: "The site doesn't hand this film out: a login, an age check or a member's account is needed",
    ErrorClass.NOT_FOUND: "The film isn't there any more, or it is private",
    ErrorClass.GEO: "The site doesn't show this film in this country",
    ErrorClass.NETWORK: "The connection to the site broke off or never came about",
    ErrorClass.DISK_FULL: "The disk of the library is full. Make room, then resume the queue",
    ErrorClass.MOUNT_MISSING: "The folder of the library is missing or refuses. Is its drive mounted?",
    ErrorClass.TOO_LOW_QUALITY: "The film is only there in a lower quality than wanted",
    ErrorClass.BAD_FILE: "What came is not a whole film",
    ErrorClass.UNSUPPORTED_URL: "No film can be fetched from this address",
    ErrorClass.PRIVATE_ADDRESS: "The address leads into a private network",
    ErrorClass.OUTSIDE: "The folder of the artist leads out of the library",
    ErrorClass.NO_URL: "No URL available: the video has no address, and a search found none",
    ErrorClass.EXTRACTION: "The site's page could not be read. A newer yt-dlp may help",
}
_FOR_THE_QUEUE = frozenset({ErrorClass.BOT_CHECK, ErrorClass.DISK_FULL, ErrorClass.MOUNT_MISSING})
_FOR_NOW = frozenset({ErrorClass.RATE_LIMIT, ErrorClass.NETWORK})


def failure(kind: ErrorClass, message: str = "", log: str = "", after: float = 0.0) -> Failed:
    """The exception of an error class, with its own sentence unless `message` knows better."""
    said = message or MESSAGES[kind]
    if kind in _FOR_THE_QUEUE:
        return QueueBlocked(kind, said, log)
    if kind in _FOR_NOW:
        return FailedForNow(kind, said, log, after)
    return Failed(kind, said, log)


def classified(facts: Facts) -> ErrorClass:
    """The class of a failure. Pure. A number says more than a sentence, and a sentence more than the kind of error."""
    if facts.number in _FULL:
        return ErrorClass.DISK_FULL
    if facts.number in _UNWRITABLE and not facts.transport:
        return ErrorClass.MOUNT_MISSING
    if facts.restricted:
        return ErrorClass.GEO
    said = next((kind for pattern, kind in _SENTENCES if pattern.search(facts.text)), None)
    by_status = _of_status(facts.status)
    if by_status is not None and said is not ErrorClass.BOT_CHECK:
        return by_status
    if said is not None and said is not ErrorClass.NETWORK:
        return said
    if facts.unsupported:
        return ErrorClass.UNSUPPORTED_URL
    return ErrorClass.NETWORK if facts.transport or said else ErrorClass.EXTRACTION


def _of_status(status: int | None) -> ErrorClass | None:
    if status is None or status < 400:
        return None
    known = {
        401: ErrorClass.FORBIDDEN,
        403: ErrorClass.FORBIDDEN,
        404: ErrorClass.NOT_FOUND,
        410: ErrorClass.NOT_FOUND,
        408: ErrorClass.NETWORK,
        425: ErrorClass.NETWORK,
        429: ErrorClass.RATE_LIMIT,
        451: ErrorClass.GEO,
    }
    return known.get(status, ErrorClass.NETWORK if status >= 500 else ErrorClass.UNSUPPORTED_URL)


def wait_of(facts: Facts, now: float) -> float:
    """For how many seconds the site asked to be left alone, as the present is `now` (seconds since 1970)."""
    if facts.retry_after is None:
        return _RATE_LIMIT_WAIT if facts.status == 429 or facts.status is None else 0.0
    text = facts.retry_after.strip()
    try:
        seconds = float(text) if text.isascii() and text.isdigit() else parsedate_to_datetime(text).timestamp() - now
    except (ValueError, OverflowError):
        return _RATE_LIMIT_WAIT
    return min(max(seconds, 0.0), _LONGEST_WAIT)


def facts_of(error: BaseException) -> Facts:
    """What an exception of yt-dlp says, with all that it wraps."""
    from yt_dlp.networking.exceptions import HTTPError, TransportError  # type: ignore[import-untyped]  # noqa: PLC0415  workers only
    from yt_dlp.utils import ContentTooShortError, GeoRestrictedError, UnsupportedError  # type: ignore[import-untyped]  # noqa: PLC0415

    chain = list(_chain(error))
    answers = [one for one in chain if isinstance(one, HTTPError)]
    numbers = [one.errno for one in chain if isinstance(one, OSError) and one.errno is not None]
    headers: Any = answers[0].response.headers if answers else {}
    return Facts(
        text="\n".join(str(one) for one in chain),
        status=answers[0].status if answers else None,
        retry_after=headers.get("Retry-After"),
        number=numbers[0] if numbers else None,
        unsupported=any(isinstance(one, UnsupportedError) for one in chain),
        restricted=any(isinstance(one, GeoRestrictedError) for one in chain),
        transport=any(isinstance(one, TransportError | ContentTooShortError) for one in chain),
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and those inside: yt-dlp keeps them in three places."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = getattr(one, "exc_info", None)
        kept = (inner[1] if isinstance(inner, tuple) and len(inner) == 3 else None, getattr(one, "cause", None))
        waiting += [other for other in (*kept, one.__cause__, one.__context__) if isinstance(other, BaseException)]
