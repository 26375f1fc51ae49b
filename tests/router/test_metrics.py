"""Every metric of the strangler, by name and labels: dashboards and alerts of strangers hang on them."""

import os

import pytest
from prometheus_client import CollectorRegistry

from migration_flags import Change, Latch, Stage
from migration_flags.stores.memory import MemoryStore
from router.dry_run.metrics import families as dry_run_families
from router.mirror.metrics import families as mirror_families
from tests.router.asking import until
from tests.router.rig import Rig, running

pytestmark = pytest.mark.anyio

NAMES = {
    "strangler_requests": ("route", "side", "status_class"),
    "strangler_request_duration_seconds": ("route", "side"),
    "strangler_config_epoch": ("worker",),
    "strangler_flags_current": ("worker",),
    "strangler_wsgi_threads": ("state", "worker"),
    "strangler_wsgi_waiting": ("worker",),
    "strangler_wsgi_queue_wait_seconds": (),
    "strangler_streams": ("worker",),
    "strangler_observer_errors": (),
    "strangler_fallbacks": ("route", "reason"),
    "strangler_fallbacks_refused": ("reason",),
    "strangler_overrides": ("result",),
    "strangler_rollbacks": ("route", "trip"),
    "strangler_latched": ("route", "trip"),
    "strangler_identity_flips": (),
    "strangler_evalue": ("route", "worker"),
    "strangler_rollout_percent": ("route",),
    "strangler_routes": ("stage",),
    "strangler_routes_withheld": ("why", "worker"),
    "strangler_shadow": ("route", "result"),
    "strangler_shadow_dropped": ("why",),
    "strangler_diff_findings": ("route", "class"),
    "strangler_dry_runs": ("route", "result"),
}
"""By family; a counter's samples end in ``_total``."""


async def test_every_metric_is_there_and_says_what_it_is() -> None:
    registry = CollectorRegistry()
    async with running(Rig(MemoryStore(), registry=registry).router):
        found = {family.name: family for family in registry.collect()}
    found |= {family.name: family for family in (*mirror_families({}, None), *dry_run_families({}))}  # type: ignore[arg-type]
    assert set(found) == set(NAMES)
    for name, family in found.items():
        assert family.documentation.endswith("."), name
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(NAMES[name]), name


async def test_a_latched_route_is_seen_until_somebody_decides() -> None:
    registry, store = CollectorRegistry(), MemoryStore()
    key = "GET /api/videos/{id}"
    latch = Latch("burst", "2026-03-01T12:00:00+00:00", Stage.CANARY, 5.0)
    store.apply([Change(key, Stage.SHADOW, latch=latch)], actor="router", reason="it failed")
    rig = Rig(store, registry=registry)
    labels = {"route": key, "trip": "burst"}
    async with running(rig.router):
        assert registry.get_sample_value("strangler_latched", labels) == 1
        rig.set(key, Stage.SHADOW)
        await until(lambda: registry.get_sample_value("strangler_latched", labels) is None)


async def test_gauges_that_differ_from_worker_to_worker_name_theirs() -> None:
    registry = CollectorRegistry()
    rig = Rig(MemoryStore(), registry=registry)
    async with running(rig.router):
        rig.router._refresher.latch("GET /api/videos/{id}")
        worker = str(os.getpid())
        labels = {"why": "latch", "worker": worker}
        assert registry.get_sample_value("strangler_routes_withheld", labels) == 1
        assert registry.get_sample_value("strangler_flags_current", {"worker": worker}) == 1
