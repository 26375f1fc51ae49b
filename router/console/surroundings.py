"""What the console needs of the router that it belongs to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from migration_flags import FlagStore
from router.comparison.waiver import Waiver
from router.demands.demand import Compared
from router.oversight import Oversight
from router.promotion.forbidden import Forbidding
from router.refresher import Picture
from router.table import RouteTable
from router.traffic import Traffic
from router.waiver_book import WaiverBook


class Flags(Protocol):
    """The flags in use by this worker."""

    picture: Picture
    trouble: str | None

    @property
    def is_frozen(self) -> bool: ...

    def refresh(self) -> None:
        """Reads them now. Blocks."""
        ...


@dataclass(frozen=True)
class Surroundings:
    """``worker`` is this process's id, ``version`` that of the code. ``traffic`` gives this worker's figures as they
    were at the last look; ``looked_at`` asks all workers to tell theirs. ``forbidding`` says what forbids a promotion
    whatever else its evidence says. ``evidence_of`` gives what is counted of a route that is watched.
    """

    table: RouteTable
    store: FlagStore
    flags: Flags
    demands: Mapping[str, Compared]
    waivers: Sequence[Waiver]
    book: WaiverBook
    worker: str
    version: str
    traffic: Callable[[], Traffic]
    looked_at: Callable[[], None]
    forbidding: Forbidding
    evidence_of: Callable[[str], Mapping[str, Any] | None]
    unattended: bool = False


def surroundings(
    table: RouteTable,
    flags: Flags,
    oversight: Oversight,
    demands: Mapping[str, Compared],
    waivers: Sequence[Waiver],
    forbidding: Forbidding,
    *,
    unattended: bool,
) -> Surroundings:
    """Those of a router. ``waivers`` are the ones that the code carries."""
    return Surroundings(
        table=table,
        store=oversight.store,
        flags=flags,
        demands=demands,
        waivers=waivers,
        book=oversight.book,
        worker=oversight.heart.id,
        version=oversight.version,
        traffic=oversight.traffic,
        looked_at=oversight.look,
        forbidding=forbidding,
        evidence_of=oversight.counted,
        unattended=unattended,
    )
