"""Asks one side everything, on a library made anew."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.cookies import SimpleCookie
from pathlib import Path

from fastapi_app.database import blocking_engine
from fastapi_app.models import now
from legacy_flask.front_door import build, create_store
from migration_flags import Change, Stage
from migration_flags.stores.sql import SQLStore
from router import Owner
from tests.golden.wire import Wire, opened
from tests.parity.ask import Ask, send, timely
from tests.parity.library import FACTOR, PASSWORD, Library, make_library
from tests.parity.rows import Rows, rows_of
from tests.parity.shape import Shape, shape
from tests.servers.web import serving


@dataclass(frozen=True)
class Played:
    """What one side answered to each ask, which sides served, and the rows left behind."""

    shapes: list[Shape]
    sides: frozenset[str]
    rows: Rows


def play(stage: Stage, asks: Sequence[Ask], folder: Path, database_url: str, *, gate: str = "false") -> Played:
    """`folder` and the database are emptied first: both sides see the same paths and the same ids."""
    library = make_library(folder, database_url, gate=gate)
    move_all(library, stage)
    with serving("tests.servers.unwatched:app", library.environment, folder) as web, opened(web.base) as wire:
        answers = list(Player(wire).play(asks))
    engine = blocking_engine(library.config)
    rows = rows_of(engine, now())
    engine.dispose()
    return Played([answer for answer, _ in answers], frozenset(side for _, side in answers), rows)


def move_all(library: Library, stage: Stage) -> None:
    with _store(library) as store:
        keys = [row.key for row in build(library.config).table if row.owner is Owner.BOTH]
        store.apply([Change(key, stage) for key in keys], actor="the tests", reason="one side at a time")


@contextmanager
def _store(library: Library) -> Iterator[SQLStore]:
    store = create_store(library.config)
    try:
        yield store
    finally:
        store.close()


class Player:
    """Sends asks over one connection; users log in when they are first needed, and again after they logged out."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._cookies: dict[str, str] = {}

    def play(self, asks: Iterable[Ask]) -> Iterator[tuple[Shape, str]]:
        for ask in asks:
            answer = self._wire.send(self._filled(ask).sent(self._cookie(ask.who)))
            if ask.who and any("Max-Age=0" in header for header in answer.all("set-cookie")):
                del self._cookies[ask.who]
            yield shape(answer, self._wire.host, now(), ask.tied), answer.header("x-served-by") or ""

    def _filled(self, ask: Ask) -> Ask:
        """With the server's own host, and with the code and the entity tag of this moment."""
        ask = timely(ask, FACTOR)
        target = ask.target.replace("{host}", self._wire.host).replace("%7Bhost%7D", self._wire.host)
        if not any("{etag}" in value for _, value in ask.headers):
            return replace(ask, target=target)
        tag = self._wire.send(Ask("HEAD", target).sent("")).header("etag") or '"none"'
        return replace(
            ask, target=target, headers=tuple((name, value.replace("{etag}", tag)) for name, value in ask.headers)
        )

    def _cookie(self, who: str) -> str:
        if who and who not in self._cookies:
            login = send("POST", "/auth/login", {"username": who, "password": PASSWORD})
            answer = self._wire.send(login.sent(""))
            assert answer.status == 200, f"{who} can't log in: {answer.status} {answer.body!r}"
            cookie = SimpleCookie(answer.header("set-cookie") or "")
            self._cookies[who] = "; ".join(f"{name}={morsel.value}" for name, morsel in cookie.items())
        return self._cookies.get(who, "")
