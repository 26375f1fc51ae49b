"""A drill of a running server: modern fails for the drill's own requests, and the route goes back for everybody."""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult, urlsplit

from migration_flags import (
    AuditRow,
    Change,
    ChangeRefused,
    EpochMoved,
    Flag,
    FlagStore,
    Snapshot,
    Stage,
    StoreUnavailable,
    alive,
)
from router.drill.course import Course, Told
from router.drill.errors import DrillRefused, NotPutBack
from router.drill.putting_back import putting_back
from router.drill.timeline import Event, Timeline
from router.drill.warrant import HEADER, Warrant
from router.override import HEADER as SIDE
from router.promotion.step import Step
from router.reply import SERVED_BY
from router.row import Side

REASON = "drill"
LASTS = 30
"""Seconds that a request's header is valid for."""
TIMEOUT = 10.0
FOLLOWED_WITHIN = 6.0
"""Seconds in which every worker has told that it knows: they beat every two."""
PUT_BACK_WITHIN = 10.0
SETTLES = 0.5
"""Seconds in which a rollback that a worker has decided is in the store."""
ROWS = 500
"""Rows of the history that are looked through for what has changed since the drill began."""
SHARED = frozenset({Stage.CANARY, Stage.MODERN})

Sign = Callable[[Warrant], str]
Claim = Callable[[Side, int, str], str]


class Server:
    """The `Front` of a running server. ``sign`` and ``claim`` make its two headers; ``now`` is the time of day."""

    def __init__(
        self, url: str, path: str, key: str, store: FlagStore, sign: Sign, claim: Claim, now: Callable[[], float]
    ) -> None:
        self._address = _address(url)
        self._path = self._address.path.rstrip("/") + path
        self._key = key
        self._store = store
        self._sign = sign
        self._claim = claim
        self._now = now

    async def ask(self) -> Told:
        return await asyncio.to_thread(self._ask)

    async def flag(self) -> Flag | None:
        snapshot = await asyncio.to_thread(self._store.snapshot)
        return snapshot.get(self._key)

    def _ask(self) -> Told:
        until = int(self._now()) + LASTS
        headers = {
            SIDE.decode(): self._claim(Side.MODERN, until, "drill"),
            HEADER.decode(): self._sign(Warrant(self._key, until, secrets.token_hex(16))),
        }
        connect = HTTPSConnection if self._address.scheme == "https" else HTTPConnection
        with closing(connect(self._address.netloc, timeout=TIMEOUT)) as connection:
            try:
                connection.request("GET", self._path, headers=headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, HTTPException) as error:
                raise DrillRefused(f"{self._address.netloc} can't be asked: {type(error).__name__}.") from error
            side = answer.headers.get(SERVED_BY.decode(), "nobody")
            return Told(answer.status, side, answer.headers.get(HEADER.decode()) is not None)


def drill_there(
    front: Server, store: FlagStore, timeline: Timeline, actor: str, tell: Callable[[Event], None], within: float
) -> Timeline:
    """Makes the running server take a route back, and puts its stage back whatever happens. Blocks.

    A route that is neither at canary nor at modern goes to a canary of 0 % meanwhile: no visitor is on modern but the
    drill. Raises `DrillIgnored`, and `NotPutBack` where the store is gone at the end.
    """
    key = timeline.route
    before = store.snapshot()
    course = Course(front, timeline, time.monotonic, tell, within=within)
    try:
        flag = before.get(key)
        if flag is None or flag.stage not in SHARED:
            store.apply([Change(key, Stage.CANARY, 0.0)], actor=actor, reason=REASON, if_epoch=before.epoch)
        asyncio.run(_run(course, store))
    finally:
        timeline.left += put_back(key, before, store, actor)
    return timeline


def put_back(key: str, before: Snapshot, store: FlagStore, actor: str) -> list[str]:
    """Undoes what the drill did, and says what it found. Raises `NotPutBack` where the store can't be reached.

    Looks twice: a rollback that was under way at the first look is stored by the second.
    """
    deadline = time.monotonic() + PUT_BACK_WITHIN
    has_looked = False
    while True:
        try:
            epoch = store.epoch()
            changes = putting_back(key, before, _since(store, before.epoch), actor)
            written = store.apply(changes, actor=actor, reason=REASON, if_epoch=epoch)
        except EpochMoved:
            continue
        except (StoreUnavailable, ChangeRefused) as error:
            if isinstance(error, ChangeRefused) or time.monotonic() > deadline:
                raise NotPutBack(f"{key} could not be put back: {error} {_by_hand(key, before)}") from error
            time.sleep(0.25)
        else:
            if has_looked and not written:
                return list(_told(key, before, store.snapshot()))
            has_looked = True
            time.sleep(SETTLES)


def _since(store: FlagStore, epoch: int) -> list[AuditRow]:
    return [row for row in store.history(limit=ROWS) if row.epoch > epoch]


async def _run(course: Course, store: FlagStore) -> None:
    timeline = await course.run()
    if not timeline.is_rolled_back:
        return
    epoch = await asyncio.to_thread(store.epoch)
    deadline = course.clock() + FOLLOWED_WITHIN
    while True:
        told, all_of_them = await asyncio.to_thread(_followed, store, epoch)
        if all_of_them:
            course.note(told)
            return
        if course.clock() > deadline:
            timeline.left.append(f"Not every worker follows after {FOLLOWED_WITHIN:g} s: {told}.")
            return
        await asyncio.sleep(course.pause)


def _followed(store: FlagStore, epoch: int) -> tuple[str, bool]:
    living = alive(store.workers(), store.now())
    follow = sum(worker.epoch >= epoch for worker in living)
    return f"{follow} of {len(living)} live workers follow", follow == len(living)


def _told(key: str, before: Snapshot, now: Snapshot) -> Iterator[str]:
    wanted, found = _shown(before.get(key)), _shown(now.get(key))
    if wanted == found:
        yield f"{key} is at {found}, as it was before."
    else:
        yield f"{key} is at {found}: somebody changed it meanwhile, and that stands. Before it was at {wanted}."


def _shown(flag: Flag | None) -> str:
    return str(Step(Stage.LEGACY) if flag is None else Step(flag.stage, flag.percent))


def _by_hand(key: str, before: Snapshot) -> str:
    flag = before.get(key) or Flag(key, Stage.LEGACY)
    percent = "" if flag.percent is None else f" --percent {flag.percent:g}"
    return f"Do it by hand: strangler flags set '{key}' {flag.stage}{percent} --reason drill"


def _address(url: str) -> SplitResult:
    address = urlsplit(url)
    if address.scheme not in {"http", "https"} or not address.hostname or address.username is not None:
        raise DrillRefused("A server has an address like http://127.0.0.1:5000, without a user name.")
    return address
