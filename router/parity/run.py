"""The whole of ``strangler parity``: both sides, one after the other, and how far they agree."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote

from router.comparison.waiver import Waiver
from router.parity.agreement import Agreement, agreements
from router.parity.play import Played, play
from router.parity.probes import probes
from router.parity.recording import VARIABLE, Recording
from router.parity.rehearsal import Rehearsal, Rehearse
from router.row import Owner, Side
from router.table import RouteTable

Progress = Callable[[Side, int, int], None]
"""Told of the side, the requests answered, and their number."""


@dataclass(frozen=True)
class Parity:
    """The routes that were asked, the rows left behind, and the routes with two owners that nothing asked.

    ``version`` is that of the code that was compared, see `code_version`.
    """

    routes: tuple[Agreement, ...]
    unasked: tuple[str, ...]
    version: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether every route was asked, and answered alike."""
        return not self.unasked and all(route.is_alike for route in self.routes)


def run(
    rehearse: Rehearse,
    corpus: Sequence[Recording],
    waivers: Sequence[Waiver],
    progress: Progress = lambda _side, _done, _all: None,
    *,
    with_probes: bool = True,
    code: str | None = None,
) -> Parity:
    """Asks both sides the corpus, and with probes what it leaves out. Raises `RouterError`s.

    ``code`` is the version of what is compared, such as a commit; None is what the copies' router says.
    """
    with rehearse(Side.LEGACY) as rehearsal:
        asked = [*corpus, *(_probes_for(rehearsal, corpus) if with_probes else ())]
        control = _play(rehearsal, asked, Side.LEGACY, progress)
        table, version = rehearsal.router.table, rehearsal.router.version_of(code)
    with rehearse(Side.MODERN) as rehearsal:
        candidate = _play(rehearsal, asked, Side.MODERN, progress)
    routes = agreements(
        asked,
        control,
        candidate,
        waivers,
        lambda one: key_of(table, one),
        datetime.now(UTC).replace(tzinfo=None),
        rehearsal,
        frozenset(shared_keys(table)),
    )
    reached = {agreement.route for agreement in routes}
    return Parity(tuple(routes), tuple(key for key in shared_keys(table) if key not in reached), version)


def _play(rehearsal: Rehearsal, asked: Sequence[Recording], side: Side, progress: Progress) -> Played:
    done: list[str] = []

    def advance(request: str) -> None:
        done.append(request)
        progress(side, len(done), len(asked))

    return asyncio.run(play(rehearsal, asked, advance))


def _probes_for(rehearsal: Rehearsal, corpus: Sequence[Recording]) -> list[Recording]:
    table = rehearsal.router.table
    reached = {key_of(table, one) for one in corpus}
    return list(probes((table[key] for key in shared_keys(table) if key not in reached), rehearsal.prober))


def shared_keys(table: RouteTable) -> list[str]:
    """The routes that both sides have."""
    return [row.key for row in table if row.owner is Owner.BOTH and not row.unmatched]


def key_of(table: RouteTable, one: Recording) -> str:
    """The route that a request reaches, whatever its variables will be."""
    path = one.filled(dict.fromkeys(VARIABLE.findall(one.path), "1")).path
    return table.match(one.method, unquote(path.partition("?")[0])).key
