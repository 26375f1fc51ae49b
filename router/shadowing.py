"""Builds what asks modern beside legacy: the mirror, and dry runs. Connects to nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from router.comparison.rules import Rules
from router.comparison.waiver import Waiver
from router.delivery import Delivery
from router.dry_run.dry_runs import DryRun, DryRuns
from router.mirror.control import control_of
from router.mirror.limits import MirrorLimits
from router.mirror.mirror import Mirror
from router.oversight import Oversight
from router.table import RouteTable
from router.wsgi import WSGIBackend


def build_mirror(
    limits: MirrorLimits | None,
    legacy: WSGIBackend,
    delivery: Delivery,
    table: RouteTable,
    oversight: Oversight,
    *,
    unmirrored: Iterable[str],
    rules: Mapping[str, Rules] | None,
    waivers: tuple[Waiver, ...],
    isolate: Any,
) -> Mirror | None:
    """The mirror of a router; None without limits. Raises `UnknownRoute`."""
    if limits is None:
        return None
    return Mirror(
        control_of(legacy, limits),
        delivery.candidate,
        limits,
        rules=rules,
        waivers=waivers,
        unmirrored=frozenset(table[key].key for key in unmirrored),
        isolate=isolate,
        keep=oversight.store.keep,
        source=oversight.heart.id,
        version=oversight.version,
        accepted=oversight.book.of,
    )


def build_dry_runs(
    chosen: DryRun | None, delivery: Delivery, table: RouteTable, oversight: Oversight, waivers: tuple[Waiver, ...]
) -> DryRuns | None:
    """The dry runs of a router; None where no route is chosen. Raises `UnknownRoute`."""
    if chosen is None:
        return None
    return DryRuns(
        replace(chosen, routes=frozenset(table[key].key for key in chosen.routes)),
        delivery.candidate,
        waivers=waivers,
        keep=oversight.store.keep,
        source=oversight.heart.id,
        version=oversight.version,
        accepted=oversight.book.of,
    )
