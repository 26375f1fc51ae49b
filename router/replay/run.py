"""The whole of ``strangler replay``."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from router.comparison.waiver import Waiver
from router.parity.agreement import agreements
from router.parity.errors import CorpusUnreadable
from router.parity.recording import Recording
from router.parity.rehearsal import Rehearse
from router.parity.run import Parity, Progress, key_of, run, shared_keys
from router.replay.asking import Asker, Copies
from router.replay.case import found_in
from router.replay.minimal import Minimal, Shrinker, ShrinkLimits
from router.replay.servers import Servers


@dataclass(frozen=True)
class Replay:
    """How far both sides agree, each mismatch as small as it could be made, and the requests that were not asked.

    Routes that the corpus does not have say nothing: it is a sample.
    """

    parity: Parity
    minimal: tuple[Minimal, ...] = ()
    skipped: tuple[str, ...] = ()

    @property
    def is_alike(self) -> bool:
        return all(route.is_alike for route in self.parity.routes)


def on_copies(
    rehearse: Rehearse,
    corpus: Sequence[Recording],
    waivers: Sequence[Waiver],
    limits: ShrinkLimits | None = None,
    progress: Progress = lambda _side, _done, _all: None,
    code: str | None = None,
) -> Replay:
    """Asks throwaway copies everything. Without ``limits`` nothing is shrunk. Raises `RouterError`s."""
    _check(corpus)
    copies = Copies(rehearse)
    found = replace(run(copies, corpus, waivers, progress, with_probes=False, code=code), unasked=())
    return Replay(found, _shrunk(found, corpus, waivers, copies, limits))


def on_servers(
    servers: Servers, corpus: Sequence[Recording], waivers: Sequence[Waiver], limits: ShrinkLimits | None = None
) -> Replay:
    """Asks two running servers what changes nothing. Raises `RouterError`s."""
    asked = [one for one in corpus if servers.can(one)]
    _check(asked)
    table = servers.table
    routes = agreements(
        asked,
        *servers.play(asked),
        waivers,
        lambda one: key_of(table, one),
        datetime.now(UTC).replace(tzinfo=None),
        servers.rehearsal,
        frozenset(shared_keys(table)),
    )
    found = Parity(tuple(routes), ())
    skipped = tuple(one.id for one in corpus if not servers.can(one))
    return Replay(found, _shrunk(found, asked, waivers, servers, limits), skipped)


def _shrunk(
    found: Parity, corpus: Sequence[Recording], waivers: Sequence[Waiver], asker: Asker, limits: ShrinkLimits | None
) -> tuple[Minimal, ...]:
    if limits is None:
        return ()
    today = datetime.now(UTC).date()
    return tuple(Shrinker(asker, waivers, today, limits).minimal(found_in(found.routes, corpus)))


def _check(corpus: Sequence[Recording]) -> None:
    """A replay of nothing proves nothing, and of two requests with one name only the second would be compared."""
    if not corpus:
        raise CorpusUnreadable("The corpus", "it holds no request that can be asked")
    names: set[str] = set()
    for one in corpus:
        if one.id in names:
            raise CorpusUnreadable("The corpus", f"two requests are called {one.id!r}")
        names.add(one.id)
